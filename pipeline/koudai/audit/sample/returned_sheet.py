"""A sheet that comes back: rows and labels of one annotator out of CSV or an Excel workbook.

Promises: read as spreadsheets save it, with commas, semicolons or tabs, in UTF-8, UTF-16 or GB 18030, and as
``.xlsx``; a sheet without the columns of a sample, or without any of labels, is refused with the columns it has. Does
not judge what the cells say.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from koudai.audit.inputs.cells import cell_text
from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import FIELDS, TEXT, ReturnedRow
from koudai.audit.sample.sheet import LABEL
from koudai.corpus.reading.workbook import workbook_cells
from koudai.errors import LabelError, ReadError, ScoresMismatch, number_of

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
_OLD_WORKBOOKS = (".xls", ".et")
_LISTED = 20


def read_sheet(path: Path, manifest: Manifest) -> list[ReturnedRow]:
    """Return the rows of a sheet that say anything.

    Raises
    ------
    ReadError
        If it cannot be read.
    ScoresMismatch
        If it lacks the columns that say which rows of a sample its rows are.
    LabelError
        If it has no column of labels, or one of a category that the sample is not about.
    """
    if path.suffix.lower() in _OLD_WORKBOOKS:
        raise ReadError(what="this kind of workbook is not read", where=path, todo="save it as .xlsx, or as CSV")
    header, lines = _workbook(path) if path.suffix.lower() in WORKBOOKS else separated(path)
    lacking = [name for name in FIELDS[:2] if name not in header]
    if lacking:
        raise ScoresMismatch(
            what="these labels do not say which rows of a sample they are about",
            where=path,
            expected=", ".join(FIELDS),
            got=", ".join(header[:_LISTED]),
            happened="nothing was estimated: a share among posts that somebody chose says nothing of all posts",
            todo="draw a sample with `api.sample`, label that, and keep its columns; labels of posts drawn at random "
            'without it are read with design = "srs" of [sample]',
        )
    keys = [name.removeprefix(LABEL) for name in header if name.startswith(LABEL)]
    if not keys:
        raise LabelError(
            what="this sheet has no column of labels",
            where=path,
            expected=", ".join(LABEL + key for key in manifest.categories[:_LISTED]),
            got=", ".join(header[:_LISTED]),
            happened="nothing was estimated",
            todo="keep the names of the columns as they were",
        )
    require_asked_for(keys, manifest, path)
    found = []
    for number, cells in _readable(lines, path):
        record = dict(zip(header, cells, strict=False))
        labels = {key: record.get(LABEL + key, "") for key in keys}
        fields = {name: record.get(name, "") for name in (*FIELDS, TEXT)}
        if any(fields[name] for name in FIELDS) or any(labels.values()):
            found.append(ReturnedRow(f"{path.name}:{number}", fields, labels))
    return found


def _readable(lines: Iterator[tuple[int, list[str]]], path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from lines
    except csv.Error as error:
        raise ReadError(
            what="this sheet is no CSV", where=path, got=error, todo="save it as .xlsx, or as CSV in UTF-8"
        ) from error


def require_asked_for(keys: list[str], manifest: Manifest, path: Path) -> None:
    """Raise `LabelError` if there are labels of categories that the sample is not about."""
    unknown = list(dict.fromkeys(key for key in keys if key not in manifest.categories))
    if unknown:
        more = f" and {len(unknown) - _LISTED:,} more" if len(unknown) > _LISTED else ""
        raise LabelError(
            what=f"labels of {number_of(len(unknown), 'category', 'categories')} that the sample is not about",
            where=path,
            expected=", ".join(manifest.categories),
            got=", ".join(unknown[:_LISTED]) + more,
            happened="nothing was estimated",
        )


def decoded(path: Path) -> str:
    """Return the text of a file as people's programs save it: in UTF-8, UTF-16 with its mark, or GB 18030; raises
    `ReadError` if it is none of these.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(what="the labels cannot be read", where=path, got=error.strerror) from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError(
        what="the labels are neither UTF-8 nor GB 18030", where=path, todo="save them as .xlsx, or as CSV in UTF-8"
    )


def separated(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header of a file of separated cells, and its other rows with the number of their last line."""
    text = decoded(path)
    first = text.lstrip("\r\n").partition("\n")[0]
    cells = {one: first.replace('"', "").strip().split(one) for one in ",;\t"}
    delimiter = max(cells, key=lambda one: (len({*cells[one]} & {*FIELDS}), len(cells[one])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(reader, [])
    return [name.strip() for name in header], ((reader.line_num, cells) for cells in reader)


def _workbook(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    try:
        with path.open("rb") as stream:
            header, rows = workbook_cells(stream, path)
    except OSError as error:
        raise ReadError(what="the labels cannot be read", where=path, got=error.strerror) from error
    return [name.strip() for name in header], ((number, [*map(cell_text, cells)]) for number, cells in rows)
