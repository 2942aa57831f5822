"""Parquet: a file as record batches, and its columns as text, without a Python object per row.

Promises: only the named columns are read; memory is bounded by one batch, however large the row groups are; damage is
a `ReadError`; integers and dictionary columns come as the text that was stored; text that is not UTF-8 is found
before anything looks at it. Does not judge what a row must hold: that is ``readers.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.files import DEFAULT_BATCHING, Batching, open_unzipped, require_columns
from koudai.corpus.reading.locations import PathOrLocation, location_of
from koudai.corpus.reading.store import is_store_error
from koudai.errors import ReadError
from koudai.strict_json import NumberText

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_BUFFERED = 1 << 20


def record_batches(
    file: PathOrLocation,
    convert: Callable[[pa.RecordBatch, int], T],
    *,
    columns: list[str],
    read: list[str] | None = None,
    batching: Batching = DEFAULT_BATCHING,
) -> Iterator[T]:
    """Yield ``convert(batch, number)`` for each batch of a file, `number` being that of its first row, from 1.

    The batches after a cut are the same wherever the reading began before it, and whatever the row groups.

    Parameters
    ----------
    file, columns
        The file, and the columns it must have.
    convert
        Turns a batch into what is wanted; what Arrow raises in it is damage to the file as well.
    read
        The columns that are read; by default all of `columns`.
    batching
        Which rows, and how many at once. Row groups before them are not read; bytes are what the file says that its
        rows take on average.

    Raises
    ------
    ReadError
        If it cannot be opened, is no Parquet file, lacks a column, or is damaged.
    LimitExceeded
        As `koudai.corpus.reading.files.open_unzipped`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, number = location_of(file), batching.begin.row
    with open_unzipped(path) as source:
        try:
            parquet = pq.ParquetFile(source, buffer_size=_BUFFERED, pre_buffer=False)
            require_columns(columns, parquet.schema_arrow.names, path)
            if batching.bytes is not None:
                fit = 1 + batching.bytes // _row_bytes(parquet.metadata, read or columns)
                batching = batching._replace(rows=min(batching.rows, fit))
            group, skipped = _group_of(parquet.metadata, number)
            batches = parquet.iter_batches(
                batch_size=batching.rows,
                row_groups=range(group, parquet.metadata.num_row_groups),
                columns=read or columns,
                use_threads=False,
            )
            for batch in _cut(batches, number - skipped, batching):
                yield convert(batch, number + 1)
                number += len(batch)
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            if isinstance(error, OSError) and is_store_error(error):
                raise
            raise ReadError(
                what="this Parquet file is damaged" if number else "this is not a Parquet file, or it is damaged",
                where=path,
                got=error,
                happened=f"{number} rows before the damage could be read",
                todo="bring the file again",
            ) from error


def parquet_names(file: PathOrLocation) -> list[str]:
    """Return the names of a Parquet file's columns; raises `ReadError` if it is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open_unzipped(file) as source:
        try:
            return list(pq.ParquetFile(source).schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and is_store_error(error):
                raise
            raise ReadError(
                what="this is not a Parquet file, or it is damaged",
                where=location_of(file),
                got=error,
                todo="bring the file again",
            ) from error


def _group_of(metadata: Any, row: int) -> tuple[int, int]:
    """Return the first row group that has rows from `row` on, and how many rows are before it."""
    before = 0
    for group in range(metadata.num_row_groups):
        after = before + metadata.row_group(group).num_rows
        if row < after:
            return group, before
        before = after
    return metadata.num_row_groups, row


def _cut(batches: Iterator[pa.RecordBatch], skip: int, batching: Batching) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `batches` without the first `skip`, cut as `batching` says."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    wanted, number = 0, batching.begin.row
    for batch in batches:
        batch, skip = batch.slice(skip), max(0, skip - len(batch))
        while len(batch):
            if not held:
                wanted = batching.room(number)
            held.append(batch.slice(0, wanted))
            taken = len(held[-1])
            batch, wanted, number = batch.slice(taken), wanted - taken, number + taken
            if not wanted:
                yield held[0] if len(held) == 1 else pa.concat_batches(held)
                held = []
    if held:
        yield pa.concat_batches(held)


def _row_bytes(metadata: Any, columns: list[str]) -> int:
    """Return the bytes that a row takes in `columns`, in the row group where it takes most, on average."""
    most = 1
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = (group.column(column) for column in range(group.num_columns))
        size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in columns)
        most = max(most, size // max(1, group.num_rows))
    return most


def cells(column: pa.Array) -> list[Any]:
    """Return the cells of a column: text as str, integers as `NumberText`, bytes that are not UTF-8 as bytes."""
    import pyarrow as pa

    column = plain_column(column)
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

    column = plain_column(column)
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


def plain_column(column: pa.Array) -> pa.Array:
    """Return a column without a dictionary."""
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
