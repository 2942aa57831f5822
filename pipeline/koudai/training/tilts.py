"""Tilts: small changes of the weights of whole clusters, from which the variance of a figure follows, fits included.

Promises: half of the clusters weigh more and half less, so that a tilted sample is as large as the sample; to first
order the spread of a smooth figure over tilts, divided by their size, is its spread over samples of other clusters.
Unlike a bootstrap sample, a tilted one lacks no cluster, so that a model fitted to it is as good as one fitted to all.

Source: Jaeckel 1972, "The infinitesimal jackknife"; Efron & Tibshirani 1993, "An Introduction to the Bootstrap",
chapters 11 and 20; Præstgaard & Wellner 1993 (exchangeable weights).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

TILT = 0.5
"""By how much a cluster's weight of 1 is raised or lowered."""
FEW_REFITS = 10.0
"""Degrees of freedom of the quantile where part of a variance is that of a few refits."""


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


def with_refits(measured: NDArray[np.float64], same: NDArray[np.float64], refitted: NDArray[np.float64]) -> float:
    """Return the variance of a figure, the draw of what was fitted on included.

    Parameters
    ----------
    measured
        Figures of many tilted samples by the fits as they are.
    same
        Those of a few of them.
    refitted
        Those of the same few by models fitted to them: what their variance adds to that of `same` is added to that of
        `measured`, and nothing if it is less.

    Examples
    --------
    >>> measured = np.array([0.4, 0.5, 0.6])
    >>> round(with_refits(measured, measured, np.array([0.3, 0.5, 0.7])), 3)
    0.16
    """
    more = tilt_variance(refitted) - tilt_variance(same)
    return tilt_variance(measured) + (max(0.0, more) if math.isfinite(more) else 0.0)


def tilt_interval(value: float, variance: float, *, freedom: float = FEW_REFITS) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a figure between 0 and 1; (None, None) where either is undefined.

    It is symmetric in the log-odds, so that its ends stay between 0 and 1, and has Student's quantile with `freedom`
    degrees of freedom.

    Examples
    --------
    >>> [round(one, 3) for one in tilt_interval(0.9, 0.0004)]
    [0.846, 0.937]
    """
    from scipy.special import expit, logit, stdtrit

    if not (math.isfinite(value) and math.isfinite(variance)):
        return None, None
    if not 0.0 < value < 1.0 or variance == 0.0:
        return value, value
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(variance) / (value * (1.0 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half))
