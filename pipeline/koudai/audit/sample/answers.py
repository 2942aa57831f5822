"""A sample that comes back: labels out of CSV files or Label Studio's export, row by row against the manifest.

Promises: a row that was not drawn, that came back twice, that has another inclusion probability or none, or another
sample's rows, are refused, all of them counted; a cell that is no answer is an error that lists all; who labelled is
known as A1, A2, … in order of first appearance, and by no other name anywhere. Rows and labels that are missing are
missing.

Source: Label Studio documentation, "Label Studio JSON format of annotated tasks".
"""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.sheet import FIELDS, LABEL, control
from koudai.errors import LabelError, ReadError, ScoresMismatch
from koudai.text.characters.contacts.masking import masked_value
from koudai.text.characters.hazards import guarded

ANSWERS = {"1": 1, "0": 0, "": -1, "是": 1, "否": 0, "yes": 1, "no": 0}
_CLOSE = 1e-5
"""Spreadsheets keep six digits of a number."""
_LISTED = 20


class _Answer(NamedTuple):
    """One row of one annotator: where it stands, what it says of itself, and its labels by category."""

    where: str
    fields: dict[str, Any]
    labels: dict[str, str]


def read_labels(paths: Iterable[Path], manifest: Manifest) -> NDArray[np.int8]:
    """Read what came back.

    Parameters
    ----------
    paths
        CSV files, each of one annotator, or Label Studio's exports (``.json``) of any number of them.
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
        If rows do not belong to the sample, or have no inclusion probability; with counts.
    LabelError
        If a label is none, or of a category that no label was asked for; lists all.
    """
    people: list[list[_Answer]] = []
    for path in paths:
        people += _exported(path, manifest) if path.suffix.lower() == ".json" else [list(_csv(path, manifest))]
    if not people:
        raise ReadError(what="no labels came back", todo="name the labelled files in [sample] labels")
    labels = np.full((len(people), len(manifest.rows), len(manifest.categories)), -1, dtype=np.int8)
    wrong: dict[str, list[str]] = {}
    no_answer: list[str] = []
    for person, answers in enumerate(people):
        seen: set[int] = set()
        for answer in answers:
            problem = _problem(answer.fields, manifest, seen)
            if problem:
                wrong.setdefault(problem, []).append(answer.where)
                continue
            row = int(answer.fields["row"]) - 1
            seen.add(row)
            for column, key in enumerate(manifest.categories):
                said = answer.labels.get(key, "")
                value = ANSWERS.get(unicodedata.normalize("NFKC", said).strip().lower())
                if value is None:
                    no_answer.append(f"{answer.where}, {key}: {masked_value(said, limit=42)}")
                else:
                    labels[person, row, column] = value
    if wrong:
        raise ScoresMismatch(
            what="rows that came back do not belong to this sample",
            where=f"sample {manifest.name}",
            got="\n".join(f"{len(at):,} {problem}: {_some(at, 5)}" for problem, at in wrong.items()),
            happened="nothing was estimated",
            todo="only labels may change between `api.sample` and here; ids and probabilities stay as they were",
        )
    if no_answer:
        raise LabelError(
            what=f"{len(no_answer):,} label(s) are none",
            expected="1, 0, 是, 否, yes, no, or nothing",
            got="\n".join(no_answer),
            happened="nothing was estimated",
        )
    return labels


def _problem(fields: dict[str, Any], manifest: Manifest, seen: set[int]) -> str | None:
    text = {name: str(fields.get(name, "")).strip() for name in FIELDS}
    if not text["inclusion_probability"]:
        return "without an inclusion probability"
    if text["sample"] != manifest.name:
        return "of another sample"
    row = int(text["row"]) - 1 if text["row"].isdecimal() else -1
    if not 0 <= row < len(manifest.rows):
        return "not in the sample"
    post_id = manifest.rows[row][0]
    if str(fields.get("post_id", "")) not in (post_id, guarded(post_id)):
        return "with another id than was drawn"
    try:
        told = float(text["inclusion_probability"])
    except ValueError:
        told = math.nan
    if not abs(told - manifest.probability(row)) <= _CLOSE * manifest.probability(row):
        return "with a changed inclusion probability"
    return "there twice" if row in seen else None


def _csv(path: Path, manifest: Manifest) -> Iterator[_Answer]:
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), restval="")
    names = [name or "" for name in reader.fieldnames or []]
    if "inclusion_probability" not in names:
        raise ScoresMismatch(
            what="these labels have no inclusion probabilities",
            where=path,
            expected=", ".join(FIELDS),
            got=", ".join(names[:20]),
            happened="nothing was estimated: a share among posts that somebody chose says nothing of all posts",
            todo="draw a sample with `api.sample`, label that, and keep its columns",
        )
    _known([name.removeprefix(LABEL) for name in names if name.startswith(LABEL)], manifest, path)
    for record in reader:
        fields = {name: record.get(name) or "" for name in FIELDS}
        labels = {name.removeprefix(LABEL): str(record[name] or "") for name in names if name.startswith(LABEL)}
        if any(fields.values()) or any(labels.values()):
            yield _Answer(f"{path.name}:{reader.line_num}", fields, labels)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(what="the labels cannot be read", where=path, got=error.strerror) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError(what="the labels are neither UTF-8 nor GB 18030", where=path, todo="save them as CSV in UTF-8")


def _exported(path: Path, manifest: Manifest) -> list[list[_Answer]]:
    try:
        tasks = json.loads(_text(path))
        tasks = [(task["data"], task["annotations"]) for task in tasks]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReadError(
            what="this is no export of Label Studio",
            where=path,
            expected="a list of tasks, each with data and annotations",
            todo="export as JSON, not as JSON-MIN or CSV",
        ) from error
    names = {control(key): key for key in manifest.categories}
    people: dict[str, list[_Answer]] = {}
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
            people.setdefault(_who(annotation.get("completed_by")), []).append(_Answer(where, fields, said))
    _known(unknown, manifest, path)
    return list(people.values())


def _who(completed_by: Any) -> str:
    """Return what tells one annotator from another within an export; it is neither kept nor shown."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    return json.dumps(completed_by, sort_keys=True)


def _known(keys: list[str], manifest: Manifest, path: Path) -> None:
    unknown = list(dict.fromkeys(key for key in keys if key not in manifest.categories))
    if unknown:
        raise LabelError(
            what=f"labels of {len(unknown)} categor{'y' if len(unknown) == 1 else 'ies'} that the sample is not about",
            where=path,
            expected=", ".join(manifest.categories),
            got=_some(unknown, _LISTED),
            happened="nothing was estimated",
        )


def _some(items: list[str], most: int) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most:,} more" if len(items) > most else "")
