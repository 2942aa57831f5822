"""A sample that comes back: labels out of sheets or Label Studio's exports, row by row against the manifest.

Promises: a row is known by its sample and its number, which no spreadsheet spoils; one that was not drawn, that came
back twice or is of another sample is refused, all of them counted; cells that are no answer are an error that counts
them; who labelled is known as A1, A2, … in order of first appearance, and by no other name anywhere. Rows may be in any
order; rows and labels that are missing are missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.words import SAID, answer
from koudai.audit.sample.label_studio import Annotator, join_people, read_export
from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import ReturnedRow
from koudai.audit.sample.returned_sheet import read_sheet
from koudai.errors import LabelError, ReadError, ScoresMismatch, number_of
from koudai.text.characters.contacts.masking import masked_value

_LISTED, _SHOWN = 20, 5
_TWICE = "there twice"


def read_labels(paths: Iterable[Path], manifest: Manifest) -> NDArray[np.int8]:
    """Read what came back.

    Parameters
    ----------
    paths
        CSV files and workbooks, each of one annotator, or exports of Label Studio (JSON, JSON-MIN, CSV, TSV) of any
        number of them. Of two waves, the first sheet of the one and the first of the other are one annotator's, and
        so on.
    manifest
        Of the sample.

    Returns
    -------
    ndarray of int8, shape (n_annotators, n_rows, n_categories)
        1, 0, or -1 where there is none.

    Raises
    ------
    ReadError
        If a file cannot be read, or is named twice.
    ScoresMismatch
        If rows do not belong to the sample; with counts. If an annotation is in two exports.
    LabelError
        If a label is none, or of a category that no label was asked for.
    """
    people = _waves_joined(_people(list(paths), manifest), manifest)
    if not people:
        raise ReadError(what="no labels came back", todo="name the labelled files in [sample] labels")
    labels = np.full((len(people), len(manifest.rows), len(manifest.categories)), -1, dtype=np.int8)
    wrong: dict[str, list[str]] = {}
    no_answer: list[tuple[str, str]] = []
    for person, rows in enumerate(people):
        seen: set[int] = set()
        for row in rows:
            problem = row.problem(manifest) or (_TWICE if row.number in seen else None)
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
            got="\n".join(
                f"{number_of(len(at), 'row')} {problem}: {_some(at, _SHOWN)}" for problem, at in wrong.items()
            ),
            happened="nothing was estimated",
            todo="only labels may change between `api.sample` and here, and the order of whole rows"
            + ("; who annotated a task twice in Label Studio deletes one of the two there" if _TWICE in wrong else ""),
        )
    if no_answer:
        raise _no_answers(no_answer)
    return labels


def _people(paths: list[Path], manifest: Manifest) -> list[list[ReturnedRow]]:
    """Return the rows of each annotator, in order of first appearance."""
    files = [path.resolve() for path in paths]
    again = [path for at, path in enumerate(files) if path in files[:at]]
    if again:
        raise ReadError(
            what="a file of labels is named twice",
            where=again[0],
            happened="nothing was estimated: one person would count as two who always agree",
            todo="name each file once",
        )
    people: list[list[ReturnedRow]] = []
    exported: list[Annotator] = []
    for path in paths:
        found = read_export(path, manifest)
        if found is None:
            people.append(read_sheet(path, manifest))
            continue
        before = len(exported)
        join_people(exported, found, path)
        people += [one.rows for one in exported[before:]]
    return people


def _waves_joined(people: list[list[ReturnedRow]], manifest: Manifest) -> list[list[ReturnedRow]]:
    """Return the rows of each annotator over both waves: who has rows of one alone is joined with who has of the other,
    in order of appearance.
    """
    if manifest.first is None:
        return people
    name, found = manifest.first.name, list(people)
    of = [{row.said("sample") == name for row in rows} for rows in people]
    early, late = ([at for at, waves in enumerate(of) if waves == {is_first}] for is_first in (True, False))
    for at, other in zip(early, late, strict=False):
        found[min(at, other)] = people[at] + people[other]
        found[max(at, other)] = []
    return [rows for at, rows in enumerate(found) if rows or not people[at]]


def _no_answers(cells: list[tuple[str, str]]) -> LabelError:
    """Return the error about cells that are no answer: some of them, and the words that stand in them."""
    words = Counter(said for _, said in cells).most_common(_SHOWN)
    more = [f"and {len(cells) - _LISTED:,} more"] if len(cells) > _LISTED else []
    return LabelError(
        what=number_of(len(cells), "label is none", "labels are none"),
        expected=SAID,
        got="\n".join([f"{where}: {said}" for where, said in cells[:_LISTED]] + more),
        happened="nothing was estimated",
        todo="let the spreadsheet replace each word by 1 or 0, which is done once for each: "
        + ", ".join(f"{said} ({count:,} times)" for said, count in words),
    )


def _some(items: list[str], most: int) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most:,} more" if len(items) > most else "")
