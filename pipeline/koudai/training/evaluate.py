"""Evaluation: figures of a model on posts it was not fitted on, each with n and an interval.

Promises: intervals are bootstrapped over groups of near-duplicates, so repeats do not make them too narrow, and have
the shape of Wilson's, so figures that rest on a few posts do not, either; an
undefined figure (no positives, no negatives) is None, never 0; posts on which the model abstains are part of every
figure. A metric is a formula over a few sums, computed in one pass over the posts; the tests compare each with
scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koudai.cores import cores
from koudai.model.evaluation import MetricValue
from koudai.text.compiled.kernels import kernels
from koudai.training.bootstrap import RESAMPLES, draw_groups, share_interval
from koudai.training.calibration_error import calibration_error

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
    >>> sums, _ = resampled(np.array([1, 0], np.int8), np.array([0.9, 0.3]), threshold=0.5, groups=np.arange(2), seed=1)
    >>> brier(sums).round(3).tolist()
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
RANKED, FEWEST = ("average_precision", "auc"), 10
"""Metrics that have an interval from so many groups in the category, and out of it, on."""


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
    seed: int,
    metrics: tuple[str, ...] = FIGURES,
    resamples: int = RESAMPLES,
) -> list[MetricValue]:
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
        Seed of the bootstrap.
    metrics
        Names from `FIGURES`.
    resamples
        Number of bootstrap samples.

    Returns
    -------
    list of MetricValue
        In the order of `metrics`.

    Examples
    --------
    >>> y, p = np.array([1, 0, 1, 0], np.int8), np.array([0.9, 0.8, 0.7, 0.1])
    >>> found = evaluate(y, p, threshold=0.5, groups=np.arange(4), seed=1, metrics=("f1", "auc"))
    >>> [(one.metric, one.value, one.n) for one in found]
    [('f1', 0.8, 4), ('auc', 0.75, 4)]
    """
    whole, samples = resampled(y, p, threshold=threshold, groups=groups, seed=seed, resamples=resamples)
    found = []
    for name in metrics:
        if name == CALIBRATION_ERROR:
            gaps = calibration_error(y, np.nan_to_num(np.asarray(p, np.float64), nan=0.0), groups=groups)
            found.append(MetricValue(name, gaps.value, len(y), gaps.low, gaps.high))
            continue
        value = float(METRICS[name](whole)[0])
        low, high = (None, None) if name in BIASED else _interval(name, whole, samples, groups=len(np.unique(groups)))
        defined = np.isfinite(value)
        found.append(
            MetricValue(name, value if defined else None, len(y), low if defined else None, high if defined else None)
        )
    return found


def _interval(name: str, whole: Values, samples: Values, *, groups: int) -> tuple[float | None, float | None]:
    """Return the interval of a metric; of F1 that of J = TP / (TP + FP + FN), of which it is 2J / (1 + J)."""
    tp, fp, fn, tn = (float(one[0]) for one in _counts(whole))
    inside, outside = tp + fn, fp + tn
    among = {
        "precision": tp + fp,
        "recall": inside,
        "f1": tp + fp + fn,
        "macro_f1": 2 * min(inside, outside),
        "average_precision": inside,
        "auc": min(inside, outside),
    }
    posts = inside + outside
    each = groups / posts if posts else 0.0
    units = among.get(name, posts) * each
    if name in RANKED and min(inside, outside) * each < FEWEST:
        return None, None
    value, drawn = METRICS[name](whole), METRICS[name](samples)
    if name == "average_precision" and np.isfinite(drawn).any():  # as much too high as samples of it are higher still
        more = max(0.0, float(np.nanmean(drawn)) - float(value[0]))
        low, high = share_interval(max(float(value[0]) - more, float(value[0]) / 3), drawn, units=units)
        return (None, None) if low is None or high is None else (low, max(high, float(value[0])))
    if name != "f1":
        return share_interval(float(value[0]), drawn, units=units)
    low, high = share_interval(float((value / (2 - value))[0]), drawn / (2 - drawn), units=units)
    return (None, None) if low is None or high is None else (2 * low / (1 + low), 2 * high / (1 + high))


def resampled(
    y: NDArray[np.int8],
    p: NDArray[np.float64],
    *,
    threshold: float,
    groups: NDArray[np.int64],
    seed: int,
    resamples: int = RESAMPLES,
) -> tuple[Values, Values]:
    """Return the sums that metrics are computed from: of all posts, shape (1, n_sums), and of each bootstrap sample,
    shape (resamples, n_sums). Parameters are those of `evaluate`; equal groups and seed draw equal samples.

    Examples
    --------
    >>> y, p = np.array([1, 0, 1], np.int8), np.array([0.9, 0.8, 0.7])
    >>> whole, samples = resampled(y, p, threshold=0.5, groups=np.arange(3), seed=1, resamples=10)
    >>> precision(whole).round(3).tolist(), len(samples)
    ([0.667], 10)
    """
    posts, n_groups = _ranked(y, np.nan_to_num(np.asarray(p, dtype=np.float64), nan=0.0), threshold, groups)
    return _sums(posts, np.ones(n_groups)), _resampled(posts, n_groups, resamples, seed=seed)


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
    _resampled(posts, n_groups, 1, seed=0)


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


def _resampled(posts: Ranked, n_groups: int, resamples: int, *, seed: int) -> Values:
    """Return the sums of bootstrap samples of whole groups, shape (resamples, n_sums).

    Each sample has its own generator, so the result does not depend on the threads.

    Source: Davison & Hinkley 1997, section 3.8, resampling of clusters.
    """
    counting = _kernels()
    sums = np.zeros((resamples, counting.GAPS + BINS))
    threads = cores()

    def draw(first: int) -> None:
        times = np.zeros(n_groups, np.int64)
        for sample in range(first, resamples, threads):
            drawn = draw_groups(np.random.default_rng((seed, sample)), n_groups)
            counting.tally_drawn(posts, drawn, times, sums[sample])

    if n_groups:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(draw, range(threads)))
    return sums
