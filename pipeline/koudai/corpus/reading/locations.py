"""Locations: where files of posts lie, on a disk or in a store, and what their names say that they are.

Promises: a location is one string that can be written down and handed to another process; what goes wrong on a disk or
in a store is a named error. Does not find files: that is ``folders.py``; nor look into them: that is ``files.py``.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from koudai.corpus.reading import store
from koudai.errors import ReadError, printable
from koudai.storage.address import SCHEME, Address, address_of

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
FROM_THE_START = ("array", "xlsx", "txt")
"""Kinds that are read from their start alone, row by row."""
_BLOCK, _BLOCKS = 256 << 10, 16


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
        An absolute path, or ``s3://bucket/key`` with options behind a question mark; see ``storage/address.py``.
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
            address_of(self.uri)

    def __str__(self) -> str:
        """Return where it is, without options."""
        return SCHEME + self._address.path if self.stored else self.uri

    @property
    def stored(self) -> bool:
        """Whether it is in a store, and not on a disk."""
        return self.uri.startswith(SCHEME)

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
    def _address(self) -> Address:
        return address_of(self.uri)

    @property
    def _last(self) -> str:
        return str(self).rsplit("/", 1)[-1]


PathOrLocation: TypeAlias = str | Path | Location
"""A file, given either way."""


def location_of(file: PathOrLocation) -> Location:
    """Return where a file lies.

    Examples
    --------
    >>> location_of(Path("/data/posts.csv")).uri
    '/data/posts.csv'
    """
    if isinstance(file, Location):
        return file
    stored = str(file).startswith(SCHEME)
    return Location(str(file) if stored else str(Path(file).absolute()))


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
