"""A 95 % interval for a share estimated from a stratified sample, by inverting a test; rare categories included.

Promises: never zero wide unless every post was labelled; a stratum without a single positive still counts, with the
rate it may hold at most if the share were so; the ends lie in [0, 1] and around the estimate.

For a share p the rates of the strata are the most likely ones that add up to it; with these the estimate has a variance
V(p). The interval ends where p is t √V(p) away from the estimate, t being the 97.5 % quantile of Student's distribution
with as many degrees of freedom as labels less strata: the score test, inverted. With one stratum that is Wilson's
interval, with t. `python -m tests.benchmarks.intervals` sets it beside others.

Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from koudai.training.judging.strata import Floats, Strata

_STEPS = 60
_GRID, _ROUNDS = 65, 6
_FAR = 40.0


def rates_that_add_up(strata: Strata, rate: Floats, pull: ArrayLike) -> Floats:
    """Return the most likely rates of the strata under the constraint that their weighted sum is another one.

    Parameters
    ----------
    strata
        Sizes and labels; strata that are labelled whole keep their rate.
    rate : ndarray of float64, shape (..., n_strata)
        Share of positives among the labels of each stratum.
    pull : array_like, shape (...)
        Lagrange multiplier of the constraint: 0 gives `rate`, more gives more.

    Returns
    -------
    ndarray of float64, shape (..., n_strata)
        Maximises Σ n(y log p + (1 − y) log(1 − p)) + pull Σ W p.

    Examples
    --------
    >>> strata = Strata(np.array([900.0, 100.0]), np.array([20.0, 10.0]))
    >>> rates_that_add_up(strata, np.array([0.05, 0.5]), 0.0).tolist()
    [0.05, 0.5]
    """
    c = np.asarray(pull)[..., None] * np.where(strata.open, strata.share / strata.labelled, 0.0)
    root = np.sqrt(np.maximum((1 - c) ** 2 + 4 * c * rate, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        near = 2 * rate / ((1 - c) + root)
        far = (root - (1 - c)) / (2 * c)
    return np.asarray(np.clip(np.where(c < 1, near, far), 0.0, 1.0))


def rates_at(strata: Strata, rate: Floats, share: float) -> Floats:
    """Return the most likely rates, shape (n_strata,), whose weighted sum is `share`, or as near to it as they get.

    Examples
    --------
    >>> strata = Strata(np.array([900.0, 100.0]), np.array([20.0, 10.0]))
    >>> rates_at(strata, np.array([0.05, 0.5]), 0.095).round(3).tolist()
    [0.05, 0.5]
    """
    scale = float((strata.labelled / strata.share).min())
    low, high = np.array(-_FAR), np.array(_FAR)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        over = _share(strata, rate, middle, scale)[0] > share
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return rates_that_add_up(strata, rate, _pull(low, scale))


def stratified_interval(
    strata: Strata,
    rate: Floats,
    *,
    estimate: ArrayLike | None = None,
    gain: ArrayLike = 1.0,
    added: ArrayLike = 0.0,
) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % interval.

    Parameters
    ----------
    strata
        Sizes and labels.
    rate : ndarray of float64, shape (..., n_strata)
        Share of positives among the labels of each stratum; leading axes are samples of their own.
    estimate : array_like, shape (...)
        What the interval is put around; by default the weighted sum of `rate`.
    gain, added : array_like, shape (...)
        The estimate's variance is `gain` times that of the weighted sum, plus `added`.

    Returns
    -------
    tuple of ndarray of float64, shape (...)

    Examples
    --------
    >>> strata = Strata(np.array([900.0, 100.0]), np.array([20.0, 10.0]))
    >>> low, high = stratified_interval(strata, np.array([0.05, 0.5]))
    >>> round(float(low), 3), round(float(high), 3)
    (0.043, 0.272)
    """
    centre = np.clip((rate * strata.share).sum(axis=-1) if estimate is None else np.asarray(estimate), 0.0, 1.0)
    low, high = _ends(strata, rate, centre, np.asarray(gain), np.asarray(added))
    found, all_of_them = (rate * strata.labelled).sum(axis=-1), strata.size.sum()
    least, most = found / all_of_them, 1 - (strata.labelled.sum() - found) / all_of_them
    return np.maximum(np.minimum(low, centre), least), np.minimum(np.maximum(high, centre), most)


def _ends(strata: Strata, rate: Floats, centre: Floats, gain: Floats, added: Floats) -> Floats:
    """Return both ends, shape (2, ...): of values from one end of all to the other, the first that is rejected."""
    scale, reach = (strata.labelled / strata.share).min(), strata.reach
    near = np.stack([np.full(centre.shape, _FAR), np.full(centre.shape, -_FAR)])
    far, above, middle = -near, np.array([False, True]).reshape(-1, *[1] * (centre.ndim + 1)), centre[..., None]
    for _ in range(_ROUNDS):
        values = near[..., None] + (far - near)[..., None] * np.linspace(0.0, 1.0, _GRID)
        p, variance = _share(strata, rate[..., None, :], values, scale)
        out = np.where(above, p > middle, p < middle)
        out &= np.abs(p - middle) > reach * np.sqrt(gain[..., None] * variance + added[..., None])
        out[..., 0] = False
        some, first = out.any(axis=-1), out.argmax(axis=-1)[..., None]
        near = np.where(some, np.take_along_axis(values, np.maximum(first - 1, 0), axis=-1)[..., 0], far)
        far = np.where(some, np.take_along_axis(values, first, axis=-1)[..., 0], far)
    return _share(strata, rate, far, scale)[0]


def _share(strata: Strata, rate: Floats, at: Floats, scale: float) -> tuple[Floats, Floats]:
    """Return the share, and the variance of its estimate, at a point between -_FAR and _FAR."""
    rates = rates_that_add_up(strata, rate, _pull(at, scale))
    return (rates * strata.share).sum(axis=-1), (strata.factor * rates * (1 - rates)).sum(axis=-1)


def _pull(at: Floats, scale: float) -> Floats:
    return np.asarray(scale * np.sign(at) * np.expm1(np.abs(at)))
