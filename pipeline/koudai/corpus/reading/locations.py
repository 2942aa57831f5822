"""Locations: where files of posts lie, on a disk or in a store, and how they are found.

Promises: a location is one string that can be written down and handed to another process; what is found is sorted,
so that the same arguments give the same files in the same order; a file is never taken in twice. Does not look into
files: that is ``files.py``.
"""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import hashlib
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from koudai.corpus.reading import store
from koudai.errors import ReadError, printable

KINDS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "xlsx",
    ".arrow": "arrow",
    ".feather": "arrow",
}
"""What names end in, and the kind that says."""
COLUMNAR = ("parquet", "arrow")
"""Kinds that hold columns, and are not read from one end to the other."""
_SAVED, _SAVED_DATA = {"state.json", "dataset_info.json"}, ".arrow"
_SHOWN = 3
_HIDDEN = (".", "_")
_MAGIC = frozenset("*?[")
_BLOCK, _BLOCKS = 256 << 10, 16


class LeftOutWarning(UserWarning):
    """A folder holds files that are not read."""


def kind_named(name: str) -> str | None:
    """Return one of the kinds in `KINDS`, or None; ``.gz`` may stand behind each, ``.zst`` behind those of no columns.

    Examples
    --------
    >>> kind_named("posts.CSV.gz"), kind_named("posts.ndjson.zst"), kind_named("posts.txt")
    ('csv', 'jsonl', None)
    """
    name = name.lower()
    zipped = next((ending for ending in (".gz", ".zst") if name.endswith(ending)), "")
    stem, dot, last = name.removesuffix(zipped).rpartition(".")
    kind = KINDS.get(dot + last) if stem else None
    return None if kind in COLUMNAR and zipped == ".zst" else kind


class Seen(NamedTuple):
    """What a look at a file from outside tells: its size, and when it was last written."""

    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Location:
    """Where one file lies.

    Parameters
    ----------
    uri
        An absolute path, or ``s3://bucket/key`` with options behind a question mark; see ``store.py``.
    called
        What it is called in messages, where several files have one name; by default the last part of `uri`.
    given
        The kind that it is read as, whatever its name says.

    Raises
    ------
    ReadError
        If it cannot be written down as UTF-8.
    UsageError
        If it holds credentials.

    Examples
    --------
    >>> Location("/data/posts.csv.gz").kind, Location("s3://bucket/2023/posts.parquet?region=us-east-1").name
    ('csv', 'posts.parquet')
    """

    uri: str
    called: str = field(default="", kw_only=True)
    given: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        try:
            self.uri.encode()
        except UnicodeEncodeError as error:
            raise ReadError(
                what="the name of this file is not UTF-8",
                where=ascii(self.uri),
                happened="nothing was read",
                todo="rename the file",
            ) from error
        if self.stored:
            store.address_of(self.uri)

    def __str__(self) -> str:
        """Return where it is, without options."""
        return store.SCHEME + self._address.path if self.stored else self.uri

    @property
    def stored(self) -> bool:
        """Whether it is in a store, and not on a disk."""
        return self.uri.startswith(store.SCHEME)

    @property
    def name(self) -> str:
        """What it is called: its last part, or more of it; printable."""
        return printable(self.called or self._last)

    @property
    def again(self) -> bool:
        """Whether it can be opened more than once."""
        return True

    def as_kind(self, kind: str | None) -> Location:
        """Return the same file, to be read as `kind`; None leaves it to its name."""
        return replace(self, given=kind)

    @property
    def kind(self) -> str:
        """The kind that was given, or else one of `KINDS`; raises `ReadError` if the name tells none of them."""
        kind = self.given or kind_named(self._last)
        if kind is None:
            raise ReadError(
                what="the kind of this file is not known",
                where=self,
                expected=f"a name that ends in {', '.join(KINDS)}, with .gz behind it if gzipped, or .zst behind"
                " those of lines",
                todo="give its `kind`, or rename or convert the file",
            )
        return kind

    def open(self) -> BinaryIO:
        """Return it as a seekable file of bytes; raises `OSError`."""
        return store.open_object(self._address) if self.stored else Path(self.uri).open("rb")  # noqa: SIM115

    def native(self) -> Any:
        """Return it as pyarrow's own kind of file; raises `OSError`."""
        import pyarrow as pa

        return store.open_native(self._address) if self.stored else pa.OSFile(self.uri)

    def seen(self) -> Seen:
        """Return size and time of writing, which change when the file does; raises `ReadError` if it is not there."""
        with read_errors(self):
            if not self.stored:
                found = Path(self.uri).stat()
                return Seen(found.st_size, found.st_mtime_ns)
            info = store.info(self._address)
            if not info.is_file:
                raise FileNotFoundError(self.uri)
            return Seen(info.size, info.mtime_ns)

    def fingerprint(self) -> str:
        """Return a sha256 of the size and of 16 blocks of 256 KiB spread evenly over the file, its ends included.

        A file of up to 4 MiB is covered from end to end. Raises `ReadError` if it cannot be read.
        """
        with read_errors(self), self.native() as file:
            size = file.size()
            running = hashlib.sha256(f"{size}\n".encode())
            blocks = min(_BLOCKS, -(-size // _BLOCK))
            last = max(0, size - _BLOCK)
            for block in range(blocks):
                begin = last * block // max(1, blocks - 1) if size > _BLOCK * _BLOCKS else block * _BLOCK
                running.update(file.read_at(min(_BLOCK, size - begin), begin))
            return running.hexdigest()

    @property
    def _address(self) -> store.Address:
        return store.address_of(self.uri)

    @property
    def _last(self) -> str:
        return str(self).rsplit("/", 1)[-1]


PathOrLocation: TypeAlias = Path | Location
"""A file, given either way."""


def location_of(file: PathOrLocation) -> Location:
    """Return where a file lies.

    Examples
    --------
    >>> location_of(Path("/data/posts.csv")).uri
    '/data/posts.csv'
    """
    return file if isinstance(file, Location) else Location(str(file.absolute()))


@contextlib.contextmanager
def read_errors(where: object) -> Iterator[None]:
    """Turn what a disk or a store raises inside the block into a `ReadError` about `where`."""
    try:
        yield
    except FileNotFoundError as error:
        raise ReadError(what="no such file", where=where, todo="check the path") from error
    except OSError as error:
        raise ReadError(
            what="this file cannot be read",
            where=where,
            got=error.strerror or error,
            todo="see that it is there and may be read, then try again",
        ) from error


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
        stored = argument.startswith(store.SCHEME)
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
    if folder.startswith(store.SCHEME) or not Path(folder).is_dir():
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
        f"{folder}: {len(names):,} file(s) are left out: "
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
    beside: dict[Path, set[str]] = {}
    for path in files:
        beside.setdefault(path.parent, set()).add(path.name)
    return [location_of(path) for path in files if kind or _is_data(path, beside[path.parent])]


def _is_data(path: Path, beside: set[str]) -> bool:
    """Return whether a file of a folder holds posts by its name and those `beside` it, as far as names tell."""
    if beside >= _SAVED:
        return path.name.endswith(_SAVED_DATA) and not path.name.startswith("cache-")
    return kind_named(path.name) is not None and path.name != "dataset_dict.json"


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
    address = store.address_of(argument)
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
    return [
        Location(store.SCHEME + key + address.query)
        for key in sorted(keys, key=lambda key: key.split("/"))
        if _matches(tuple(key.split("/")[len(parts) :]), tuple(pattern))
        and (kind or kind_named(key.rsplit("/", 1)[-1]))
    ]


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
        return store.address_of(location.uri)
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
