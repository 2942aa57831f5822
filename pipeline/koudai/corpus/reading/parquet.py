"""Parquet: a file as record batches, row group by row group.

Promises: only the named columns are read, and nothing is asked of the others, whatever they hold; memory is bounded by
one batch, however large the row groups are and however little they take packed; every row that a row group promises is
given, or an error; checksums of pages are verified; what stands in the way is named as what it is. What the columns
hold is read by ``cells.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.cells import is_textual
from koudai.corpus.reading.files import DEFAULT_BATCHING, Batching, open_unzipped, require_columns
from koudai.corpus.reading.locations import Location, PathOrLocation, location_of
from koudai.corpus.reading.store import is_store_error
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import LINE_BYTES, PARQUET_GROUP_BYTES
from koudai.text.arrow import as_numpy, or_zero

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_BUFFERED = 1 << 20
_BATCH_BYTES = 8 << 20
_STEP_BYTES = 64 << 20
"""What the texts of the rows that pyarrow is asked for at once may take; batches are cut from these."""
_MOST_BYTES = 512 << 20
"""If all rows of a step held all texts of a group and that took no more than this, no dictionary is looked at."""


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
        Which rows, and how many at once. Row groups before them are not read; bytes are those of text, and 8 MiB unless
        said.

    Raises
    ------
    ReadError
        If it cannot be opened, is no Parquet file, lacks a column, is encrypted or damaged, or has other rows than it
        promises.
    LimitExceeded
        If its rows are too large, see `koudai.limits.PARQUET_GROUP_BYTES`, or as
        `koudai.corpus.reading.files.open_unzipped`.
    """
    import pyarrow as pa

    path, number, opened = location_of(file), batching.begin.row, False
    wanted = read or columns
    with open_unzipped(path) as source:
        try:
            parquet = _opened(source)
            opened = True
            require_columns(columns, parquet.schema_arrow.names, path)
            groups = _groups(parquet.metadata, path)
            instants = _instants_of_spark(parquet, wanted)
            batches = _of_groups(parquet, source, wanted, groups=groups, batching=batching, path=path)
            for batch in _cut(batches, batching):
                yield convert(_in_utc(batch, instants) if instants else batch, number + 1)
                number += len(batch)
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            if isinstance(error, OSError) and is_store_error(error):
                raise
            raise _unreadable(error, path, number if opened else None) from error


