"""Calibration and thresholds: from a linear decision to a probability, and from a probability to a tag.

Promises: both are fitted on out-of-fold decisions; calibration is a sigmoid with a slope that is never negative, and
optionally a non-decreasing curve on top of it, so it never reverses an order; the threshold of greatest F1 lies midway
between two neighbouring probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.model.deciding.isotonic import LEAST, Curve, fit_curve

_FLAT, _SMALLEST, _RIDGE = 1e-10, 1e-10, 1e-12


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``1 / (1 + exp(-x))``, without overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


@dataclass(frozen=True)
class Calibration:
    """The calibration of one category: from decisions to probabilities.

    Parameters
    ----------
    how
        ``"sigmoid"``, ``"isotonic"`` or ``"none"``: the method used, which may differ from the one asked for.
    slope, offset
        Parameters of the sigmoid.
    curve
        Maps the probability of the sigmoid to the calibrated one, if any.

    Examples
    --------
    >>> Calibration("sigmoid", slope=2.0, offset=0.0)(np.array([-1.0, 0.0, 1.0])).round(3).tolist()
    [0.119, 0.5, 0.881]
    """

    how: str
    slope: float
    offset: float
    curve: Curve | None = None

    def __call__(self, decision: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of decisions, shape (n_posts,)."""
        proba = sigmoid(self.slope * decision + self.offset)
        return self.curve(proba) if self.curve else proba


def calibrate(
    decision: NDArray[np.float64],
    y: NDArray[np.int8],
    groups: NDArray[np.int64],
    *,
    how: str,
    weight: NDArray[np.float64] | None = None,
) -> Calibration:
    """Fit a calibration to out-of-fold decisions.

    Parameters
    ----------
    decision, y
        As for `fit_sigmoid`.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post; a group counts as one post.
    how
        ``"sigmoid"``; ``"isotonic"``, which falls back to a sigmoid if a class has fewer than
        `koudai.model.deciding.isotonic.LEAST` groups or decisions rank worse than chance; or ``"none"``: the sigmoid of
        the decision itself.
    weight
        As for `fit_sigmoid`.

    Examples
    --------
    >>> decision, y = np.array([-1.0, -0.5, 0.5, 1.0]), np.array([0, 0, 1, 1], np.int8)
    >>> found = calibrate(decision, y, np.arange(4), how="isotonic")
    >>> found.how
    'sigmoid'
    >>> found.curve is None
    True
    """
    if how == "none":
        return Calibration(how, 1.0, 0.0)
    slope, offset = fit_sigmoid(decision, y, weight)
    if how == "sigmoid" or slope == 0.0 or min(different(y, groups)) < LEAST:
        return Calibration("sigmoid", slope, offset)
    return Calibration(how, slope, offset, fit_curve(sigmoid(slope * decision + offset), y, weight))


def different(y: NDArray[np.int8], groups: NDArray[np.int64]) -> tuple[int, int]:
    """Return the number of near-duplicate groups with posts in a category, and with posts out of it.

    Examples
    --------
    >>> different(np.array([1, 1, 0, 0, 0], np.int8), np.array([7, 7, 8, 9, 9]))
    (1, 2)
    """
    return len(np.unique(groups[y == 1])), len(np.unique(groups[y == 0]))


def fit_sigmoid(
    decision: NDArray[np.float64], y: NDArray[np.int8], weight: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Return slope a >= 0 and offset b, so that ``sigmoid(a * decision + b)`` is the probability.

    Parameters
    ----------
    decision : ndarray of float64, shape (n_posts,)
        Out-of-fold decisions.
    y : ndarray of int8, shape (n_posts,)
        1 or 0; both occur.
    weight : ndarray of float64, shape (n_posts,), or None
        How often each post counts; once if not given.

    Notes
    -----
    Maximum likelihood against Platt's smoothed targets ``(n₁ + 1)/(n₁ + 2)`` and ``1/(n₀ + 2)``, by Newton's method.
    Where the decision ranks worse than chance the slope is 0: every post then gets the base rate.

    Source: Platt 1999, "Probabilistic outputs for support vector machines"; Lin, Lin & Weng 2007, "A note on Platt's
    probabilistic outputs for support vector machines".

    Examples
    --------
    >>> decision, y = np.array([-1.0, -0.5, 0.5, 1.0]), np.array([0, 0, 1, 1], np.int8)
    >>> slope, offset = fit_sigmoid(decision, y)
    >>> slope > 0, abs(offset) < 1e-6
    (True, True)
    >>> fit_sigmoid(-decision, y)[0]
    0.0
    """
    times = np.ones(len(y)) if weight is None else weight
    n1, n0 = float(times[y == 1].sum()), float(times[y == 0].sum())
    target = np.where(y == 1, (n1 + 1.0) / (n1 + 2.0), 1.0 / (n0 + 2.0))
    mean, scale = float(np.mean(decision)), float(np.std(decision)) or 1.0
    x = (decision - mean) / scale

    def slopes_at(place: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        p = sigmoid(place[0] * x + place[1])
        off = times * (p - target)
        return np.array([(off * x).sum(), off.sum()]), p

    found = np.array([0.0, np.log((n1 + 1.0) / (n0 + 1.0))])
    slopes, p = slopes_at(found)
    size = 1.0
    while np.abs(slopes).max() > _FLAT * len(y) and size > _SMALLEST:
        bend = times * p * (1.0 - p)
        both = (bend * x).sum()
        bends = np.array([[(bend * x * x).sum(), both], [both, bend.sum()]]) + _RIDGE * np.eye(2)
        step, size = np.linalg.solve(bends, slopes), 1.0
        further = slopes_at(found - step)
        while further[0] @ further[0] >= slopes @ slopes and size > _SMALLEST:
            size /= 2.0
            further = slopes_at(found - size * step)
        found, (slopes, p) = found - size * step, further
    if found[0] <= 0.0:
        base = float(np.average(target, weights=times))
        return 0.0, float(np.log(base / (1.0 - base)))
    slope = float(found[0]) / scale
    return slope, float(found[1]) - slope * mean


def best_f1_threshold(
    proba: NDArray[np.float64], y: NDArray[np.int8], weight: NDArray[np.float64] | None = None
) -> float:
    """Return the threshold at which the F1 of ``proba >= threshold`` is greatest.

    Posts are weighted by `weight`, 1 by default. Of ties the highest threshold; it lies midway between two neighbouring
    probabilities, and within [0.01, 0.99].

    Examples
    --------
    >>> y = np.array([0, 0, 1, 0, 1, 1], np.int8)
    >>> proba = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    >>> best_f1_threshold(proba, y)
    0.25
    """
    order = np.argsort(-proba, kind="stable")
    times = np.ones(len(y)) if weight is None else weight[order]
    ranked, hits = proba[order], np.cumsum(times * (y[order] == 1))
    f1 = 2.0 * hits / (np.cumsum(times) + hits[-1])
    last_of_equals = np.append(ranked[1:] < ranked[:-1], True)
    best = int(np.argmax(np.where(last_of_equals, f1, -1.0)))
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float(np.clip((ranked[best] + below) / 2.0, 0.01, 0.99))
