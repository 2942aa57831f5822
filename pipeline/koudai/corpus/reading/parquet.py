"""Parquet: a file as record batches, row group by row group.

Promises: only the named columns are read, and nothing is asked of the others, whatever they hold; memory is bounded by
one batch and a few pages of PARQUET_PAGE_BYTES, however large the row groups are and however little they take packed;
every row that a row group promises is given, or an error; checksums of pages are verified; what stands in the way is
named as what it is. What the columns hold is read by ``cells.py``.
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
from koudai.corpus.reading.parquet_pages import Page, Pages
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import PARQUET_PAGE_BYTES

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_BUFFERED = 1 << 20
_CALLED = "Parquet"
_STEP_BYTES = 64 << 20
"""What the texts of the rows that pyarrow is asked for at once may take; batches are cut from these."""


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
        If a page is too large, see `koudai.limits.PARQUET_PAGE_BYTES`, or as
        `koudai.corpus.reading.files.open_unzipped`.
    """
    path, number = location_of(file), batching.begin.row
    wanted = read or columns
    with open_unzipped(path) as source, named_refusals(path, called=_CALLED) as given:
        parquet = _opened(source)
        given.rows = number
        require_columns(columns, parquet.schema_arrow.names, path)
        groups, bounded = _groups(parquet.metadata), _Bounded(source, path)
        for group in groups if not number else ():
            bounded.row_bytes(group, list(dict.fromkeys([*columns, *wanted])))
        instants = _instants_of_spark(parquet, wanted)
        batches = _of_groups(parquet, bounded, wanted, groups=groups, batching=batching)
        for batch in cut_batches(batches, batching):
            yield convert(_in_utc(batch, instants) if instants else batch, number + 1)
            given.rows = number = number + len(batch)
            del batch


def parquet_names(file: PathOrLocation) -> list[str]:
    """Return the names of a Parquet file's columns; raises `ReadError` if it is none."""
    path = location_of(file)
    with open_unzipped(path) as source, named_refusals(path, called=_CALLED):
        return list(_opened(source).schema_arrow.names)


class _Group(NamedTuple):
    """A row group: its number, how many rows it promises and how many stand before it, and its bytes, unpacked, with
    all columns.
    """

    number: int
    rows: int
    before: int
    bytes: int

    @property
    def row_bytes(self) -> int:
        """What a row takes on average."""
        return self.bytes // max(1, self.rows)


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


def _groups(metadata: Any) -> list[_Group]:
    """Return the row groups of a file.

    Sizes are those of whole row groups: asking for the metadata of a single column chunk that is encrypted ends the
    process.
    """
    found, before = list[_Group](), 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        found.append(_Group(number, group.num_rows, before, group.total_byte_size))
        before += group.num_rows
    return found


class _Bounded:
    """How many bytes of each row group have to be unpacked at once: pages, of which none may be too large.

    Pages are looked at only where a row group takes more than one of them may.
    """

    def __init__(self, source: Any, path: Location) -> None:
        self.source, self.path = source, path
        self._pages: Pages | None = None

    def row_bytes(self, group: _Group, columns: list[str]) -> int:
        """Return what a row of a group takes on average, or where that is more, one in the page of each column where
        rows are longest, or all of a dictionary that is larger than a step.

        Raises
        ------
        LimitExceeded
            If a page is too large.
        """
        if group.bytes <= PARQUET_PAGE_BYTES.value:
            return group.row_bytes
        pages = self._pages = self._pages or Pages(self.source)
        longest = [self._longest_of(pages.of(group.number, name), name, group) for name in columns]
        return max(group.row_bytes, sum(longest))

    def _longest_of(self, pages: list[Page], name: str, group: _Group) -> int:
        largest = max((page.bytes for page in pages), default=0)
        if largest > PARQUET_PAGE_BYTES.value:
            raise LimitExceeded(
                what=f"a page of the column {name!r} of this Parquet file is too large",
                where=self.path,
                expected=f"at most {PARQUET_PAGE_BYTES.value:,} bytes, unpacked",
                got=f"{largest:,} bytes in row group {group.number}",
                happened="nothing more was read",
                todo="write the file again with fewer rows to a page (in pyarrow `write_batch_size=1`), or without "
                "rows that are no posts",
            )
        dictionaries = [page.bytes for page in pages if not page.values and page.bytes > _STEP_BYTES]
        return max([0, *dictionaries, *(page.bytes // page.values for page in pages if page.values)])


def _of_groups(
    parquet: Any, bounded: _Bounded, wanted: list[str], *, groups: list[_Group], batching: Batching
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file from where `batching` begins, in steps of which the texts are bounded."""
    schema, probe, path = parquet.schema_arrow, None, bounded.path
    texts = [name for name in wanted if is_textual(schema.field(name).type)]
    for doubtful, run in _runs(groups, bool(texts), batching):
        longest = max(bounded.row_bytes(group, wanted) for group in run)
        if doubtful and longest < _STEP_BYTES:
            probe = probe or _opened(bounded.source, texts)
            longest = max(longest, _longest(probe, texts, run[0].number))
        rows = min(batching.rows, max(1, _STEP_BYTES // max(1, longest)))
        given, promised = 0, sum(group.rows for group in run)
        numbers = [group.number for group in run]
        for batch in parquet.iter_batches(rows, row_groups=numbers, columns=wanted, use_threads=False):
            require_columns(wanted, batch.schema.names, path)
            behind = batching.begin.row - run[0].before - given
            given += len(batch)
            yield batch if behind <= 0 else batch.slice(behind)
            del batch  # or it is kept while the next one is unpacked
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
    """Yield the row groups that `batching` does not begin behind: those of which a dictionary may stand for texts that
    take _STEP_BYTES more than it does each alone, and neighbours that are not of these together.
    """

    def doubtful(group: _Group) -> bool:
        return texts and group.bytes * (min(batching.rows, group.rows) - 1) > _STEP_BYTES

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
