"""Kinds of 95 % interval that a figure can have, and those of a share: Wilson's, and Wilson's with an effective n.

Promises: the ends lie in [0, 1] and around the share; a share of nothing has neither value nor interval; posts of one
cluster count as posts of one cluster, and where all are of one cluster there is no interval. Intervals of stratified
samples are made in `sample/stratified_interval.py`, those of resampled clusters in `koudai.training.bootstrap`.
"""

from __future__ import annotations

import math
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
under the sampling design. ``paired``: of a difference between two shares of the same posts. ``by chance``: no
confidence interval, but the range of the figure when chance alone decides. ``range over runs``: none either, but the
least and the greatest of several runs with other seeds. ``none, …``: no interval, for this reason.
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
    n, total = len(hits), int(hits.sum())
    if clusters is None or n < 2:
        return ShareInterval(*wilson(total, n), "wilson")
    sizes, sums = _by_cluster(hits, clusters)
    if len(sizes) == n:
        return ShareInterval(*wilson(total, n), "wilson")
    if len(sizes) == 1:
        return ShareInterval(total / n, None, None, ONE_CLUSTER)
    effect, quantile = _design(sizes, sums)
    _, low, high = wilson(total / effect, n / effect, z=quantile)
    assert low is not None
    assert high is not None
    return ShareInterval(total / n, min(low, total / n), max(high, total / n), "wilson, effective n")


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
    from scipy.special import stdtrit

    n = len(values)
    if not n:
        return ShareInterval(None, None, None, "wilson, effective n")
    place = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    sizes, sums = np.bincount(place).astype(np.float64), np.bincount(place, weights=values)
    value = min(max(float(sums.sum()) / n, 0.0), 1.0)
    if len(sizes) < 2:
        return ShareInterval(value, None, None, ONE_CLUSTER)
    most = float(sizes @ sizes) / n**2
    worth = 1 / most
    if 0 < value < 1:
        off = sums - value * sizes
        rarer = sums if value <= 0.5 else sizes - sums
        seen = float(rarer.sum() ** 2 / (rarer @ rarer)) ** 2
        effect = len(sizes) / (len(sizes) - 1) * float(off @ off) / n**2 / (value * (1 - value))
        worth = (seen + _DOUBT) / (seen * effect + _DOUBT * most)
    freedom = max(1 / most - 1, 1.0)
    _, low, high = wilson(value * worth, worth, z=float(stdtrit(freedom, 0.975)))
    assert low is not None
    assert high is not None
    return ShareInterval(value, min(low, value), max(high, value), "wilson, effective n")


def _by_cluster(
    hits: NDArray[np.bool_], clusters: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the number of posts and of hits of each cluster that occurs."""
    place = clusters
    if len(clusters) and (clusters.min() < 0 or clusters.max() > 16 * len(clusters)):
        place = np.unique(clusters, return_inverse=True)[1]
    sizes = np.bincount(place)
    some = sizes > 0
    return sizes[some].astype(np.float64), np.bincount(place[hits], minlength=len(sizes))[some].astype(np.float64)


def _design(sizes: NDArray[np.float64], sums: NDArray[np.float64]) -> tuple[float, float]:
    """Return the design effect of clusters, and the quantile for as many degrees of freedom as they are worth."""
    from scipy.special import stdtrit

    n, clusters = float(sizes.sum()), len(sizes)
    share, most = float(sums.sum()) / n, float((sizes**2).sum()) / n
    effect = most
    if 0 < share < 1:
        off = sums - share * sizes
        effect = max(1.0, clusters / (clusters - 1) * float(off @ off) / n / (share * (1 - share)))
        rarer = sums if share <= 0.5 else sizes - sums
        seen = float(rarer.sum() ** 2 / (rarer @ rarer)) ** 2
        effect = max(effect, (seen * effect + _DOUBT * most) / (seen + _DOUBT))
    alike = min(1.0, (effect - 1) / (most - 1))
    worth = sizes * (1 + (sizes - 1) * alike)
    freedom = float(worth.sum() ** 2 / (worth @ worth)) - 1
    return effect, float(stdtrit(max(freedom, 1.0), 0.975))
