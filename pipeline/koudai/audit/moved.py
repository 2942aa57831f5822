"""Whether a figure of two audits moved further than chance would move it: by the posts that both have, or by intervals.

Promises: where both audits kept their posts, shares of tagged posts and figures of performance are compared on the same
posts (McNemar's test, by cluster; paired differences), or, where only some posts are the same, with the covariance that
these make; figures of other posts are compared by their intervals; there is no test of anything else. P-values are
two-sided; Holm's adjustment keeps the chance of one false finding among all that were tested below the level.

Sources: McNemar 1947; Durkalski et al. 2003 (clusters); Lancaster 1961 (mid-p); Schenker & Gentleman 2001, "On judging
the significance of differences by examining the overlap between confidence intervals"; Zou & Donner 2008 (the interval
of a difference from two); Holm 1979, "A simple sequentially rejective multiple test procedure".
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import ALL, Figure
from koudai.audit.kept_posts import KeptPosts
from koudai.training.intervals import Z95
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR, RANKED
from koudai.training.judging.paired import paired_difference

Test = Literal["paired", "overlapping", "independent"]
_NOT_OF_SAMPLES = ("by chance", "permutation", "range over runs")
_EXACT = 200
"""Posts tagged by one model alone up to which McNemar's test is exact."""


class DifferenceTest(NamedTuple):
    """What a test says of a difference.

    Attributes
    ----------
    low, high
        95 % interval of the difference; None where the models differ on too few posts for one.
    z, p
        The difference in standard errors, and the two-sided p-value.
    test
        ``paired``: on the same posts; ``overlapping``: some posts are the same; ``independent``: from two intervals.
    n
        Posts that both audits have; 0 where that is not known.

    Examples
    --------
    >>> DifferenceTest(0.01, 0.05, 2.9, 0.004, "paired", 1000).test
    'paired'
    """

    low: float | None
    high: float | None
    z: float
    p: float
    test: Test
    n: int


def independent(before: Figure, after: Figure) -> DifferenceTest | None:
    """Return the test of two figures of different posts, by their intervals; None where one has none.

    The distance of each figure to the end of its interval that faces the other counts as 1.96 standard errors.

    Examples
    --------
    >>> found = independent(Figure("a", "*", "x", 0.2, 99, 0.1, 0.3), Figure("a", "*", "x", 0.4, 99, 0.3, 0.5))
    >>> round(found.z, 2), round(found.low, 3)
    (2.77, 0.059)
    """
    ends = (before.value, before.low, before.high, after.value, after.low, after.high)
    if any(one is None or not math.isfinite(one) for one in ends) or before.interval != after.interval:
        return None
    if before.interval in _NOT_OF_SAMPLES:
        return None
    old, old_low, old_high, new, new_low, new_high = (float(one) for one in ends if one is not None)
    difference = new - old
    less, more = math.hypot(new - new_low, old_high - old), math.hypot(new_high - new, old - old_low)
    facing = less if difference > 0 else more
    if not facing or not math.isfinite(facing) or not math.isfinite(difference):
        return None
    z = Z95 * difference / facing
    return DifferenceTest(difference - less, difference + more, z, _p(z), "independent", 0)


def on_same_posts(
    measure: str, figure: Figure, before: KeptPosts | None, after: KeptPosts | None
) -> DifferenceTest | None:
    """Return the test of a figure on the posts that both audits kept; None for figures that posts do not give.

    Parameters
    ----------
    measure, figure
        Which figure it is; that of the later audit.
    before, after
        What the audits kept.
    """
    if before is None or after is None:
        return None
    if (measure, figure.group, figure.statistic) == ("coverage", ALL, "alleged"):
        return _of_tags(before.scored(figure.category), after.scored(figure.category))
    if measure == "performance" and figure.statistic in LINEAR:
        return _of_labels(figure, before, after)
    return None


Tags = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]


def _of_tags(before: Tags, after: Tags) -> DifferenceTest | None:
    """Return the test of two shares of tagged posts, of which some, none or all are the same."""
    if not len(before[0]) or not len(after[0]):
        return None
    _, there, here = np.intersect1d(before[0], after[0], return_indices=True)
    if not len(here):
        return None
    old, new = before[2].astype(np.float64), after[2].astype(np.float64)
    if len(here) == len(new) == len(old):
        return mcnemar(before[2][there], after[2][here], _clusters(after[1][here]))
    influences = (old - old.mean()) / len(old), (new - new.mean()) / len(new)
    units = _joined((before[1], after[1]), (there, here))
    least = int(max(one.max() for one in units)) + 1
    sums = np.bincount(units[1], influences[1], least) - np.bincount(units[0], influences[0], least)
    variance = float(sums @ sums) * least / max(least - 1, 1)
    return _by_error(float(new.mean() - old.mean()), math.sqrt(variance), "overlapping", len(here))


