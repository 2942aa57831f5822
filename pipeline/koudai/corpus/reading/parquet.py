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

from koudai.corpus.reading.batches import cut_batches, named_refusals, text_lengths
from koudai.corpus.reading.cells import is_textual
from koudai.corpus.reading.files import DEFAULT_BATCHING, Batching, open_unzipped
from koudai.corpus.reading.locations import Location, PathOrLocation, location_of
from koudai.corpus.reading.named_columns import require_columns
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import LINE_BYTES, PARQUET_GROUP_BYTES

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_BUFFERED = 1 << 20
_CALLED = "Parquet"
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
    path, number = location_of(file), batching.begin.row
    wanted = read or columns
    with open_unzipped(path) as source, named_refusals(path, called=_CALLED) as given:
        parquet = _opened(source)
        given.rows = number
        require_columns(columns, parquet.schema_arrow.names, path)
        groups = _groups(parquet.metadata, path)
        instants = _instants_of_spark(parquet, wanted)
        batches = _of_groups(parquet, source, wanted, groups=groups, batching=batching, path=path)
        for batch in cut_batches(batches, batching):
            yield convert(_in_utc(batch, instants) if instants else batch, number + 1)
            given.rows = number = number + len(batch)


def parquet_names(file: PathOrLocation) -> list[str]:
    """Return the names of a Parquet file's columns; raises `ReadError` if it is none."""
    path = location_of(file)
    with open_unzipped(path) as source, named_refusals(path, called=_CALLED):
        return list(_opened(source).schema_arrow.names)


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
            longest = max(longest, int(text_lengths(column.dictionary).max(initial=0)))
        break
    return longest
