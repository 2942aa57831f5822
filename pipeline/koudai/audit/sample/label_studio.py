"""A sample that comes back out of Label Studio: its exports as JSON, JSON-MIN, CSV and TSV.

Promises: the four say the same; several files of one project keep its people, and an export that is there twice is
refused; who annotated is told apart by the number or address that Label Studio has for them, which is neither kept nor
shown. Skipped tasks are no answers. Columns and controls that are not about the sample are not read.

Source: Label Studio documentation, "Export annotations", and what version 1.23 writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from koudai.audit.inputs.annotation_layouts import annotator_of, control
from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import FIELDS, TEXT, ReturnedRow
from koudai.audit.sample.returned_sheet import WORKBOOKS, decoded, require_asked_for, separated
from koudai.errors import LabelError, ReadError, ScoresMismatch

_WHO, _WHICH, _WHEN = "annotator", "annotation_id", "created_at"
_LISTED = 20


@dataclass
class Annotator:
    """What one person annotated in one export, or in several of one project.

    Parameters
    ----------
    who
        What Label Studio calls them.
    rows
        Their annotations.
    made
        What tells each annotation from all others.
    """

    who: str
    rows: list[ReturnedRow] = field(default_factory=list)
    made: set[str] = field(default_factory=set)


def read_export(path: Path, manifest: Manifest) -> list[Annotator] | None:
    """Return who annotated what, in order of first appearance; None if the file is a sheet.

    Raises
    ------
    ReadError
        If it cannot be read, or is JSON and no export.
    LabelError
        If it holds labels of categories that the sample is not about, or of none.
    """
    if path.suffix.lower() == ".json":
        items = _items(path)
        return _flat(_numbered(items), manifest, path) if _WHICH in items[0] else _nested(items, manifest, path)
    if path.suffix.lower() in WORKBOOKS:
        return None
    header, lines = separated(path)
    if not {_WHO, _WHICH} <= {*header}:
        return None
    return _flat(
        ((f":{number}", dict(zip(header, cells, strict=False))) for number, cells in lines if any(cells)),
        manifest,
        path,
    )


def join_people(known: list[Annotator], found: Iterable[Annotator], path: Path) -> None:
    """Add the annotators of one export to those of the exports before it.

    Who has the same name is the same person, unless both annotated the same row: Label Studio numbers people anew on
    every server.

    Raises
    ------
    ScoresMismatch
        If an annotation is in two exports.
    """
    before, found = list(known), list(found)
    again = {which for one in found for which in one.made} & {which for one in before for which in one.made}
    if again:
        raise ScoresMismatch(
            what="annotations are in two exports",
            where=path,
            got=f"{len(again):,} annotations that an export before it has too",
            happened="nothing was estimated",
            todo="name each export of a project once",
        )
    for one in found:
        rows = {row.number for row in one.rows}
        same = next((p for p in before if p.who == one.who and not rows & {row.number for row in p.rows}), None)
        if same is None:
            known.append(one)
        else:
            same.rows += one.rows
            same.made |= one.made


def _items(path: Path) -> list[dict[str, Any]]:
    """Return what the JSON of an export lists; raises `ReadError` if it is none."""
    try:
        items = json.loads(decoded(path))
    except (ValueError, RecursionError):
        items = None
    if isinstance(items, list) and items and all(isinstance(one, dict) for one in items):
        for keys in ({"data", "annotations"}, {_WHO, _WHICH}):
            if all(keys <= one.keys() for one in items):
                return items
    raise ReadError(
        what="this is no export of Label Studio",
        where=path,
        expected="a list of tasks, each with data and annotations",
        todo="export annotations as JSON, JSON-MIN, CSV or TSV, all of which are read",
    )


def _nested(tasks: list[dict[str, Any]], manifest: Manifest, path: Path) -> list[Annotator]:
    names = {control(key): key for key in manifest.categories}
    people: dict[str, Annotator] = {}
    unknown: list[str] = []
    for number, task in enumerate(tasks, 1):
        made = task["annotations"]
        for annotation in made if isinstance(made, list) else []:
            if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
                continue
            labels: dict[str, list[str]] = {}
            for result in annotation.get("result") or []:
                value = result.get("value") if isinstance(result, dict) else None
                if isinstance(value, dict) and "choices" in value:
                    name = str(result.get("from_name"))
                    labels.setdefault(names.get(name, name), []).extend(map(str, value["choices"]))
            unknown += [key for key in labels if key not in manifest.categories]
            fields = task["data"] if isinstance(task["data"], dict) else {}
            said = {key: " ".join(choices) for key, choices in labels.items()}
            _add(
                people,
                annotator_of(annotation.get("completed_by")),
                ReturnedRow(f"{path.name}, task {number}", fields, said),
                which=(annotation.get("id"), annotation.get(_WHEN)),
            )
    require_asked_for(unknown, manifest, path)
    return list(people.values())


def _numbered(items: list[dict[str, Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    return ((f", annotation {number}", item) for number, item in enumerate(items, 1))


def _flat(records: Iterable[tuple[str, dict[str, Any]]], manifest: Manifest, path: Path) -> list[Annotator]:
    """Read an export with a record for each annotation: JSON-MIN, CSV or TSV."""
    names = {control(key): key for key in manifest.categories}
    people: dict[str, Annotator] = {}
    header: dict[str, None] = {}
    for where, record in records:
        header |= dict.fromkeys(record)
        labels = {key: _choices(record[name]) for name, key in names.items() if name in record}
        fields = {name: record.get(name) for name in (*FIELDS, TEXT)}
        _add(
            people,
            annotator_of(record.get(_WHO)),
            ReturnedRow(f"{path.name}{where}", fields, labels),
            which=(record.get(_WHICH), record.get(_WHEN)),
        )
    if not names.keys() & header.keys():
        raise LabelError(
            what="this export of Label Studio has no labels of the sample",
            where=path,
            expected=", ".join(list(names)[:_LISTED]),
            got=", ".join(list(header)[:_LISTED]),
            happened="nothing was estimated",
            todo="export the project that was made with the interface of this sample",
        )
    return list(people.values())


def _add(people: dict[str, Annotator], who: str, row: ReturnedRow, *, which: tuple[Any, Any]) -> None:
    person = people.setdefault(who, Annotator(who))
    person.rows.append(row)
    if which[1]:  # numbers begin anew on every server, and only with the time they tell annotations apart
        person.made.add(f"{which[0]} {which[1]}")


def _choices(cell: Any) -> str:
    """Return what was chosen: one word, or several joined, which are an answer to nothing."""
    if isinstance(cell, str) and cell.startswith('{"choices"'):
        try:
            cell = json.loads(cell)
        except ValueError:
            return str(cell)
    if isinstance(cell, dict):
        chosen = cell.get("choices")
        return " ".join(map(str, chosen)) if isinstance(chosen, list) else str(cell)
    return "" if cell is None else str(cell)
