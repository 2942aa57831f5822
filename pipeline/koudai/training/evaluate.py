"""Evaluation: figures of a model on posts it was not fitted on, each with n and an interval.

Promises: a group of near-duplicates counts as one in intervals, which are those of `koudai.training.judging`; an
undefined figure (no positives, no negatives) is None, never 0; posts on which the model abstains are part of every
figure. A metric is a formula over a few sums, computed in one pass over the posts; the tests compare each with
scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koudai.model.evaluation import MetricValue
from koudai.text.compiled.kernels import kernels
from koudai.training.calibration_error import calibration_error
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import RANKED
from koudai.training.judging.measured import counted_figure, ranked_figure

if TYPE_CHECKING:
    from koudai.training.evaluate_kernels import Ranked

BINS = 10

Values = NDArray[np.float64]
Metric = Callable[[Values], Values]
"""Maps sums, shape (n_samples, n_sums), in the order of `evaluate_kernels`, to one value per sample."""


def _ratio(a: Values, b: Values) -> Values:
    return np.asarray(np.divide(a, b, out=np.full(np.shape(b), np.nan), where=b > 0))


def _counts(sums: Values) -> tuple[Values, Values, Values, Values]:
    return sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3]


def precision(sums: Values) -> Values:
    """Return TP / (TP + FP).

    Examples
    --------
    >>> precision(np.array([[6.0, 2.0, 3.0, 9.0]])).tolist()
    [0.75]
    """
    tp, fp, _, _ = _counts(sums)
    return _ratio(tp, tp + fp)


def recall(sums: Values) -> Values:
    """Return TP / (TP + FN).

    Examples
    --------
    >>> recall(np.array([[3.0, 0.0, 1.0, 9.0]])).tolist()
    [0.75]
    """
    tp, _, fn, _ = _counts(sums)
    return _ratio(tp, tp + fn)


def f1(sums: Values) -> Values:
    """Return 2 TP / (2 TP + FP + FN), the F1 of the positive class; NaN without positives.

    Examples
    --------
    >>> f1(np.array([[4.0, 1.0, 1.0, 9.0]])).tolist()
    [0.8]
    """
    tp, fp, fn, _ = _counts(sums)
    return np.where(tp + fn > 0, _ratio(2 * tp, 2 * tp + fp + fn), np.nan)


def macro_f1(sums: Values) -> Values:
    """Return the mean of the F1 of the positive and of the negative class; NaN unless both occur.

    Examples
    --------
    >>> macro_f1(np.array([[4.0, 1.0, 1.0, 4.0]])).tolist()
    [0.8]
    """
    tp, fp, fn, tn = _counts(sums)
    both = (tp + fn > 0) & (fp + tn > 0)
    return np.where(both, (_ratio(2 * tp, 2 * tp + fp + fn) + _ratio(2 * tn, 2 * tn + fp + fn)) / 2, np.nan)


def accuracy(sums: Values) -> Values:
    """Return (TP + TN) / all.

    Examples
    --------
    >>> accuracy(np.array([[6.0, 2.0, 3.0, 9.0]])).tolist()
    [0.75]
    """
    tp, fp, fn, tn = _counts(sums)
    return _ratio(tp + tn, tp + fp + fn + tn)


def average_precision(sums: Values) -> Values:
    """Return Σ (Rₖ − Rₖ₋₁) Pₖ over thresholds k from the highest probability down."""
    from koudai.training.evaluate_kernels import PRECISIONS

    tp, _, fn, _ = _counts(sums)
    return _ratio(sums[:, PRECISIONS], tp + fn)


def auc(sums: Values) -> Values:
    """Return the area under the ROC curve: P(p of a positive > p of a negative), ties counted half."""
    from koudai.training.evaluate_kernels import AREA

    tp, fp, fn, tn = _counts(sums)
    return _ratio(sums[:, AREA], (tp + fn) * (fp + tn))


def brier(sums: Values) -> Values:
    """Return the mean of (p − y)².

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability".

    Examples
    --------
    >>> y, p, groups = np.array([1, 0], np.int8), np.array([0.9, 0.3]), np.arange(2)
    >>> brier(reweighted(y, p, threshold=0.5, groups=groups, weights=np.ones((1, 2)))).round(3).tolist()
    [0.05]
    """
    from koudai.training.evaluate_kernels import SQUARES

    return _ratio(sums[:, SQUARES], sums[:, :4].sum(axis=1))


def ece(sums: Values) -> Values:
    """Return Σ_b |mean p − mean y| · share of b, over ten bins of equal width.

    Source: Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning".
    """
    from koudai.training.evaluate_kernels import GAPS

    return _ratio(np.abs(sums[:, GAPS:]).sum(axis=1), sums[:, :4].sum(axis=1))


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


CALIBRATION_ERROR = "calibration_error"
FIGURES = (*METRICS, CALIBRATION_ERROR)
"""What `evaluate` measures: every metric, and the debiased calibration error."""
BIASED = ("ece",)
"""Metrics without an interval: a bootstrap adds their bias once more."""


def bin_of(p: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin index of each probability, 0 to 9, for bins of width 0.1.

    Examples
    --------
    >>> bin_of(np.array([0.05, 0.55, 1.0])).tolist()
    [0, 5, 9]
    """
    return np.minimum((p * BINS).astype(np.intp), BINS - 1)


