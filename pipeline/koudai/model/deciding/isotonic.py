"""Isotonic calibration: a monotone curve from the probability of the sigmoid to the calibrated probability.

Promises: a curve is non-decreasing, so it reverses no order; it is a short table of points, interpolated linearly and
constant beyond its ends; anything else raises. Where the curve rises, different probabilities stay different.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ScoringError
from koudai.limits import CURVE_POINTS

LEAST = 500
"""Fewest groups of either class to fit a curve on. Source: Niculescu-Mizil & Caruana 2005, "Predicting good
probabilities with supervised learning", section 5: from about 1,000 posts on isotonic regression is as good as the
sigmoid or better; below that it overfits."""


@dataclass(frozen=True)
class Curve:
    """Points of a curve.

    Parameters
    ----------
    x : ndarray of float64, shape (n_points,)
        Probabilities of the sigmoid, strictly increasing.
    y : ndarray of float64, shape (n_points,)
        Calibrated probabilities, non-decreasing.

    Raises
    ------
    ScoringError
        If it is not a curve from [0, 1] to [0, 1], or of more points than `CURVE_POINTS`.

    Examples
    --------
    >>> Curve(np.array([0.2, 0.8]), np.array([0.1, 0.5]))(np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [0.1, 0.3, 0.5]
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __post_init__(self) -> None:
        ranges = all(((side >= 0) & (side <= 1)).all() for side in (self.x, self.y))
        shape = self.x.ndim == 1 and self.x.shape == self.y.shape and 0 < len(self.x) <= CURVE_POINTS.value
        if not (shape and ranges and (np.diff(self.x) > 0).all() and (np.diff(self.y) >= 0).all()):
            raise ScoringError(
                what="this is not a calibration curve",
                expected=f"1 to {CURVE_POINTS.value} points between 0 and 1, rising in x, never falling in y",
                got=f"shapes {self.x.shape} and {self.y.shape}",
                todo="train again",
            )

    def __call__(self, proba: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated probabilities, shape (n_posts,)."""
        return np.interp(proba, self.x, self.y)


def fit_curve(proba: NDArray[np.float64], y: NDArray[np.int8], weight: NDArray[np.float64] | None = None) -> Curve:
    """Return the least-squares isotonic regression, each level as one point at the mean of its posts.

    Parameters
    ----------
    proba : ndarray of float64, shape (n_posts,)
        Out-of-fold probabilities.
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    weight : ndarray of float64, shape (n_posts,), or None
        Sample weights; 1 if not given.

    Notes
    -----
    Adjacent violators are pooled from the left (Ayer et al. 1955). One point per level instead of a step keeps the
    order of posts within it. If there are more than `CURVE_POINTS` levels, neighbouring ones are merged.

    Source: Zadrozny & Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates";
    Oron & Flournoy 2017, "Centered isotonic regression".

    Examples
    --------
    >>> y = np.array([0, 0, 1, 0, 1, 1], np.int8)
    >>> proba = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    >>> fit_curve(proba, y).y.tolist()
    [0.0, 0.5, 1.0]
    """
    values, place = np.unique(proba, return_inverse=True)
    times = np.ones(len(y)) if weight is None else weight
    posts, hits = np.bincount(place, weights=times), np.bincount(place, weights=times * (y == 1))
    levels = _pooled(np.stack([posts, hits, posts * values], axis=1))
    part = np.arange(len(levels)) * min(len(levels), CURVE_POINTS.value) // len(levels)
    sums = np.stack([np.bincount(part, weights=column) for column in levels.T])
    x = np.clip(sums[2] / sums[0], 0.0, 1.0)
    rising = np.append(True, np.diff(x) > 0)
    return Curve(x[rising], np.clip(sums[1] / sums[0], 0.0, 1.0)[rising])


def _pooled(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pool adjacent violators: add up neighbouring rows of posts, hits and sums until the share of hits increases."""
    levels: list[list[float]] = []
    for row in rows.tolist():
        levels.append(row)
        while len(levels) > 1 and levels[-2][1] * levels[-1][0] >= levels[-1][1] * levels[-2][0]:
            last = levels.pop()
            levels[-1] = [a + b for a, b in zip(levels[-1], last, strict=True)]
    return np.array(levels)
