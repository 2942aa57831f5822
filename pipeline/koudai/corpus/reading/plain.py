"""Plain rows: many rows of a file of lines at once, taken apart by a kernel that stops before the first odd one.

Promises: gives rows only if every one of a batch is plain and the bytes are UTF-8; else it takes nothing, and they are
to be read one by one. Holds as many bytes as a batch needs, and one line more.

Own kernels, since the libraries lose something. msgspec takes the last of two equal keys without a word, does not look
at bytes it skips, and was a third slower. pyarrow.csv is faster, but gives neither lines nor offsets of the file, takes
all that follows an unclosed quote for one text, and ends at the first byte that is not UTF-8.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.lines import Lines
from koudai.limits import LINE_BYTES
from koudai.text.compiled.jit import switched_off

if TYPE_CHECKING:
    import pyarrow as pa

ENOUGH, SHORT, ODD = 0, 1, 2
"""Why a kernel stopped: there are as many rows as wanted, the block ended, or the next row is odd."""
_BLOCK = 1 << 20


class Plain(NamedTuple):
    """Rows as columns of text, and the line each begins on, counted from 1."""

    columns: pa.RecordBatch
    lines: NDArray[np.int64]


class Limits(NamedTuple):
    """How far a kernel goes: bytes behind the first row that the last may begin at, and the bytes of a line."""

    most_bytes: int
    line_bytes: int


class Taken(NamedTuple):
    """Arrays that a kernel fills.

    Attributes
    ----------
    cells : ndarray of uint8, shape (n_columns, at least len(block))
        Bytes of the cells of each column, one behind the other.
    ends : ndarray of int64, shape (n_columns, n_rows + 1)
        Where each cell ends; the first of each column is 0.
    begins : ndarray of int64, shape (n_rows,)
        Lines before each row.
    """

    cells: NDArray[np.uint8]
    ends: NDArray[np.int64]
    begins: NDArray[np.int64]


class PlainRows:
    """Rows ahead in a file.

    Parameters
    ----------
    lines
        The file.
    columns
        The columns wanted.
    kernel
        Called with a block of bytes, `Limits`, `Taken` and `arguments`. Returns why it stopped, how many rows there
        are, and how many bytes and lines they take.
    """

    def __init__(self, lines: Lines, columns: list[str], kernel: Callable[..., Any], *arguments: object) -> None:
        self._lines = lines
        self._columns = columns
        self._kernel = kernel
        self._arguments = arguments
        self._size = _BLOCK
        self._may = not switched_off() and codecs.lookup(lines.encoding).name == "utf-8"

    def take(self, most_rows: int, most_bytes: int) -> Plain | None:
        """Return the next rows, `most_rows` or up to one that begins `most_bytes` behind the first; fewer where the
        file ends. None if one of them is odd, or none is left.
        """
        import pyarrow as pa

        while self._may:
            ahead = self._lines.ahead(self._size)
            block = np.frombuffer(ahead, np.uint8)
            cells = np.empty((len(self._columns), len(block)), np.uint8)
            ends = np.zeros((len(self._columns), most_rows + 1), np.int64)
            begins = np.empty(most_rows, np.int64)
            limits, taken = Limits(most_bytes, LINE_BYTES.value), Taken(cells, ends, begins)
            why, rows, size, lines = self._kernel(block, limits, taken, *self._arguments)
            ended = len(block) < self._size
            if why == SHORT and not ended and self._size <= most_bytes + LINE_BYTES.value:
                self._size = 2 * len(block)
                continue
            whole = why == ENOUGH or (why == SHORT and ended and size == len(block))
            if not whole or not rows or not _is_utf8(ahead[:size]):
                self._size = _BLOCK
                return None
            columns = [
                pa.LargeStringArray.from_buffers(rows, pa.py_buffer(end[: rows + 1]), pa.py_buffer(cell[: end[rows]]))
                for cell, end in zip(cells, ends, strict=True)
            ]
            before = self._lines.number + 1
            self._lines.take(size, lines)
            return Plain(pa.record_batch(columns, names=self._columns), begins[:rows] + before)
        return None


def take_nothing(kernel: Any, *arguments: Any) -> None:
    """Call a kernel of `PlainRows` for the first time, on no row."""
    cells, ends, begins = np.empty((1, 1), np.uint8), np.zeros((1, 2), np.int64), np.empty(1, np.int64)
    kernel(np.frombuffer(b"\n", np.uint8), Limits(1, 1), Taken(cells, ends, begins), *arguments)


def _is_utf8(block: Any) -> bool:
    import pyarrow as pa

    offsets = pa.py_buffer(np.array([0, len(block)], np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
