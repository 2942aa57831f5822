"""A sample that comes back: labels out of sheets or Label Studio's export, row by row against the manifest.

Promises: a row is known by its sample and its number, which no spreadsheet spoils; one that was not drawn, that came
back twice or is of another sample is refused, all of them counted; cells that are no answer are an error that counts
them; who labelled is known as A1, A2, … in order of first appearance, and by no other name anywhere. Rows may be in any
order; rows and labels that are missing are missing.

Source: Label Studio documentation, "Label Studio JSON format of annotated tasks".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import ReturnedRow
from koudai.audit.sample.returned_sheet import decoded, read_sheet, require_asked_for
from koudai.audit.sample.sheet import control
from koudai.audit.sample.words import SAID, answer
from koudai.errors import LabelError, ReadError, ScoresMismatch
from koudai.text.characters.contacts.masking import masked_value

_LISTED, _SHOWN = 20, 5


def read_labels(paths: Iterable[Path], manifest: Manifest) -> NDArray[np.int8]:
    """Read what came back.

    Parameters
    ----------
    paths
        CSV files and workbooks, each of one annotator, or Label Studio's exports (``.json``) of any number of them.
    manifest
        Of the sample.

    Returns
    -------
    ndarray of int8, shape (n_annotators, n_rows, n_categories)
        1, 0, or -1 where there is none.

    Raises
    ------
    ReadError
        If a file cannot be read.
    ScoresMismatch
        If rows do not belong to the sample; with counts.
    LabelError
        If a label is none, or of a category that no label was asked for.
    """
    people: list[list[ReturnedRow]] = []
    for path in paths:
        people += _exported(path, manifest) if path.suffix.lower() == ".json" else [read_sheet(path, manifest)]
    if not people:
        raise ReadError(what="no labels came back", todo="name the labelled files in [sample] labels")
    labels = np.full((len(people), len(manifest.rows), len(manifest.categories)), -1, dtype=np.int8)
    wrong: dict[str, list[str]] = {}
    no_answer: list[tuple[str, str]] = []
    for person, rows in enumerate(people):
        seen: set[int] = set()
        for row in rows:
            problem = row.problem(manifest) or ("there twice" if row.number in seen else None)
            if problem:
                wrong.setdefault(problem, []).append(row.where)
                continue
            seen.add(row.number)
            for column, key in enumerate(manifest.categories):
                said = row.labels.get(key, "")
                value = answer(said)
                if value is None:
                    no_answer.append((f"{row.where}, {key}", masked_value(said, limit=42)))
                else:
                    labels[person, row.number, column] = value
    if wrong:
        raise ScoresMismatch(
            what="rows that came back do not belong to this sample",
            where=f"sample {manifest.name}",
            got="\n".join(f"{len(at):,} {problem}: {_some(at, _SHOWN)}" for problem, at in wrong.items()),
            happened="nothing was estimated",
            todo="only labels may change between `api.sample` and here, and the order of whole rows",
        )
    if no_answer:
        raise _no_answers(no_answer)
    return labels


def _no_answers(cells: list[tuple[str, str]]) -> LabelError:
    """Return the error about cells that are no answer: some of them, and the words that stand in them."""
    words = Counter(said for _, said in cells).most_common(_SHOWN)
    more = [f"and {len(cells) - _LISTED:,} more"] if len(cells) > _LISTED else []
    return LabelError(
        what=f"{len(cells):,} label(s) are none",
        expected=SAID,
        got="\n".join([f"{where}: {said}" for where, said in cells[:_LISTED]] + more),
        happened="nothing was estimated",
        todo="let the spreadsheet replace each word by 1 or 0, which is done once for each: "
        + ", ".join(f"{said} ({count:,} times)" for said, count in words),
    )


def _exported(path: Path, manifest: Manifest) -> list[list[ReturnedRow]]:
    try:
        tasks = json.loads(decoded(path))
        tasks = [(task["data"], task["annotations"]) for task in tasks]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReadError(
            what="this is no export of Label Studio",
            where=path,
            expected="a list of tasks, each with data and annotations",
            todo="export as JSON, not as JSON-MIN or CSV",
        ) from error
    names = {control(key): key for key in manifest.categories}
    people: dict[str, list[ReturnedRow]] = {}
    unknown: list[str] = []
    for number, (data, made) in enumerate(tasks, 1):
        where = f"{path.name}, task {number}"
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
            said = {key: " ".join(choices) for key, choices in labels.items()}
            fields = data if isinstance(data, dict) else {}
            people.setdefault(_who(annotation.get("completed_by")), []).append(ReturnedRow(where, fields, said))
    require_asked_for(unknown, manifest, path)
    return list(people.values())


def _who(completed_by: Any) -> str:
    """Return what tells one annotator from another within an export; it is neither kept nor shown."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    return json.dumps(completed_by, sort_keys=True)


def _some(items: list[str], most: int) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most:,} more" if len(items) > most else "")
