"""The share that a sample of labels stands for if people err, by what is known of their errors.

Promises: three annotators or more who labelled the same posts, two of them over strata that differ, or posts that were
adjudicated, each gives a share of its own; what does not identify it is said not to. Posts that were adjudicated make
no use of how annotators agree, so that errors that they share do no harm there; the other two take it that they err
independently of one another. Works on one category.

Sources: Dawid & Skene 1979; Hui & Walter 1980; Tenenbein 1970; Rogan & Gladen 1978, "Estimating prevalence from the
results of a screening test".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import majority
from koudai.audit.sample.annotator_errors import LikelyShare, likely_shares, starts_meet, strata_differ
from koudai.audit.sample.answer_counts import count_answers
from koudai.training.judging.strata import Floats

DAWID_SKENE, HUI_WALTER, GOLD = "dawid-skene", "hui-walter", "gold"
_THREE = 3


class Corrected(NamedTuple):
    """A share if people err: how it was found, None where it is not identified, the posts it rests on, and who
    answered, by their places among the annotators; nobody in particular where the majority did.

    Examples
    --------
    >>> Corrected(HUI_WALTER, None, 40, (0, 1)).share is None
    True
    """

    how: str
    share: LikelyShare | None
    posts: int
    people: tuple[int, ...] = ()


def by_overlap(stratum: NDArray[np.int64], labels: NDArray[np.int8], size: Floats) -> Corrected | None:
    """Return the share by how annotators agree, None if there is but one or a stratum has no label.

    Parameters
    ----------
    stratum : ndarray of int64, shape (n_rows,)
        Of each post of the sample.
    labels : ndarray of int8, shape (n_annotators, n_rows)
        1, 0, or -1 where there is none.
    size : ndarray of float64, shape (n_strata,)
        Posts that each stratum holds.

    Examples
    --------
    >>> apart = np.array([[1, 0, 1, -1, -1, -1], [-1, -1, -1, 0, 0, 1]], dtype=np.int8)
    >>> by_overlap(np.zeros(6, int), apart, np.array([90.0])).share is None  # they share no post
    True
    """
    people = np.flatnonzero((labels >= 0).any(axis=1))
    answered = (labels[people] >= 0).sum(axis=0)
    rows = np.flatnonzero(answered)
    if len(people) <= 1 or not _everywhere(stratum[rows], size):
        return None
    how = DAWID_SKENE if answered.max() >= _THREE else HUI_WALTER
    who = tuple(people.tolist())
    if answered.max() == 1:
        return Corrected(how, None, len(rows), who)
    counts = count_answers(stratum[rows], labels[np.ix_(people, rows)], size=size)
    if how == HUI_WALTER and not strata_differ(counts)[0]:
        return Corrected(how, None, len(rows), who)
    found = likely_shares(counts)
    return Corrected(how, found[0] if starts_meet(counts, found)[0] else None, len(rows), who)


def by_gold(
    stratum: NDArray[np.int64], labels: NDArray[np.int8], gold: NDArray[np.int8], size: Floats
) -> Corrected | None:
    """Return the share by what was adjudicated, None if nothing was or a stratum has neither label nor decision.

    What most annotators say is one answer: yes, no, or divided; how often each is given of posts that are in and out is
    what the adjudicated ones tell. `gold`, shape (n_rows,), is 1, 0, or -1 where nothing was adjudicated.

    Examples
    --------
    >>> said = np.array([[1, 1, 1, 0, 0, 0, 0, 0, 0, 0]], dtype=np.int8)
    >>> gold = np.array([1, 0, -1, 0, 0, -1, -1, -1, -1, -1], dtype=np.int8)
    >>> found = by_gold(np.zeros(10, int), said, gold, np.array([90.0]))
    >>> found.posts, found.share.low < 0.3 < found.share.high
    (10, True)
    """
    answers = combined(labels)
    rows = np.flatnonzero((answers >= 0) | (gold >= 0))
    if not (gold >= 0).any() or not _everywhere(stratum[rows], size):
        return None
    counts = count_answers(stratum[rows], answers[None, rows], gold[rows], size=size)
    return Corrected(GOLD, likely_shares(counts)[0], len(rows))


def combined(labels: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return what most annotators say of each post as one answer: 0 no, the last number yes, 1 divided if any are.

    Parameters
    ----------
    labels : ndarray of int8, shape (n_annotators, n_rows)

    Examples
    --------
    >>> combined(np.array([[1, 0, 1, -1], [1, 0, 0, -1]], dtype=np.int8)).tolist()
    [2, 0, 1, -1]
    >>> combined(np.array([[1, 0, -1]], dtype=np.int8)).tolist()
    [1, 0, -1]
    """
    most = majority(labels)
    known = np.isfinite(most)
    yes = 2 if (most[known] % 1).any() else 1
    return np.where(known, np.round(np.where(known, most, 0.0) * yes), -1).astype(np.int8)


def rogan_gladen(share: float, sensitivity: float, specificity: float) -> float:
    """Return the share that is in where `share` is labelled in, the rates of errors being known.

    (share + specificity − 1) / (sensitivity + specificity − 1), from 0 to 1.

    Source: Rogan & Gladen 1978, "Estimating prevalence from the results of a screening test".

    Examples
    --------
    >>> round(rogan_gladen(0.058, 0.8, 0.95), 4), rogan_gladen(0.02, 0.8, 0.95)
    (0.0107, 0.0)
    """
    return float(np.clip((share + specificity - 1) / (sensitivity + specificity - 1), 0.0, 1.0))


def _everywhere(stratum: NDArray[np.int64], size: Floats) -> bool:
    return bool(np.bincount(stratum, minlength=len(size)).all())
