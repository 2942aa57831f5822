"""Layouts of annotations: what Label Studio, doccano and potato export, one thing that was said in each row.

Promises: who annotated is what the tool has for them, and goes no further than `koudai.audit.inputs.annotations`; an
answer that was not given is no row. In doccano's lists, labels called as categories each say yes of their own category,
and no of the others beside them. Several answers to one question stay several, which the caller refuses.

Source: what Label Studio 1.23, doccano 1.8.4 and potato 2.12.1 write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from koudai.audit.inputs.cells import cell_text
from koudai.audit.inputs.id_table import IdTable, read_id_table
from koudai.audit.inputs.label_studio import WHICH, WHO, annotations_of, chosen_in, control, tasks_of
from koudai.config.people import AnnotationsSection
from koudai.config.source import Columns
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names
from koudai.errors import ReadError
from koudai.taxonomy import Taxonomy

_NOT_CHOSEN = {"", "0", "false", "False"}
_TABLES = (".csv", ".json", ".jsonl", ".tsv")


class SaidHere(NamedTuple):
    """One answer: of which post, by whom, about which category (None if about none in particular), and what."""

    post: str
    annotator: str
    category: str | None
    label: str


def answers_in(section: AnnotationsSection, path: Path, taxonomy: Taxonomy) -> Iterator[SaidHere]:
    """Yield what an export says.

    Parameters
    ----------
    section
        Names the layout, and the column of ids.
    path
        The export; of doccano also the folder with a file for each member.
    taxonomy
        Its keys are the categories that questions may be called as.

    Raises
    ------
    ReadError
        If it cannot be read, or is no such export.
    """
    if section.layout == "doccano":
        yield from _doccano(section, path, taxonomy)
    elif section.layout == "potato":
        yield from _potato(section, path, taxonomy)
    else:
        yield from _label_studio(section, path, taxonomy)


def _doccano(section: AnnotationsSection, path: Path, taxonomy: Taxonomy) -> Iterator[SaidHere]:
    files = sorted(file for file in path.iterdir() if file.suffix in _TABLES) if path.is_dir() else [path]
    if not files:
        raise _no_export(path, "doccano", "the folder of its unpacked archive, with a file for each member")
    keys = set(taxonomy.keys)
    for file in files:
        table = _table(section, file, ["label"])
        for post, cell in zip(table.ids, table.cells["label"], strict=True):
            labels = cell_text(cell).split("#") if isinstance(cell, str) else [cell_text(one) for one in cell or ()]
            chosen = [label for label in labels if label]
            if chosen and keys.issuperset(chosen):
                yield from (SaidHere(post, file.stem, key, "yes" if key in chosen else "no") for key in taxonomy.keys)
            else:
                yield from (SaidHere(post, file.stem, None, label) for label in chosen)


def _potato(section: AnnotationsSection, path: Path, taxonomy: Taxonomy) -> Iterator[SaidHere]:
    names = column_names(path, encoding=section.encoding, quoting=section.quoting)
    if "user_id" not in names:
        raise _no_export(
            path, "potato", "the CSV, TSV or JSON lines that `potato export` writes, with a column user_id"
        )
    questions = [name for name in names if name not in ("instance_id", "user_id") and not name.endswith("._spans")]
    renamed = section.model_copy(update={"id": "instance_id" if section.id not in names else section.id})
    table = _table(renamed, path, ["user_id", *questions])
    people = table.texts("user_id")
    for row, (post, person) in enumerate(zip(table.ids, people, strict=True)):
        said: dict[str, list[str]] = {}
        for name in questions:
            cell = table.cells[name][row]
            if isinstance(cell, dict):  # JSON lines: all answers, by question
                for question, answers in cell.items():
                    chosen = answers if isinstance(answers, dict) else {str(answers): True}
                    said.setdefault(question, []).extend(
                        label for label, value in chosen.items() if cell_text(value) not in _NOT_CHOSEN
                    )
            elif cell_text(cell) not in _NOT_CHOSEN:
                question, label = _question(name, taxonomy)
                said.setdefault(question, []).append(label or cell_text(cell))
        for question, chosen_here in said.items():
            about = question if question in taxonomy.keys else None
            yield from (SaidHere(post, person, about, label) for label in chosen_here)


def _question(column: str, taxonomy: Taxonomy) -> tuple[str, str]:
    """Return the question and the answer that a column ``question.answer`` is about; a category may hold points."""
    for key in sorted(taxonomy.keys, key=len, reverse=True):
        if column.startswith(key + "."):
            return key, column[len(key) + 1 :]
    question, _, answer = column.partition(".")
    return question, answer


def _label_studio(section: AnnotationsSection, path: Path, taxonomy: Taxonomy) -> Iterator[SaidHere]:
    controls = {control(key): key for key in taxonomy.keys}
    tasks = _tasks(path) if path.suffix == ".json" else None
    if tasks is not None:
        for one in annotations_of(tasks):
            post = cell_text(one.data.get(section.id))
            for name, chosen in one.chosen.items():
                yield from (SaidHere(post, one.who, controls.get(name), label) for label in chosen)
        return
    section = section.model_copy(update={"quoting": section.quoting or "csv"})  # quoted in its TSV, too
    names = column_names(path, encoding=section.encoding, quoting=section.quoting)
    asked = [name for name in names if name in controls]
    if not {WHO, WHICH} <= {*names} or not asked:
        raise _no_export(
            path, "Label Studio", f"its JSON, or columns annotator, annotation_id and {', '.join(controls)}"
        )
    table = _table(section, path, [WHO, *asked])
    people = table.texts(WHO)
    for name in asked:
        for post, person, cell in zip(table.ids, people, table.cells[name], strict=True):
            yield from (SaidHere(post, person, controls[name], label) for label in chosen_in(cell))


def _tasks(path: Path) -> list[dict[str, Any]] | None:
    """Return the tasks of Label Studio's JSON; None if it is none, as JSON-MIN is."""
    try:
        tasks = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(what="the annotations cannot be read", where=path, got=error) from error
    return tasks_of(tasks)


def _table(section: AnnotationsSection, path: Path, columns: list[str]) -> IdTable:
    reading = Reading(columns=Columns(id=section.id), encoding=section.encoding, quoting=section.quoting)
    return read_id_table(path, reading, columns)


def _no_export(path: Path, tool: str, expected: str) -> ReadError:
    return ReadError(
        what=f"this is no export of {tool}", where=path, expected=expected, happened="nothing was measured"
    )
