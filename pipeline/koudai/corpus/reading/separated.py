"""Separated values: the records of CSV and TSV, one by one or, where nothing about them is odd, many at once.

Promises: a row is either its named fields or the reason why it cannot be read; a damaged record counts as many rows as
it has lines, each with its beginning; a quote that nobody closes ends the reading at its own record; many at once are
the same as one by one. Takes RECORD_LINES lines for a record at most. Which quotes are meant is told, not guessed.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from koudai.corpus.reading.accounts import names_account
from koudai.corpus.reading.headers import explain_header, looks_like_post
from koudai.corpus.reading.ids import bare_id
from koudai.corpus.reading.lines import BOM, Lines, Row
from koudai.corpus.reading.named_columns import require_columns
from koudai.corpus.reading.plain import PlainRows, take_nothing
from koudai.errors import ReadError, number_of
from koudai.limits import LINE_BYTES, RECORD_LINES
from koudai.text.compiled.kernels import kernels

DELIMITERS = {"csv": ",", "tsv": "\t"}
"""What is between cells, by kind of file."""
SHORT_ROW = "short-row"
"""Notice: cells are missing at the end of a row, and are read as empty."""
_BACKSLASHES = "; Spark escapes quotes by backslashes: give `quoting` backslash"
_ESCAPED_OR_QUOTE = re.compile(r'\\["\\]|"')
_QUOTE_MARK = '"'
_QUOTE, _NO_BYTE = ord(_QUOTE_MARK), 256
_WITHHELD = "(withheld: the file has columns of accounts)"


class _Line(NamedTuple):
    """A line of the file: its number, the bytes before it, and what it holds."""

    number: int
    offset: int
    text: str


class Within(NamedTuple):
    """A position in a damaged record: how many of its rows were given, and the lines and bytes before the record."""

    rows: int
    line: int
    offset: int


def doubled(line: str, *, inside: bool) -> tuple[str, bool]:
    r"""Return a line with the quotes doubled that stand behind a backslash in quoted cells, as Spark writes them, and
    whether it ends in one.

    Parameters
    ----------
    line
        Of two backslashes in a quoted cell one stays; any other backslash is a letter.
    inside
        Whether the line begins in a quoted cell.

    Examples
    --------
    >>> line, inside = doubled(r'1,"又\"停水\"了 C:\\d",C:\\d', inside=False)
    >>> print(line, inside)
    1,"又""停水""了 C:\d",C:\\d False
    """
    pieces, end = [], 0
    for found in _ESCAPED_OR_QUOTE.finditer(line):
        one = found[0]
        if one == _QUOTE_MARK:
            inside = not inside
        elif inside:
            one = _QUOTE_MARK * 2 if one[1] == _QUOTE_MARK else one[1]
        pieces += [line[end : found.start()], one]
        end = found.end()
    return "".join([*pieces, line[end:]]), inside


class Separated:
    """The records of a file, read in order, whichever way.

    Parameters
    ----------
    lines
        The file, at its start.
    columns
        The columns wanted, that of ids first.
    delimiter
        What is between cells.
    quoted
        Whether a cell that begins with a quote ends at the next one; if not, quotes are letters.
    backslash
        Whether quotes inside such cells stand behind a backslash, and are not doubled.
    id_column
        The column whose cells are freed of blanks round them.
    required
        Columns whose cells a row must have to be read although cells are missing at its end; None if none may be
        missing.

    Attributes
    ----------
    within
        Where the row given last stands in a damaged record of which rows are left; else None.

    Raises
    ------
    ReadError
        If the header cannot be read, or lacks a column.
    """

    def __init__(
        self,
        lines: Lines,
        columns: list[str],
        *,
        delimiter: str,
        quoted: bool = True,
        backslash: bool = False,
        required: Sequence[str] | None = None,
        id_column: str | None = None,
    ) -> None:
        csv.field_size_limit(LINE_BYTES.value)
        self.within: Within | None = None
        self._lines = lines
        self._columns = columns
        self._delimiter = delimiter
        self._quoted = quoted
        self._backslash = backslash
        self._required = required
        self._id_column = id_column
        self._started = 0
        self._marked = False
        self._record: list[_Line] = []
        self._reader = csv.reader(
            self._watched(),
            delimiter=delimiter,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            strict=True,
        )
        self._header = self._read_header()
        if self._header is not None:
            explain_header(self._header, columns, delimiter=delimiter, quoted=quoted, where=lines.path)
            require_columns(columns, self._header, lines.path)
        self._of_data = looks_like_post(self._header or [])
        self._withheld = any(map(names_account, self._header or []))
        lines.bad.clear()

    @property
    def header(self) -> list[str]:
        """Names of all columns; none in an empty file."""
        return list(self._header or [])

    def plain(self) -> PlainRows | None:
        """Return the rows that are left, to be taken many at once; None if there is no header."""
        if self._header is None or self._backslash:
            return None
        slots = np.full(len(self._header), -1, np.int64)
        slots[[self._header.index(name) for name in self._columns]] = np.arange(len(self._columns))
        module = _kernels()
        form = _form(module, self._delimiter, _QUOTE if self._quoted else _NO_BYTE, self._columns[0])
        return PlainRows(self._lines, self._columns, module.take_records, form, slots)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are left, one by one.

        Raises
        ------
        ReadError
            If a quote is never closed.
        """
        header, lines, bad = self._header, self._lines, self._lines.bad
        if header is None:
            return
        indices = [(name, header.index(name)) for name in self._columns]
        enough = len(header) if self._required is None else 1 + max(header.index(name) for name in self._required)
        only_wanted = set(header) <= set(self._columns)
        while True:
            self._started = lines.number
            self._record.clear()
            wrong, cells = None, list[str]()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end" in str(error):
                    raise self._unclosed(self._started + 1) from error
                escaped = any('\\"' in line.text for line in self._record)
                wrong = "bad-csv", str(error) + (_BACKSLASHES if escaped else "")
            else:
                wrong = self._what_is_wrong(cells, enough)
            record = self._record
            for number in sorted(bad):
                one = bad.pop(number)
                wrong, at = (one.reason, one.detail), number - record[0].number
                record[at] = record[at]._replace(text=one.excerpt)
            fields = {name: cells[at] for name, at in indices if at < len(cells)}
            if wrong is not None:
                yield from self._set_aside(*wrong, fields if only_wanted and len(record) == 1 else {})
            elif cells:
                fields = {name: fields.get(name, "") for name, _ in indices}
                noticed = (BOM,) * self._marked + (SHORT_ROW,) * (len(cells) < len(header))
                if self._id_column is not None:
                    fields[self._id_column], more = bare_id(fields[self._id_column])
                    noticed += more
                yield Row(record[0].number, fields, offset=record[0].offset, noticed=noticed)

    def _what_is_wrong(self, cells: list[str], enough: int) -> tuple[str, str] | None:
        if not cells:
            return None
        if len(self._record) > 1 and self._swallowed():
            return "stray-quote", (
                f"a quote opens on line {self._record[0].number} and closes on line {self._record[-1].number}, and the "
                "lines between would each be a record"
            )
        columns = len(self._header or [])
        if columns > 1 and not self._of_data and self._is_header([cells[0].removeprefix("\ufeff"), *cells[1:]]):
            return "repeated-header", "the names of the columns again"
        if len(cells) > columns or len(cells) < enough:
            return "ragged", f"{number_of(len(cells), 'cell')} where the header has {columns}"
        return None

    def _is_header(self, cells: list[str]) -> bool:
        """Return whether cells are the header again, or one with other columns beside those of the id and the text."""
        header, names = self._header or [], self._required or ()
        return cells == header or (
            len(names) > 1 and all(cells[at : at + 1] == [header[at]] for at in map(header.index, names))
        )

    def _swallowed(self) -> bool:
        """Return whether the first line of a record and most of its others would each be a record by themselves, with
        ids of one kind: then its quote was a letter, and several posts became one.
        """
        first, *others = [self._kind_of_id(line.text) for line in self._record]
        return bool(first) and 2 * others.count(first) > len(others)

    def _kind_of_id(self, line: str) -> str:
        """Return what the id begins with of a line that is a record by itself; ``""`` if it is none."""
        header = self._header or []
        if len(header) < 2 or not self._columns:
            return ""
        alone: list[str] = []
        line = doubled(line, inside=False)[0] if self._backslash else line
        with contextlib.suppress(csv.Error):
            alone = next(csv.reader([line], delimiter=self._delimiter), alone)
        for cells in (line.split(self._delimiter), alone):
            if len(cells) == len(header):
                post_id = cells[header.index(self._columns[0])].strip(' \t\r\n"\ufeff')
                if not post_id or any(map(str.isspace, post_id)):
                    return ""
                return "other" if not post_id[0].isascii() else "digit" if post_id[0].isdigit() else "ascii"
        return ""

    def _set_aside(self, reason: str, detail: str, fields: dict[str, str]) -> Iterator[Row]:
        """Yield each line of the present record as a quarantined row; `fields` show one that was taken apart."""
        record = list(self._record)
        for given, line in enumerate(record, 1):
            left = given < len(record)
            self.within = Within(given, record[0].number - 1, record[0].offset) if left else None
            raw = _WITHHELD if self._withheld else "" if fields else line.text.rstrip("\r\n")
            yield Row(line.number, fields, reason, detail, raw, line.offset)

    def _watched(self) -> Iterator[str]:
        lines, inside = iter(self._lines), False
        while True:
            offset = self._lines.offset
            line = next(lines, None)
            if line is None:
                return
            if self._lines.number - self._started > RECORD_LINES.value:
                raise self._unclosed(self._started + 1, why=f"a record spans more than {RECORD_LINES.value} lines: ")
            self._record.append(_Line(self._lines.number, offset, line))
            if len(self._record) == 1:
                beginnings = ("\ufeff",) if self._required is not None else ('\ufeff"',) if self._quoted else ()
                self._marked = self._lines.number > 1 and line.startswith(beginnings)
                line, inside = line[self._marked :], False
            if self._backslash:
                line, inside = doubled(line, inside=inside)
            yield line

    def _unclosed(self, line: int, *, why: str = "") -> ReadError:
        return ReadError(
            what=f"{why}a quote was opened and never closed",
            where=f"{self._lines.path}:{line}",
            happened="nothing of this file was kept",
            todo="close or remove the quote on that line, or give `quoting` none if quotes are letters in this file",
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


@kernels("koudai.corpus.reading.separated_kernels", what="the reading of CSV")
def _kernels(module: Any) -> None:
    """Take no record apart."""
    take_nothing(module.take_records, _form(module, ",", _QUOTE, "text"), np.zeros(1, np.int64))


def _form(module: Any, delimiter: str, quote: int, name: str) -> Any:
    return module.Form(
        delimiter=ord(delimiter),
        quote=quote,
        record_lines=RECORD_LINES.value,
        name=np.frombuffer(name.encode("utf-8", "surrogatepass") + b" ", np.uint8)[:-1],
    )
