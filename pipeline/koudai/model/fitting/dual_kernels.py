"""Dual coordinate descent: one pass over all posts, for up to `LANES` fits at once: compiled.

Promises: each fit gives the same numbers as by itself, with the same order of operations; nothing is random here. The
fits that share a pass over the features are as many as go into one register, and may be of different labels.

Source: Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear SVM" (squared hinge); Yu, Huang &
Lin 2011, "Dual coordinate descent methods for logistic regression and maximum entropy models" (logistic).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.text.compiled.jit import allocating, compiled, prefetch
from koudai.text.compiled.lanes import LANES, gather, scatter

_AHEAD = 4
_LINE = 8
_STEPS = 50
_NEAR = 1e-4
u = np.uint64


class FitPosts(NamedTuple):
    """Training data of several fits.

    Attributes
    ----------
    data, indices, indptr
        Features in compressed sparse row format.
    norms : ndarray of float64, shape (n_posts,)
        Squared norm of each post's features, 1 for the intercept included; see `square_norms`.
    signs : ndarray of float64, shape (n_posts, LANES)
        1 or -1 for each post and fit.
    costs : ndarray of float64, shape (n_posts, LANES)
        Cost of each post's loss in each fit; 0 if the post is not part of it.
    """

    data: NDArray[np.float64]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    norms: NDArray[np.float64]
    signs: NDArray[np.float64]
    costs: NDArray[np.float64]


class Fit(NamedTuple):
    """State of the fits; every array holds LANES values per element.

    Attributes
    ----------
    weights, intercept
        Weights of the features, and the intercept.
    dual
        Dual variable of each post; for logistic loss its log-odds, the variable being ``cost * sigmoid(dual)``.
    open
        1 for fits that continue, 0 for finished ones.
    loss, gain, tie
        Sums over posts, accumulated during the last pass: the loss, the contribution to the dual objective, and the
        product of dual variable and margin. The last equals twice the penalty, ``w @ w + b * b``, at fixed weights.
    """

    weights: NDArray[np.float64]
    intercept: NDArray[np.float64]
    dual: NDArray[np.float64]
    open: NDArray[np.float64]
    loss: NDArray[np.float64]
    gain: NDArray[np.float64]
    tie: NDArray[np.float64]


@compiled
def expit(t: Any) -> Any:
    """Return ``1 / (1 + exp(-t))``."""
    small = math.exp(-abs(t))
    return 1.0 / (1.0 + small) if t >= 0.0 else small / (1.0 + small)


@compiled
def best_log_odds(t: Any, variable: Any, cost: Any, norm: Any, margin: Any) -> Any:
    """Return the root t of ``t + norm * (cost * expit(t) - variable) + margin``, by Newton's method with bisection
    where a step would leave the bracket or steps do not shrink.
    """
    low, high = -margin - norm * (cost - variable), -margin + norm * variable
    t = min(max(t, low), high)
    last = before_last = high - low
    for _ in range(_STEPS):
        part = expit(t)
        value = t + norm * (cost * part - variable) + margin
        if value > 0.0:
            high = t
        else:
            low = t
        step = value / (1.0 + norm * cost * part * (1.0 - part))
        if not low < t - step < high or abs(step) > 0.5 * before_last:
            step = t - 0.5 * (low + high)
        before_last, last = last, abs(step)
        t -= step
        if last < _NEAR:
            break
    return t


@compiled
def square_norms(data: Any, indptr: Any, norms: Any) -> None:
    """Write 1 plus the sum of the squares of each row into `norms`."""
    for post in range(len(norms)):
        norm = 1.0
        for place in range(np.int64(indptr[u(post)]), np.int64(indptr[u(post + 1)])):
            norm += data[u(place)] * data[u(place)]
        norms[u(post)] = norm


@allocating
def visit(order: Any, posts: Any, fit: Any, logistic: Any, change: Any) -> None:
    """Visit posts in `order`: add up the sums and, if `change`, set the dual variable of each post in each open fit to
    its optimum with all others fixed.
    """
    data, indices, indptr = posts.data, posts.indices, posts.indptr
    weights, intercept = fit.weights, fit.intercept
    moves, margins = np.zeros(LANES), np.zeros(LANES)
    loss, gain, tie = fit.loss, fit.gain, fit.tie
    loss[:], gain[:], tie[:] = 0.0, 0.0, 0.0
    for number in range(len(order)):
        if number + 2 * _AHEAD < len(order):
            prefetch(indptr, u(order[u(number + 2 * _AHEAD)]))
        if number + _AHEAD < len(order):
            later = np.int64(order[u(number + _AHEAD)])
            prefetch(posts.costs, u(later * LANES))
            prefetch(fit.dual, u(later * LANES))
            prefetch(posts.signs, u(later * LANES))
            for place in range(np.int64(indptr[u(later)]), np.int64(indptr[u(later + 1)]), _LINE):
                prefetch(data, u(place))
                prefetch(indices, u(place))
        post = np.int64(order[u(number)])
        begin, end = np.int64(indptr[u(post)]), np.int64(indptr[u(post + 1)])
        norm = posts.norms[u(post)]
        margins[:] = intercept
        gather(data, indices, begin, end, margins, weights)
        moved = False
        for lane in range(LANES):
            cost = posts.costs[u(post), u(lane)]
            moves[u(lane)] = 0.0
            if cost > 0.0:
                margin = margins[u(lane)] * posts.signs[u(post), u(lane)]
                dual = fit.dual[u(post), u(lane)]
                if logistic:
                    size = abs(dual)
                    small = math.exp(-size)
                    variable = cost * expit(dual)
                    loss[u(lane)] += cost * (math.log1p(math.exp(-abs(margin))) + max(-margin, 0.0))
                    gain[u(lane)] += cost * (math.log1p(small) + size * small / (1.0 + small))
                else:
                    variable = dual
                    loss[u(lane)] += cost * max(1.0 - margin, 0.0) ** 2
                    gain[u(lane)] += dual - 0.25 * dual * dual / cost
                tie[u(lane)] += variable * margin
                if change and fit.open[u(lane)] > 0.0:
                    if logistic:
                        dual = best_log_odds(dual, variable, cost, norm, margin)
                        move = cost * expit(dual) - variable
                    else:
                        bend = 0.5 / cost
                        dual = max(dual - (bend * dual + margin - 1.0) / (norm + bend), 0.0)
                        move = dual - variable
                    fit.dual[u(post), u(lane)] = dual
                    moves[u(lane)] = move * posts.signs[u(post), u(lane)]
                    moved |= move != 0.0
        if moved:
            intercept += moves
            scatter(data, indices, begin, end, moves, weights)
