"""Calibration error: how far probabilities are from what is observed, without the bias that the binned error has, and
where the points of a reliability curve would lie if there were none.

Promises: a calibrated model has 0 on average before the root is taken, and an interval that holds 0 as often as it
says; posts of one group count as such; with too few groups in the bins there is none. Says nothing of a post.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 10
FEWEST = 5
_Z95 = 1.959963984540054
_DRAWS = 400
_AT_ONCE = 1_000_000


class CalibrationError(NamedTuple):
    """The debiased root mean square of the gaps of ten bins, with its 95 % interval; None where undefined."""

    value: float | None
    low: float | None
    high: float | None


def calibration_error(y: NDArray[np.int8], p: NDArray[np.float64], *, groups: NDArray[np.int64]) -> CalibrationError:
    """Return √(Σ_b w_b·(D_b² − V_b)), D_b being mean p − mean y in bin b, V_b its variance and w_b its share of the
    posts, over ten bins of equally many posts; 0 where the sum is below 0.

    The interval holds the roots of the values that a test does not reject, with the variance that the sum has where all
    gaps are 0, 2·tr((WV)²), and beyond in proportion to the value, 4·D'WVWD for the value that was found. V is the
    covariance of the gaps over groups; in the test the variance of a bin lies halfway to what its probabilities give,
    where that is larger: in bins where hardly anything was observed.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    p : ndarray of float64, shape (n_posts,)
        Probabilities.
    groups : ndarray of int64, shape (n_posts,)
        Posts that belong together.

    Source: Kumar, Liang & Ma 2019, "Verified uncertainty calibration", section 5 (the estimator).

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> p = random.random(2000)
    >>> y = (random.random(2000) < p).astype(np.int8)
    >>> right, half = (calibration_error(y, one, groups=np.arange(2000)) for one in (p, p / 2))
    >>> right.low, half.low > 0.2
    (0.0, True)
    """
    place = _equal_bins(p)
    posts = np.bincount(place, minlength=1)
    names, of_group = np.unique(groups, return_inverse=True)
    if len(p) < FEWEST * len(posts) or len(names) < FEWEST * len(posts):
        return CalibrationError(None, None, None)
    off = p - y
    gap = np.bincount(place, weights=off) / posts
    inside = (off - gap[place]) / posts[place]
    cells = len(names) * len(posts)
    totals = np.bincount(of_group * len(posts) + place, weights=inside, minlength=cells)
    sums = np.asarray(totals, dtype=np.float64).reshape(len(names), len(posts))
    share = posts / len(p)
    worth = _worth(place, of_group, posts)
    few = np.sqrt(worth / np.maximum(worth - 1, 1))
    covariance: NDArray[np.float64] = (sums.T @ sums) * few[:, None] * few
    plug_in = float(share @ gap**2)
    value = plug_in - float(share @ np.diag(covariance))
    expected = np.bincount(place, weights=p * (1 - p)) / posts / worth
    covariance = covariance + np.diag(np.maximum(expected - np.diag(covariance), 0.0)) / 2
    spread = share[:, None] * covariance
    still = 2 * float(np.trace(spread @ spread))
    steep = 4 * float((share * gap) @ covariance @ (share * gap)) / plug_in if plug_in > 0 else 0.0
    q = _Z95**2
    root = math.sqrt(max((2 * value + q * steep) ** 2 - 4 * (value**2 - q * still), 0.0))
    low, high = (2 * value + q * steep - root) / 2, (2 * value + q * steep + root) / 2
    if value <= math.sqrt(q * still):
        low = 0.0
    error = math.sqrt(max(value, 0.0))
    return CalibrationError(error, min(math.sqrt(max(low, 0.0)), error), max(math.sqrt(max(high, 0.0)), error))


def calibrated_range(
    p: NDArray[np.float64], *, groups: NDArray[np.int64], seed: int
) -> tuple[float | None, float | None]:
    """Return within which 95 % of the observed shares of posts lie, were their probabilities right; posts of one group
    are of one mind.

    Source: Bröcker & Smith 2007, "Increasing the reliability of reliability diagrams" (consistency resampling).

    Examples
    --------
    >>> low, high = calibrated_range(np.full(100, 0.3), groups=np.arange(100), seed=1)
    >>> low < 0.3 < high
    True
    """
    if not len(p):
        return None, None
    place = np.unique(groups, return_inverse=True)[1]
    random, some = np.random.default_rng(seed), max(1, _AT_ONCE // len(p))
    sizes = [min(some, _DRAWS - first) for first in range(0, _DRAWS, some)]
    drawn = np.concatenate([(random.random((n, int(place.max()) + 1))[:, place] < p).mean(axis=1) for n in sizes])
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _worth(place: NDArray[np.intp], of_group: NDArray[np.intp], posts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return as how many groups those of each bin count, by their sizes."""
    bins = len(posts)
    key, size = np.unique(of_group * bins + place, return_counts=True)
    return np.asarray(posts**2 / np.bincount(key % bins, weights=size.astype(np.float64) ** 2, minlength=bins))


def _equal_bins(p: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin of each post, of at most ten with about equally many posts; equal probabilities share a bin."""
    edges = np.unique(np.quantile(p, np.arange(1, BINS) / BINS)) if len(p) else np.zeros(0)
    return np.unique(np.searchsorted(edges, p, side="right"), return_inverse=True)[1]
