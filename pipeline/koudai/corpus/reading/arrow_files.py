"""Arrow IPC: files and streams as record batches, as Feather and `save_to_disk` of Hugging Face write them.

Promises: only the named columns are read; each batch is validated before anything looks into it, for the format has no
checksums; memory is bounded by one batch of the file, and by the texts of one that is given. Does not judge what a row
must hold: that is ``readers.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from koudai.corpus.reading.batches import cut_batches, named_refusals
from koudai.corpus.reading.files import DEFAULT_BATCHING, Batching, open_unzipped
from koudai.corpus.reading.locations import PathOrLocation, location_of
from koudai.corpus.reading.named_columns import require_columns

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_MAGIC = b"ARROW1"
_CALLED = "Arrow IPC"


def arrow_batches(
    file: PathOrLocation,
    convert: Callable[[pa.RecordBatch, int], T],
    *,
    columns: list[str],
    read: list[str] | None = None,
    batching: Batching = DEFAULT_BATCHING,
) -> Iterator[T]:
    """Yield ``convert(batch, number)`` for each batch, `number` being that of its first row, from 1.

    Parameters
    ----------
    file, columns, convert, read, batching
        As for `koudai.corpus.reading.parquet.record_batches`.

    Raises
    ------
    ReadError
        If it cannot be opened, is no Arrow IPC file, lacks a column, or is damaged.
    LimitExceeded
        As `koudai.corpus.reading.files.open_unzipped`.
    """
    path, number = location_of(file), batching.begin.row
    with open_unzipped(path) as source, named_refusals(path, called=_CALLED) as given:
        names = _reader(source).schema.names
        given.rows = number
        require_columns(columns, names, path)
        wanted = [names.index(name) for name in read or columns]
        for batch in cut_batches(_from(_batches(source, wanted), number), batching):
            yield convert(batch, number + 1)
            given.rows = number = number + len(batch)


def arrow_names(file: PathOrLocation) -> list[str]:
    """Return the names of an Arrow IPC file's columns; raises `ReadError` if it is none."""
    path = location_of(file)
    with open_unzipped(path) as source, named_refusals(path, called=_CALLED):
        return list(_reader(source).schema.names)


def _reader(source: Any, wanted: list[int] | None = None) -> Any:
    """Return pyarrow's reader of a file or a stream, whichever it is."""
    from pyarrow import ipc

    source.seek(0)
    a_file = source.read(len(_MAGIC)) == _MAGIC
    source.seek(0)
    return (ipc.open_file if a_file else ipc.open_stream)(
        source, options=ipc.IpcReadOptions(included_fields=wanted, use_threads=False)
    )


def _batches(source: Any, wanted: list[int]) -> Iterator[pa.RecordBatch]:
    reader = _reader(source, wanted)
    if hasattr(reader, "num_record_batches"):
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)
    else:
        yield from reader


def _from(batches: Iterator[pa.RecordBatch], row: int) -> Iterator[pa.RecordBatch]:
    """Yield batches that are sound, without the first `row` rows."""
    for batch in batches:
        yield _sound(batch).slice(row)
        row = max(0, row - len(batch))


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose buffers hold what they say; raises `pyarrow.ArrowInvalid`. Text may not be UTF-8."""
    import pyarrow as pa

    batch.validate()
    for column in batch.columns:
        kind = column.type
        as_bytes = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}.get(kind)
        (column if as_bytes is None else column.view(as_bytes)).validate(full=True)
    return batch
