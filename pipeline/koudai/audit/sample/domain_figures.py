"""Figures of a category in parts of all posts: shares of domains, and how they differ, as several measures tell them.

Promises: a domain that no labelled post is in has figures all the same, without a value; p-values of all comparisons of
a measure are adjusted together. A post that annotators are divided on counts one half. Declares no measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Statistic, named, phrase
from koudai.audit.frame import Figure
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.sample.domains import Contrast, DomainShares, SampledLabels, domain_shares
from koudai.audit.sample.estimate import Population, aims
from koudai.audit.trying.two_sample import holm

LESS = " − "
"""Between two domains whose difference a figure is."""
P = "p"
SHARES: tuple[Statistic, ...] = (
    named("prevalence", zh="实际占比", en="prevalence", unit="share", interval="design-based"),
    named(
        "labels_alone", zh="实际占比（只用标注）", en="prevalence, labels alone", unit="share", interval="design-based"
    ),
    named("posts", zh="帖子数", en="posts", unit="count"),
    named("without", zh="无法归入的帖子", en="posts in none", unit="count"),
)
"""Statistics of the shares of domains."""
COMPARISONS: tuple[Statistic, ...] = (
    named("difference", zh="占比之差", en="difference", unit="difference", interval="design-based"),
    named(
        P,
        zh="p 值（Holm 校正）",
        en="p (Holm)",
        unit="probability",
        why=phrase(zh="本身就是检验的结果。", en="It is the result of a test itself."),
    ),
)
"""Statistics of how domains differ."""


class SampledCategory(NamedTuple):
    """The labels of one category beside all posts: the population, the labels, and λ, how much of the model is used;
    None of a sample with a stratum that has no label.

    Examples
    --------
    >>> population = Population(np.zeros(4, int), np.zeros(4))
    >>> SampledCategory("rumour", population, SampledLabels(np.array([0]), np.array([1.0])), None).power is None
    True
    """

    key: str
    population: Population
    labels: SampledLabels
    power: float | None

    def shares(self, place: NDArray[np.int64], domains: int, *, alone: bool = False) -> DomainShares | None:
        """Return the shares of domains; None if a stratum has no label.

        Parameters
        ----------
        place : ndarray of int64, shape (n_posts,)
            Domain of each post, -1 of one that is in none.
        domains
            How many there are.
        alone
            Whether the labels are used alone.
        """
        if self.power is None:
            return None
        return domain_shares(
            self.population, self.labels, place=place, power=0.0 if alone else self.power, domains=domains
        )

    def labelled(self, place: NDArray[np.int64], domains: int) -> NDArray[np.int64]:
        """Return how many labels each domain has, shape (n_domains,); `place` and `domains` as of `shares`."""
        return np.bincount(place[self.labels.post] + 1, minlength=domains + 1)[1:]


def sampled_categories(given: AuditInput, sample: LabelledSample) -> list[SampledCategory]:
    """Return each category that a sample has labels of, in the order of the sample."""
    found = []
    beyond = sample.population is not None and sample.population != len(given.ids)
    for column, key in enumerate(sample.categories):
        f = np.nan_to_num(given.proba[:, given.categories.index(key)].astype(np.float64), nan=0.0)
        population = Population(sample.stratum, f, sample.population if beyond else None)
        y = sample.majority[:, column]
        known = np.isfinite(y)
        labels = SampledLabels(sample.post[known], y[known])
        made = aims(population, *labels)
        power = None if made is None else 0.0 if beyond else made[2]["ppi++"].power
        found.append(SampledCategory(key, population, labels, power))
    return found


def share_figures(
    of: SampledCategory, place: NDArray[np.int64], names: Sequence[str], shares: DomainShares | None
) -> list[Figure]:
    """Return the figures of each domain's share, by the model and labels and by labels alone, and of its posts.

    Parameters
    ----------
    of
        A category.
    place : ndarray of int64, shape (n_posts,)
        Index of each post's domain, -1 of one that is in none.
    names
        Of the domains, as figures are to be called.
    shares
        Theirs, by the model and labels.
    """
    posts = np.bincount(place[place >= 0], minlength=len(names))
    labelled = of.labelled(place, len(names)).tolist()
    both = shares, of.shares(place, len(names), alone=True)
    figures = []
    for at, name in enumerate(names):
        for statistic, found in zip(("prevalence", "labels_alone"), both, strict=True):
            if found is None or not labelled[at]:
                figures.append(Figure(of.key, name, statistic, None, labelled[at]))
                continue
            ends = float(found.value[at]), labelled[at], float(found.low[at]), float(found.high[at])
            figures.append(Figure(of.key, name, statistic, *ends))
        figures.append(Figure(of.key, name, "posts", float(posts[at]), int(posts[at])))
    return figures


def contrast_figures(key: str, group: str, statistic: str, found: Contrast | None, n: int) -> list[Figure]:
    """Return the figure of a contrast and its p-value, which `adjusted` turns into Holm's; without one, that it has no
    value, for `n` labels.
    """
    if found is None:
        return [Figure(key, group, statistic, None, n)]
    figure = Figure(key, group, statistic, found.value, found.n, found.low, found.high)
    return [figure] if found.p is None else [figure, Figure(key, group, P, found.p, found.n)]


def difference_figures(
    of: SampledCategory, group: str, shares: DomainShares | None, pair: tuple[int, int], n: int
) -> list[Figure]:
    """Return the figures of the share of the first domain of a pair less that of the second, which has `n` labels."""
    found = None
    if shares is not None:
        weights = np.zeros(len(shares.posts))
        weights[list(pair)] = 1.0, -1.0
        found = shares.contrast(weights)
    return contrast_figures(of.key, group, "difference", found, n)


def adjusted(
    figures: Sequence[Figure], *, mirrored: Mapping[tuple[str, str], tuple[str, str]] | None = None
) -> tuple[Figure, ...]:
    """Return figures with their p-values adjusted for all comparisons among them (Holm).

    Parameters
    ----------
    figures
        Of a measure.
    mirrored
        Category and group of comparisons that are others the other way round, with those of the others: one question
        that is asked twice counts once, and has one p-value.

    Examples
    --------
    >>> found = adjusted([Figure("rumour", name, "p", p, 90) for name, p in (("a", 0.01), ("b", 0.04))])
    >>> [one.value for one in found]
    [0.02, 0.04]
    >>> both = [Figure("rumour", name, "p", 0.03, 90) for name in ("a", "b")]
    >>> [one.value for one in adjusted(both, mirrored={("rumour", "b"): ("rumour", "a")})]
    [0.03, 0.03]
    """
    tests = [at for at, one in enumerate(figures) if one.statistic == P]
    place = {(figures[at].category, figures[at].group): at for at in tests}
    other = {place[one]: place[two] for one, two in (mirrored or {}).items() if one in place and two in place}
    asked = [at for at in tests if at not in other]
    p = holm(np.array([figures[at].value for at in asked], dtype=np.float64))
    told = dict(zip(asked, p.tolist(), strict=True))
    told |= {one: told[two] for one, two in other.items()}
    return tuple(replace(one, value=told[at]) if at in told else one for at, one in enumerate(figures))
