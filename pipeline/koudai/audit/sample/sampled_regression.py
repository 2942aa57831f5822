"""Logistic regression of a category on what is known of all posts, from a stratified sample of labels and a model.

Promises: the labels' errors are not taken for none where the model is wrong: its predictions are corrected by the
labels that were drawn, each by its probability; how much of the model is used makes the variance smallest, and may be
nothing; standard errors honour the strata. With λ = 0 it is `svyglm` of R's `survey`; with λ = 1 the pseudo-outcome
f + (R/π)(y − f) is regressed on all posts. A coefficient is an association and no cause.

Sources: Egami, Hinck, Stewart & Wei 2023, "Using imperfect surrogates for downstream inference"; Angelopoulos, Duchi &
Zrnic 2023, "PPI++: efficient prediction-powered inference"; Binder 1983 (the variance under a sampling design).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.domains import SampledLabels, stratified_covariance
from koudai.audit.sample.estimate import Population
from koudai.training.judging.strata import Floats, Strata

_STEPS, _NEAR, _LONGEST = 50, 1e-9, 2.0


@dataclass(frozen=True, eq=False)
class SampledRegression:
    """Coefficients of a logistic regression, on the scale of log odds.

    Parameters
    ----------
    value : ndarray of float64, shape (n_terms,)
    covariance : ndarray of float64, shape (n_terms, n_terms)
    freedom
        Degrees of freedom: labels less strata, and less the terms but one.
    power
        λ, how much of the model is used.

    Examples
    --------
    >>> SampledRegression(np.array([0.7]), np.array([[0.04]]), 100.0, 0.5).ends[0].round(2).tolist()
    [0.3]
    """

    value: Floats
    covariance: Floats
    freedom: float
    power: float

    @property
    def error(self) -> Floats:
        """Standard errors, shape (n_terms,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """Ends of the 95 % intervals, by Student's t."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.freedom, 0.975)) * self.error
        return self.value - half, self.value + half

    @property
    def p(self) -> Floats:
        """p-values of each being 0."""
        from scipy.special import stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2 * stdtr(self.freedom, -np.abs(self.value) / self.error))


def sampled_regression(
    population: Population, labels: SampledLabels, terms: Floats, *, power: float | None = None
) -> SampledRegression | None:
    """Regress a category on terms; None if a stratum has no label, or coefficients do not settle.

    Parameters
    ----------
    population
        Every post.
    labels
        Of some of them.
    terms : ndarray of float64, shape (n_posts, n_terms)
        Of every post, the first column being 1; a post of which all are 0 takes no part.
    power
        λ; by default what makes the variances smallest, 0 where the population is not these posts.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> x = random.normal(size=2000)
    >>> y = (random.random(2000) < 1 / (1 + np.exp(1 - x))).astype(float)
    >>> population = Population(np.zeros(2000, int), y * 0.8 + 0.1)
    >>> labels = SampledLabels(np.arange(400), y[:400])
    >>> found = sampled_regression(population, labels, np.stack([np.ones(2000), x], axis=1))
    >>> found.value.round(1).tolist(), found.power > 0.5
    ([-0.9, 0.8], True)
    """
    drawn = np.bincount(population.stratum[labels.post], minlength=len(population.size)).astype(np.float64)
    if not len(labels.y) or not drawn.all():
        return None
    equation = _Equation(population, labels, terms, Strata(population.size, drawn))
    if population.total is not None:
        power = 0.0
    if power is None:
        whole = equation.solved(1.0)
        power = 0.0 if whole is None else equation.best(whole)
    value = equation.solved(power)
    if value is None:
        return None
    inverse = np.linalg.pinv(equation.bend(value, power), hermitian=True)
    moves, aided = equation.moves(value)
    covariance = stratified_covariance(equation.strata, equation.stratum, (moves - power * aided) @ inverse)
    took_part = int(terms[labels.post].any(axis=1).sum())
    strata = len(np.unique(equation.stratum[terms[labels.post].any(axis=1)]))
    freedom = max(float(took_part - strata - terms.shape[1] + 1), 1.0)
    return SampledRegression(value, covariance, freedom, power)


class _Equation:
    """What the coefficients solve: Σ_s w·x(y − μ) + λ[Σ x(f − μ) − Σ_s w·x(f − μ)] = 0, in shares of all posts."""

    def __init__(self, population: Population, labels: SampledLabels, terms: Floats, strata: Strata) -> None:
        self.strata, self.stratum = strata, population.stratum[labels.post]
        self.weight = (strata.share / strata.labelled)[self.stratum]
        self.y, self.f = labels.y, population.f[labels.post]
        self.x, self.every, self.of_every = terms[labels.post], terms, population.f

    def moves(self, value: Floats) -> tuple[Floats, Floats]:
        """Return x(y − μ) and x(f − μ) of each label."""
        mu = _expit(self.x @ value)
        return self.x * (self.y - mu)[:, None], self.x * (self.f - mu)[:, None]

    def bend(self, value: Floats, power: float) -> Floats:
        """Return the information matrix."""
        mu = _expit(self.x @ value)
        found = (1 - power) * (self.x.T @ (self.x * (self.weight * mu * (1 - mu))[:, None]))
        if power:
            mu = _expit(self.every @ value)
            found += power * (self.every.T @ (self.every * (mu * (1 - mu))[:, None])) / len(self.every)
        return np.asarray(found)

    def solved(self, power: float) -> Floats | None:
        """Return the coefficients by Newton's method, None if they do not settle."""
        value = np.zeros(self.x.shape[1])
        for _ in range(_STEPS):
            moves, aided = self.moves(value)
            score = self.weight @ (moves - power * aided)
            if power:
                score = score + power * (self.every.T @ (self.of_every - _expit(self.every @ value))) / len(self.every)
            step = np.linalg.lstsq(self.bend(value, power), score, rcond=None)[0]
            longest = float(np.abs(step).max())
            value = value + step * min(1.0, _LONGEST / max(longest, _NEAR))
            if longest < _NEAR:
                return np.asarray(value)
        return None

    def best(self, value: Floats) -> float:
        """Return λ of PPI++: what makes the variances of the coefficients but the first smallest, from 0 to 1."""
        inverse = np.linalg.pinv(self.bend(value, 1.0), hermitian=True)
        both = np.concatenate([one @ inverse for one in self.moves(value)], axis=1)
        covariance = stratified_covariance(self.strata, self.stratum, both)
        n = len(value)
        place = np.arange(min(1, n - 1), n)
        alone = np.diag(covariance)[place]
        counted = np.where(alone > 0, 1 / np.where(alone > 0, alone, 1.0), 0.0)
        below = float(counted @ np.diag(covariance)[n + place])
        return float(np.clip(float(counted @ covariance[place, n + place]) / below, 0.0, 1.0)) if below > 0 else 0.0


def _expit(t: Floats) -> NDArray[np.float64]:
    from scipy.special import expit

    return np.asarray(expit(t))
