"""The share of posts in a category, estimated from a stratified sample of labels, with or without the model's help.

Promises: three estimates of the same share, each with an interval of its own; the model makes none of them wrong,
only narrower or not; a stratum without labels makes all of them missing, as nothing is known of its posts. Works on
one category.

Sources: Horvitz & Thompson 1952; Egami, Hinck, Stewart & Wei 2023, "Using imperfect surrogates for downstream
inference"; Angelopoulos, Duchi & Zrnic 2023, "PPI++: efficient prediction-powered inference".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.allocation import allocate
from koudai.audit.sample.stratified_interval import rates_at, stratified_interval
from koudai.training.judging.strata import Floats, Strata

ESTIMATORS = ("design", "difference", "ppi++")
_BELIEF = 2.0
"""Labels of the rarer kind from which half of the gain that is seen is believed."""
_ROUNDING = 1e-14
"""A variance of probabilities that is none, only rounding."""


@dataclass(frozen=True)
class Estimate:
    """One estimate.

    Parameters
    ----------
    value, low, high
        The share and its 95 % interval.
    power
        λ, how much of the model is used: 0 for the design's own.
    to_halve
        Labels that would halve the interval, divided among strata in the best way; None if nothing is left to label,
        or if it was not asked for.

    Examples
    --------
    >>> Estimate(value=0.1, low=0.0, high=0.25, power=0.0, to_halve=None).half_width
    0.125
    """

    value: float
    low: float
    high: float
    power: float
    to_halve: int | None

    @property
    def half_width(self) -> float:
        """Half of the width of the interval."""
        return (self.high - self.low) / 2


class Aim(NamedTuple):
    """Where an interval is put, and how its variance compares with that of the design's own estimate.

    Examples
    --------
    >>> Aim(value=0.1, power=0.8, gain=0.5, added=0.0).power
    0.8
    """

    value: float
    power: float
    gain: float
    added: float


@dataclass(frozen=True, eq=False)
class Population:
    """Every post of a job: its stratum and what the model says.

    Parameters
    ----------
    stratum : ndarray of int64, shape (n_posts,)
        Counted from 0; none is empty.
    f : ndarray of float64, shape (n_posts,)
        Any figure known of every post: the model's probability, 0 where there is none.
    total
        Posts of the population, if it is not these posts; then only labels may be used.

    Examples
    --------
    >>> population = Population(np.array([0, 0, 1]), np.array([0.0, 0.5, 1.0]))
    >>> population.size.tolist(), population.mean.tolist()
    ([2.0, 1.0], [0.25, 1.0])
    """

    stratum: NDArray[np.int64]
    f: Floats
    total: int | None = None

    @cached_property
    def size(self) -> Floats:
        """Posts of each stratum; in the population, if it is another."""
        found = np.bincount(self.stratum).astype(np.float64)
        return found if self.total is None else found * (self.total / found.sum())

    @cached_property
    def mean(self) -> Floats:
        """Mean of `f` in each stratum."""
        return np.asarray(np.bincount(self.stratum, self.f) / np.bincount(self.stratum))

    @cached_property
    def variance(self) -> Floats:
        """Variance of `f` in each stratum."""
        squares = np.bincount(self.stratum, (self.f - self.mean[self.stratum]) ** 2)
        found = squares / np.maximum(self.size - 1, 1)
        return np.asarray(np.where(found > _ROUNDING, found, 0.0))


def aims(population: Population, post: NDArray[np.int64], y: Floats) -> tuple[Strata, Floats, dict[str, Aim]] | None:
    """Return what the estimates are made of.

    Parameters
    ----------
    population
        Every post of the job.
    post : ndarray of int64, shape (n_labels,)
        Which of them carry a label.
    y : ndarray of float64, shape (n_labels,)
        Labels, from 0 to 1.

    Returns
    -------
    tuple or None
        Strata, rate of positives in each, and by the names `ESTIMATORS` the three aims. None if a stratum is without
        labels.

    Examples
    --------
    >>> population = Population(np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.9, 0.8]))
    >>> strata, rate, found = aims(population, np.array([0, 1, 3, 4]), np.array([0.0, 0.0, 1.0, 1.0]))
    >>> rate.tolist(), sorted(found) == sorted(ESTIMATORS)
    ([0.0, 1.0], True)
    """
    size, stratum = population.size, population.stratum[post]
    labelled = np.bincount(stratum, minlength=len(size)).astype(np.float64)
    if not len(y) or not labelled.all():
        return None
    strata, f = Strata(size, labelled), population.f[post]

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(stratum, values, minlength=len(size)) / labelled)

    rate, seen = mean(y), mean(f)
    covariance = mean((y - rate[stratum]) * (f - seen[stratum]))
    off = float(((seen - population.mean) * strata.share).sum())
    plain = _variance(strata, stratum, y)
    rarer = float(min(y.sum(), len(y) - y.sum()))
    found = {}
    for name, power in zip(ESTIMATORS, (0.0, 1.0, tuned(strata, covariance, population.variance)), strict=True):
        gain, added = gained(_variance(strata, stratum, y - power * f), plain, rarer)
        found[name] = Aim(float((rate * strata.share).sum()) - power * off, power, gain, added)
    return strata, rate, found


def gained(aided: float, plain: float, rarer: float) -> tuple[float, float]:
    """Return how the variance of an estimate compares with that of the labels alone: a factor, and what is added.

    Parameters
    ----------
    aided, plain
        Variance of the estimate, and of the labels alone.
    rarer
        Labels of the rarer kind: with few of them less of a gain is believed.

    Examples
    --------
    >>> gained(0.5, 1.0, 2.0), gained(1.5, 1.0, 2.0)
    ((0.75, 0.0), (1.0, 0.5))
    """
    ratio = min(aided / plain, 1.0) if plain > 0 else 1.0
    return (rarer * ratio + _BELIEF) / (rarer + _BELIEF), max(aided - plain, 0.0)


def estimate(
    population: Population, post: NDArray[np.int64], y: Floats, *, power_table: bool = False
) -> dict[str, Estimate]:
    """Estimate a share in all three ways; arguments as of `aims`.

    Returns
    -------
    dict
        By the names `ESTIMATORS`; empty if a stratum is without labels.

    Examples
    --------
    >>> population = Population(np.array([0] * 90 + [1] * 10), np.array([0.1] * 90 + [0.8] * 10))
    >>> post, y = np.arange(80, 100), np.array([0.0] * 12 + [1.0] * 8)
    >>> found = estimate(population, post, y)
    >>> {name: round(one.value, 3) for name, one in found.items()}
    {'design': 0.08, 'difference': 0.08, 'ppi++': 0.08}
    """
    made = aims(population, post, y)
    if made is None:
        return {}
    strata, rate, found = made
    return {name: _estimate(strata, rate, aim, power_table=power_table) for name, aim in found.items()}


def tuned(strata: Strata, covariance: Floats, spread: Floats) -> float:
    """Return λ of PPI++: what makes the variance smallest, between nothing and all of the model.

    Parameters
    ----------
    strata
        Sizes and labels.
    covariance : ndarray of float64, shape (n_strata,)
        Of labels and the model's probabilities, within the labels of each stratum.
    spread : ndarray of float64, shape (n_strata,)
        Variance of the model's probabilities over all posts of each stratum.

    Examples
    --------
    >>> tuned(Strata(np.array([90.0]), np.array([30.0])), np.array([0.02]), np.array([0.04]))
    0.5
    """
    below = float((strata.factor * spread).sum())
    if below <= 0:
        return 0.0
    most = 1 / (1 - strata.labelled.sum() / strata.size.sum())
    return float(np.clip((strata.factor * covariance).sum() / below, 0.0, most))


def _variance(strata: Strata, stratum: NDArray[np.int64], d: Floats) -> float:
    """Return the stratified variance of a mean; a stratum with one label adds nothing to it."""
    mean = np.bincount(stratum, d, minlength=len(strata.size)) / strata.labelled
    squares = np.bincount(stratum, (d - mean[stratum]) ** 2, minlength=len(strata.size))
    return float((strata.factor * squares / np.maximum(strata.labelled - 1, 1)).sum())


def _estimate(strata: Strata, rate: Floats, aim: Aim, *, power_table: bool) -> Estimate:
    def ends(of: Strata) -> tuple[float, float]:
        added = aim.added * of.factor.sum() / strata.factor.sum() if aim.added else 0.0
        low, high = stratified_interval(of, rate, estimate=aim.value, gain=aim.gain, added=added)
        return float(low), float(high)

    low, high = ends(strata)
    value = min(max(aim.value, low), high)
    left = int((strata.size - strata.labelled).sum())
    if not power_table or not left:
        return Estimate(value, low, high, aim.power, None)
    worst = rates_at(strata, rate, high)
    likely = (strata.labelled * rate + 0.5) / (strata.labelled + 1)
    deviation = np.sqrt(np.maximum(worst * (1 - worst), likely * (1 - likely)))

    def halves(more: int) -> bool:
        n = int(strata.labelled.sum()) + more
        shared = allocate(strata.size, deviation, n, at_least=strata.labelled)
        narrow = ends(Strata(strata.size, shared.astype(np.float64)))
        return narrow[1] - narrow[0] <= (high - low) / 2

    short, enough = 0, 1
    while enough < left and not halves(enough):
        short, enough = enough, min(2 * enough, left)
    while enough - short > max(1, enough // 200):
        middle = (short + enough) // 2
        short, enough = (short, middle) if halves(middle) else (middle, enough)
    return Estimate(value, low, high, aim.power, enough)
