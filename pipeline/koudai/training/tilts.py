"""Tilts: small changes of the weights of whole clusters, from which the variance of a figure follows, fits included.

Promises: half of the clusters weigh more and half less, so that a tilted sample is as large as the sample; to first
order the spread of a smooth figure over tilts, divided by their size, is its spread over samples of other clusters.
Unlike a bootstrap sample, a tilted one lacks no cluster, so that a model fitted to it is as good as one fitted to all.

Source: Jaeckel 1972, "The infinitesimal jackknife"; Efron & Tibshirani 1993, "An Introduction to the Bootstrap",
chapters 11 and 20; Præstgaard & Wellner 1993 (exchangeable weights).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TILT = 0.5
"""By how much a cluster's weight of 1 is raised or lowered."""


def tilted(generator: np.random.Generator, clusters: int, tilts: int) -> NDArray[np.float64]:
    """Return the weights of clusters, shape (n_clusters, n_tilts): 1 ± `TILT`, half of each.

    Examples
    --------
    >>> sorted(tilted(np.random.default_rng(1), 4, 1)[:, 0].tolist())
    [0.5, 0.5, 1.5, 1.5]
    """
    signs = np.where(np.arange(clusters) % 2, TILT, -TILT)[:, None]
    weights = 1.0 + generator.permuted(np.repeat(signs, tilts, axis=1), axis=0)
    return np.asarray(weights * (clusters / np.maximum(weights.sum(axis=0), 1.0)) if clusters % 2 else weights)


def tilt_variance(figures: NDArray[np.float64]) -> float:
    """Return the variance that figures of tilted samples give; NaN if fewer than two of them are defined.

    Examples
    --------
    >>> round(tilt_variance(np.array([0.4, 0.5, 0.6])), 3)
    0.04
    """
    defined = figures[np.isfinite(figures)]
    return float(defined.var(ddof=1)) / TILT**2 if len(defined) > 1 else float("nan")


class TiltVariance(NamedTuple):
    """The variance of a figure, and with how many degrees of freedom it is known.

    Examples
    --------
    >>> TiltVariance(0.01, 12.0).freedom
    12.0
    """

    variance: float
    freedom: float


NOT_KNOWN = TiltVariance(math.nan, 1.0)
"""Of a figure of too few clusters."""


def with_refits(figures: NDArray[np.float64], *, together: bool) -> TiltVariance:
    """Return the variance of a figure, the draw of what was fitted on included.

    It is V_t + max(0, V_f − V_tf). V_t is the variance under tilts of the posts measured on, V_f what tilts of the
    posts fitted on add, and V_tf what both have to themselves: the mean square of f_rm − f_r0 − f_0m + f_00 by `TILT`⁴.
    Each of the first two holds it once, where nothing is learnt nearly all of V_f is it, and their sum alone would be
    twice the variance. Variances are taken within dealings of folds and averaged; degrees of freedom are
    Satterthwaite's.

    Parameters
    ----------
    figures : ndarray of float64, shape (n_dealings, 1 + n_refits, 1 + n_tilts)
        First row: by the fits as they are; others: by refits to tilted samples. First column: measured on the posts as
        they are; others: with tilted weights.
    together
        Whether the posts fitted on are those measured on, so that column r has the tilt that row r was fitted to; else
        the two sides have tilts of their own.

    Source: Efron & Stein 1981, "The jackknife estimate of variance" (what both sides share is counted twice);
    Satterthwaite 1946, "An approximate distribution of estimates of variance components".

    Examples
    --------
    >>> still = np.tile([0.5, 0.4, 0.6], (3, 1))[None]  # refits change nothing
    >>> [round(one, 3) for one in with_refits(still, together=True)]
    [0.08, 1.0]
    """
    dealings, refits, tilts = figures.shape[0], figures.shape[1] - 1, figures.shape[2] - 1
    rows = np.arange(1, refits + 1)
    if together:
        fitted = _mean_variance(figures[:, rows, rows]) - _mean_variance(figures[:, 0, 1 : refits + 1])
    else:
        fitted = _mean_variance(figures[:, 1:, 0])
    both = (figures[:, 1:, 1:] - figures[:, 1:, :1] - figures[:, :1, 1:] + figures[:, :1, :1]) ** 2
    shared = float(np.nanmean(both)) / TILT**4 if np.isfinite(both).any() else 0.0
    own = _mean_variance(figures[:, 0, 1:])
    more = max(0.0, fitted - shared) if math.isfinite(fitted) else 0.0
    parts = ((own, dealings * (tilts - 1)), (more, dealings * (refits - 1)))
    spread = sum(part**2 / max(freedom, 1) for part, freedom in parts)
    return TiltVariance(own + more, (own + more) ** 2 / spread if spread > 0 else 1.0)


def _mean_variance(figures: NDArray[np.float64]) -> float:
    """Return the mean over dealings of what `tilt_variance` gives."""
    found = np.array([tilt_variance(one) for one in figures])
    return float(found[np.isfinite(found)].mean()) if np.isfinite(found).any() else float("nan")


def tilt_interval(value: float, variance: float, *, freedom: float) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a figure between 0 and 1; (None, None) where either is undefined.

    It is symmetric in the log-odds, so that its ends stay between 0 and 1, and has Student's quantile with `freedom`
    degrees of freedom.

    Examples
    --------
    >>> [round(one, 3) for one in tilt_interval(0.9, 0.0004, freedom=10.0)]
    [0.846, 0.937]
    """
    from scipy.special import expit, logit, stdtrit

    if not (math.isfinite(value) and math.isfinite(variance)):
        return None, None
    if not 0.0 < value < 1.0 or variance == 0.0:
        return value, value
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(variance) / (value * (1.0 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half))
