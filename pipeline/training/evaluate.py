"""Evaluation: figures of a model on posts it was not fitted on, each with n and an interval.

Promises: intervals resample whole groups of near-duplicates, so repeats do not make a figure look surer than it is;
what is not defined (no positives, no negatives) is missing, never 0; abstentions are counted beside every figure,
not left out of it. A metric takes labels y, probabilities p, tags and weights of posts ranked by falling p; the
tests compare each to scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 500
BINS = 10

Metric = Callable[[NDArray[np.int8], NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]], float]


@dataclass(frozen=True)
class Evaluated:
    """One metric of one category: `value`, the posts `n` it rests on, and its 95 % interval; None where not defined."""

    metric: str
    value: float | None
    n: int
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return vars(self).copy()


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else float("nan")


def _counts(y: NDArray[np.int8], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> tuple[float, float, float, float]:
    positive = y == 1
    return (
        float(w[positive & tag].sum()),
        float(w[~positive & tag].sum()),
        float(w[positive & ~tag].sum()),
        float(w[~positive & ~tag].sum()),
    )


def precision(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return TP / (TP + FP)."""
    tp, fp, _, _ = _counts(y, tag, w)
    return _ratio(tp, tp + fp)


def recall(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return TP / (TP + FN)."""
    tp, _, fn, _ = _counts(y, tag, w)
    return _ratio(tp, tp + fn)


def f1(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return 2 TP / (2 TP + FP + FN), of the posts in the category; missing without any."""
    tp, fp, fn, _ = _counts(y, tag, w)
    return _ratio(2 * tp, 2 * tp + fp + fn) if tp + fn > 0 else float("nan")


def macro_f1(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return the mean of the F1 of "in" and the F1 of "out"; missing without posts of both."""
    tp, fp, fn, tn = _counts(y, tag, w)
    if tp + fn <= 0 or fp + tn <= 0:
        return float("nan")
    return (_ratio(2 * tp, 2 * tp + fp + fn) + _ratio(2 * tn, 2 * tn + fp + fn)) / 2


def accuracy(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return (TP + TN) / all."""
    tp, fp, fn, tn = _counts(y, tag, w)
    return _ratio(tp + tn, tp + fp + fn + tn)


def average_precision(
    y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]
) -> float:
    """Return Σ (Rₖ − Rₖ₋₁) Pₖ over thresholds k from the highest probability down."""
    tps, fps = _cumulated(y, p, w)
    if tps[-1] <= 0:
        return float("nan")
    steps = np.diff(tps, prepend=0.0) / tps[-1]
    return float(np.sum(steps * tps / np.maximum(tps + fps, 1e-300)))


def auc(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve: P(p of a post in > p of a post out), ties counted half."""
    tps, fps = _cumulated(y, p, w)
    if tps[-1] <= 0 or fps[-1] <= 0:
        return float("nan")
    x = np.concatenate([[0.0], fps / fps[-1]])
    return float(np.trapezoid(np.concatenate([[0.0], tps / tps[-1]]), x))


def brier(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return the mean of (p − y)². Source: Brier 1950."""
    return _ratio(float(w @ (p - y) ** 2), float(w.sum()))


def ece(y: NDArray[np.int8], p: NDArray[np.float64], tag: NDArray[np.bool_], w: NDArray[np.float64]) -> float:
    """Return Σ_b |mean p − mean y| · share of b, over ten bins of equal width.

    Source: Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning".
    """
    place = bin_of(p)
    mass = np.bincount(place, weights=w * (p - y), minlength=BINS)
    return _ratio(float(np.abs(mass).sum()), float(w.sum()))


METRICS: dict[str, Metric] = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "macro_f1": macro_f1,
    "accuracy": accuracy,
    "average_precision": average_precision,
    "auc": auc,
    "brier": brier,
    "ece": ece,
}


def bin_of(p: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return for each probability the number, 0 to 9, of its bin of width 0.1."""
    return np.minimum((p * BINS).astype(np.intp), BINS - 1)


def evaluate(
    y: NDArray[np.int8],
    p: NDArray[np.float64],
    *,
    threshold: float,
    groups: NDArray[np.int64],
    seed: int,
    metrics: tuple[str, ...] = tuple(METRICS),
    resamples: int = RESAMPLES,
) -> list[Evaluated]:
    """Measure one category.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    p : ndarray of float64, shape (n_posts,)
        Probability of 1; NaN (no features) counts as 0: such a post is never tagged.
    threshold
        A post is tagged from this probability on.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post: the unit of resampling.
    seed
        Of the bootstrap.
    metrics
        Names from `METRICS`.
    resamples
        Bootstrap samples per interval.

    Returns
    -------
    list of Evaluated
        In the order of `metrics`.
    """
    p = np.nan_to_num(np.asarray(p, dtype=np.float64), nan=0.0)
    order = np.argsort(-p, kind="stable")  # every metric ranks by p; ranking once makes each resample cheap
    y, p, groups = y[order], p[order], groups[order]
    tag = p >= threshold
    weights = group_bootstrap(groups, resamples, seed=seed)
    found = []
    for name in metrics:
        metric = METRICS[name]
        value = metric(y, p, tag, np.ones(len(y))) if len(y) else float("nan")
        samples = np.array([metric(y, p, tag, w) for w in weights]) if len(y) else np.empty(0)
        low, high = interval(samples)
        defined = np.isfinite(value)
        found.append(
            Evaluated(
                name, float(value) if defined else None, len(y), low if defined else None, high if defined else None
            )
        )
    return found


def group_bootstrap(groups: NDArray[np.int64], resamples: int, *, seed: int) -> NDArray[np.float64]:
    """Return bootstrap weights, shape (resamples, n_posts): how often each post's group was drawn.

    Source: Davison & Hinkley 1997, section 3.8, resampling of clusters.
    """
    _, place = np.unique(groups, return_inverse=True)
    n_groups = int(place.max()) + 1 if len(place) else 0
    random = np.random.default_rng(seed)
    drawn = (
        random.multinomial(n_groups, np.full(n_groups, 1.0 / max(n_groups, 1)), size=resamples)
        if n_groups
        else np.empty((resamples, 0))
    )
    return np.asarray(drawn[:, place], dtype=np.float64)


def interval(samples: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % points of bootstrap values, (None, None) where fewer than 20 of them are defined."""
    defined = samples[np.isfinite(samples)]
    if len(defined) < 20:
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _cumulated(
    y: NDArray[np.int8], p: NDArray[np.float64], w: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    last = np.append(p[1:] != p[:-1], True)
    positive = np.where(y == 1, w, 0.0)
    return np.cumsum(positive)[last], np.cumsum(w - positive)[last]
