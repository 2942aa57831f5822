"""Others: labels of another taxonomy, or tags by another model, on the posts that are audited.

Promises: each label is there as it was written; posts that the other side says nothing of stay unknown, and ids that
only one side has are counted both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.cells import WITHIN
from koudai.audit.inputs.id_table import IdTable, read_id_table
from koudai.config.people import OtherSection
from koudai.config.source import Columns
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.reading import Reading
from koudai.errors import LimitExceeded, ReadError, number_of, printable
from koudai.limits import OTHER_LABELS
from koudai.scoring.results import open_job
from koudai.storage.durable import sha256_file

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
    proba : ndarray of float32, shape (n_posts, n_labels), or None
        Probabilities of them, NaN where there is none; None where only labels are known.
    only_scores, only_other
        Ids that only the audited scores, and only the other side have.
    sha256
        Of the table, or of the ``job.json`` of the job.

    Examples
    --------
    >>> marked = np.array([[True, False], [False, False]])
    >>> other = Other("platform", ("fake", "real"), marked, known=np.array([True, False]), only_scores=1)
    >>> other.marked[other.known].tolist()
    [[True, False]]
    """

    name: str
    labels: tuple[str, ...]
    marked: NDArray[np.bool_]
    known: NDArray[np.bool_]
    only_scores: int = 0
    only_other: int = 0
    sha256: str = ""
    proba: NDArray[np.float32] | None = None


def read_other_labels(ids: list[str], section: OtherSection, path: Path) -> Other:
    """Return the labels that the table, or the job, at `path` gives to the posts `ids`.

    Raises
    ------
    ReadError, ScoresMismatch
        As `koudai.audit.inputs.id_table.read_id_table` and `IdTable.join`; for a job, as
        `koudai.scoring.results.open_job`.
    LimitExceeded
        If there are more labels than a taxonomy has.
    """
    if section.column is None and not section.columns:
        job = open_job(path)
        scores = job.scores()
        told = _Said(scores.categories, scores.alleged, np.ones(len(scores.ids), dtype=bool), job.sha256, scores.proba)
        return _reindexed(ids, section, IdTable(scores.ids, {}, range(len(scores.ids)), path), told)
    columns = section.columns or (str(section.column),)
    refuse_accounts((section.id, *columns))
    reading = Reading(columns=Columns(id=section.id), encoding=section.encoding, quoting=section.quoting)
    table = read_id_table(path, reading, columns)
    told = _tags(table, section) if section.columns else _marks(table, section)
    return _reindexed(ids, section, table, told._replace(sha256=sha256_file(path)))


class _Said(NamedTuple):
    """What is said of each row: labels, which of them it has, whether anything is said; the hash of the source, and
    probabilities if there are any.
    """

    labels: tuple[str, ...]
    marked: NDArray[np.bool_]
    known: NDArray[np.bool_]
    sha256: str = ""
    proba: NDArray[np.float32] | None = None


def _marks(table: IdTable, section: OtherSection) -> _Said:
    """Return the labels in the cells of a column."""
    cells = [_labels(cell, section) for cell in table.texts(str(section.column))]
    labels = sorted({label for cell in cells for label in cell or ()})
    if len(labels) > OTHER_LABELS.value:
        raise LimitExceeded(
            what=f"column {section.column!r} holds {len(labels):,} different labels",
            where=table.source,
            expected=f"at most {OTHER_LABELS.value} {OTHER_LABELS.unit}",
            happened="nothing was measured",
            todo="name the column of labels, or give the `separator` between several labels in a cell",
        )
    column = {label: i for i, label in enumerate(labels)}
    marked = np.zeros((len(cells), len(labels)), dtype=bool)
    for row, cell in enumerate(cells):
        marked[row, [column[label] for label in cell or ()]] = True
    return _Said(tuple(labels), marked, np.array([cell is not None for cell in cells], dtype=bool))


def _tags(table: IdTable, section: OtherSection) -> _Said:
    """Return which columns of probabilities reach the threshold."""
    proba, wrong = table.probabilities(section.columns, missing=section.missing)
    if wrong:
        raise ReadError(
            what=number_of(len(wrong), "row of this table holds", "rows of this table hold")
            + " cells that are no probabilities",
            where=table.source,
            got="\n".join(
                f"{printable(repr(table.ids[row]), limit=60)}: {detail}" for row, detail in list(wrong.items())[:5]
            ),
            happened="nothing was measured",
            todo="correct them, or name under `missing` the values that mean that no probability is given",
        )
    tags, known = np.asarray(proba >= section.threshold), np.asarray(np.isfinite(proba).any(axis=1))
    return _Said(section.columns, tags, known, proba=proba.astype(np.float32))


def _reindexed(ids: list[str], section: OtherSection, table: IdTable, said: _Said) -> Other:
    """Reindex what is said of the table's rows to the scored posts."""
    joined = table.join(ids, unmatched=section.unmatched, unlabelled=section.unlabelled)
    there = joined.row >= 0
    proba = None
    if said.proba is not None:
        proba = np.where(there[:, None], said.proba[joined.row], np.float32(np.nan)).astype(np.float32)
    return Other(
        name=section.name,
        labels=said.labels,
        marked=said.marked[joined.row] & there[:, None],
        known=said.known[joined.row] & there,
        only_scores=joined.only_scores,
        only_other=joined.only_table,
        sha256=said.sha256,
        proba=proba,
    )


def _labels(cell: str, section: OtherSection) -> tuple[str, ...] | None:
    """Return the labels of a cell, none if it says that there is none, None if it says nothing."""
    if not cell.strip() or cell in section.missing:
        return None
    parts = cell.split(WITHIN)
    if section.separator:
        parts = [one for part in parts for one in part.split(section.separator)]
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip() and part.strip() not in section.missing))
