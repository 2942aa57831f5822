"""Figures of a model on labelled posts with their intervals.

Promises: precision, recall, F1, macro-F1, accuracy and the four cells of the confusion rest on all posts, an abstention
being no tag; average precision, AUC and the Brier score have an interval from `FEWEST` posts in the category and
`FEWEST` out of it on. How often the intervals hold the truth is simulated by `python -m tests.benchmarks.coverage`.

Sources: Lam, Gopal & Qian 2023, "Confidence intervals for the F1 score" (F1 as 2J/(1 + J) of a share J); Zou & Donner
2008, "Construction of confidence limits about effect measures" (a mean of figures that have intervals); Newcombe 2006,
"Confidence intervals for an effect size measure based on the Mann-Whitney statistic" (method 5); Boyd, Eng & Page 2013,
"Area under the precision-recall curve: point estimates and confidence intervals".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from koudai.training.intervals import IntervalKind, clustered_wilson, wilson
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import (
    LINEAR,
    Linear,
    average_precision_of_others,
    linear_f1,
)
from koudai.training.judging.strata import Floats

FEWEST = 10
"""Posts in a category, and out of it, from which on figures of ranking have an interval."""
CONFUSION = ("true_positives", "false_positives", "false_negatives", "true_negatives")
_DOUBT_AUC, _DOUBT_AP = 5.0, 10.0
"""Posts of the rarer class from which half of the variance that is seen is believed."""
_HALVINGS = 60


class Measured(NamedTuple):
    """A figure, its interval, the kind of it, and how many posts it rests on; None where undefined.

    Examples
    --------
    >>> Measured(0.8, 0.7, 0.9, "design-based", 120).n
    120
    """

    value: float | None
    low: float | None
    high: float | None
    kind: IntervalKind | None
    n: int


def counted_figure(posts: JudgedPosts, name: str) -> Measured:
    """Return a figure of tags, each post counting once.

    Parameters
    ----------
    posts
        With a label.
    name
        ``precision``, ``recall``, ``accuracy``, one of `CONFUSION`, all shares of posts; ``f1``, twice the share J of
        TP among TP + FP + FN, over 1 + J; or ``macro_f1``, the mean of the F1 of either class.

    Examples
    --------
    >>> y = np.repeat([1.0, 0.0], 50)
    >>> found = counted_figure(JudgedPosts(y, y, np.arange(100) < 40, np.arange(100), np.arange(100)), "macro_f1")
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.9, 0.82, 0.94)
    """
    if name == "macro_f1":
        return _of_both_classes(posts)
    hit, miss = (posts.y == 1) & posts.tagged, (posts.y == 1) & ~posts.tagged
    wrong, rest = (posts.y == 0) & posts.tagged, (posts.y == 0) & ~posts.tagged
    every = np.ones(len(posts), dtype=bool)
    of = {
        "precision": (hit, posts.tagged),
        "recall": (hit, posts.y == 1),
        "f1": (hit, (posts.y == 1) | posts.tagged),
        "accuracy": (hit | rest, every),
        **dict(zip(CONFUSION, ((one, every) for one in (hit, wrong, miss, rest)), strict=True)),
    }
    hits, among = of[name]
    n = int(among.sum())
    if not n or (name == "f1" and not (posts.y == 1).any()):
        return Measured(None, None, None, None, n)
    found = clustered_wilson(hits[among], posts.cluster[among])
    ends = [found.value, found.low, found.high]
    if name == "f1":
        ends = [None if one is None else 2 * one / (1 + one) for one in ends]
    return Measured(ends[0], ends[1], ends[2], found.kind, n)


def _of_both_classes(posts: JudgedPosts) -> Measured:
    """Return the mean of the F1 of either class."""
    sides = (posts, replace(posts, y=1 - posts.y, tagged=~posts.tagged))
    parts, moves = [counted_figure(one, "f1") for one in sides], [linear_f1(one) for one in sides]
    if moves[0] is None or moves[1] is None:
        return Measured(None, None, None, None, len(posts))
    one, other = (posts.variance(move.influence) for move in moves if move is not None)
    both = posts.variance(moves[0].influence + moves[1].influence)
    alike = (both - one - other) / (2 * math.sqrt(one * other)) if one > 0 and other > 0 else 0.0
    low, high = interval_of_mean(parts, np.array([[1.0, alike], [alike, 1.0]]))
    return Measured((moves[0].value + moves[1].value) / 2, low, high, parts[0].kind, len(posts))


def interval_of_mean(parts: Sequence[Measured], alike: Floats) -> tuple[float | None, float | None]:
    """Return the interval of the mean of figures from the intervals that they have, None where one has none.

    Parameters
    ----------
    parts
        The figures.
    alike : ndarray of float64, shape (n_parts, n_parts)
        Their correlations.

    Source: Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach".

    Examples
    --------
    >>> one = Measured(0.5, 0.4, 0.6, "wilson", 100)
    >>> [round(end, 3) for end in interval_of_mean([one, one], np.eye(2))]
    [0.429, 0.571]
    """
    ends = np.array([(one.value, one.low, one.high) for one in parts], dtype=np.float64)
    if not np.isfinite(ends).all():
        return None, None
    value, less, more = ends[:, 0].mean(), ends[:, 0] - ends[:, 1], ends[:, 2] - ends[:, 0]
    reach = [math.sqrt(max(float(one @ alike @ one), 0.0)) / len(parts) for one in (less, more)]
    return max(0.0, float(value) - reach[0]), min(1.0, float(value) + reach[1])


def ranked_figure(posts: JudgedPosts, name: str) -> Measured:
    """Return a figure of probabilities.

    Parameters
    ----------
    posts
        With a label and a probability.
    name
        Of `koudai.training.judging.linear.RANKED`.

    Examples
    --------
    >>> y, p = np.repeat([1.0, 0.0], 50), np.linspace(0.9, 0.1, 100)
    >>> found = ranked_figure(JudgedPosts(y, p, p > 0.6, np.arange(100), np.arange(100)), "brier")
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.1, 0.09, 0.12)
    """
    found = LINEAR[name](posts)
    if found is None:
        return Measured(None, None, None, None, len(posts))
    ins, outs = enough(posts)
    if min(ins, outs) < FEWEST:
        return Measured(found.value, None, None, None, len(posts))
    kind: IntervalKind = "wilson, effective n"
    if name == "auc":
        low, high, kind = *auc_interval(found.value, posts.variance(found.influence), ins, outs), "score"
    elif name == "average_precision":
        low, high = _precision_interval(posts, found, ins)
    else:
        low, high = _mean_interval(found.value, posts.variance(found.influence), min(ins, outs))
    if posts.cells is not None:
        kind = "design-based"
    return Measured(found.value, min(low, found.value), max(high, found.value), kind, len(posts))


def enough(posts: JudgedPosts) -> tuple[float, float]:
    """Return how many independent posts those in the category, and those out of it, are worth.

    Examples
    --------
    >>> y, p = np.array([1.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.2])
    >>> enough(JudgedPosts(y, p, p > 0.5, np.arange(3), np.array([0, 0, 1])))
    (1.0, 1.0)
    """
    return posts.worth(posts.weight * posts.y), posts.worth(posts.weight * (1 - posts.y))


def auc_interval(value: float, variance: float, positives: float, negatives: float) -> tuple[float, float]:
    """Return the values of an AUC from which it is no more than t standard errors away, those under each of them.

    t is Student's, with as many degrees of freedom as posts of the rarer class less one. The variance under a value is
    that of Hanley and McNeil, times how much larger or smaller the variance that was seen is, which is believed the
    less, the fewer posts there are.

    Source: Newcombe 2006, method 5; Hanley & McNeil 1982.

    Examples
    --------
    >>> [round(end, 3) for end in auc_interval(0.9, 0.0009, 50.0, 150.0)]
    [0.821, 0.944]
    """

    def under(theta: float) -> float:
        half = (positives + negatives) / 2 - 1
        inner = 1 + half * (1 - theta) / (2 - theta) + half * theta / (1 + theta)
        return theta * (1 - theta) * inner / (positives * negatives)

    from scipy.special import stdtrit

    rarer, own = min(positives, negatives), under(value)
    reach = float(stdtrit(max(rarer - 1, 1.0), 0.975))
    factor = (rarer * (variance / own if own > 0 else 1.0) + _DOUBT_AUC) / (rarer + _DOUBT_AUC)
    ends = []
    for bound in (0.0, 1.0):
        near, far = value, bound
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            inside = (middle - value) ** 2 <= reach**2 * factor * under(middle)
            near, far = (middle, far) if inside else (near, middle)
        ends.append(near)
    return ends[0], ends[1]


def _precision_interval(posts: JudgedPosts, found: Linear, positives: float) -> tuple[float, float]:
    """Return Wilson's interval of an average precision, for as many posts as its variance is worth."""
    binomial = found.value * (1 - found.value) / positives
    variance = posts.variance(found.influence)
    variance = (positives * variance + _DOUBT_AP * binomial) / (positives + _DOUBT_AP)
    centre = max((found.value + average_precision_of_others(posts)) / 2, found.value / 3)
    return _mean_interval(centre, variance, positives)


def _mean_interval(value: float, variance: float, positives: float) -> tuple[float, float]:
    """Return Wilson's interval of a mean between 0 and 1, for as many posts as its variance is worth, with t."""
    from scipy.special import stdtrit

    if not 0 < value < 1 or variance <= 0:
        return wilson_ends(value, positives, float(stdtrit(max(positives - 1, 1.0), 0.975)))
    return wilson_ends(value, value * (1 - value) / variance, float(stdtrit(max(positives - 1, 1.0), 0.975)))


def wilson_ends(value: float, n: float, quantile: float) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share `value` of as many as `n` posts.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_ends(0.25, 12, 1.96)]
    [0.089, 0.532]
    """
    _, low, high = wilson(value * n, n, z=quantile)
    return (0.0, 1.0) if low is None or high is None else (low, high)
