"""Figures of a model on labelled posts with their intervals, weighted by a sample's design where there is one.

Promises: figures of posts that are no sample are those of `koudai.training.judging.measured`; of a sample, shares have
the score test's interval under the design, and F1, recall and AUC are those of all posts that were sampled from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from koudai.audit.judging.equation_interval import (
    Asked,
    auc_equation,
    equation_interval,
    f1_equation,
    recall_equation,
    share_equation,
)
from koudai.training.judging.judged import JudgedPosts, SampleCells
from koudai.training.judging.linear import RANKED, linear_auc, negatives_below
from koudai.training.judging.measured import Measured, counted_figure, ranked_figure


def measured(posts: JudgedPosts, name: str) -> Measured:
    """Return one figure.

    Parameters
    ----------
    posts
        With a label; for the names in `RANKED`, with a probability too.
    name
        Of `koudai.training.judging.linear.LINEAR`, or of `koudai.training.judging.measured.CONFUSION`, which are shares
        of all posts.

    Examples
    --------
    >>> import numpy as np
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
    >>> import numpy as np
    >>> from koudai.training.judging.measured import CONFUSION
    >>> y, p = np.repeat([1.0, 0.0], 50), np.linspace(0.9, 0.1, 100)
    >>> posts = JudgedPosts(y, p, p > 0.6, np.arange(100), np.arange(100))
    >>> sum(one.value for one in all_measured(posts, CONFUSION).values())
    1.0
    """
    counted = [name for name in names if name not in RANKED]
    of_sample = _of_sample(posts, posts.cells) if posts.cells is not None and counted else {}
    found = {name: of_sample[name] if of_sample else counted_figure(posts, name) for name in counted}
    found |= {name: ranked_figure(posts, name) for name in names if name in RANKED}
    if "auc" in found and found["auc"].low is not None and posts.cells is not None:
        found["auc"] = _auc_of_sample(posts, posts.cells, found["auc"])
    return {name: found[name] for name in names}


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

    asked = [Asked(share_equation(inside), tp), Asked(share_equation(~inside), fn)]
    if tp + fn:
        recall, f1 = tp / (tp + fn), 2 * tp / (tagged + tp + fn)
        asked += [Asked(recall_equation(inside), recall), Asked(f1_equation(inside, tagged), f1)]
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


def _auc_of_sample(posts: JudgedPosts, cells: SampleCells, found: Measured) -> Measured:
    """Return an AUC with the score test's interval. A positive among unlikely posts, of which few are labelled and each
    stands for many, moves it most; that none was seen does not mean that there is none.
    """
    linear = linear_auc(posts)
    if linear is None:
        return found
    below, rate = negatives_below(posts), cells.rate(posts.y)
    hits = rate * cells.strata.labelled
    level = np.where(hits > 0, cells.rate(posts.y * below) / np.where(hits > 0, rate, 1.0), cells.rate(below))
    moves = float(cells.strata.share @ rate) * linear.influence
    by_rates = posts.variance(posts.y * (level[cells.of] - linear.value))
    beside = max(posts.variance(moves) - by_rates, 0.0)
    ((low, high),) = equation_interval(cells.strata, rate, Asked(auc_equation(level), linear.value, beside))
    return found._replace(low=low, high=high)
