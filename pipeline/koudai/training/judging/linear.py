"""Figures of a model on weighted posts, each with what every post adds to it: values, and influences for variances.

Promises: with equal weights the values are scikit-learn's, with others scikit-learn's under `sample_weight`; a figure
that is not defined is None. An influence is the derivative of the figure by the weight of a post, so that the weighted
mean of all influences is 0. Gives no interval.

Sources: Hampel 1974, "The influence curve and its role in robust estimation"; DeLong, DeLong & Clarke-Pearson 1988
(AUC); Woodruff 1971.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.strata import Floats


class Linear(NamedTuple):
    """A figure's value, and the influence of each post, shape (n_posts,).

    Examples
    --------
    >>> Linear(0.5, np.array([0.5, -0.5])).influence.sum().item()
    0.0
    """

    value: float
    influence: Floats


def linear_precision(posts: JudgedPosts) -> Linear | None:
    """Return TP / (TP + FP).

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.2])
    >>> linear_precision(JudgedPosts(y, p, p > 0.5, np.arange(3), np.arange(3))).value
    0.5
    """
    return _ratio(posts, posts.y * posts.tagged, posts.tagged.astype(np.float64))


def linear_recall(posts: JudgedPosts) -> Linear | None:
    """Return TP / (TP + FN).

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.2])
    >>> linear_recall(JudgedPosts(y, p, p > 0.5, np.arange(3), np.arange(3))).value
    0.5
    """
    return _ratio(posts, posts.y * posts.tagged, posts.y)


def linear_f1(posts: JudgedPosts) -> Linear | None:
    """Return 2 TP / (2 TP + FP + FN); None without positives.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.2])
    >>> linear_f1(JudgedPosts(y, p, p > 0.5, np.arange(3), np.arange(3))).value
    0.5
    """
    return _ratio(posts, 2 * posts.y * posts.tagged, posts.y + posts.tagged) if posts.y.any() else None


def linear_accuracy(posts: JudgedPosts) -> Linear | None:
    """Return (TP + TN) / all.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.2, 0.1])
    >>> linear_accuracy(JudgedPosts(y, p, p > 0.5, np.arange(4), np.arange(4))).value
    0.5
    """
    return _ratio(posts, np.where(posts.tagged, posts.y, 1 - posts.y), np.ones(len(posts)))


def linear_macro_f1(posts: JudgedPosts) -> Linear | None:
    """Return the mean of the F1 of either class; None unless both are there.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.2, 0.1])
    >>> linear_macro_f1(JudgedPosts(y, p, p > 0.5, np.arange(4), np.arange(4))).value
    0.5
    """
    inside, outside = linear_f1(posts), linear_f1(replace(posts, y=1 - posts.y, tagged=~posts.tagged))
    if inside is None or outside is None:
        return None
    return Linear((inside.value + outside.value) / 2, (inside.influence + outside.influence) / 2)


def linear_brier(posts: JudgedPosts) -> Linear | None:
    """Return the mean of (p − y)².

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability".

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0]), np.array([0.9, 0.2])
    >>> round(linear_brier(JudgedPosts(y, p, p > 0.5, np.arange(2), np.arange(2))).value, 3)
    0.025
    """
    loss = posts.y * (1 - posts.p) ** 2 + (1 - posts.y) * posts.p**2
    return _ratio(posts, loss, np.ones(len(posts)))


def linear_auc(posts: JudgedPosts) -> Linear | None:
    """Return the area under the ROC curve, ties counted half; None unless both classes are there.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.2])
    >>> linear_auc(JudgedPosts(y, p, p > 0.5, np.arange(3), np.arange(3))).value
    0.5
    """
    inside, outside = posts.weight * posts.y, posts.weight * (1 - posts.y)
    positives, negatives = inside.sum(), outside.sum()
    if positives <= 0 or negatives <= 0:
        return None
    above, own = _above(posts.p, inside)
    positives_above = (above + own / 2) / positives
    below = negatives_below(posts)
    value = float((inside @ below) / positives)
    influence = posts.y * (below - value) / positives
    influence = influence + (1 - posts.y) * (positives_above - value) / negatives
    return Linear(value, influence)


def negatives_below(posts: JudgedPosts) -> Floats:
    """Return the share of the negatives, of which there are some, below each post in probability; ties count half.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.2])
    >>> negatives_below(JudgedPosts(y, p, p > 0.5, np.arange(3), np.arange(3))).tolist()
    [1.0, 0.5, 0.0]
    """
    outside = posts.weight * (1 - posts.y)
    above, own = _above(posts.p, outside)
    return np.asarray(1 - (above + own / 2) / outside.sum())


def linear_average_precision(posts: JudgedPosts) -> Linear | None:
    """Return Σ (Rₖ − Rₖ₋₁) Pₖ over thresholds k from the highest probability down; None without positives.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.2])
    >>> round(linear_average_precision(JudgedPosts(y, p, p > 0.5, np.arange(3), np.arange(3))).value, 3)
    0.833
    """
    inside = posts.weight * posts.y
    positives = inside.sum()
    if positives <= 0:
        return None
    tp, al = (_from_here(posts.p, one) for one in (inside, posts.weight))
    at = np.divide(tp, al, out=np.zeros(len(al)), where=al > 0)
    value = float((inside @ at) / positives)
    part = np.divide(inside, al, out=np.zeros(len(al)), where=al > 0)
    below, below_at = (_from_here(-posts.p, one) for one in (part, part * at))
    return Linear(value, (posts.y * (at - value) + posts.y * below - below_at) / positives)


def average_precision_of_others(posts: JudgedPosts) -> float:
    """Return the average precision where no positive counts towards the precision at its own threshold.

    The plug-in counts it, and so is too high where positives are few; this is too low.
    """
    inside = posts.weight * posts.y
    tp, al = (_from_here(posts.p, one) for one in (inside, posts.weight))
    rest = al - posts.weight
    at = np.divide(tp - inside, rest, out=np.ones(len(al)), where=rest > 1e-15)
    return float((inside @ at) / inside.sum())


def _ratio(posts: JudgedPosts, above: Floats, below: Floats) -> Linear | None:
    whole = float(posts.weight @ below)
    if whole <= 0:
        return None
    value = float(posts.weight @ above) / whole
    return Linear(value, (above - value * below) / whole)


def _above(p: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the weight of posts with a greater `p` than each post, and of those with the same."""
    _, place = np.unique(p, return_inverse=True)
    own = np.bincount(place, weight).astype(np.float64)
    above = np.cumsum(own[::-1])[::-1] - own
    return above[place], own[place]


def _from_here(p: Floats, weight: Floats) -> Floats:
    """Return the weight of posts with a `p` as great as that of each post, its own included."""
    above, own = _above(p, weight)
    return above + own


LINEAR: dict[str, Callable[[JudgedPosts], Linear | None]] = {
    "precision": linear_precision,
    "recall": linear_recall,
    "f1": linear_f1,
    "average_precision": linear_average_precision,
    "auc": linear_auc,
    "brier": linear_brier,
}
"""By name, as audits give them; the last three need a probability of each post."""
LINEAR_OF_TESTS = {**LINEAR, "accuracy": linear_accuracy, "macro_f1": linear_macro_f1}
"""And those that only the evaluation of a trained model gives."""
RANKED = ("average_precision", "auc", "brier")
"""Names of those that are computed from probabilities."""
