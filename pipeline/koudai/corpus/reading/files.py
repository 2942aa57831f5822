"""Files of posts: opened and unzipped, marks in them, and what goes wrong on the way as a named error.

Promises: whether a file is zipped is told by its first bytes; a gzipped Parquet file takes PARQUET_UNZIPPED_BYTES of
memory at most; damage, a disk that fails and a store that is gone are told apart. Does not know what a file holds:
that is ``rows.py`` and ``parquet.py``.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from koudai.corpus.reading.locations import COLUMNAR, Location, PathOrLocation, location_of, read_errors
from koudai.corpus.reading.store import is_store_error
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import PARQUET_UNZIPPED_BYTES

_GZIP, _ZSTD, _SKIPPABLE = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
_BUFFERED = 1 << 20


class Mark(NamedTuple):
    """A position between two records of a file: how many rows, lines and bytes, unzipped, are before it.

    A damaged record has as many rows as lines; the mark of a row in the midst of one is where the record begins. Of a
    Parquet file lines are rows, and bytes are not counted.
    """

    row: int
    line: int
    offset: int


START = Mark(0, 0, 0)


BATCH_BYTES = 8 << 20
"""What the rows of a batch may take, unless said."""


class Batching(NamedTuple):
    """Which rows of a file are read, and how they are cut into batches. Apart from the file, where batches end depends
    on this alone.

    Parameters
    ----------
    rows
        Rows per batch; the last one is shorter.
    bytes
        A batch is shorter where its rows take much more than this: so are batches of very long posts.
    cut_rows
        Whenever so many rows of the file have been read, a batch ends, however short.
    begin
        Where the first row is. Lines and cuts are counted from the start of the file, as if all of it were read and
        what is before the mark left out.

    Examples
    --------
    >>> Batching(rows=100, cut_rows=250).room(200), Batching(rows=100).room(200)
    (50, 100)
    """

    rows: int = 4096
    bytes: int = BATCH_BYTES
    cut_rows: int | None = None
    begin: Mark = START

    def room(self, read: int) -> int:
        """Return how many rows the next batch takes at most, after `read` rows of the file."""
        return min(self.rows, self.cut_rows - read % self.cut_rows) if self.cut_rows else self.rows


DEFAULT_BATCHING = Batching()
"""All rows, 4,096 at once."""


def splittable(file: PathOrLocation) -> bool:
    """Return whether reading may begin in the middle of a file at the cost of its header; if not, all before it is
    unzipped. Raises `ReadError` if the file cannot be opened.
    """
    location = location_of(file)
    with read_errors(location), location.native() as native:
        return _packing(native.read(4)) == ""


@contextlib.contextmanager
def open_unzipped(file: PathOrLocation) -> Iterator[Any]:
    """Give what a file holds, unzipped: a stream of bytes, or for Parquet and Arrow anything that pyarrow opens.

    Raises
    ------
    ReadError
        If the file cannot be opened, or turns out to be cut short or damaged within the block.
    LimitExceeded
        If a gzipped Parquet file, which must be unzipped in memory, is too large for that.
    """
    location = location_of(file)
    with read_errors(location):
        try:
            with (_columns if location.kind in COLUMNAR else _lines)(location) as stream:
                yield stream
        except (EOFError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and is_store_error(error):
                raise
            raise ReadError(
                what="the archive ends early or is damaged",
                where=location,
                got=error,
                happened="rows before the damage were not committed",
                todo="bring the file again",
            ) from error


def first_bytes(location: Location, size: int) -> bytes:
    """Return up to `size` bytes that a file begins with, unzipped; none of a damaged archive, whose reader says so.

    Raises
    ------
    ReadError
        If the file cannot be opened.
    """
    with read_errors(location):
        try:
            with _lines(location) as stream:
                return bytes(stream.read(size))
        except (EOFError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and is_store_error(error):
                raise
            return b""


@contextlib.contextmanager
def _columns(location: Location) -> Iterator[Any]:
    with location.native() as native:
        packing = _packing(native.read(4))
        native.seek(0)
        yield _unzipped(gzip.GzipFile(fileobj=native), location) if packing == "gzip" else native


@contextlib.contextmanager
def _lines(location: Location) -> Iterator[Any]:
    import pyarrow as pa

    with location.open() as file:
        packing = _packing(file.peek(4)[:4])  # type: ignore[attr-defined]
        if packing == "gzip":
            yield gzip.GzipFile(fileobj=file)
        elif packing == "zstd":
            yield io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd"), _BUFFERED)
        else:
            yield file


def _packing(begin: bytes) -> str:
    """Return how a file that begins so is packed; the beginnings are those of RFC 1952 and RFC 8878."""
    if begin[:2] == _GZIP:
        return "gzip"
    skippable = begin[1:] == _SKIPPABLE and begin[0] & 0xF0 == 0x50
    return "zstd" if begin == _ZSTD or skippable else ""


def _unzipped(stream: gzip.GzipFile, location: Location) -> Any:
    import pyarrow as pa

    content = stream.read(PARQUET_UNZIPPED_BYTES.value + 1)
    if len(content) > PARQUET_UNZIPPED_BYTES.value:
        raise LimitExceeded(
            what=f"this {location.kind.capitalize()} file is gzipped and too large to be unzipped in memory",
            where=location,
            expected=f"at most {PARQUET_UNZIPPED_BYTES.value} {PARQUET_UNZIPPED_BYTES.unit}",
            happened="nothing of this file was read",
            todo="unzip it first; such files are compressed inside",
        )
    return pa.BufferReader(content)