def parquet_names(file: PathOrLocation) -> list[str]:
    """Return the names of a Parquet file's columns; raises `ReadError` if it is none."""
    import pyarrow as pa

    path = location_of(file)
    with open_unzipped(path) as source:
        try:
            return list(_opened(source).schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and is_store_error(error):
                raise
            raise _unreadable(error, path, None) from error


class _Group(NamedTuple):
    """A row group: its number, how many rows it promises and how many stand before it, and the bytes that a row of it
    takes on average, unpacked, with all columns.
    """

    number: int
    rows: int
    before: int
    row_bytes: int

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return self.rows * self.row_bytes


def _opened(source: Any, texts: list[str] | None = None) -> Any:
    """Return a Parquet file; columns of `texts` come with their dictionaries, as they lie in it."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(
        source,
        buffer_size=_BUFFERED,
        pre_buffer=False,
        page_checksum_verification=True,
        read_dictionary=texts,
        coerce_int96_timestamp_unit="us",
    )


def _instants_of_spark(parquet: Any, wanted: list[str]) -> list[str]:
    """Return the columns of INT96 in a file that Spark wrote: times in UTC, although nothing in their type says so.

    Source: Spark's documentation of ``spark.sql.parquet.outputTimestampType``.
    """
    if b"org.apache.spark.version" not in (parquet.schema_arrow.metadata or {}):
        return []
    leaves = map(parquet.schema.column, range(len(parquet.schema)))
    return [leaf.path for leaf in leaves if leaf.physical_type == "INT96" and leaf.path in wanted]


def _in_utc(batch: pa.RecordBatch, names: list[str]) -> pa.RecordBatch:
    """Return a batch whose columns of these names say that they are in UTC."""
    import pyarrow as pa

    columns = [
        column.cast(pa.timestamp(column.type.unit, "UTC")) if name in names else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.record_batch(columns, names=batch.schema.names)


def _groups(metadata: Any, path: Location) -> list[_Group]:
    """Return the row groups of a file.

    Sizes are those of whole row groups: asking for the metadata of a single column chunk that is encrypted ends the
    process.
    """
    found, before = list[_Group](), 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        rows, size = group.num_rows, group.total_byte_size
        if size > PARQUET_GROUP_BYTES.value and size > LINE_BYTES.value * rows:
            raise LimitExceeded(
                what="a row group of this Parquet file is too large for its rows",
                where=path,
                expected=f"{PARQUET_GROUP_BYTES.value} bytes, or up to {LINE_BYTES.value} bytes per row",
                got=f"row group {number} takes {size:,} bytes unpacked, in {rows:,} rows",
                happened="nothing of this file was read",
                todo="write the file again without these rows, or without the columns that hold no text",
            )
        found.append(_Group(number, rows, before, size // max(1, rows)))
        before += rows
    return found


def _of_groups(
    parquet: Any, source: Any, wanted: list[str], *, groups: list[_Group], batching: Batching, path: Location
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file from where `batching` begins, in steps of which the texts are bounded."""
    schema, probe = parquet.schema_arrow, None
    texts = [name for name in wanted if is_textual(schema.field(name).type)]
    for doubtful, run in _runs(groups, bool(texts), batching):
        longest = max(group.row_bytes for group in run)
        if doubtful:
            probe = probe or _opened(source, texts)
            longest = max(longest, _longest(probe, texts, run[0].number))
        rows = min(batching.rows, max(1, _STEP_BYTES // max(1, longest)))
        given, promised = 0, sum(group.rows for group in run)
        numbers = [group.number for group in run]
        for batch in parquet.iter_batches(rows, row_groups=numbers, columns=wanted, use_threads=False):
            require_columns(wanted, batch.schema.names, path)
            behind = batching.begin.row - run[0].before - given
            given += len(batch)
            yield batch if behind <= 0 else batch.slice(behind)
        if given != promised:
            raise ReadError(
                what="this Parquet file has other rows than it promises",
                where=path,
                expected=f"{promised:,} rows in row group {' to '.join(map(str, sorted({numbers[0], numbers[-1]})))}",
                got=f"{given:,}",
                happened=f"{run[0].before:,} rows before it could be read",
                todo="bring the file again",
            )


def _runs(groups: list[_Group], texts: bool, batching: Batching) -> Iterator[tuple[bool, list[_Group]]]:
    """Yield the row groups that `batching` does not begin behind: those of which a dictionary may stand for more than
    _MOST_BYTES each alone, and neighbours that are not of these together.
    """

    def doubtful(group: _Group) -> bool:
        return texts and group.bytes * min(batching.rows, group.rows) > _MOST_BYTES

    left = [group for group in groups if group.before + group.rows > batching.begin.row]
    for one, run in [(one, list(some)) for one, some in groupby(left, doubtful)]:
        yield from ((True, [group]) for group in run) if one else [(False, run)]


def _longest(probe: Any, texts: list[str], group: int) -> int:
    """Return the bytes of the longest text in the dictionaries with which a row group begins.

    A dictionary that takes nothing in the file may stand for texts that take gigabytes.
    """
    longest = 0
    for batch in probe.iter_batches(1, row_groups=[group], columns=texts, use_threads=False):
        for column in batch.columns:
            longest = max(longest, int(_lengths(column.dictionary).max(initial=0)))
        break
    return longest


def _cut(batches: Iterator[pa.RecordBatch], batching: Batching) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `batches`, cut as `batching` says."""
    import pyarrow as pa

    most = _BATCH_BYTES if batching.bytes is None else batching.bytes
    held: list[pa.RecordBatch] = []
    wanted, space, number = 0, most, batching.begin.row
    for batch in batches:
        ends = np.cumsum(_text_bytes(batch))
        at = 0
        while at < len(batch):
            if not held:
                wanted, space = batching.room(number), most
            before = int(ends[at - 1]) if at else 0
            stop = min(len(batch), at + wanted, 1 + int(np.searchsorted(ends, before + space)))
            held.append(batch.slice(at, stop - at))
            space -= int(ends[stop - 1]) - before
            wanted, number, at = wanted - (stop - at), number + stop - at, stop
            if not wanted or space <= 0:
                yield held[0] if len(held) == 1 else pa.concat_batches(held)
                held = []
    if held:
        yield pa.concat_batches(held)


def _text_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Return the bytes that the texts of each row take; shape (n_rows,)."""
    import pyarrow as pa

    total = np.zeros(len(batch), np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and is_textual(column.type.value_type):
            lengths = _lengths(column.dictionary)
            if len(lengths):
                total += np.where(as_numpy(column.is_null()), 0, lengths[as_numpy(or_zero(column.indices))])
        elif is_textual(column.type):
            total += _lengths(column)
    return total


def _lengths(texts: pa.Array) -> NDArray[np.int64]:
    """Return the bytes of each text, 0 where there is none; shape (n_texts,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string_view(texts.type) or pa.types.is_binary_view(texts.type):
        texts = texts.cast(pa.large_binary())
    return as_numpy(or_zero(pc.binary_length(texts))).astype(np.int64)


def _unreadable(error: Exception, path: Location, number: int | None) -> ReadError:
    """Return what is wrong with a file that pyarrow does not open, or does not read after `number` rows."""
    import pyarrow as pa

    told = str(error).lower()
    what, todo = "this Parquet file is damaged", "bring the file again"
    if "crypt" in told:
        what, todo = "this Parquet file is encrypted, or a column of it is", "write it again without encryption"
    elif "timezone" in told or "time zone" in told:
        what = "a column of this Parquet file has a time zone that is not known here"
        todo = "write the column in UTC or another known time zone, or leave it out"
    elif isinstance(error, pa.ArrowNotImplementedError):
        what = "this Parquet file holds a type of values that is not read here"
        todo = "write the file again with the column as text or 64-bit numbers, or without it"
    elif number is None:
        what = "this is not a Parquet file, or it is damaged"
    return ReadError(
        what=what,
        where=path,
        got=error,
        happened=f"{number or 0} rows before the damage could be read"
        if "damaged" in what
        else "nothing more was read",
        todo=todo,
    )
