"""Label Studio's exports, walked once for all who read them: who annotated which task, and what they chose.

Promises: a skipped annotation is none, and one that asks for no choice says nothing; what a task or an annotation holds
beside that is passed over, whatever it is. Who annotated is the number or address that Label Studio has for them, for
the caller to keep to itself. Judges neither the names of choices nor what was chosen.

Source: Label Studio documentation, "Export annotations", and what version 1.23 writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

WHO, WHICH, WHEN = "annotator", "annotation_id", "created_at"
"""What a record of JSON-MIN, CSV or TSV says of its annotation: by whom, its number, and when it was made."""


class Annotation(NamedTuple):
    """One annotation: the number of its task in the file, counted from 1, the data of the task, who made it, its number
    and the time it was made, and what was chosen by the name of the choices.
    """

    task: int
    data: dict[str, Any]
    who: str
    made: tuple[Any, Any]
    chosen: dict[str, list[str]]


def control(key: str) -> str:
    """Return the name of a category's choices in Label Studio; no two categories have the same.

    Examples
    --------
    >>> control("rumour.health")
    'rumour-health'
    """
    return key.replace(".", "-")


def annotator_of(completed_by: Any) -> str:
    """Return what tells one annotator of Label Studio from another.

    Examples
    --------
    >>> annotator_of(7), annotator_of({"id": 7, "email": "a@b.example"})
    ('7', '7')
    """
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    return str(completed_by)


def tasks_of(value: Any) -> list[dict[str, Any]] | None:
    """Return the tasks of an export as JSON; None if the value is none, as JSON-MIN is not.

    Examples
    --------
    >>> tasks_of([{"data": {}, "annotations": []}]), tasks_of([{"annotator": 1}])
    ([{'data': {}, 'annotations': []}], None)
    """
    whole = isinstance(value, list) and all(
        isinstance(task, dict) and isinstance(task.get("data"), dict) and isinstance(task.get("annotations"), list)
        for task in value
    )
    return value if whole else None


def annotations_of(tasks: list[dict[str, Any]]) -> Iterator[Annotation]:
    """Yield the annotations of an export as JSON that were not skipped.

    Examples
    --------
    >>> result = [{"from_name": "rumour", "value": {"choices": ["yes"]}}]
    >>> made = [{"id": 1, "completed_by": 7, "result": result}, {"id": 2, "was_cancelled": True}]
    >>> [(one.who, one.chosen) for one in annotations_of([{"data": {}, "annotations": made}])]
    [('7', {'rumour': ['yes']})]
    """
    for number, task in enumerate(tasks, 1):
        for made in task["annotations"]:
            if not isinstance(made, dict) or made.get("was_cancelled"):
                continue
            chosen: dict[str, list[str]] = {}
            results = made.get("result")
            for result in results if isinstance(results, list) else []:
                value = result.get("value") if isinstance(result, dict) else None
                choices = value.get("choices") if isinstance(value, dict) else None
                if isinstance(choices, list):
                    chosen.setdefault(str(result.get("from_name")), []).extend(map(str, choices))
            who = annotator_of(made.get("completed_by"))
            yield Annotation(number, task["data"], who, (made.get("id"), made.get(WHEN)), chosen)


def chosen_in(cell: Any) -> list[str]:
    """Return what was chosen, as JSON-MIN, CSV and TSV have it: a word, or an object with several.

    Examples
    --------
    >>> chosen_in("yes"), chosen_in('{"choices": ["yes", "no"]}'), chosen_in(None)
    (['yes'], ['yes', 'no'], [])
    """
    if isinstance(cell, str) and cell.startswith('{"choices"'):
        try:
            cell = json.loads(cell)
        except ValueError:
            return [str(cell)]
    if isinstance(cell, dict):
        several = cell.get("choices")
        return [*map(str, several)] if isinstance(several, list) else [str(cell)]
    return [] if cell is None or cell == "" else [str(cell)]
