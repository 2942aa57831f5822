"""Excel workbooks: the rows of the first sheet, one by one, as its cells say and never through a table of numbers.

Promises: text stays text; a date comes as its ISO form, a whole number as its digits; an id that is typed as a number
of more digits than a spreadsheet keeps is refused, for it has lost some; sheets that are not read are named. A sheet is
held in memory, up to WORKBOOK_BYTES. Does not look at formulas: their last values are read.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, Any

from koudai.corpus.reading.headers import NO_HEADER, looks_like_post
from koudai.corpus.reading.ids import bare_id
from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.named_columns import require_columns
from koudai.errors import LimitExceeded, ReadError, number_of
from koudai.limits import SPREADSHEET_DIGITS, WORKBOOK_BYTES
from koudai.strict_json import NumberText

_TITLES = 20


class SheetsWarning(UserWarning):
    """Other sheets of a workbook hold rows, and were not read."""


def workbook_rows(
    stream: IO[bytes], path: object, columns: list[str], *, id_column: str | None = None
) -> Iterator[Row]:
    """Yield the rows below the header of a workbook's first sheet; the line of each is its number in the sheet.

    Parameters
    ----------
    stream
        Bytes of the workbook.
    path
        Named in errors.
    columns
        The columns wanted; only these are in the rows.
    id_column
        The one that holds ids.

    Raises
    ------
    ReadError
        If it is no workbook, lacks a column, or ids are numbers that have lost digits.
    LimitExceeded
        If it is too large.

    Warns
    -----
    SheetsWarning
        If other sheets hold rows.
    """
    header, rows = _sheet(stream, path)
    if looks_like_post(header) and not set(columns) <= set(header):
        raise ReadError(
            what="column(s) missing, since the first row looks like a post",
            where=f"{path}:1",
            expected=", ".join(columns),
            got=number_of(len(header), "cell"),
            happened="nothing of this file was read",
            todo=NO_HEADER,
        )
    if not set(columns) <= set(header):
        _refuse_title(columns, rows, path)
    require_columns(columns, header, path)
    places = [(name, header.index(name)) for name in columns]
    for number, cells in rows:
        fields = {name: _cell(cells[at]) for name, at in places}
        noticed: tuple[str, ...] = ()
        if id_column in fields:
            written = fields[id_column]
            if isinstance(written, str):
                bare, noticed = bare_id(written)
                fields[id_column] = bare if noticed else written
            _require_digits(fields[id_column], f"{path}:{number}", id_column)
        yield Row(number, fields, offset=number, noticed=noticed)


def _refuse_title(columns: list[str], rows: Iterator[tuple[int, list[Any]]], path: object) -> None:
    """Raise `ReadError` if one of the next rows holds the names of the columns, and the first one is a title."""
    for number, cells in islice(rows, _TITLES):
        if set(columns) <= {str(_cell(one)) for one in cells}:
            raise ReadError(
                what=f"column(s) missing in the first row: row {number} holds the names of the columns",
                where=f"{path}:{number}",
                expected=", ".join(columns),
                happened="nothing of this file was read",
                todo=f"remove the rows above row {number}",
            )


def workbook_names(stream: IO[bytes], path: object) -> list[str]:
    """Return the names of the columns of a workbook's first sheet; raises as `workbook_rows` does."""
    return _sheet(stream, path)[0]


def workbook_cells(stream: IO[bytes], path: object) -> tuple[list[str], Iterator[tuple[int, list[Any]]]]:
    """Return the names of the columns of a workbook's first sheet, and the cells of the rows below with their numbers.

    For workbooks whose other sheets are not meant to be read, such as notes to whoever fills in the first.

    Raises
    ------
    ReadError, LimitExceeded
        As `workbook_rows`.
    """
    header, rows = _sheet(stream, path, others=False)
    return header, ((number, [_cell(one) for one in cells]) for number, cells in rows)


def _sheet(
    stream: IO[bytes], path: object, *, others: bool = True
) -> tuple[list[str], Iterator[tuple[int, list[Any]]]]:
    """Return the cells of the first row that holds any, as text, and the rows below it with their numbers; `others`
    says whether sheets that are not read are told of.
    """
    import python_calamine as calamine

    content = io.BytesIO(stream.read(WORKBOOK_BYTES.value + 1))
    try:
        _require_small(content, path)
        book = calamine.CalamineWorkbook.from_filelike(content)
        first, *rest = (sheet.name for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet)
        more = [name for name in rest if others and book.get_sheet_by_name(name).height]
        sheet = book.get_sheet_by_name(first)
        begin = sheet.start[0] if sheet.start else 0
        numbered = (
            (number, cells)
            for number, cells in enumerate(sheet.to_python(), begin + 1)
            if any(one != "" for one in cells)
        )
    except (calamine.CalamineError, zipfile.BadZipFile, ValueError) as error:
        raise ReadError(
            what="this workbook is damaged",
            where=path,
            got=error,
            happened="nothing of this file was read",
            todo="open it in a spreadsheet and save it again, or export the sheet as CSV",
        ) from error
    if more:
        warnings.warn(
            f"{path}: only the first sheet, {first!r}, is read; "
            + number_of(len(more), "other with rows is", "others with rows are")
            + " left out: "
            + ", ".join(map(repr, more)),
            SheetsWarning,
            stacklevel=2,
        )
    _, header = next(numbered, (0, []))
    return [str(_cell(one)) for one in header], numbered


def _require_small(content: io.BytesIO, path: object) -> None:
    """Raise `LimitExceeded` unless a workbook takes few enough bytes, unzipped as it says."""
    size = content.getbuffer().nbytes
    if size <= WORKBOOK_BYTES.value:
        with zipfile.ZipFile(content) as archive:
            size = sum(one.file_size for one in archive.infolist())
        content.seek(0)
    if size > WORKBOOK_BYTES.value:
        raise LimitExceeded(
            what="this workbook is too large to be held in memory",
            where=path,
            expected=f"at most {WORKBOOK_BYTES.value} {WORKBOOK_BYTES.unit}",
            happened="nothing of this file was read",
            todo="export the sheet as CSV",
        )


def _cell(value: Any) -> Any:
    """Return a cell as rows of JSON have it: text, a number with its digits, or a truth value; dates as text."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return NumberText(int(value) if float(value).is_integer() else repr(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return (
        value.isoformat() if isinstance(value, date | time) else str(value) if isinstance(value, timedelta) else value
    )


def _require_digits(post_id: Any, where: str, column: str) -> None:
    if isinstance(post_id, NumberText) and len(post_id.lstrip("-")) > SPREADSHEET_DIGITS.value and "." not in post_id:
        raise ReadError(
            what=f"the ids of this workbook are numbers of more than {SPREADSHEET_DIGITS.value} digits: a spreadsheet "
            "keeps no more, and fills up with zeros",
            where=where,
            expected=f"ids as text in column {column!r}",
            got=str(post_id),
            happened="nothing of this file was kept",
            todo="export the posts again with ids as text, or give `number_rows`, which does without them",
        )
