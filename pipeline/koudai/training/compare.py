"""Comparison of two runs on the test posts that both were measured on, figure by figure.

Promises: nothing is compared unless the posts, their order and their labels are the same; each post is in both figures
and groups of near-duplicates count as one, so what the runs share cancels out; a figure that one of them lacks is None,
never 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ScoresMismatch
from koudai.model.bundle.held_out import HeldOut, read_held_out
from koudai.training.evaluate import BIASED, METRICS, evaluate, judged
from koudai.training.judging.paired import paired_difference


@dataclass(frozen=True)
class Difference:
    """One metric of one category in two runs.

    Parameters
    ----------
    category, metric
        Their names.
    a, b
        Values in the two runs; None where undefined.
    difference
        ``b - a``; `low` and `high` are the ends of its 95 % interval (`koudai.training.judging.paired`), None for
        ``ece``, which is biased, and where the two differ on too few posts.
    n
        Number of posts.
    share
        Probability that `b` has the greater value over all posts like these, by the normal approximation. For ``brier``
        greater is worse. None where there is no standard error.
    corpus
        The labelled corpus that it is about; empty of the test posts of two bundles.
    """

    category: str
    metric: str
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    n: int
    share: float | None
    corpus: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return vars(self).copy()


def compare_runs(one: Path, other: Path) -> list[Difference]:
    """Compare two bundles.

    Parameters
    ----------
    one, other
        Bundles that were measured on the same posts.

    Returns
    -------
    list of Difference
        Per category that both have, in the order of `one`, each metric of `koudai.training.evaluate.METRICS`.

    Raises
    ------
    ScoresMismatch
        If their test posts differ, or no category is in both.
    ModelError
        If a bundle is damaged or does not hold the scores of its test posts.

    Examples
    --------
    >>> from koudai.errors import ModelError
    >>> try:
    ...     compare_runs(Path("nowhere"), Path("elsewhere"))
    ... except ModelError as error:
    ...     print(error.got)
    no such folder
    """
    a, b = read_held_out(one), read_held_out(other)
    shared = [key for key in a.categories if key in b.categories]
    wrong = None
    if len(a.groups) != len(b.groups) or not _same_posts(a, b, shared):
        wrong = "the two runs were not measured on the same posts with the same labels"
    elif not shared:
        wrong = "the two runs have no category in common"
    if wrong:
        raise ScoresMismatch(
            what=wrong,
            where=f"{one}\n{other}",
            expected=f"{len(a.groups):,} test posts (digest {a.digest}), {', '.join(a.categories)}",
            got=f"{len(b.groups):,} test posts (digest {b.digest}), {', '.join(b.categories)}",
            happened="nothing was compared",
            todo="train both with the same corpora, taxonomy and [split], and the same seed",
        )
    groups = joined_groups(a.groups, b.groups)
    return [found for key in shared for found in _differences(key, a, b, groups)]


def _same_posts(a: HeldOut, b: HeldOut, shared: list[str]) -> bool:
    labels = [one.labels[:, [one.categories.index(key) for key in shared]] for one in (a, b)]
    return a.digest == b.digest and np.array_equal(labels[0], labels[1])


def joined_groups(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the finest grouping in which posts that share a group in `a` or in `b` share a group.

    Examples
    --------
    >>> joined_groups(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])).tolist()
    [0, 0, 0, 1]
    """
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    (_, left), (names, right) = (np.unique(groups, return_inverse=True) for groups in (a, b))
    size = len(a) + len(names)
    links = sp.coo_matrix((np.ones(len(a)), (left, len(a) + right)), shape=(size, size))
    _, component = connected_components(links, directed=False)
    return np.asarray(component[left], dtype=np.int64)


def _differences(key: str, a: HeldOut, b: HeldOut, groups: NDArray[np.int64]) -> list[Difference]:
    known = a.labels[:, a.categories.index(key)] >= 0
    posts, figures = [], []
    for one in (a, b):
        column = one.categories.index(key)
        y, p = one.labels[known, column], one.proba[known, column].astype(np.float64)
        threshold = float(one.threshold[column])
        posts.append(judged(y, p, threshold=threshold, groups=groups[known]))
        found = evaluate(y, p, threshold=threshold, groups=groups[known], metrics=tuple(METRICS))
        figures.append({one.metric: one.value for one in found})
    differences = []
    for metric in METRICS:
        first, second = (one[metric] for one in figures)
        gap = None if first is None or second is None else second - first
        low, high, greater = None, None, None
        if gap is not None and metric not in BIASED:
            ends = paired_difference(posts[1], posts[0], metric)
            low, high, greater = ends.low, ends.high, _greater(gap, ends.error)
        differences.append(Difference(key, metric, first, second, gap, low, high, int(known.sum()), greater))
    return differences


def _greater(gap: float, error: float | None) -> float | None:
    """Return the probability that a difference is above 0; None where it has no standard error."""
    if gap == 0:
        return 0.5
    return math.erfc(-gap / error / math.sqrt(2)) / 2 if error else None
