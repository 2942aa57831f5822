"""Kinds of 95 % interval that a figure can have, and those of a share: Wilson's, and Wilson's with an effective n.

Promises: the ends lie in [0, 1] and around the share; a share of nothing has neither value nor interval; posts of one
cluster count as posts of one cluster, and where all are of one cluster there is no interval. Intervals of stratified
samples are made in `sample/stratified_interval.py`, those of resampled clusters in `koudai.training.bootstrap`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
"""The quantile of the standard normal distribution that a two-sided 95 % interval needs."""
IntervalKind = Literal[
    "wilson",
    "wilson, effective n",
    "score",
    "bootstrap over posts",
    "bootstrap over groups",
    "bootstrap over clusters",
    "bias-corrected bootstrap over clusters",
    "jackknife with refits",
    "cluster-robust",
    "permutation",
    "design-based",
    "likelihood ratio",
    "paired",
    "by chance",
    "range over runs",
    "none, whole population",
    "none, one cluster",
    "none, sparse table",
]
"""Kinds of 95 % interval. ``wilson``: of a share of independent posts. ``wilson, effective n``: the same with as many
posts as the clusters are worth. ``score``: values that a test with the variance under each of them does not reject.
``bootstrap over posts``: percentiles over samples of posts, cases or pairs, drawn with replacement; ``over groups``,
``over clusters``: of whole near-duplicate groups, of whole clusters; ``bias-corrected``: shifted by the bias that the
samples show. ``jackknife with refits``: from small changes of the weights of clusters, with models fitted anew to
them, so that the draw of the posts fitted on is included. ``cluster-robust``: of a coefficient of a regression, from a
sandwich variance over clusters. ``permutation``: from labels dealt anew. ``design-based``: the score test inverted,
under the sampling design. ``likelihood ratio``: values that cost the likelihood of the answers no more than chance
does. ``paired``: of a difference between two shares of the same posts. ``by chance``: no confidence interval, but the
range of the figure when chance alone decides. ``range over runs``: none either, but the least and the greatest of
several runs with other seeds. ``none, …``: no interval, for this reason.
"""
WHOLE_POPULATION: Literal["none, whole population"] = "none, whole population"
"""Of a figure over every post of a job: nothing is inferred from it, so that it has no interval."""
ONE_CLUSTER: Literal["none, one cluster"] = "none, one cluster"
"""Of a figure whose posts are all of one cluster: how far clusters differ cannot be told from it."""
SPARSE_TABLE: Literal["none, sparse table"] = "none, sparse table"
"""Of an association in a table with too few posts for its cells: what chance gives it cannot be told closely enough."""
_NOTHING = "none"
_DOUBT = 1.0


class ShareInterval(NamedTuple):
    """A share with its 95 % interval and the kind of it; None where undefined."""

    value: float | None
    low: float | None
    high: float | None
    kind: IntervalKind


def gives_none(kind: IntervalKind | None) -> bool:
    """Return whether `kind` says why there is no interval.

    Examples
    --------
    >>> gives_none("none, one cluster"), gives_none("wilson"), gives_none(None)
    (True, False, False)
    """
    return kind is not None and kind.startswith(_NOTHING)


def wilson(hits: float, n: float, *, z: float = Z95) -> tuple[float | None, float | None, float | None]:
    """Return a share and its 95 % interval: ``(hits/n, low, high)``, all None where n = 0.

    Parameters
    ----------
    hits, n
        Of independent posts; of others, as many as they are worth.
    z
        Quantile; larger than that of the normal distribution where the variance is estimated from few clusters.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Examples
    --------
    >>> [round(one, 3) for one in wilson(3, 12)]
    [0.25, 0.089, 0.532]
    >>> wilson(0, 0)
    (None, None, None)
    """
    if n == 0:
        return None, None, None
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def clustered_wilson(hits: NDArray[np.bool_], clusters: NDArray[np.int64] | None) -> ShareInterval:
    """Return the share of posts that are hits, with Wilson's interval for as many posts as their clusters are worth.

    The effective n is n/d. The design effect d is the variance of the ratio of sums over clusters,
    m/(m − 1) Σ (hits_c − p·n_c)²/n², over p(1 − p)/n, and 1 at least; where k, the effective number of clusters on the
    rarer side, is small, it is drawn towards that of clusters of one mind, Σn_c²/n, with the weight 1/(k² + 1). The
    quantile is Student's, with as many degrees of freedom as clusters of these sizes are worth.

    Parameters
    ----------
    hits : ndarray of bool, shape (n_posts,)
    clusters : ndarray of int64, shape (n_posts,), or None
        Equal numbers are one cluster; None for posts of which none is known.

    Source: Kish 1965, "Survey Sampling", section 5.4 and chapter 8; Korn & Graubard 1998, "Confidence intervals for
    proportions with small expected number of positive counts estimated from survey data".

    Examples
    --------
    >>> hits = np.array([True, True, False, False, False, False])
    >>> alone, in_pairs = (clustered_wilson(hits, one) for one in (np.arange(6), np.array([0, 0, 1, 1, 2, 2])))
    >>> alone.kind, in_pairs.kind, in_pairs.high - in_pairs.low > alone.high - alone.low
    ('wilson', 'wilson, effective n', True)
    """
    return PostClusters.of(clusters, n=len(hits)).share(hits)


@dataclass(frozen=True, eq=False)
class PostClusters:
    """The clusters of some posts, and what every share of these posts needs of them, worked out once.

    Parameters
    ----------
    n
        Posts.
    place : ndarray of int64, shape (n_posts,), or None
        Number of each post's cluster; None if each post stands alone, or nothing is known.
    sizes : ndarray of int64, shape (n_numbers,)
        Posts of each number, 0 of one that does not occur.

    Examples
    --------
    >>> pairs = PostClusters.of(np.array([0, 0, 1, 1, 2, 2]), n=6)
    >>> pairs.share(np.array([True, True, False, False, False, False])).kind
    'wilson, effective n'
    """

    n: int
    place: NDArray[np.int64] | None
    sizes: NDArray[np.int64]

    @staticmethod
    def of(clusters: NDArray[np.int64] | None, *, n: int) -> PostClusters:
        """Return those of `n` posts; `clusters` as for `clustered_wilson`."""
        place = clusters
        if place is None or n < 2:
            return PostClusters(n, None, np.empty(0, dtype=np.int64))
        if place.min() < 0 or place.max() > 16 * n:
            place = np.unique(place, return_inverse=True)[1]
        sizes = np.bincount(place)
        return PostClusters(n, None if sizes.max() == 1 else place, sizes)

    def share(self, hits: NDArray[np.bool_]) -> ShareInterval:
        """Return the share of the posts that are hits, shape (n_posts,), with its interval: see `clustered_wilson`."""
        n, total = self.n, int(np.count_nonzero(hits))
        if self.place is None:
            return ShareInterval(*wilson(total, n), "wilson")
        if self._moments[0] == 1:
            return ShareInterval(total / n, None, None, ONE_CLUSTER)
        effect, quantile = self._design(total, self.place[hits])
        _, low, high = wilson(total / effect, n / effect, z=quantile)
        assert low is not None
        assert high is not None
        return ShareInterval(total / n, min(low, total / n), max(high, total / n), "wilson, effective n")

    @cached_property
    def _moments(self) -> tuple[float, ...]:
        """How many clusters there are, and the sums of the second, third and fourth powers of their sizes."""
        sizes = self.sizes[self.sizes > 0].astype(np.float64)
        squares = sizes**2
        return len(sizes), float(squares.sum()), float(squares @ sizes), float(squares @ squares)

    def _design(self, total: int, place: NDArray[np.int64]) -> tuple[float, float]:
        """Return the design effect of clusters, and the quantile for as many degrees of freedom as they are worth; the
        hits are `total`, in the clusters `place`.
        """
        from scipy.special import stdtrit

        n, (clusters, second, third, fourth) = float(self.n), self._moments
        share, most = total / n, second / n
        effect = most
        if 0 < share < 1:
            sums = np.bincount(place) if total * 4 > len(self.sizes) else np.unique(place, return_counts=True)[1]
            own = float(self.sizes[place].sum())
            squares = float(np.square(sums, dtype=np.float64).sum())
            off = max(squares - 2 * share * own + share**2 * second, 0.0)
            effect = max(1.0, clusters / (clusters - 1) * off / n / (share * (1 - share)))
            rarer = (total, squares) if share <= 0.5 else (n - total, second - 2 * own + squares)
            seen = (rarer[0] ** 2 / rarer[1]) ** 2
            effect = max(effect, (seen * effect + _DOUBT * most) / (seen + _DOUBT))
        alike = min(1.0, (effect - 1) / (most - 1))
        worth = (1 - alike) * n + alike * second
        squared = (1 - alike) ** 2 * second + 2 * alike * (1 - alike) * third + alike**2 * fourth
        return effect, float(stdtrit(max(worth**2 / squared - 1, 1.0), 0.975))


def clustered_mean(values: NDArray[np.float64], clusters: NDArray[np.int64] | None) -> ShareInterval:
    """Return the mean of values between 0 and 1 with Wilson's interval, for as many posts as its variance is worth.

    The variance is that of the ratio of sums over clusters. Where k, the effective number of clusters on the rarer
    side, is small, it is drawn towards that of values of 0 and 1, the most that there can be, with the weight
    1/(k² + 1): values of which hardly any differ tell little of how far others do.

    Parameters
    ----------
    values : ndarray of float64, shape (n_posts,)
    clusters : ndarray of int64, shape (n_posts,), or None
        Equal numbers are one cluster; None where each post stands alone.

    Source: Kish 1965, "Survey Sampling", section 5.4; Wilson 1927.

    Examples
    --------
    >>> found = clustered_mean(np.array([0.1, 0.2, 0.0, 0.1] * 25), None)
    >>> [round(one, 2) for one in found[:3]]
    [0.1, 0.09, 0.12]
    """
    n = len(values)
    if not n:
        return ShareInterval(None, None, None, "wilson, effective n")
    place = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    sizes, sums = np.bincount(place).astype(np.float64), np.bincount(place, weights=values)
    value = min(max(float(sums.sum()) / n, 0.0), 1.0)
    if len(sizes) < 2:
        return ShareInterval(value, None, None, ONE_CLUSTER)
    off = sums - value * sizes
    variance = len(sizes) / (len(sizes) - 1) * float(off @ off) / n**2
    rarer = (sums if value <= 0.5 else sizes - sums).astype(np.float64)
    return estimated_mean(value, variance=variance, rarer=rarer, most=float(sizes @ sizes) / n**2)


def clustered_ratio(
    above: NDArray[np.float64], below: NDArray[np.float64], clusters: NDArray[np.int64]
) -> ShareInterval:
    """Return Σ above / Σ below, where no post has more above than below, with its interval: see `estimated_mean`.

    Parameters
    ----------
    above, below : ndarray of float64, shape (n_posts,)
        What each post adds: 0 ≤ above ≤ below.
    clusters : ndarray of int64, shape (n_posts,)
        Equal numbers are one cluster.

    Examples
    --------
    >>> found = clustered_ratio(np.tile([0.0, 0.5, 0.0], 100), np.tile([0.0, 1.0, 1.0], 100), np.arange(300))
    >>> [round(one, 2) for one in found[:3]]
    [0.25, 0.22, 0.29]
    """
    total = float(below.sum())
    if not total > 0:
        return ShareInterval(None, None, None, "wilson, effective n")
    place = np.unique(clusters, return_inverse=True)[1]
    tops, bottoms = np.bincount(place, above), np.bincount(place, below)
    value = min(max(round(float(tops.sum()) / total, 12), 0.0), 1.0)
    counted = int((bottoms > 0).sum())
    if counted < 2:
        return ShareInterval(value, None, None, ONE_CLUSTER)
    off = (tops - value * bottoms) / total
    variance = counted / (counted - 1) * float(off @ off)
    rarer = (tops if value <= 0.5 else bottoms - tops).astype(np.float64)
    return estimated_mean(value, variance=variance, rarer=rarer, most=float(bottoms @ bottoms) / total**2)


def estimated_mean(value: float, *, variance: float, rarer: NDArray[np.float64], most: float) -> ShareInterval:
    """Return the interval of an estimated mean between 0 and 1: Wilson's, for as many posts as its variance is worth.

    Parameters
    ----------
    value
        The mean.
    variance
        Of it, as estimated.
    rarer : ndarray of float64, shape (n_clusters,)
        What each cluster adds to the mean, or where the mean is above one half, to 1 less it: where this is the work of
        few clusters, the variance is believed the less.
    most
        1 / the number of clusters, or of as many of one size as they are worth.

    Examples
    --------
    >>> estimated_mean(0.5, variance=0.0025, rarer=np.ones(100), most=0.01).low.__round__(2)
    0.4
    """
    from scipy.special import stdtrit

    worth = 1 / most
    if 0 < value < 1:
        seen = float(rarer.sum() ** 2 / (rarer @ rarer)) ** 2
        worth = (seen + _DOUBT) / (seen * variance / (value * (1 - value)) + _DOUBT * most)
    freedom = max(1 / most - 1, 1.0)
    _, low, high = wilson(value * worth, worth, z=float(stdtrit(freedom, 0.975)))
    assert low is not None
    assert high is not None
    return ShareInterval(value, min(low, value), max(high, value), "wilson, effective n")
