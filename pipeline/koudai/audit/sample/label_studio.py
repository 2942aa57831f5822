"""A sample that comes back out of Label Studio: its exports as JSON, JSON-MIN, CSV and TSV.

Promises: the four say the same; several files of one project keep its people, and an export that is there twice is
refused; who annotated is told apart by the number or address that Label Studio has for them, which is neither kept nor
shown. Columns that are not about the sample are not read; controls that are not are refused. How an export is walked
is said in ``inputs/label_studio.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from koudai.audit.inputs.label_studio import (
    WHEN,
    WHICH,
    WHO,
    annotations_of,
    annotator_of,
    chosen_in,
    control,
    tasks_of,
)
from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import FIELDS, TEXT, ReturnedRow
from koudai.audit.sample.returned_sheet import WORKBOOKS, decoded, require_asked_for, separated
from koudai.errors import LabelError, ReadError, ScoresMismatch

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
        return _in_json(path, manifest)
    if path.suffix.lower() in WORKBOOKS:
        return None
    header, lines = separated(path)
    if not {WHO, WHICH} <= {*header}:
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


def _in_json(path: Path, manifest: Manifest) -> list[Annotator]:
    """Read JSON or JSON-MIN; raises `ReadError` if it is neither."""
    try:
        items = json.loads(decoded(path))
    except (ValueError, RecursionError):
        items = None
    if isinstance(items, list) and items:
        tasks = tasks_of(items)
        if tasks is not None:
            return _nested(tasks, manifest, path)
        if all(isinstance(one, dict) and {WHO, WHICH} <= one.keys() for one in items):
            return _flat(((f", annotation {number}", one) for number, one in enumerate(items, 1)), manifest, path)
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
    for one in annotations_of(tasks):
        labels = {names.get(name, name): " ".join(chosen) for name, chosen in one.chosen.items()}
        unknown += [key for key in labels if key not in manifest.categories]
        _add(people, one.who, ReturnedRow(f"{path.name}, task {one.task}", one.data, labels), which=one.made)
    require_asked_for(unknown, manifest, path)
    return list(people.values())


def _flat(records: Iterable[tuple[str, dict[str, Any]]], manifest: Manifest, path: Path) -> list[Annotator]:
    """Read an export with a record for each annotation: JSON-MIN, CSV or TSV."""
    names = {control(key): key for key in manifest.categories}
    people: dict[str, Annotator] = {}
    header: dict[str, None] = {}
    for where, record in records:
        header |= dict.fromkeys(record)
        labels = {key: " ".join(chosen_in(record[name])) for name, key in names.items() if name in record}
        fields = {name: record.get(name) for name in (*FIELDS, TEXT)}
        _add(
            people,
            annotator_of(record.get(WHO)),
            ReturnedRow(f"{path.name}{where}", fields, labels),
            which=(record.get(WHICH), record.get(WHEN)),
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
