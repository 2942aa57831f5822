"""A 95 % interval for a figure that a linear equation of the strata's rates defines: a share, recall, F1, AUC.

Promises: the score test, inverted: a value is in the interval if the equation that it stands for is off by no more than
t standard errors, those there would be if it held, each stratum's rate being the most likely one under it. Never zero
wide unless every post was labelled; the ends lie in [0, 1] and around the estimate. For the share of all posts it is
`stratified_interval`; for the rate of one stratum it is Wilson's, with t.

Sources: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; Fieller 1954, "Some
problems in interval estimation" (a ratio as the root of a linear equation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.training.judging.strata import Floats, Strata

Equation = Callable[[Floats], tuple[Floats, Floats]]
"""Maps values of the figure, shape (n,), to factors, shape (n, n_strata), and right-hand sides, shape (n,): a value is
true if the sum of factor times share of all posts times rate is the right-hand side."""
_GRID, _ROUNDS = 25, 3
_HALVINGS, _NEWTONS = 6, 18
_FAR = 30.0
_SOLVED = 1e-13
_CLOSE = 1e-9


class Asked(NamedTuple):
    """A figure that is asked for.

    Parameters
    ----------
    equation
        What a value of it means.
    estimate
        The value that the rates themselves give, from 0 to 1.
    beside
        Variance of the equation's left-hand side that does not come from the rates.

    Examples
    --------
    >>> Asked(share_equation(np.array([True])), 0.25).beside
    0.0
    """

    equation: Equation
    estimate: float
    beside: float = 0.0


def equation_interval(strata: Strata, rate: Floats, *asked: Asked) -> list[tuple[float, float]]:
    """Return the ends of the 95 % interval of one figure or several.

    Parameters
    ----------
    strata
        Sizes and labels.
    rate : ndarray of float64, shape (n_strata,)
        Share of positives among the labels of each stratum.
    asked
        The figures.

    Examples
    --------
    >>> strata = Strata(np.array([900.0, 100.0]), np.array([20.0, 10.0]))
    >>> share = lambda values: (np.ones((len(values), 2)), values)
    >>> [(low, high)] = equation_interval(strata, np.array([0.05, 0.5]), Asked(share, 0.095))
    >>> round(low, 3), round(high, 3)
    (0.043, 0.272)
    """
    equations = [one.equation for one in asked for _ in range(2)]
    near = np.repeat([one.estimate for one in asked], 2)
    beside = np.repeat([one.beside for one in asked], 2 * _GRID)
    far = np.tile([0.0, 1.0], len(asked))
    for _ in range(_ROUNDS):
        values = near[:, None] + (far - near)[:, None] * np.linspace(0, 1, _GRID)
        parts = [equation(row) for equation, row in zip(equations, values, strict=True)]
        factors, right = (np.concatenate(one) for one in zip(*parts, strict=True))
        out = ~_inside(strata, rate, factors, right, beside).reshape(values.shape)
        out[:, 0] = False
        some, first = out.any(axis=1), out.argmax(axis=1)
        rows = np.arange(len(values))
        near = np.where(some, values[rows, np.maximum(first, 1) - 1], far)
        far = np.where(some, values[rows, first], far)
    return [(float(near[at]), float(near[at + 1])) for at in range(0, len(near), 2)]


def recall_equation(inside: NDArray[np.bool_]) -> Equation:
    """Return what a recall r means: (1 − r) of the positives in the strata `inside` are r of those outside.

    Examples
    --------
    >>> factors, right = recall_equation(np.array([True, False]))(np.array([0.8]))
    >>> factors.round(3).tolist(), right.tolist()
    ([[0.2, -0.8]], [0.0])
    """
    return lambda values: (np.where(inside, 1 - values[:, None], -values[:, None]), np.zeros(len(values)))


def f1_equation(inside: NDArray[np.bool_], tagged: float) -> Equation:
    """Return what an F1 f means: (2 − f) TP − f FN = f A, where A is the share `tagged` of all posts.

    Examples
    --------
    >>> factors, right = f1_equation(np.array([True, False]), 0.5)(np.array([0.8]))
    >>> factors.round(3).tolist(), right.tolist()
    ([[1.2, -0.8]], [0.4])
    """
    return lambda values: (np.where(inside, 2 - values[:, None], -values[:, None]), values * tagged)


def auc_equation(below: Floats) -> Equation:
    """Return what an AUC a means: the mean over all positives of what lies `below` them is a.

    Parameters
    ----------
    below : ndarray of float64, shape (n_strata,)
        Share of the negatives below a positive of each stratum, from 0 to 1.

    Examples
    --------
    >>> factors, right = auc_equation(np.array([0.9, 0.3]))(np.array([0.8]))
    >>> factors.round(3).tolist(), right.tolist()
    ([[0.1, -0.5]], [0.0])
    """
    return lambda values: (below - values[:, None], np.zeros(len(values)))


def share_equation(inside: NDArray[np.bool_], of: float = 1.0) -> Equation:
    """Return what a share of the posts in the strata `inside` means, which are the share `of` of all posts.

    Examples
    --------
    >>> factors, right = share_equation(np.array([True, False]), 0.5)(np.array([0.8]))
    >>> factors.tolist(), right.tolist()
    ([[1.0, 0.0]], [0.4])
    """
    return lambda values: (np.tile(inside.astype(np.float64), (len(values), 1)), values * of)


def _inside(strata: Strata, rate: Floats, factors: Floats, right: Floats, beside: Floats) -> NDArray[np.bool_]:
    """Return whether each value, by its equation, is one that the test does not reject."""
    from scipy.special import stdtrit

    weights = factors * strata.share
    counted = strata.open & (weights != 0)
    freedom = np.maximum((counted * (strata.labelled - 1)).sum(axis=1), 1.0)
    reach = stdtrit(freedom, 0.975)
    least = np.where(strata.open, np.minimum(weights, 0.0), weights * rate).sum(axis=1)
    most = np.where(strata.open, np.maximum(weights, 0.0), weights * rate).sum(axis=1)
    possible = (least <= right + _CLOSE) & (right <= most + _CLOSE)
    rates = np.zeros_like(weights)
    rates[possible] = _rates_that_solve(strata, rate, weights[possible], right[possible])
    per_label = weights**2 * (1 - strata.labelled / strata.size) / strata.labelled
    error = np.sqrt((per_label * rates * (1 - rates)).sum(axis=1) + beside)
    return np.asarray(possible & (np.abs((weights * rate).sum(axis=1) - right) <= reach * error + _CLOSE))


def _rates_that_solve(strata: Strata, rate: Floats, weights: Floats, right: Floats) -> Floats:
    """Return the most likely rates that solve each equation, which has some, all but `_CLOSE`; strata that are labelled
    whole keep theirs.
    """
    per_label = np.where(strata.open, weights / strata.labelled, 0.0)
    scale = 1 / np.maximum(np.abs(per_label).max(axis=1), 1e-100)
    low, high = np.full(len(right), -_FAR), np.full(len(right), _FAR)
    middle, rates = np.zeros(len(right)), np.tile(rate, (len(right), 1))
    for step in range(_HALVINGS + _NEWTONS):
        pull = scale * np.sign(middle) * np.expm1(np.abs(middle))
        rates = _pulled(rate, pull[:, None] * per_label)
        over = (weights * rates).sum(axis=1) - right
        if step > _HALVINGS and (np.abs(over) <= _SOLVED).all():
            break
        low, high = np.where(over > 0, low, middle), np.where(over > 0, middle, high)
        half = (low + high) / 2
        if step < _HALVINGS:
            middle = half
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            bend = np.where(rate > 0, rate / rates**2, 0.0) + np.where(rate < 1, (1 - rate) / (1 - rates) ** 2, 0.0)
            moves = np.where((rates > 0) & (rates < 1), weights * per_label / bend, 0.0).sum(axis=1)
            newton = middle - over / (scale * np.exp(np.abs(middle)) * moves)
        middle = np.where((newton >= low) & (newton <= high), newton, half)
    return rates


def _pulled(rate: Floats, c: Floats) -> Floats:
    """Return the rates that maximise y log p + (1 − y) log(1 − p) + c p."""
    root = np.sqrt(np.maximum((1 - c) ** 2 + 4 * c * rate, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        near = 2 * rate / ((1 - c) + root)
        far = (root - (1 - c)) / (2 * c)
    return np.asarray(np.clip(np.where(c < 1, near, far), 0.0, 1.0))
