"""Shares of a category in parts of all posts, such as platforms or months, from one stratified sample of labels.

Promises: each post counts by the probability it was drawn with, wherever it lies; a domain without a labelled post has
no value, and is there all the same; no interval has no width unless every post was labelled; estimates of domains share
a covariance, which comparisons account for. With λ = 0 the estimates and their covariance are those of R's `survey`.

Sources: Cochran 1977, "Sampling Techniques", section 5A.14 (domains); Angelopoulos, Duchi & Zrnic 2023, "PPI++:
efficient prediction-powered inference"; Zou & Donner 2008, "Construction of confidence limits about effect measures: a
general approach"; Satterthwaite 1946, "An approximate distribution of estimates of variance components".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.estimate import Population, gained
from koudai.audit.sample.stratified_interval import stratified_interval
from koudai.training.judging.judged import sample_cells
from koudai.training.judging.strata import Floats, Strata

FEWEST = 10
"""Labels in the category, and out of it, below which a sum over many domains has no interval."""


class SampledLabels(NamedTuple):
    """Labels of some posts of a population, arrays of shape (n_labels,): which posts, and what is said, from 0 to 1.

    Examples
    --------
    >>> SampledLabels(np.array([0, 2]), np.array([1.0, 0.0])).y.tolist()
    [1.0, 0.0]
    """

    post: NDArray[np.int64]
    y: Floats


class Contrast(NamedTuple):
    """A weighted sum of domains' shares with its 95 % interval, the p-value of its being 0, and the labels it rests on;
    None where undefined.

    Examples
    --------
    >>> Contrast(0.1, -0.05, 0.25, 0.18, 40).n
    40
    """

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int


@dataclass(frozen=True, eq=False)
class DomainShares:
    """The shares of domains; arrays of shape (n_domains,), NaN where a domain has no label.

    Parameters
    ----------
    value, low, high
        The share and its 95 % interval.
    labelled, posts
        Labels in each domain, and its posts.
    covariance : ndarray of float64, shape (n_domains, n_domains)
        Of the estimates, linearised, under the design; 0 where a domain has no label.
    freedom
        Degrees of freedom of each interval.
    within
        Labels in the category, in each domain.
    of_design
        Degrees of freedom of the whole sample, labels less strata.

    Examples
    --------
    >>> population = Population(np.zeros(100, int), np.full(100, 0.5))
    >>> labels = SampledLabels(np.arange(40), np.resize([1.0, 0.0, 0.0, 0.0], 40))
    >>> found = domain_shares(population, labels, place=np.arange(100) % 2, power=0.0)
    >>> found.value.round(3).tolist(), found.labelled.tolist()
    ([0.5, 0.0], [20, 20])
    >>> found.contrast(np.array([1.0, -1.0])).low > 0.2
    True
    """

    value: Floats
    low: Floats
    high: Floats
    labelled: NDArray[np.int64]
    posts: NDArray[np.int64]
    covariance: Floats
    freedom: Floats
    within: Floats
    of_design: float

    @property
    def told(self) -> NDArray[np.bool_]:
        """Domains that have a value."""
        return np.isfinite(self.value)

    def contrast(self, weights: Floats) -> Contrast:
        """Return a weighted sum of the shares.

        The distance of each end from the sum is made of the distances of the shares' own ends, by the correlations of
        the estimates; the p-value is Student's, by the end that faces 0.

        Parameters
        ----------
        weights : ndarray of float64, shape (n_domains,)
            Weights that are 0 leave a domain out; without a value of any other there is none.

        Source: Zou & Donner 2008. Source: Satterthwaite 1946 (degrees of freedom).
        """
        from scipy.special import stdtr, stdtrit

        used = np.flatnonzero(weights)
        n = int(self.labelled[used].sum())
        if not len(used) or not self.told[used].all():
            return Contrast(None, None, None, None, n)
        c, value = weights[used], self.value[used]
        less, more = value - self.low[used], self.high[used] - value
        spread = np.sqrt(np.diag(self.covariance))[used]
        alike = (
            self.covariance[np.ix_(used, used)]
            / np.where(spread > 0, spread, 1.0)
            / np.where(spread > 0, spread, 1.0)[:, None]
        )
        np.fill_diagonal(alike, 1.0)
        total, reach, parts = float(c @ value), [], []
        for own in (np.where(c > 0, less, more), np.where(c > 0, more, less)):
            parts.append(np.abs(c) * own)
            signed = c * own
            reach.append(float(np.sqrt(max(float(signed @ alike @ signed), 0.0))))
        facing = 0 if total > 0 else 1
        if not reach[facing]:
            return Contrast(total, total - reach[0], total + reach[1], None, n)
        variance = (parts[facing] / stdtrit(self.freedom[used], 0.975)) ** 2
        freedom = float(variance.sum() ** 2 / (variance**2 / self.freedom[used]).sum())
        error = reach[facing] / float(stdtrit(freedom, 0.975))
        p = 2 * float(stdtr(freedom, -abs(total) / error))
        return Contrast(total, total - reach[0], total + reach[1], p, n)

    def slope(self, weights: Floats) -> Contrast:
        """Return a weighted sum of the shares of many domains, such as the slope of a line through them: the sum ± t
        linearised standard errors. Without an interval below `FEWEST` labels in the category or out of it.

        Where many small domains are summed up the intervals of `contrast` are far too wide, since each of them reckons
        with a stray post that no label tells of.

        Parameters
        ----------
        weights : ndarray of float64, shape (n_domains,)
            As of `contrast`.
        """
        from scipy.special import stdtr, stdtrit

        used = np.flatnonzero(weights)
        n = int(self.labelled[used].sum())
        if not len(used) or not self.told[used].all():
            return Contrast(None, None, None, None, n)
        total, within = float(weights[used] @ self.value[used]), float(self.within[used].sum())
        error = float(np.sqrt(max(float(weights @ self.covariance @ weights), 0.0)))
        if min(within, n - within) < FEWEST or not error:
            return Contrast(total, None, None, None, n)
        half = float(stdtrit(self.of_design, 0.975)) * error
        return Contrast(total, total - half, total + half, 2 * float(stdtr(self.of_design, -abs(total) / error)), n)


def domain_shares(
    population: Population, labels: SampledLabels, *, place: NDArray[np.int64], power: float, domains: int | None = None
) -> DomainShares | None:
    """Estimate the shares of domains; None if a stratum has no label.

    The share of a domain is Σ w·y/Σ w − λ(Σ w·f/Σ w − mean of f), sums over its labels with their weights w = 1/π, the
    mean over all its posts: what the labels say, corrected by how far their f are from that of the domain. The interval
    is that of `stratified_interval`, of strata within the domain, for the linearised variance of this estimate over all
    samples.

    Parameters
    ----------
    population
        Every post.
    labels
        Of some of them.
    place : ndarray of int64, shape (n_posts,)
        Domain of each post, -1 of one that is in none.
    power
        λ, how much of the model is used; 0 where the population is not these posts.
    domains
        How many there are; by default as many as occur.

    Examples
    --------
    >>> population = Population(np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.9, 0.8]))
    >>> labels = SampledLabels(np.array([0, 1, 3]), np.array([0.0, 0.0, 1.0]))
    >>> domain_shares(population, labels, place=np.array([0, 0, 1, 0, 2]), power=0.0).value.round(2).tolist()
    [0.33, nan, nan]
    """
    post, y = labels
    size, stratum = population.size, population.stratum[post]
    drawn = np.bincount(stratum, minlength=len(size)).astype(np.float64)
    if not len(y) or not drawn.all():
        return None
    strata, f, own = Strata(size, drawn), population.f, place[post]
    many = int(place.max(initial=-1)) + 1 if domains is None else domains
    weight = (strata.share / drawn)[stratum]
    scale = size.sum() / len(f)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(own[own >= 0], values[own >= 0], minlength=many), dtype=np.float64)

    inside = place >= 0
    posts = np.bincount(place[inside], minlength=many)
    labelled = np.bincount(own[own >= 0], minlength=many)
    known = labelled > 0
    below = np.where(known, summed(weight), 1.0)
    of_model = np.bincount(place[inside], f[inside], minlength=many) / np.maximum(posts, 1)
    alone, seen = summed(weight * y) / below, summed(weight * f[post]) / below
    value = np.where(known, alone - power * (seen - of_model), np.nan)
    member = (own[:, None] == np.arange(many)) & known
    moves = member * ((y[:, None] - alone) - power * (f[post][:, None] - seen)) / below
    covariance = stratified_covariance(strata, stratum, moves)
    low, high, freedom = np.full(many, np.nan), np.full(many, np.nan), np.full(many, np.nan)
    small = place.astype(np.int16) if many < np.iinfo(np.int16).max else place  # sorted by radix, many times faster
    order = np.argsort(small, kind="stable")
    ends = np.searchsorted(small[order], np.arange(many + 1))
    for at in np.flatnonzero(known):
        rows = order[ends[at] : ends[at + 1]]
        here = np.flatnonzero(own == at)
        low[at], high[at], freedom[at] = _ends(
            population.stratum,
            f,
            rows,
            labels=SampledLabels(post[here], y[here]),
            aim=(float(value[at]), float(covariance[at, at])),
            scale=scale,
        )
    value, design = np.clip(value, low, high), max(float((drawn - 1)[strata.open].sum()), 1.0)
    return DomainShares(value, low, high, labelled, posts, covariance, freedom, summed(y), design)


def stratified_covariance(strata: Strata, stratum: NDArray[np.int64], z: Floats) -> Floats:
    """Return the covariance of the stratified means of z, shape (n_labels, n_figures); a stratum with one label adds
    nothing to it.

    Source: Cochran 1977, "Sampling Techniques", chapter 5.

    Examples
    --------
    >>> strata, z = Strata(np.array([10.0]), np.array([4.0])), np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> stratified_covariance(strata, np.zeros(4, int), z).round(4).tolist()
    [[0.05]]
    """
    sums = np.zeros((len(strata.size), z.shape[1]))
    np.add.at(sums, stratum, z)
    off = z - (sums / strata.labelled[:, None])[stratum]
    counted = strata.factor / np.maximum(strata.labelled - 1, 1)
    return np.asarray((off * counted[stratum][:, None]).T @ off)


def _ends(
    stratum: NDArray[np.int64],
    f: Floats,
    rows: NDArray[np.int64],
    *,
    labels: SampledLabels,
    aim: tuple[float, float],
    scale: float,
) -> tuple[float, float, float]:
    """Return the interval of a domain, the posts `rows`, around an estimate with a variance; and degrees of freedom."""
    cells = sample_cells(2 * stratum, f, rows, labels.post)
    assert cells is not None  # a domain that has labels has a cell with one
    strata = Strata(cells.strata.size * scale, cells.strata.labelled)
    plain = cells.variance(labels.y)
    rarer = float(min(labels.y.sum(), len(labels.y) - labels.y.sum()))
    gain, added = gained(aim[1], plain, rarer)
    low, high = stratified_interval(strata, cells.rate(labels.y), estimate=aim[0], gain=gain, added=added)
    return float(min(low, high)), float(max(low, high)), max(float((strata.labelled - 1)[strata.open].sum()), 1.0)
