"""Two-sample test: whether words tell the posts of two sides apart, by a model cheap enough for hundreds of fits.

Promises: terms and idf of a fold's fit come from its own posts alone; p is that of sides dealt anew, with refits; the
interval includes the draw of the posts fitted on. The model is the nearest of two means of TF-IDF, and its AUC lies
somewhat below that of a fitted classifier. Expects different posts: of near-duplicates one.

Source: Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample tests"; Kim, Ramdas, Singh & Wasserman 2021,
"Classification accuracy as a proxy for two-sample testing" (permutation); Winkler et al. 2016, "Faster permutation
inference in brain imaging" (tail of the permutation distribution).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.training.counted_posts import CountedPosts
from koudai.training.tilts import TILT, tilt_interval, tilt_variance

PERMUTATIONS = 100
TILTS = 30
_FOLDS = 5


@dataclass(frozen=True)
class ToldApart:
    """How well the posts of two sides are told apart.

    Parameters
    ----------
    auc
        Mean over folds of P(a held-out post of the one side is ranked above one of the other).
    low, high
        Its 95 % interval.
    p
        Probability of such an AUC, or a larger one, if posts are dealt to the sides at random.

    Examples
    --------
    >>> ToldApart(0.5, 0.4, 0.6, 0.5).p
    0.5
    """

    auc: float
    low: float | None
    high: float | None
    p: float


def two_sample_test(counted: CountedPosts, sides: NDArray[np.bool_], *, generator: np.random.Generator) -> ToldApart:
    """Return how well two sides are told apart.

    Parameters
    ----------
    counted
        Different posts.
    sides : ndarray of bool, shape (n_posts,)
        Which side each is of; as many on either.
    generator
        Deals folds and sides, and tilts weights.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> sides = np.arange(40) % 2 == 0
    >>> counts = sp.csr_matrix(np.stack([sides, ~sides], axis=1).astype(np.int32))
    >>> counted = CountedPosts((counts,), (np.ones(2),), 2, sublinear_tf=True)
    >>> found = two_sample_test(counted, sides, generator=np.random.default_rng(1))
    >>> found.auc, found.p < 0.01
    (1.0, True)
    """
    n = len(sides)
    fold = generator.permutation(np.arange(n) % _FOLDS)
    anew = generator.permuted(np.repeat(sides[:, None], PERMUTATIONS, axis=1), axis=0)
    dealt = np.concatenate([sides[:, None], anew], axis=1)
    signs = np.where(np.arange(n) % 2, TILT, -TILT)
    tilts = 1.0 + generator.permuted(np.repeat(signs[:, None], TILTS, axis=1), axis=0)
    others = np.roll(tilts, 1, axis=1)
    areas, right = np.zeros((2, 1 + PERMUTATIONS)), np.zeros((2, 4, TILTS))
    for number in range(_FOLDS):
        held, fit = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        features = counted.fitted_on(fit)
        alike = (features[held] @ features[fit].T).toarray().astype(np.float32)
        decision = alike @ _means(dealt[fit])
        areas += ranked_rightly(decision, dealt[held], np.ones((1, len(held), 1)))[:, 0]
        fitted = alike @ _means(np.repeat(sides[fit, None], TILTS, axis=1), tilts[fit])
        weights = np.stack([np.ones_like(tilts), tilts, others])[:, held]
        right[:, 1] += ranked_rightly(decision[:, :1], sides[held, None], weights[1:2])[:, 0]
        right[:, [0, 2, 3]] += ranked_rightly(fitted, sides[held, None], weights)
    auc = areas[0] / np.maximum(areas[1], 1.0)
    by_fit, by_test, together, apart = right[0] / np.maximum(right[1], 1.0)
    shared = float(((apart - by_fit - np.roll(by_test, 1) + auc[0]) ** 2).mean()) / TILT**4
    variance = max(tilt_variance(by_test), tilt_variance(together) - shared)
    ends = tilt_interval(float(auc[0]), variance, freedom=TILTS - 1)
    return ToldApart(float(auc[0]), *ends, upper_tail(float(auc[0]), auc[1:]))


def upper_tail(value: float, dealt: NDArray[np.float64]) -> float:
    """Return the probability of `value` or more under the distribution that `dealt` is drawn from.

    It is the share of them, value itself among them, which is exact; where none reaches the value, that of the gamma
    distribution with their mean, variance and skewness, if it is less, which tells small probabilities apart.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=400)
    >>> upper_tail(0.0, draws) > 0.4, 1e-6 < upper_tail(4.0, draws) < 0.0005
    (True, True)
    """
    from scipy.stats import pearson3, skew

    reached = int((dealt >= value).sum())
    share = (1 + reached) / (1 + len(dealt))
    spread = float(dealt.std(ddof=1))
    if reached or not spread > 0.0:
        return share
    tail = float(pearson3.sf((value - dealt.mean()) / spread, float(skew(dealt))))
    return min(share, max(tail, 0.0)) if math.isfinite(tail) else share


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p adjusted for all tests at once, by Holm's step-down procedure; NaN stays, and is no test.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".

    Examples
    --------
    >>> holm(np.array([0.01, np.nan, 0.04, 0.03])).round(2).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def _means(sides: NDArray[np.bool_], weights: NDArray[np.float64] | None = None) -> NDArray[np.float32]:
    """Return what posts are summed with to give the difference of the two sides' means, shape (n_posts, n_samples)."""
    one = sides * (1.0 if weights is None else weights)
    other = ~sides * (1.0 if weights is None else weights)
    means = one / np.maximum(one.sum(axis=0), 1e-12) - other / np.maximum(other.sum(axis=0), 1e-12)
    return np.asarray(means, dtype=np.float32)


