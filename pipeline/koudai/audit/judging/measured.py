"""Figures of a model on labelled posts with their intervals, weighted by a sample's design where there is one.

Promises: precision, recall, F1 and the four cells of the confusion rest on all posts with a label, an abstention being
no tag; average precision, AUC and the Brier score rest on those with a probability, and have an interval from
`FEWEST` posts in the category and `FEWEST` out of it on. How often the intervals hold the truth is simulated by
`python -m tests.benchmarks.coverage`.

Sources: Lam, Gopal & Qian 2023, "Confidence intervals for the F1 score" (F1 as 2J/(1 + J) of a share J); Newcombe 2006,
"Confidence intervals for an effect size measure based on the Mann-Whitney statistic" (method 5); Boyd, Eng & Page 2013,
"Area under the precision-recall curve: point estimates and confidence intervals".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from koudai.audit.intervals import IntervalKind, clustered_wilson, wilson
from koudai.audit.judging.judged import JudgedPosts, SampleCells
from koudai.audit.judging.linear import (
    LINEAR,
    RANKED,
    Linear,
    average_precision_of_others,
)
from koudai.audit.sample.equation_interval import (
    equation_interval,
    f1_equation,
    recall_equation,
    share_equation,
)

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


def measured(posts: JudgedPosts, name: str) -> Measured:
    """Return one figure.

    Parameters
    ----------
    posts
        With a label; for the names in `RANKED`, with a probability too.
    name
        Of `koudai.audit.judging.linear.LINEAR`, or of `CONFUSION`, which are shares of all posts.

    Examples
    --------
    >>> y, p = np.repeat([1.0, 0.0], 50), np.linspace(0.9, 0.1, 100)
    >>> found = measured(JudgedPosts(y, p, p > 0.6, np.arange(100), np.arange(100)), "recall")
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2), found.kind
    (0.76, 0.63, 0.86, 'wilson')
    """
    return all_measured(posts, (name,))[name]


def all_measured(posts: JudgedPosts, names: Sequence[str]) -> dict[str, Measured]:
    """Return several figures by name; see `measured`.

    Examples
    --------
    >>> y, p = np.repeat([1.0, 0.0], 50), np.linspace(0.9, 0.1, 100)
    >>> posts = JudgedPosts(y, p, p > 0.6, np.arange(100), np.arange(100))
    >>> sum(one.value for one in all_measured(posts, CONFUSION).values())
    1.0
    """
    counted = [name for name in names if name not in RANKED]
    of_sample = _of_sample(posts, posts.cells) if posts.cells is not None and counted else {}
    found = {name: of_sample[name] if of_sample else _of_posts(posts, name) for name in counted}
    return {name: found[name] if name in found else _ranked(posts, name) for name in names}


def _of_posts(posts: JudgedPosts, name: str) -> Measured:
    """Return a share of posts, or F1: twice the odds-like share J of TP among TP + FP + FN, over 1 + J."""
    hit, miss = (posts.y == 1) & posts.tagged, (posts.y == 1) & ~posts.tagged
    wrong, rest = (posts.y == 0) & posts.tagged, (posts.y == 0) & ~posts.tagged
    every = np.ones(len(posts), dtype=bool)
    of = {
        "precision": (hit, posts.tagged),
        "recall": (hit, posts.y == 1),
        "f1": (hit, (posts.y == 1) | posts.tagged),
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


def _of_sample(posts: JudgedPosts, cells: SampleCells) -> dict[str, Measured]:
    """Return the same of all posts that were sampled from, by the score test under the design."""
    strata, inside, rate = cells.strata, cells.tagged, cells.rate(posts.y)
    tagged = float(strata.share[inside].sum())
    tp, fn = (float((strata.share * rate)[one].sum()) for one in (inside, ~inside))
    n, n_tagged, n_in = len(posts), int(posts.tagged.sum()), int((posts.y > 0).sum())

    def within(value: float, low: float, high: float, whole: float, n: int) -> Measured:
        """A share of `whole`, which is exact, from its ends as a share of all posts."""
        if not n or not whole:
            return Measured(None, None, None, None, n)
        return Measured(value / whole, max(low, 0.0) / whole, min(high, whole) / whole, "design-based", n)

    asked = [(share_equation(inside), tp), (share_equation(~inside), fn)]
    if tp + fn:
        recall, f1 = tp / (tp + fn), 2 * tp / (tagged + tp + fn)
        asked += [(recall_equation(inside), recall), (f1_equation(inside, tagged), f1)]
    ends = equation_interval(strata, rate, *asked)
    low, high = ends[0]
    found = {
        "precision": within(tp, low, high, tagged, n_tagged),
        "true_positives": within(tp, low, high, 1.0, n),
        "false_positives": within(tagged - tp, tagged - high, tagged - low, 1.0, n),
    }
    low, high = ends[1]
    found |= {
        "false_negatives": within(fn, low, high, 1.0, n),
        "true_negatives": within(1 - tagged - fn, 1 - tagged - high, 1 - tagged - low, 1.0, n),
    }
    if not tp + fn:
        empty = Measured(None, None, None, None, n_in)
        return {**found, "recall": empty, "f1": empty}
    either = int(((posts.y > 0) | posts.tagged).sum())
    found["recall"] = Measured(recall, *ends[2], "design-based", n_in)
    found["f1"] = Measured(f1, *ends[3], "design-based", either)
    return found


def _ranked(posts: JudgedPosts, name: str) -> Measured:
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
