"""The bootstrap: number of samples, drawing of clusters, and percentile intervals.

Promises: whole clusters are drawn, near-duplicates or what else belongs together, so that repeats do not make intervals
too narrow, and few clusters make them wider; a sample depends only on the generator; of one cluster there is none.

Source: Davison & Hinkley 1997, sections 3.8 (resampling of clusters) and 5.3 (percentile interval).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 500
"""Bootstrap samples for the interval of a main figure."""
FEWER_RESAMPLES = 200
"""Bootstrap samples where there are many figures, such as those of slices, or a sample is expensive."""
_FEWEST = 20
_AT_ONCE = 4_000_000
Weighted = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Maps how often each cluster is drawn, shape (n_samples, n_clusters), to one value per sample."""


def percentile_interval(
    samples: NDArray[np.float64], *, clusters: float = math.inf
) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % quantiles of bootstrap values; (None, None) if fewer than 20 of them are defined.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples,)
        NaN where undefined.
    clusters
        How many clusters they were drawn from, or are worth: where these are few, quantiles lie further out, as
        Student's do, since a bootstrap of m clusters is √((m − 1)/m) too narrow and takes its variance for known.

    Source: Hesterberg 2015, "What teachers should know about the bootstrap", section 5.3 (expanded percentiles).

    Examples
    --------
    >>> percentile_interval(np.arange(201.0))
    (5.0, 195.0)
    >>> percentile_interval(np.arange(201.0), clusters=10)[0] < 2
    True
    >>> percentile_interval(np.array([np.nan] * 30))
    (None, None)
    """
    defined = samples[np.isfinite(samples)]
    if len(defined) < _FEWEST:
        return None, None
    tail = _tail(clusters)
    low, high = np.percentile(defined, [100 * tail, 100 * (1 - tail)])
    return float(low), float(high)


def symmetric_interval(
    value: float, samples: NDArray[np.float64], *, clusters: float = math.inf
) -> tuple[float | None, float | None]:
    """Return `value` ± Student's quantile times the standard deviation of bootstrap values; (None, None) if fewer than
    20 of them are defined.

    It does not follow the bias that a statistic has on samples of a sample, as percentiles do.

    Parameters
    ----------
    value
        Of the posts as they are.
    samples : ndarray of float64, shape (n_samples,)
        NaN where undefined.
    clusters
        As of `percentile_interval`.

    Source: Davison & Hinkley 1997, section 5.2 (normal approximation).

    Examples
    --------
    >>> [round(end, 1) for end in symmetric_interval(100.0, np.arange(201.0))]
    [-14.0, 214.0]
    """
    from scipy.special import stdtrit

    defined = samples[np.isfinite(samples)]
    if len(defined) < _FEWEST or not math.isfinite(value):
        return None, None
    spread, quantile = float(defined.std(ddof=1)), float(stdtrit(1e9, 0.975))
    if math.isfinite(clusters):
        freedom = max(clusters - 1, 1.0)
        quantile = float(stdtrit(freedom, 0.975)) * math.sqrt((freedom + 1) / freedom)
    return value - quantile * spread, value + quantile * spread


def cluster_bootstrap(
    statistic: Weighted,
    sizes: NDArray[np.int64],
    *,
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
    shifted: bool = False,
    symmetric: bool = False,
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a statistic from samples of whole clusters; (None, None) where there is one alone.

    Parameters
    ----------
    statistic
        Maps how often each cluster is drawn, shape (n_samples, n_clusters), to a value per sample; all ones are the
        posts as they are.
    sizes : ndarray of int64, shape (n_clusters,)
        Posts of each cluster.
    generator
        Draws the samples.
    resamples
        How many.
    shifted
        Whether the interval is moved by the bias that the samples show. A statistic whose value on a sample is biased,
        as an information is, is biased twice in a sample of a sample.
    symmetric
        Whether the interval is that of `symmetric_interval` and not one of percentiles.

    Source: Davison & Hinkley 1997, sections 3.8 (clusters) and 5.3 (percentiles; bias).

    Examples
    --------
    >>> sums, sizes = np.array([3.0, 0.0, 1.0, 2.0]), np.array([4, 4, 2, 2])
    >>> def share(times):
    ...     return (times @ sums) / (times @ sizes)
    >>> low, high = cluster_bootstrap(share, sizes, generator=np.random.default_rng(1))
    >>> 0 <= low < 0.5 < high <= 1
    True
    """
    clusters = len(sizes)
    if clusters < 2:
        return None, None
    at_once = max(1, _AT_ONCE // clusters)
    parts = []
    for first in range(0, resamples, at_once):
        some = range(first, min(first + at_once, resamples))
        drawn = generator.integers(0, clusters, (len(some), clusters)) + clusters * np.arange(len(some))[:, None]
        times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        parts.append(statistic(times.astype(np.float64)))
    samples = np.concatenate(parts)
    worth = float(sizes.sum()) ** 2 / float((sizes.astype(np.float64) ** 2).sum())
    if symmetric:
        return symmetric_interval(float(statistic(np.ones((1, clusters)))[0]), samples, clusters=worth)
    low, high = percentile_interval(samples, clusters=worth)
    if low is None or high is None or not shifted:
        return low, high
    bias = float(np.nanmean(samples)) - float(statistic(np.ones((1, clusters)))[0])
    return low - bias, high - bias


def _tail(clusters: float) -> float:
    from scipy.special import ndtr, stdtrit

    if not math.isfinite(clusters):
        return 0.025
    freedom = max(clusters - 1, 1.0)
    return float(ndtr(stdtrit(freedom, 0.025) * math.sqrt((freedom + 1) / freedom)))
