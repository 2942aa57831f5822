"""Parquet: a file as record batches, and its columns as text, without a Python object per row.

Promises: only the named columns are read; memory is bounded by one batch, however large the row groups are; damage is
a `ReadError`; integers and dictionary columns come as the text that was stored; text that is not UTF-8 is found
before anything looks at it. Does not judge what a row must hold: that is ``readers.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.corpus.files import opened, require_columns
from pipeline.errors import ReadError
from pipeline.strict_json import NumberText

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_BUFFERED = 1 << 20


def record_batches(
    path: Path,
    convert: Callable[[pa.RecordBatch, int], T],
    *,
    columns: list[str],
    read: list[str] | None = None,
    batch_rows: int = 4096,
    batch_bytes: int | None = None,
) -> Iterator[T]:
    """Yield ``convert(batch, number)`` for each batch of a file, `number` being that of its first row, from 1.

    Parameters
    ----------
    path, columns
        The file, and the columns it must have.
    convert
        Turns a batch into what is wanted; what Arrow raises in it is damage to the file as well.
    read
        The columns that are read; by default all of `columns`.
    batch_rows
        Rows per batch; the last one is shorter.
    batch_bytes
        Fewer rows per batch if by what the file says of itself they take more bytes than this.

    Raises
    ------
    ReadError
        If it cannot be opened, is no Parquet file, lacks a column, or is damaged.
    LimitExceeded
        As `pipeline.corpus.files.opened`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with opened(path) as source:
        try:
            file = pq.ParquetFile(source, buffer_size=_BUFFERED, pre_buffer=False)
            require_columns(columns, file.schema_arrow.names, path)
            if batch_bytes is not None:
                batch_rows = min(batch_rows, 1 + batch_bytes // _row_bytes(file.metadata, read or columns))
            for batch in file.iter_batches(batch_size=batch_rows, columns=read or columns, use_threads=False):
                yield convert(batch, number + 1)
                number += len(batch)
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            raise ReadError(
                what="this Parquet file is damaged" if number else "this is not a Parquet file, or it is damaged",
                where=path,
                got=error,
                happened=f"{number} rows before the damage could be read",
                todo="bring the file again",
            ) from error


def _row_bytes(metadata: Any, columns: list[str]) -> int:
    """Return the bytes that a row takes in `columns`, in the row group where it takes most, on average."""
    most = 1
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = (group.column(place) for place in range(group.num_columns))
        size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in columns)
        most = max(most, size // max(1, group.num_rows))
    return most


def cells(column: pa.Array) -> list[Any]:
    """Return the cells of a column: text as str, integers as `NumberText`, bytes that are not UTF-8 as bytes."""
    import pyarrow as pa

    column = _plain(column)
    if pa.types.is_integer(column.type):
        return [None if value is None else NumberText(value) for value in column.to_pylist()]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = column.cast(pa.large_binary()).to_pylist()
    return [_decoded(value) if isinstance(value, bytes) else value for value in values]


def as_text(column: pa.Array, *, numbers: bool = False) -> pa.LargeStringArray:
    """Return a column of text or bytes, and with `numbers` of integers, as Arrow strings that may not be UTF-8; a cell
    that holds anything else is null.
    """
    import pyarrow as pa
    from pyarrow import types

    column = _plain(column)
    kinds = (
        *(types.is_string, types.is_large_string, types.is_string_view),
        *(types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary),
    )
    if any(kind(column.type) for kind in kinds) or (numbers and types.is_integer(column.type)):
        return column.cast(pa.large_string(), safe=False)
    return pa.array([value if type(value) is str else None for value in cells(column)], pa.large_string())


def not_utf8(strings: pa.LargeStringArray) -> NDArray[np.bool_]:
    """Return which strings are not UTF-8."""
    import pyarrow as pa

    wrong = np.zeros(len(strings), dtype=bool)
    spans = [(0, len(strings))]
    while spans:
        start, stop = spans.pop()
        try:
            strings.slice(start, stop - start).validate(full=True)
        except pa.ArrowInvalid:
            middle = (start + stop) // 2
            if middle == start:
                wrong[start] = True
            else:
                spans += [(start, middle), (middle, stop)]
    return wrong


def _plain(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
