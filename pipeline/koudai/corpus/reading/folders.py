"""Folders and patterns: the files of posts that arguments stand for, and what a folder leaves out.

Promises: what is found is sorted, so that the same arguments give the same files in the same order; a file is never
taken in twice; files of one name are told apart. Does not look into files: that is ``files.py``.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from koudai.corpus.reading import store
from koudai.corpus.reading.locations import KINDS, Location, kind_named, location_of, read_errors
from koudai.errors import ReadError, number_of, printable
from koudai.storage.address import SCHEME, address_of

_SAVED, _SAVED_DATA = {"state.json", "dataset_info.json"}, ".arrow"
_SHOWN = 3
_HIDDEN = (".", "_")
_MAGIC = frozenset("*?[")


class LeftOutWarning(UserWarning):
    """A folder holds files that are not read."""


def find_post_files(arguments: Iterable[str], *, kind: str | None = None) -> list[Location]:
    """Return the files that `arguments` stand for, in the order of the arguments, each one's files sorted.

    Parameters
    ----------
    arguments
        Files; folders, of which all files of a known kind are taken, in folders below as well, save those whose names
        begin with ``.`` or ``_``, and of a data set that Hugging Face saved all but its data; patterns with ``*``,
        ``?``, ``[…]`` and ``**``, of which the same holds. Each on a disk, or in a store with ``s3://`` before it.
    kind
        What all of them are read as; files in folders are taken then whatever their names say.

    Returns
    -------
    list of Location
        Files of one name are called by as many of their folders as tell them apart.

    Raises
    ------
    ReadError
        If an argument stands for no file of posts, a file is of no known kind, or one is there twice.
    UsageError
        If an address holds credentials or an unknown option.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.csv", "a.jsonl.gz", "notes.txt", "_SUCCESS"):
    ...         (Path(folder) / name).touch()
    ...     [location.name for location in find_post_files([folder])]
    ['a.jsonl.gz', 'b.csv']
    """
    found: list[Location] = []
    first: dict[object, tuple[str, Location]] = {}
    for argument in arguments:
        stored = argument.startswith(SCHEME)
        shown = str(Location(argument)) if stored else argument
        with read_errors(shown):
            locations = _in_store(argument, kind) if stored else _on_disk(argument, kind)
            if not locations:
                raise _nothing(shown)
            for location in (one.as_kind(kind) for one in locations):
                _ = location.kind
                same = _identity(location)
                if same in first:
                    raise ReadError(
                        what="a file is there twice",
                        where=location,
                        expected="every file once",
                        got=f"{first[same][1]}, which {first[same][0]!r} stands for, is the same file",
                        happened="nothing was read",
                        todo="name it once",
                    )
                first[same] = (shown, location)
                found.append(location)
    if not found:
        raise ReadError(what="no file of posts was named", expected="files, folders, patterns or s3:// addresses")
    return with_distinct_names([one.as_kind(None) for one in found])


def left_out(folder: str, *, kind: str | None = None) -> list[str]:
    """Return the names of files in a folder on a disk that are not taken for posts, hidden ones aside; sorted.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.csv", "notes.txt", "_SUCCESS"):
    ...         (Path(folder) / name).touch()
    ...     left_out(folder)
    ['notes.txt']
    """
    if folder.startswith(SCHEME) or not Path(folder).is_dir():
        return []
    taken = {one.uri for one in _in_folder(Path(folder), kind)}
    return [path.relative_to(folder).as_posix() for path in _walk(Path(folder)) if str(path.absolute()) not in taken]


def warn_of_left_out(folder: str, *, kind: str | None = None) -> None:
    """Warn with a `LeftOutWarning` if `left_out` finds any, with names and how many there are of each kind."""
    names = left_out(folder, kind=kind)
    if not names:
        return
    endings = Counter(Path(name).suffix or "(no ending)" for name in names)
    shown = ", ".join(printable(name) for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    warnings.warn(
        f"{folder}: {number_of(len(names), 'file is', 'files are')} left out: "
        + ", ".join(f"{count:,} {printable(ending)}" for ending, count in endings.most_common())
        + f" ({shown}); files of posts end in {', '.join(KINDS)}, or their kind is given",
        LeftOutWarning,
        stacklevel=2,
    )


def with_distinct_names(found: list[Location]) -> list[Location]:
    """Return locations, those of one name called by as many of their folders as tell them apart.

    Examples
    --------
    >>> found = [Location("/x/a/1.csv"), Location("/x/b/1.csv"), Location("/x/2.csv")]
    >>> [one.name for one in with_distinct_names(found)]
    ['a/1.csv', 'b/1.csv', '2.csv']
    """
    names = Counter(one.name for one in found)
    called: dict[str, str] = {}
    for name in (name for name, count in names.items() if count > 1):
        parts = {one.uri: str(one).split("/") for one in found if one.name == name}
        many = next(
            many
            for many in range(2, max(map(len, parts.values())) + 1)
            if len({"/".join(some[-many:]) for some in parts.values()}) == len(parts)
            or many == max(map(len, parts.values()))
        )
        called |= {uri: "/".join(some[-many:]) for uri, some in parts.items()}
    return [replace(one, called=called.get(one.uri, "")) for one in found]


def _on_disk(argument: str, kind: str | None) -> list[Location]:
    path = Path(argument)
    if path.is_dir():
        return _in_folder(path, kind)
    if path.exists() or not _MAGIC & set(argument):
        if path.exists() and not path.is_file():
            raise ReadError(
                what="this is not a regular file",
                where=path,
                expected="a file that can be read more than once",
                todo="write it to a file first",
            )
        return [location_of(path)]
    pattern = Path(argument).parts
    below = sorted(Path(match) for match in glob.glob(argument, recursive=True))  # noqa: PTH207
    several = [
        _in_folder(match, kind) if match.is_dir() else [location_of(match)]
        for match in below
        if _matches(match.parts, pattern) and (match.is_dir() or kind or kind_named(match.name))
    ]
    return list(dict.fromkeys(location for some in several for location in some))


def _in_folder(folder: Path, kind: str | None) -> list[Location]:
    files = _walk(folder)
    taken = set(map(str, files) if kind else _posts_among(map(str, files)))
    return [location_of(path) for path in files if str(path) in taken]


def _posts_among(paths: Iterable[str]) -> list[str]:
    """Return the paths of files that hold posts, as far as names tell, in the same order."""
    places = [path.rpartition("/") for path in paths]
    beside: dict[str, set[str]] = {}
    for folder, _, name in places:
        beside.setdefault(folder, set()).add(name)
    return ["".join(place) for place in places if _holds_posts(place[2], beside[place[0]])]


def _holds_posts(name: str, beside: set[str]) -> bool:
    if beside >= _SAVED:
        return name.endswith(_SAVED_DATA) and not name.startswith("cache-")
    return kind_named(name) is not None and name != "dataset_dict.json"


def _walk(folder: Path) -> list[Path]:
    """Return the files in a folder and those below, hidden ones aside, sorted."""

    def stop(error: OSError) -> None:
        raise error

    found = []
    for name, folders, files in os.walk(folder, onerror=stop, followlinks=True):
        folders[:] = [one for one in folders if not one.startswith(_HIDDEN)]
        found += [Path(name) / one for one in files if not one.startswith(_HIDDEN)]
    return sorted(found)


def _in_store(argument: str, kind: str | None) -> list[Location]:
    address = address_of(argument)
    there = store.info(address)
    if there.is_file and not address.path.endswith("/"):
        return [Location(argument)]
    parts = address.path.rstrip("/").split("/")
    pattern: list[str] = []
    if there.type.name == "NotFound":
        plain = next((at for at, part in enumerate(parts) if _MAGIC & set(part)), None)
        if plain is None:
            raise FileNotFoundError(argument)
        parts, pattern = parts[:plain], parts[plain:]
    keys = store.list_objects(address._replace(path="/".join(parts)))
    matching = [
        key
        for key in sorted(keys, key=lambda key: key.split("/"))
        if _matches(tuple(key.split("/")[len(parts) :]), tuple(pattern))
    ]
    taken = matching if kind else _posts_among(matching)
    return [Location(SCHEME + key + address.query) for key in taken]


def _matches(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Return whether `pattern` stands for a file of these parts, or for a folder it is in; hidden ones it must name."""
    if not pattern:
        return not any(part.startswith(_HIDDEN) for part in parts)
    if pattern[0] == "**":
        seen = next((at for at, part in enumerate(parts) if part.startswith(_HIDDEN)), len(parts))
        return any(_matches(parts[at:], pattern[1:]) for at in range(seen + 1))
    if not parts or (parts[0].startswith(_HIDDEN) and parts[0][0] != pattern[0][0]):
        return False
    return fnmatch.fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _identity(location: Location) -> object:
    if location.stored:
        return address_of(location.uri)
    found = Path(location.uri).stat()
    return found.st_dev, found.st_ino


def _nothing(argument: str) -> ReadError:
    return ReadError(
        what="there is no file of posts here",
        where=argument,
        expected=f"names that end in {', '.join(KINDS)}, also zipped, and do not begin with . or _",
        happened="nothing was read",
        todo="name the files themselves, or convert them",
    )
