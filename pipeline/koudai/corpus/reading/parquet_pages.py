"""Pages of a Parquet file: what each takes unpacked, told by its header before anything of it is read.

Promises: reads the end of the file and the headers of pages, and nothing else; asks pyarrow for nothing, which unpacks
a page whole, whatever it holds, and ends the process over an encrypted column. Headers that make no sense are damage.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

_HEADER_BYTES = 1 << 10
_LONGEST_HEADER = 16 << 20
"""As in Arrow's own reader."""
_END = 8
_DEEPEST = 16
_CRYPTO = 8
"""The field of a ``ColumnChunk`` that is there if it is encrypted."""


class Page(NamedTuple):
    """A page of a column: its bytes unpacked, and how many values it holds; those of a dictionary are not counted."""

    bytes: int
    values: int


class Pages:
    """The pages of an open Parquet file.

    Parameters
    ----------
    source
        What ``pyarrow.NativeFile`` is, with ``read_at`` and ``size``.

    Raises
    ------
    pyarrow.ArrowInvalid
        Here or later, if what should be said of columns or pages cannot be read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> import pyarrow.parquet as pq
    >>> sink = pa.BufferOutputStream()
    >>> pq.write_table(pa.table({"post_id": [7, 8], "text": ["好", "早上好"]}), sink, use_dictionary=False)
    >>> Pages(pa.BufferReader(sink.getvalue())).of(0, "text")
    [Page(bytes=28, values=2)]
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        size = source.size()
        length = int.from_bytes(source.read_at(_END, size - _END)[:4], "little")
        with _sense("the end of the file"):
            self._groups = _struct(source.read_at(length, size - _END - length), 0, _DEEPEST)[0][4]

    def of(self, group: int, column: str) -> list[Page]:
        """Return the pages of a column of a row group, of a nested one those of all its parts; none if encrypted."""
        with _sense("the header of a page"):
            chunks = [one[3] for one in self._groups[group][1] if _CRYPTO not in one and 3 in one]
            wanted = column.encode("utf-8")
            return [page for chunk in chunks if chunk[3][0] == wanted for page in self._of_chunk(chunk)]

    def _of_chunk(self, chunk: dict[int, Any]) -> Iterator[Page]:
        """Yield the pages of a ``ColumnMetaData``."""
        left, dictionary = chunk[5], chunk.get(11, 0)
        at = dictionary if 0 < dictionary < chunk[9] else chunk[9]
        end = at + chunk[7]
        while left > 0 and at < end:
            header, length = self._header(at)
            told = header.get(5) or header.get(8) or {1: 0}
            left -= told[1]
            at += length + max(0, header[3])
            yield Page(max(header[2], header[3]), told[1])

    def _header(self, at: int) -> tuple[dict[int, Any], int]:
        """Return the ``PageHeader`` at `at`, and its length."""
        size = _HEADER_BYTES
        while True:
            found = self._source.read_at(size, at)
            try:
                return _struct(found, 0, _DEEPEST)
            except IndexError:
                if len(found) < size or size >= _LONGEST_HEADER:
                    raise
                size *= 16


@contextlib.contextmanager
def _sense(called: str) -> Iterator[None]:
    """Raise `pyarrow.ArrowInvalid` for what makes no sense in the block."""
    import pyarrow as pa

    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        message = f"{called} cannot be read"
        raise pa.ArrowInvalid(message) from error


def _struct(data: bytes, at: int, deepest: int) -> tuple[dict[int, Any], int]:
    """Return the struct at `at` by numbers of fields, and where it ends.

    Source: Thrift's compact protocol, ``doc/specs/thrift-compact-protocol.md``; fields, ``parquet.thrift``.
    """
    if not deepest:
        raise ValueError
    fields, number = dict[int, Any](), 0
    while head := data[at]:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _zigzag(data, at)
        fields[number], at = _value(data, at, head & 15, deepest)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int, deepest: int) -> tuple[Any, int]:
    """Return a value of one kind at `at`, and where it ends."""
    if kind in (1, 2):
        return kind == 1, at
    if kind in (4, 5, 6):
        return _zigzag(data, at)
    if kind in (3, 7):
        return data[at], at + (1 if kind == 3 else 8)
    if kind == 8:
        length, at = _varint(data, at)
        return data[at : at + length], at + length
    if kind in (9, 10):
        return _list(data, at, deepest)
    if kind == 12:
        return _struct(data, at, deepest - 1)
    raise ValueError


def _list(data: bytes, at: int, deepest: int) -> tuple[list[Any], int]:
    length, kind, at = data[at] >> 4, data[at] & 15, at + 1
    if length == 15:
        length, at = _varint(data, at)
    found = []
    for _ in range(length):
        one, at = (data[at] == 1, at + 1) if kind in (1, 2) else _value(data, at, kind, deepest)
        found.append(one)
    return found, at


def _zigzag(data: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7
