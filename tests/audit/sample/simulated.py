"""Simulated posts with a known share in a category, samples of them drawn as `koudai sample` draws, and how often the
intervals hold the share. Labels are drawn from probabilities of their own; the model knows these well, badly, or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from koudai.audit.sample.design import Design, design
from koudai.audit.sample.estimate import ESTIMATORS, Population, aims
from koudai.audit.sample.strata import finest
from koudai.audit.sample.stratified_interval import stratified_interval

KEY = ("c",)
MODELS = {"good": 4.0, "fair": 2.0, "useless": 0.0, "overconfident": 4.0, "too low": 2.0}
"""How strongly labels hang on what the model sees."""


@dataclass(frozen=True, eq=False)
class World:
    """Posts: their labels, the model's probabilities, and their sums in the finest strata."""

    y: NDArray[np.float64]
    f: NDArray[np.float64]

    @property
    def share(self) -> float:
        return float(self.y.mean())

    def simple(self, n: int) -> tuple[NDArray[np.int64], Population]:
        """A simple random sample: posts to draw from its one stratum."""
        return np.array([n]), Population(np.zeros(len(self.f), np.int64), self.f)

    def drawn(self, n: int) -> tuple[NDArray[np.int64], Population]:
        """Posts to draw from each stratum, as `koudai sample` does."""
        made, population = self.design(n)
        return made.drawn[made.used], population

    def design(self, n: int) -> tuple[Design, Population]:
        p = self.f.astype(np.float32)[:, None]
        code = finest(p, p >= 0.5, np.zeros(len(p), dtype=bool))
        held = np.bincount(code, self.f * (1 - self.f), minlength=7)[:, None]
        made = design(np.bincount(code, minlength=7), held, n, KEY)
        number = np.full(len(made.size), -1)
        number[made.used] = np.arange(len(made.used))
        return made, Population(number[made.to[code]], self.f)


def world(model: str, share: float, n: int = 20_000, seed: int = 1) -> World:
    """Return `n` posts of which `share` are in the category, up to rounding."""
    random = np.random.default_rng([seed, *model.encode()])
    seen = random.normal(size=n)

    def probabilities(slope: float) -> NDArray[np.float64]:
        return np.asarray(expit(slope * seen + brentq(lambda b: expit(slope * seen + b).mean() - share, -80, 40)))

    truth = probabilities(MODELS[model])
    score = np.log(random.random(n)) / np.maximum(truth, 1e-300)  # exactly round(n * share) of them, by probability
    y = np.zeros(n)
    y[np.argsort(-score)[: round(n * share)]] = 1.0
    f = probabilities(2.0) if model == "useless" else truth
    f = expit(2 * logit(f) + 1) if model == "overconfident" else expit(logit(f) - 2) if model == "too low" else f
    return World(y, np.clip(f, 1e-9, 1 - 1e-9))


def samples(
    of: World, n: int, draws: int, seed: int = 2, *, strata: bool = True
) -> Iterator[tuple[Population, NDArray[np.int64], NDArray[np.float64]]]:
    """Yield samples: all posts, those drawn, their labels."""
    drawn, population = of.drawn(n) if strata else of.simple(n)
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(population.stratum == at) for at in range(len(drawn))]
    for _ in range(draws):
        parts = [random.choice(own, k, replace=False, shuffle=False) for own, k in zip(members, drawn, strict=True)]
        post = np.concatenate(parts)
        yield population, post, of.y[post]


@dataclass(frozen=True)
class Coverage:
    """Of an estimator over many samples: share of intervals that hold the truth, in per cent; that of plain ones
    (estimate ± 1.96 standard errors); mean width; mean error, and its standard deviation over samples.
    """

    covered: float
    wald: float
    width: float
    bias: float
    deviation: float
    draws: int


def simulate(
    model: str, share: float, n: int, draws: int, seed: int = 2, *, strata: bool = True
) -> dict[str, Coverage]:
    """Return the coverage of each of the estimators."""
    of = world(model, share)
    rates, found, plain = [], {name: [] for name in ESTIMATORS}, []
    for population, post, y in samples(of, n, draws, seed, strata=strata):
        made = aims(population, post, y)
        assert made is not None
        labelled, rate, own = made
        rates.append(rate)
        stratum = population.stratum[post]
        squares = np.bincount(stratum, (y - rate[stratum]) ** 2) / np.maximum(labelled.labelled - 1, 1)
        plain.append(np.sqrt((labelled.factor * squares).sum()))
        for name in ESTIMATORS:
            found[name].append(own[name])
    rate, error = np.array(rates), np.array(plain)
    told = {}
    for name, own in found.items():
        value, _, gain, added = np.array(own).T
        low, high = stratified_interval(labelled, rate, estimate=value, gain=gain, added=added)
        told[name] = Coverage(
            covered=100 * float(((low <= of.share) & (of.share <= high)).mean()),
            wald=100 * float((np.abs(value - of.share) <= 1.96 * error).mean()),
            width=float((high - low).mean()),
            bias=float(value.mean() - of.share),
            deviation=float(value.std()),
            draws=draws,
        )
    return told
