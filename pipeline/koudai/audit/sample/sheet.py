"""A sample as people label it: as CSV for a spreadsheet, or as tasks for Label Studio.

Promises: neither tells what the model thinks of a post, so that nobody is led; every row names its sample, its row
number, its stratum by number and its inclusion probability; no cell of the CSV is a formula; ids are exact in the
tasks, and in the CSV unless they begin like a formula; no file is overwritten, and the manifest is written before the
sample.

Source: Label Studio documentation, "Label Studio JSON format of annotated tasks".
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from koudai.audit.sample.design import DrawnSample
from koudai.audit.sample.manifest import Manifest
from koudai.errors import OutputExists
from koudai.storage.durable import write_bytes, write_json
from koudai.text.characters.hazards import guarded

FIELDS = ("sample", "row", "post_id", "stratum", "inclusion_probability")
LABEL = "label:"
"""What the name of a column with labels begins with; the category follows."""


def to_csv(manifest: Manifest, texts: list[str]) -> str:
    """Return the sample as CSV with an empty column for each category, marked as UTF-8 for spreadsheets.

    Examples
    --------
    >>> from koudai.audit.sample.manifest import Manifest
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> header, row = to_csv(manifest, ["谣言"]).splitlines()
    >>> header.endswith("text,label:rumour"), row.endswith("p7,h01,0.25,谣言,")
    (True, True)
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*FIELDS, "text", *(LABEL + key for key in manifest.categories)])
    for fields, text in zip(_fields(manifest), texts, strict=True):
        row = [*fields.values(), text, *[""] * len(manifest.categories)]
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff" + file.getvalue()


def to_tasks(manifest: Manifest, texts: list[str]) -> list[dict[str, Any]]:
    """Return the sample as tasks that Label Studio imports.

    Examples
    --------
    >>> from koudai.audit.sample.manifest import Manifest
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> to_tasks(manifest, ["谣言"])[0]["data"]["text"]
    '谣言'
    """
    return [
        {"data": {"text": text, **fields}, "meta": fields}
        for fields, text in zip(_fields(manifest), texts, strict=True)
    ]


def label_config(categories: tuple[str, ...]) -> str:
    """Return the labelling interface of Label Studio: the text, and yes or no for each category.

    Examples
    --------
    >>> print(label_config(("rumour",)).splitlines()[2].strip())
    <Header value="rumour"/>
    """
    lines = ["<View>", '  <Text name="text" value="$text"/>']
    for key in categories:
        lines += [
            f"  <Header value={quoteattr(key)}/>",
            f'  <Choices name={quoteattr(control(key))} toName="text" choice="single" showInline="true">',
            '    <Choice value="yes"/>',
            '    <Choice value="no"/>',
            "  </Choices>",
        ]
    return "\n".join([*lines, "</View>"]) + "\n"


def control(key: str) -> str:
    """Return the name of a category's choices in Label Studio; no two categories have the same.

    Examples
    --------
    >>> control("rumour.health")
    'rumour-health'
    """
    return key.replace(".", "-")


def manifest_path(out: Path) -> Path:
    """Return where the manifest of the sample at `out` lies: ``sample.csv`` has ``sample.csv.manifest.json``.

    Examples
    --------
    >>> manifest_path(Path("sample.csv")).name
    'sample.csv.manifest.json'
    """
    return out.with_name(out.name + ".manifest.json")


def require_new_sample(out: Path) -> None:
    """Raise `OutputExists` if the sample at `out` or its manifest is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     require_new_sample(Path(folder) / "sample.csv")  # nothing is there: no error
    """
    for path in (out, manifest_path(out)):
        if path.exists() or path.is_symlink():
            raise OutputExists(
                what="there is a sample already",
                where=path,
                happened="nothing was written or deleted",
                todo="choose another `out`: labels may be in this one",
            )


def write_sample(drawn: DrawnSample, out: Path, *, form: str) -> None:
    """Write a sample.

    Parameters
    ----------
    drawn
        From `koudai.audit.sample.design.draw_sample`.
    out
        A file that is not there yet.
    form
        ``csv`` or ``label-studio``.

    Raises
    ------
    OutputExists, StorageError
        What stands in the way.

    Examples
    --------
    >>> import tempfile
    >>> from koudai.audit.sample.design import DrawnSample
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_sample(DrawnSample(manifest, ["听说要停水"], 0), Path(folder) / "sample.csv", form="csv")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['sample.csv', 'sample.csv.manifest.json']
    """
    require_new_sample(out)
    write_json(manifest_path(out), drawn.manifest.to_json())
    if form == "csv":
        write_bytes(out, to_csv(drawn.manifest, drawn.texts).encode())
    else:
        write_json(out, to_tasks(drawn.manifest, drawn.texts))


def _fields(manifest: Manifest) -> list[dict[str, Any]]:
    return [
        {
            "sample": manifest.name,
            "row": row + 1,
            "post_id": post_id,
            "stratum": f"h{stratum + 1:02d}",
            "inclusion_probability": float(f"{manifest.probability(row):.9g}"),
        }
        for row, (post_id, stratum) in enumerate(manifest.rows)
    ]
