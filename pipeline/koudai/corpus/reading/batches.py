"""Batches: record batches of any size cut into those that are wanted, and pyarrow's refusals by name.

Promises: a batch holds no more rows than asked for, and no more text than asked for but that of its last row, however
little a dictionary takes; an encrypted file, a type that is not read and an unknown time zone are told from damage.
Opens no file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.cells import is_textual
from koudai.corpus.reading.files import Batching
from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.store import is_store_error
from koudai.errors import ReadError
from koudai.text.arrow import as_numpy, or_zero

if TYPE_CHECKING:
    import pyarrow as pa


def cut_batches(batches: Iterator[pa.RecordBatch], batching: Batching) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `batches`, of which the first is the one that `batching` begins with, cut as it says.

    The batches after a cut are the same wherever the reading began before it, and however `batches` are divided.
    """
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    wanted, space, number = 0, batching.bytes, batching.begin.row
    for batch in batches:
        ends = np.cumsum(_text_bytes(batch))
        at = 0
        while at < len(batch):
            if not held:
                wanted, space = batching.room(number), batching.bytes
            before = int(ends[at - 1]) if at else 0
            stop = min(len(batch), at + wanted, 1 + int(np.searchsorted(ends, before + space)))
            held.append(batch.slice(at, stop - at))
            space -= int(ends[stop - 1]) - before
            wanted, number, at = wanted - (stop - at), number + stop - at, stop
            if not wanted or space <= 0:
                cut = held[0] if len(held) == 1 else pa.concat_batches(held)
                held = []
                yield cut
                del cut
        del batch  # or it is kept while the next one is read
    if held:
        yield pa.concat_batches(held)


def _text_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Return the bytes that the texts of each row take; shape (n_rows,)."""
    import pyarrow as pa

    total = np.zeros(len(batch), np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and is_textual(column.type.value_type):
            of_each = text_lengths(column.dictionary)
            if len(of_each):
                total += np.where(as_numpy(column.is_null()), 0, of_each[as_numpy(or_zero(column.indices))])
        elif is_textual(column.type):
            total += text_lengths(column)
    return total


def text_lengths(texts: pa.Array) -> NDArray[np.int64]:
    """Return the bytes of each text, 0 where there is none; shape (n_texts,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string_view(texts.type) or pa.types.is_binary_view(texts.type):
        texts = texts.cast(pa.large_binary())
    return as_numpy(or_zero(pc.binary_length(texts))).astype(np.int64)


@dataclass
class Given:
    """How many rows of a file were given; None before it is opened."""

    rows: int | None = None


@contextlib.contextmanager
def named_refusals(path: Location, *, called: str) -> Iterator[Given]:
    """Turn what pyarrow raises in the block about a file of kind `called` into a `ReadError`; a store's refusals pass.

    The block says in what it is given how many rows it gave.
    """
    import pyarrow as pa

    given = Given()
    try:
        yield given
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and is_store_error(error):
            raise
        raise _read_error(error, path, given.rows, called=called) from error


def _read_error(error: Exception, path: Location, number: int | None, *, called: str) -> ReadError:
    """Return what is wrong with a file that pyarrow does not open, or does not read after `number` rows.

    Parameters
    ----------
    error
        What pyarrow raised.
    path
        The file.
    number
        None if it could not be opened.
    called
        What it should be.
    """
    import pyarrow as pa

    told = str(error).lower()
    what, todo = f"this {called} file is damaged", "bring the file again"
    if "crypt" in told:
        what, todo = f"this {called} file is encrypted, or a column of it is", "write it again without encryption"
    elif "timezone" in told or "time zone" in told:
        what = f"a column of this {called} file has a time zone that is not known here"
        todo = "write the column in UTC or another known time zone, or leave it out"
    elif isinstance(error, pa.ArrowNotImplementedError):
        what = f"this {called} file holds a type of values that is not read here"
        todo = "write the file again with the column as text or 64-bit numbers, or without it"
    elif number is None:
        what = f"this is not {'an' if called[0] in 'AEIOU' else 'a'} {called} file, or it is damaged"
    damaged = f"{number or 0} rows before the damage could be read"
    return ReadError(
        what=what,
        where=path,
        got=error,
        happened=damaged if "damaged" in what else "nothing more was read",
        todo=todo,
    )
