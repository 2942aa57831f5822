"""A sheet to be labelled as an Excel workbook: its rows, a drop-down in each empty column, and a page of notes.

Promises: every cell but a whole number is text, so that ids keep their digits and no cell is a formula; characters that
XML has not come back as they were; the same rows give the same bytes. Writes what ECMA-376 asks for and no more: no
colours, no formulas, no dates.

Source: ECMA-376, Office Open XML, part 1: 18.3 (worksheets), 18.8 (styles), 22.9.2.19 (ST_Xstring).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from koudai.limits import CELL_CHARACTERS

ANSWERS_OFFERED = ("是", "否", "yes", "no", "1", "0")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_TEXT, _WRAPPED, _HEAD = 1, 2, 3
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4">'
    '<xf xfId="0"/><xf numFmtId="49" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="1" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def sheet_as_workbook(header: Sequence[str], rows: Sequence[Sequence[str | int]], notes: Sequence[str]) -> bytes:
    """Return a workbook of two sheets.

    Parameters
    ----------
    header
        Names of the columns.
    rows
        As many cells each; the columns whose name begins as one of labels get a drop-down of `ANSWERS_OFFERED`.
    notes
        Lines of the second sheet.

    Examples
    --------
    >>> sheet_as_workbook(["row", "label:rumour"], [[1, ""]], ["notes"])[:2]
    b'PK'
    """
    widths = [70 if name == "text" else 22 if ":" in name or name == "post_id" else 15 for name in header]
    asked = [_letters(at) for at, name in enumerate(header) if ":" in name]
    lines = [[*header], *rows]
    sheets = {
        "样本 sample": _worksheet(lines, widths, asked),
        "说明 guide": _worksheet([[line] for line in notes], [120], []),
    }
    named = list(enumerate(sheets, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for at, _ in named
        )
        + "</Types>",
        "_rels/.rels": _relationships([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in named)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relationships(
            [*(("worksheet", f"worksheets/sheet{at}.xml") for at, _ in named), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{at}.xml": sheets[name] for at, name in named},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            whole = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + part
            archive.writestr(zipfile.ZipInfo(name), whole, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _worksheet(lines: Sequence[Sequence[str | int]], widths: Sequence[int], asked: Sequence[str]) -> str:
    """Return a sheet whose first line stays in view if columns are `asked` for."""
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' if asked else ""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" style="{_TEXT}" customWidth="1"/>'
        for at, width in enumerate(widths, 1)
    )
    letters = [_letters(at) for at in range(len(widths))]
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            _cell(f"{letter}{number}", one, head=bool(asked) and number == 1)
            for letter, one in zip(letters, line, strict=True)
        )
        + "</row>"
        for number, line in enumerate(lines, 1)
    )
    offered = ",".join(ANSWERS_OFFERED)
    lists = "".join(
        '<dataValidation type="list" allowBlank="1" showInputMessage="1" showErrorMessage="1" '
        f'errorTitle="是 / 否" error="{escape(offered)}" sqref="{letter}2:{letter}{len(lines)}">'
        f'<formula1>"{escape(offered)}"</formula1></dataValidation>'
        for letter in asked
        if len(lines) > 1
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{rows}</sheetData>"
        + (f'<dataValidations count="{len(asked)}">{lists}</dataValidations>' if lists else "")
        + "</worksheet>"
    )


def _cell(place: str, value: str | int, *, head: bool) -> str:
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    style = _HEAD if head else _WRAPPED
    if not value:
        return f'<c r="{place}" s="{style}"/>'
    written = _NO_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", value[: CELL_CHARACTERS.value])
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(written)}</t></is></c>'


def _letters(column: int) -> str:
    """Return the name of a column, counted from 0."""
    name = ""
    while column >= 0:
        name, column = chr(ord("A") + column % 26) + name, column // 26 - 1
    return name


def _relationships(targets: Sequence[tuple[str, str]]) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{at}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
            for at, (kind, target) in enumerate(targets, 1)
        )
        + "</Relationships>"
    )
