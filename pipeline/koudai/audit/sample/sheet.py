"""A sample as people label it: as CSV or a workbook for a spreadsheet, or as tasks for Label Studio.

Promises: none of them tells what the model thinks of a post, by a probability or by a stratum that follows one: both
stay in the manifest, and rows stand in mixed order; every row names its sample and its number in it, by which it is
known again; no cell is a formula; ids are exact in tasks and workbooks, and in the CSV unless they begin like a
formula; what a category means is said in both languages; no file is overwritten, and the manifest is written before the
sample; what is labelled twice or adjudicated has sheets of its own in the same form.

Source: Label Studio documentation, "Label Studio JSON format of annotated tasks".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from koudai.audit.inputs.label_studio import control
from koudai.audit.sample.design import DrawnSample
from koudai.audit.sample.guide import MEANT, guide_text, told_of
from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import FIELDS, TEXT
from koudai.audit.sample.workbook_sheet import sheet_as_workbook
from koudai.errors import OutputExists, UsageError
from koudai.storage.durable import write_bytes, write_json
from koudai.taxonomy import Taxonomy
from koudai.text.characters.hazards import guarded

LABEL = "label:"
"""What the name of a column with labels begins with; the category follows."""
FORMS = ("csv", "xlsx", "label-studio")
AGAIN = ("double", "gold")
"""Sheets beside the sample, of posts that a second annotator labels too and of those that are adjudicated."""


def form_of(out: Path) -> str:
    """Return the form of a sample by the name of its file.

    Examples
    --------
    >>> form_of(Path("sample.xlsx")), form_of(Path("tasks.json")), form_of(Path("sample.csv"))
    ('xlsx', 'label-studio', 'csv')
    """
    return {".xlsx": "xlsx", ".json": "label-studio"}.get(out.suffix.lower(), "csv")


def to_csv(manifest: Manifest, texts: list[str], rows: Sequence[int] | None = None) -> str:
    r"""Return the sample, or these of its rows, as CSV with an empty column for each category, marked as UTF-8 for
    spreadsheets.

    Examples
    --------
    >>> from koudai.audit.sample.manifest import Manifest
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> header, row = to_csv(manifest, ["谣言"]).splitlines()
    >>> header, row.partition(",")[2]
    ('\ufeffsample,row,post_id,text,label:rumour', '1,p7,谣言,')
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_header(manifest))
    for fields, text in _told(manifest, texts, rows):
        row = [*fields.values(), text, *[""] * len(manifest.categories)]
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff" + file.getvalue()