def ranked_rightly(
    decision: NDArray[np.float32], sides: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weight of the pairs of the two sides that are ranked rightly, ties by half, and that of all pairs.

    Parameters
    ----------
    decision : ndarray of float32, shape (n_posts, n_decisions)
    sides : ndarray of bool, shape (n_posts, n_samples)
    weights : ndarray of float64, shape (n_weightings, n_posts, n_samples)
        A pair weighs the product of its posts' weights. A dimension of 1 counts for any number.

    Returns
    -------
    ndarray of float64, shape (2, n_weightings, n_samples)

    Examples
    --------
    >>> decision, sides = np.array([[0.9], [0.5], [0.5]], np.float32), np.array([[True], [True], [False]])
    >>> ranked_rightly(decision, sides, np.ones((1, 3, 1))).ravel().tolist()
    [1.5, 2.0]
    """
    order = np.argsort(decision, axis=0)
    ranked = np.take_along_axis(decision, order, axis=0)
    shape = np.broadcast_shapes(weights.shape[1:], sides.shape, decision.shape)
    sides = np.take_along_axis(np.broadcast_to(sides, shape), np.broadcast_to(order, shape), axis=0)
    order = np.broadcast_to(order, (len(weights), *shape))
    weights = np.take_along_axis(np.broadcast_to(weights, order.shape), order, axis=1)
    ones, others = np.where(sides, weights, 0.0), np.where(sides, 0.0, weights)
    below = np.cumsum(others, axis=1) - others / 2.0
    same = ranked[1:] == ranked[:-1]
    if same.any():
        at, alone = np.arange(len(ranked))[:, None], np.ones((1, ranked.shape[1]), dtype=bool)
        first = np.maximum.accumulate(np.where(np.concatenate([alone, ~same]), at, 0), axis=0)
        last = np.where(np.concatenate([~same, alone]), at, len(ranked) - 1)
        last = np.minimum.accumulate(last[::-1], axis=0)[::-1]
        begin, end = (np.broadcast_to(one, order.shape) for one in (first, last))
        half = others / 2.0
        below = (np.take_along_axis(below - half, begin, axis=1) + np.take_along_axis(below + half, end, axis=1)) / 2.0
    return np.stack([(ones * below).sum(axis=1), ones.sum(axis=1) * others.sum(axis=1)])
