"""Others: labels of another taxonomy, or tags by another model, on the posts that are audited.

Promises: each label is there as it was written; posts that the other side says nothing of stay unknown, and ids that
only one side has are counted both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.beside import WITHIN, join_ids, read_table
from koudai.audit.inputs.probabilities import SILENT, probability
from koudai.config.audit import OtherSection
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.errors import LimitExceeded, ReadError, printable
from koudai.limits import OTHER_LABELS
from koudai.scoring.results import read_scores

NOTHING = "(none)"
"""What stands for a post that the other taxonomy speaks of and puts under nothing."""


@dataclass(frozen=True)
class Other:
    """Another taxonomy's labels of the scored posts.

    Parameters
    ----------
    name
        As the config calls it.
    labels
        All that occur, in order of their names, or of the other model's categories or columns.
    marked : ndarray of bool, shape (n_posts, n_labels)
        Which of them each post has.
    known : ndarray of bool, shape (n_posts,)
        Whether the other side says anything of the post, be it that it has no label.
    only_scores, only_other
        Ids that only the audited scores, and only the other side have.
    """

    name: str
    labels: tuple[str, ...]
    marked: NDArray[np.bool_]
    known: NDArray[np.bool_]
    only_scores: int = 0
    only_other: int = 0


def read_other_labels(ids: list[str], section: OtherSection, path: Path) -> Other:
    """Return the labels that the table, or the job, at `path` gives to the posts `ids`.

    Raises
    ------
    ReadError, ScoresMismatch
        As `koudai.audit.inputs.beside.read_table` and `join_ids`; for a job, as `koudai.scoring.results.read_scores`.
    LimitExceeded
        If there are more labels than a taxonomy has.
    """
    if section.columns:
        return _of_probabilities(ids, section, path)
    if section.column is None:
        return _of_job(ids, section, path)
    refuse_accounts((section.id, section.column))
    table = read_table(path, [section.id, section.column], encoding=section.encoding)
    joined = join_ids(ids, table[section.id], where=path, unmatched=section.unmatched, unlabelled=section.unlabelled)
    cells = [_labels(cell, section) for cell in table[section.column]]
    labels = sorted({label for cell in cells for label in cell or ()})
    if len(labels) > OTHER_LABELS.value:
        raise LimitExceeded(
            what=f"column {section.column!r} holds {len(labels):,} different labels",
            where=path,
            expected=f"at most {OTHER_LABELS.value} {OTHER_LABELS.unit}",
            happened="nothing was measured",
            todo="name the column of labels, or give the `separator` that stands between several in a cell",
        )
    column = {label: at for at, label in enumerate(labels)}
    marked = np.zeros((len(cells), len(labels)), dtype=bool)
    known = np.zeros(len(cells), dtype=bool)
    for row, cell in enumerate(cells):
        known[row] = cell is not None
        marked[row, [column[label] for label in cell or ()]] = True
    return _placed(section.name, tuple(labels), marked, known, joined.place, joined.only_scores, joined.only_table)


def _of_probabilities(ids: list[str], section: OtherSection, path: Path) -> Other:
    refuse_accounts((section.id, *section.columns))
    table = read_table(path, [section.id, *section.columns], encoding=section.encoding)
    joined = join_ids(ids, table[section.id], where=path, unmatched=section.unmatched, unlabelled=section.unlabelled)
    proba = np.full((len(table[section.id]), len(section.columns)), SILENT)
    wrong = []
    for column, name in enumerate(section.columns):
        for row, cell in enumerate(table[name]):
            try:
                proba[row, column] = probability(cell, missing=section.missing)
            except ValueError as error:
                wrong.append(f"{name} of {printable(repr(table[section.id][row]), limit=60)}: {error}")
    if wrong:
        raise ReadError(
            what=f"{len(wrong):,} cell(s) of this table are no probabilities",
            where=path,
            got="\n".join(wrong[:5]),
            happened="nothing was measured",
            todo="correct them, or name what stands for nothing under `missing`",
        )
    marked, known = proba >= section.threshold, np.isfinite(proba).any(axis=1)
    return _placed(section.name, section.columns, marked, known, joined.place, joined.only_scores, joined.only_table)


def _of_job(ids: list[str], section: OtherSection, folder: Path) -> Other:
    scores = read_scores(folder)
    joined = join_ids(ids, scores.ids, where=folder, unmatched=section.unmatched, unlabelled=section.unlabelled)
    known = np.ones(len(scores.ids), dtype=bool)
    return _placed(
        section.name, scores.categories, scores.alleged, known, joined.place, joined.only_scores, joined.only_table
    )


def _placed(
    name: str,
    labels: tuple[str, ...],
    marked: NDArray[np.bool_],
    known: NDArray[np.bool_],
    place: NDArray[np.int64],
    only_scores: int,
    only_other: int,
) -> Other:
    """Return what is said of each scored post, from what is said of each row."""
    here = place >= 0
    return Other(
        name=name,
        labels=labels,
        marked=marked[place] & here[:, None],
        known=known[place] & here,
        only_scores=only_scores,
        only_other=only_other,
    )


def _labels(cell: str, section: OtherSection) -> tuple[str, ...] | None:
    """Return the labels of a cell, none if it says that there is none, None if it says nothing."""
    if not cell.strip() or cell in section.missing:
        return None
    parts = cell.split(WITHIN)
    if section.separator:
        parts = [one for part in parts for one in part.split(section.separator)]
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip() and part.strip() not in section.missing))