def to_tasks(manifest: Manifest, texts: list[str], rows: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return the sample, or these of its rows, as tasks that Label Studio imports.

    Examples
    --------
    >>> from koudai.audit.sample.manifest import Manifest
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> to_tasks(manifest, ["谣言"])[0]["data"]["text"]
    '谣言'
    """
    return [{"data": {"text": text, **fields}, "meta": fields} for fields, text in _told(manifest, texts, rows)]


def to_workbook(
    manifest: Manifest, texts: list[str], taxonomy: Taxonomy | None = None, rows: Sequence[int] | None = None
) -> bytes:
    """Return the sample, or these of its rows, as an Excel workbook: ids as text, labels with a drop-down, and what
    they mean on a second sheet.

    Examples
    --------
    >>> from koudai.audit.sample.manifest import Manifest
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> to_workbook(manifest, ["谣言"])[:2]
    b'PK'
    """
    lines = [
        [*fields.values(), text, *[""] * len(manifest.categories)] for fields, text in _told(manifest, texts, rows)
    ]
    return sheet_as_workbook(_header(manifest), lines, guide_text(manifest.categories, taxonomy).splitlines())


def label_config(categories: tuple[str, ...], taxonomy: Taxonomy | None = None) -> str:
    """Return the labelling interface of Label Studio: the text, and for each category what it means and yes or no.

    Examples
    --------
    >>> print(label_config(("rumour",)).splitlines()[2].strip())
    <Header value="rumour"/>
    """
    lines = ["<View>", '  <Text name="text" value="$text"/>']
    for key in categories:
        told = told_of(key, taxonomy)
        lines.append(f"  <Header value={quoteattr(told.name)}/>")
        lines += [
            f'  <Header size="6" value={quoteattr(f"{title}{said}")}/>'
            for title, said in zip(MEANT, told.meaning, strict=False)
        ]
        lines += [
            f'  <Choices name={quoteattr(control(key))} toName="text" choice="single" showInline="true">',
            '    <Choice value="是 yes" alias="yes"/>',
            '    <Choice value="否 no" alias="no"/>',
            "  </Choices>",
        ]
    return "\n".join([*lines, "</View>"]) + "\n"


def manifest_path(out: Path) -> Path:
    """Return where the manifest of the sample at `out` lies: ``sample.csv`` has ``sample.csv.manifest.json``.

    Examples
    --------
    >>> manifest_path(Path("sample.csv")).name
    'sample.csv.manifest.json'
    """
    return out.with_name(out.name + ".manifest.json")


def sheet_path(manifest: Path) -> Path:
    """Return where the sheet of a manifest lies, as it was drawn.

    Examples
    --------
    >>> sheet_path(manifest_path(Path("sample.csv"))).name
    'sample.csv'
    """
    return manifest.with_name(manifest.name.removesuffix(".manifest.json"))


def guide_path(out: Path) -> Path:
    """Return where a CSV sheet says what its categories mean: ``sample.csv`` has ``sample.csv.guide.txt``.

    Examples
    --------
    >>> guide_path(Path("sample.csv")).name
    'sample.csv.guide.txt'
    """
    return out.with_name(out.name + ".guide.txt")


def again_path(out: Path, name: str) -> Path:
    """Return where the sheet of posts lies that are labelled again: ``double`` or ``gold``.

    Examples
    --------
    >>> again_path(Path("sample.xlsx"), "gold").name
    'sample.gold.xlsx'
    """
    return out.with_name(f"{out.stem}.{name}{out.suffix}")


def require_new_sample(out: Path) -> None:
    """Raise `OutputExists` if the sample at `out`, one of its sheets or its manifest is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     require_new_sample(Path(folder) / "sample.csv")  # nothing is there: no error
    """
    for path in (out, *(again_path(out, name) for name in AGAIN), manifest_path(out), guide_path(out)):
        if path.exists() or path.is_symlink():
            raise OutputExists(
                what="there is a sample already",
                where=path,
                happened="nothing was written or deleted",
                todo="choose another `out`: labels may be in this one",
            )


def write_sample(drawn: DrawnSample, out: Path, *, form: str | None = None) -> None:
    """Write a sample.

    Parameters
    ----------
    drawn
        From `koudai.audit.sample.design.draw_sample`.
    out
        A file that is not there yet.
    form
        Of `FORMS`; by default what `form_of` says.

    Raises
    ------
    OutputExists, StorageError
        What stands in the way.
    UsageError
        If a spreadsheet would not open the file for its name.

    Examples
    --------
    >>> import tempfile
    >>> from koudai.audit.sample.design import DrawnSample
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_sample(DrawnSample(manifest, ["听说要停水"], 0), Path(folder) / "sample.csv", form="csv")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['sample.csv', 'sample.csv.guide.txt', 'sample.csv.manifest.json']
    """
    form = form or form_of(out)
    if (form == "xlsx") != (out.suffix.lower() == ".xlsx"):
        raise UsageError(
            what="a spreadsheet goes by the name of a file",
            where=out,
            expected="a name that ends in .xlsx for a workbook, and in another way for anything else",
            got=f"`form` {form}",
            happened="nothing was written",
        )
    require_new_sample(out)
    manifest, texts = drawn.manifest, drawn.texts
    write_json(manifest_path(out), manifest.to_json())
    if form == "csv":
        guide = guide_text(manifest.categories, drawn.taxonomy)
        write_bytes(guide_path(out), ("\ufeff" + guide.replace("\n", "\r\n")).encode())
    own = None if manifest.first is None else range(manifest.first.rows, len(manifest.rows))
    again = AGAIN if own is None else ()  # of a first wave the sheets are there already
    sheets = {again_path(out, name): rows for name in again if (rows := getattr(manifest, name))}
    for path, rows in {**sheets, out: own}.items():
        if form == "label-studio":
            write_json(path, to_tasks(manifest, texts, rows))
        elif form == "xlsx":
            write_bytes(path, to_workbook(manifest, texts, drawn.taxonomy, rows))
        else:
            write_bytes(path, to_csv(manifest, texts, rows).encode())


def _header(manifest: Manifest) -> list[str]:
    return [*FIELDS, TEXT, *(LABEL + key for key in manifest.categories)]


def _told(manifest: Manifest, texts: list[str], rows: Sequence[int] | None) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what each row says of itself, and its text."""
    for row in range(len(manifest.rows)) if rows is None else rows:
        yield dict(zip(FIELDS, (manifest.name, row + 1, manifest.rows[row][0]), strict=True)), texts[row]
