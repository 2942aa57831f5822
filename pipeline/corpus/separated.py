"""Separated values: the records of CSV and TSV, one by one or, where nothing about them is odd, many at once.

Promises: a row is either its named fields or the reason why it cannot be read; a quote that nobody closes ends the
reading at its own record; many at once are the same as one by one. Takes RECORD_LINES lines for a record at most.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.corpus.files import require_columns
from pipeline.corpus.lines import Lines, Row
from pipeline.errors import ReadError
from pipeline.limits import LINE_BYTES, RECORD_LINES
from pipeline.text.jit import switched_off

if TYPE_CHECKING:
    import pyarrow as pa

DELIMITERS = {"csv": ",", "tsv": "\t"}
"""What is between cells, by kind of file."""
_BLOCK = 1 << 20


class Plain(NamedTuple):
    """Records as columns of text, and the line each begins on, counted from 1."""

    columns: pa.RecordBatch
    lines: NDArray[np.int64]


class Separated:
    """The records of a file, read in order, whichever way.

    Parameters
    ----------
    lines
        The file, at its start.
    columns
        The columns wanted.
    delimiter
        What is between cells.

    Raises
    ------
    ReadError
        If the header cannot be read, or lacks a column.
    """

    def __init__(self, lines: Lines, columns: list[str], *, delimiter: str) -> None:
        csv.field_size_limit(LINE_BYTES.value)
        self._lines = lines
        self._columns = columns
        self._delimiter = delimiter
        self._started = 0
        self._reader = csv.reader(self._watched(), delimiter=delimiter, strict=True)
        self._header = self._read_header()
        if self._header is not None:
            require_columns(columns, self._header, lines.path)
        lines.bad.clear()
        self._size = _BLOCK
        self._fast = not switched_off() and codecs.lookup(lines.encoding).name == "utf-8"

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are left, one by one.

        Raises
        ------
        ReadError
            If a quote is never closed.
        """
        if self._header is None:
            return
        lines, columns = self._lines, len(self._header)
        places = [(name, self._header.index(name)) for name in self._columns]
        only_wanted = set(self._header) <= set(self._columns)
        while True:
            self._started = lines.number
            first, offset = lines.number + 1, lines.offset
            wrong, detail, cells = None, "", []
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end" in str(error):
                    raise self._unclosed(first) from error
                wrong, detail = "bad-csv", str(error)
            for number in sorted(lines.bad):
                bad = lines.bad.pop(number)
                wrong, detail = bad.reason, bad.detail
            if wrong is None and cells and len(cells) != columns:
                wrong, detail = "ragged", f"{len(cells)} cells where the header has {columns}"
            told_apart = len(cells) == columns or only_wanted
            fields = {name: cells[at] for name, at in places if at < len(cells)} if told_apart else {}
            if wrong is not None or cells:
                yield Row(first, fields, wrong, detail, offset=offset)

    def plain(self, most_rows: int, most_bytes: int) -> Plain | None:
        """Return the next records at once; None if one of them is odd, or none is left, and then none is taken.

        Parameters
        ----------
        most_rows
            How many are wanted.
        most_bytes
            None is taken after one that begins so far behind the first.
        """
        import pyarrow as pa

        from pipeline.corpus.separated_kernels import ENOUGH, ODD, take_records

        if self._header is None or not self._fast:
            return None
        slots = np.full(len(self._header), -1, np.int64)
        slots[[self._header.index(name) for name in self._columns]] = np.arange(len(self._columns))
        while True:
            ahead = self._lines.ahead(self._size)
            block = np.frombuffer(ahead, np.uint8)
            cells = np.empty((len(self._columns), len(block)), np.uint8)
            ends = np.zeros((len(self._columns), most_rows + 1), np.int64)
            begins = np.empty(most_rows, np.int64)
            limits = most_bytes, LINE_BYTES.value, RECORD_LINES.value
            why, rows, size, lines = take_records(block, ord(self._delimiter), slots, *limits, cells, ends, begins)
            if why == ENOUGH or (why != ODD and len(block) < self._size and size == len(block)):
                break
            if why == ODD or len(block) < self._size or self._size > most_bytes + LINE_BYTES.value:
                self._size = _BLOCK
                return None
            self._size = 2 * len(block)
        if not rows or not _is_utf8(ahead[:size]):
            return None
        columns = [
            pa.LargeStringArray.from_buffers(rows, pa.py_buffer(end[: rows + 1]), pa.py_buffer(cell[: end[rows]]))
            for cell, end in zip(cells, ends, strict=True)
        ]
        before = self._lines.number + 1
        self._lines.take(size, lines)
        return Plain(pa.record_batch(columns, names=self._columns), begins[:rows] + before)

    def _watched(self) -> Iterator[str]:
        for line in self._lines:
            if self._lines.number - self._started > RECORD_LINES.value:
                raise self._unclosed(self._started + 1, why=f"a record spans more than {RECORD_LINES.value} lines: ")
            yield line

    def _unclosed(self, line: int, *, why: str = "") -> ReadError:
        return ReadError(
            what=f"{why}a quote was opened and never closed",
            where=f"{self._lines.path}:{line}",
            happened="nothing of this file was kept",
            todo="close or remove the quote on that line",
        )

    def _read_header(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise ReadError(
                what="the header cannot be read",
                where=f"{self._lines.path}:1",
                expected="column names, lines that end in line feeds, and every quote closed",
                got=error,
                happened="nothing of this file was read",
                todo="mend the first line, or convert the line ends",
            ) from error


def _is_utf8(block: Any) -> bool:
    import pyarrow as pa

    offsets = pa.py_buffer(np.array([0, len(block)], np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