def _joined(
    clusters: tuple[NDArray[np.int64], NDArray[np.int64]], rows: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return one numbering of the clusters of two audits, for the posts of each: clusters that hold a post of both, at
    `rows`, are one. Where clusters are not kept each post stands alone.
    """
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    place = [
        np.unique(np.arange(len(one)) if _clusters(one) is None else one, return_inverse=True)[1] for one in clusters
    ]
    first, size = int(place[0].max()) + 1, int(place[0].max() + place[1].max()) + 2
    links = sp.coo_matrix((np.ones(len(rows[0])), (place[0][rows[0]], first + place[1][rows[1]])), shape=(size, size))
    _, unit = connected_components(links, directed=False)
    return unit[place[0]].astype(np.int64), unit[first + place[1]].astype(np.int64)


def mcnemar(
    before: NDArray[np.bool_], after: NDArray[np.bool_], clusters: NDArray[np.int64] | None
) -> DifferenceTest | None:
    """Return McNemar's test of two models' tags of the same posts.

    Parameters
    ----------
    before, after : ndarray of bool, shape (n_posts,)
    clusters : ndarray of int64, shape (n_posts,), or None
        Posts that belong together; None if each stands alone.

    Returns
    -------
    DifferenceTest or None
        None where both tag the same posts. Exact (mid-p) up to 200 posts that one alone tags, each of a cluster of
        its own; beyond that, by the sum over clusters.

    Examples
    --------
    >>> before, after = np.repeat([True, False, False], (5, 12, 83)), np.repeat([False, True, False], (5, 12, 83))
    >>> found = mcnemar(before, after, None)
    >>> round(found.p, 3), found.n
    (0.096, 100)
    """
    from scipy.stats import binom

    from koudai.audit.measures.crosswalk import paired_interval

    d = after.astype(np.float64) - before
    gained, lost, n = int((d > 0).sum()), int((d < 0).sum()), len(d)
    if not gained + lost:
        return None
    sums = d if clusters is None else np.bincount(np.unique(clusters, return_inverse=True)[1], d)
    squares = float(sums @ sums)
    z = float(d.sum()) / math.sqrt(squares) if squares else 0.0
    low, high = paired_interval(gained, lost, n)
    apart = squares == gained + lost
    if not apart:
        wider = math.sqrt(max(1.0, squares / (gained + lost)))
        value = (gained - lost) / n
        low, high = max(-1.0, value - (value - low) * wider), min(1.0, value + (high - value) * wider)
        return DifferenceTest(low, high, z, _p(z), "paired", n)
    p = _p(z)
    if gained + lost <= _EXACT:
        least, total = min(gained, lost), gained + lost
        p = float(min(1.0, 2 * (binom.cdf(least, total, 0.5) - 0.5 * binom.pmf(least, total, 0.5))))
    return DifferenceTest(low, high, z, p, "paired", n)


def _of_labels(figure: Figure, before: KeptPosts, after: KeptPosts) -> DifferenceTest | None:
    """Return the test of a figure of performance on a corpus that both audits have, on posts with the same label."""
    key = figure.category
    old, new = before.labelled(key, figure.group), after.labelled(key, figure.group)
    _, there, here = np.intersect1d(before.post[old], after.post[new], return_indices=True)
    old, new = old[there], new[here]
    same = before.y[key][old] == after.y[key][new]
    if figure.statistic in RANKED:
        same &= np.isfinite(before.p[key][old]) & np.isfinite(after.p[key][new])
    old, new = old[same], new[same]
    if not len(new):
        return None
    clusters = _clusters(after.cluster[new])
    place = np.arange(len(new)) if clusters is None else clusters
    sides = [
        JudgedPosts(
            kept.y[key][rows].astype(np.float64),
            kept.p[key][rows].astype(np.float64),
            kept.tagged[key][rows] == 1,
            np.arange(len(rows)),
            place,
        )
        for kept, rows in ((after, new), (before, old))
    ]
    found = paired_difference(sides[0], sides[1], figure.statistic)
    if found.value is None or not found.error or found.low is None:
        return None
    z = found.value / found.error
    return DifferenceTest(found.low, found.high, z, _p(z), "paired", len(new))


def _by_error(difference: float, error: float, test: Test, n: int) -> DifferenceTest | None:
    if not error:
        return None
    z = difference / error
    return DifferenceTest(max(-1.0, difference - Z95 * error), min(1.0, difference + Z95 * error), z, _p(z), test, n)


def _clusters(of: NDArray[np.int64]) -> NDArray[np.int64] | None:
    return None if len(of) and int(of.min()) < 0 else of


def _p(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))
