"""Comparison of two runs on the test posts that both were measured on, figure by figure.

Promises: nothing is compared unless the posts, their order and their labels are the same; both runs are resampled
together (paired bootstrap over groups of near-duplicates), so what they share cancels out; a figure that one of them
lacks is None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ScoresMismatch
from koudai.model.bundle.held_out import HeldOut, read_held_out
from koudai.training.bootstrap import percentile_interval
from koudai.training.evaluate import BIASED, METRICS, Metric, resampled

SEED = 20230310
Sums = tuple[NDArray[np.float64], NDArray[np.float64]]
"""What metrics are computed from: of all posts, and of each sample."""


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
        ``b - a``; `low` and `high` are the ends of its 95 % interval, None for ``ece``, whose bias a bootstrap adds
        once more.
    n
        Number of posts.
    share
        Share of the bootstrap samples in which `b` has the greater value, ties counted half; samples where the metric
        is undefined are left out. For ``brier`` and ``ece`` greater is worse. None where nothing was resampled.
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
    sums = []
    for one in (a, b):
        column = one.categories.index(key)
        sums.append(
            resampled(
                one.labels[known, column],
                one.proba[known, column].astype(np.float64),
                threshold=float(one.threshold[column]),
                groups=groups[known],
                seed=SEED,
            )
        )
    found = []
    for metric, of in METRICS.items():
        values = [float(of(whole)[0]) for whole, _ in sums]
        first, second = (value if np.isfinite(value) else None for value in values)
        difference = second - first if first is not None and second is not None else None
        ends = difference_interval(sums[0], sums[1], of=of) if difference is not None else (None, None, None)
        ends = (None, None, ends[2]) if metric in BIASED else ends
        found.append(Difference(key, metric, first, second, difference, *ends[:2], int(known.sum()), ends[2]))
    return found


def difference_interval(a: Sums, b: Sums, *, of: Metric) -> tuple[float | None, float | None, float | None]:
    """Return the ends of the interval of a metric of `b` less that of `a`, and the share of samples in which `b` has
    the greater value.

    Parameters
    ----------
    a, b : tuple of ndarray of float64
        What `koudai.training.evaluate.resampled` gives of both, on the same groups and with the same seed.
    of
        The metric.

    Examples
    --------
    >>> from koudai.training.evaluate import precision
    >>> y, groups = np.array([1, 0] * 30, np.int8), np.arange(60)
    >>> a, b = (resampled(y, p, threshold=0.5, groups=groups, seed=1) for p in (np.full(60, 0.9), y * 0.9))
    >>> low, high, share = difference_interval(a, b, of=precision)
    >>> low < 0.5 < high, share
    (True, 1.0)
    """
    gaps = of(b[1]) - of(a[1])
    low, high = percentile_interval(gaps)
    gaps = gaps[np.isfinite(gaps)]
    return low, high, float((gaps > 0).mean() + (gaps == 0).mean() / 2) if len(gaps) else None
