"""Separated values: the records of CSV and TSV, one by one or, where nothing about them is odd, many at once.

Promises: a row is either its named fields or the reason why it cannot be read; a quote that nobody closes ends the
reading at its own record; many at once are the same as one by one. Takes RECORD_LINES lines for a record at most.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np

from koudai.corpus.reading.files import require_columns
from koudai.corpus.reading.lines import Lines, Row
from koudai.corpus.reading.plain import PlainRows
from koudai.errors import ReadError
from koudai.limits import LINE_BYTES, RECORD_LINES

DELIMITERS = {"csv": ",", "tsv": "\t"}
"""What is between cells, by kind of file."""


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

    @property
    def header(self) -> list[str]:
        """Names of all columns; none in an empty file."""
        return list(self._header or [])

    def plain(self) -> PlainRows | None:
        """Return the rows that are left, to be taken many at once; None if there is no header."""
        from koudai.corpus.reading.separated_kernels import take_records

        if self._header is None:
            return None
        slots = np.full(len(self._header), -1, np.int64)
        slots[[self._header.index(name) for name in self._columns]] = np.arange(len(self._columns))
        arguments = ord(self._delimiter), slots, RECORD_LINES.value
        return PlainRows(self._lines, self._columns, take_records, *arguments)

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
        indices = [(name, self._header.index(name)) for name in self._columns]
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
            fields = {name: cells[at] for name, at in indices if at < len(cells)} if told_apart else {}
            if wrong is not None or cells:
                yield Row(first, fields, wrong, detail, offset=offset)

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