def evaluate(
    y: NDArray[np.int8],
    p: NDArray[np.float64],
    *,
    threshold: float,
    groups: NDArray[np.int64],
    metrics: tuple[str, ...] = FIGURES,
) -> list[MetricValue]:
    """Measure one category.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    p : ndarray of float64, shape (n_posts,)
        Probability of 1; NaN (no features) counts as 0.
    threshold
        A post is tagged from this probability on.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post: the unit of intervals.
    metrics
        Names from `FIGURES`.

    Returns
    -------
    list of MetricValue
        In the order of `metrics`.

    Examples
    --------
    >>> y, p = np.array([1, 0, 1, 0], np.int8), np.array([0.9, 0.8, 0.7, 0.1])
    >>> found = evaluate(y, p, threshold=0.5, groups=np.arange(4), metrics=("f1", "auc"))
    >>> [(one.metric, one.value, one.n) for one in found]
    [('f1', 0.8, 4), ('auc', 0.75, 4)]
    """
    sums = reweighted(y, p, threshold=threshold, groups=groups, weights=np.ones((1, len(np.unique(groups)))))
    posts = judged(y, p, threshold=threshold, groups=groups)
    found = []
    for name in metrics:
        if name == CALIBRATION_ERROR:
            gaps = calibration_error(y, posts.p, groups=groups)
            found.append(MetricValue(name, gaps.value, len(y), gaps.low, gaps.high))
            continue
        value = float(METRICS[name](sums)[0])
        if not np.isfinite(value):
            found.append(MetricValue(name, None, len(y), None, None))
        elif name in BIASED:
            found.append(MetricValue(name, value, len(y), None, None))
        else:
            ends = ranked_figure(posts, name) if name in RANKED else counted_figure(posts, name)
            low, high = ends.low, ends.high
            found.append(MetricValue(name, value, len(y), low and min(low, value), high and max(high, value)))
    return found


def judged(y: NDArray[np.int8], p: NDArray[np.float64], *, threshold: float, groups: NDArray[np.int64]) -> JudgedPosts:
    """Return posts as figures and their differences are measured on them; parameters are those of `evaluate`.

    Examples
    --------
    >>> judged(np.array([1], np.int8), np.array([np.nan]), threshold=0.5, groups=np.zeros(1, np.int64)).tagged.tolist()
    [False]
    """
    p = np.nan_to_num(np.asarray(p, dtype=np.float64), nan=0.0)
    return JudgedPosts(y.astype(np.float64), p, p >= threshold, np.arange(len(y)), groups)


def reweighted(
    y: NDArray[np.int8],
    p: NDArray[np.float64],
    *,
    threshold: float,
    groups: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> Values:
    """Return the sums that metrics are computed from, shape (n_samples, n_sums), of posts that do not all count once.

    Parameters are those of `evaluate`, but for `weights`, shape (n_samples, n_groups): how often each group counts in
    each sample, groups in ascending order of their numbers.

    Examples
    --------
    >>> y, p = np.array([1, 0, 1], np.int8), np.array([0.9, 0.8, 0.7])
    >>> sums = reweighted(y, p, threshold=0.5, groups=np.arange(3), weights=np.array([[1.0, 2.0, 1.0]]))
    >>> precision(sums).tolist()
    [0.5]
    """
    posts, _ = _ranked(y, np.nan_to_num(np.asarray(p, dtype=np.float64), nan=0.0), threshold, groups)
    return np.concatenate([_sums(posts, np.ascontiguousarray(one)) for one in weights])


@kernels("koudai.training.evaluate_kernels", what="the evaluation")
def _kernels(_: Any) -> None:
    """Evaluate two posts."""
    posts, n_groups = _ranked(np.array([0, 1], np.int8), np.array([0.2, 0.8]), 0.5, np.arange(2))
    _sums(posts, np.ones(n_groups))


def _ranked(
    y: NDArray[np.int8], p: NDArray[np.float64], threshold: float, groups: NDArray[np.int64]
) -> tuple[Ranked, int]:
    """Return the posts by decreasing probability, and the number of groups."""
    from koudai.training.evaluate_kernels import Ranked

    order = np.argsort(-p, kind="stable")
    y, p = y[order].astype(np.int8), p[order]
    names, place = np.unique(groups, return_inverse=True)
    last = np.append(p[1:] != p[:-1], True)[: len(p)]
    bins = np.clip(bin_of(p), 0, BINS - 1).astype(np.int64)
    return Ranked(y, p, p >= threshold, bins, last, place[order].astype(np.int64)), len(names)


def _sums(posts: Ranked, weights: NDArray[np.float64]) -> Values:
    """Return the sums of one sample, shape (1, n_sums), given the weight of each group."""
    counting = _kernels()
    sums = np.zeros((1, counting.GAPS + BINS))
    counting.tally(posts, weights, sums[0])
    return sums
