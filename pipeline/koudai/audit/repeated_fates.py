"""Repeated fates: whether copies of a post met different outcomes, and how often they would by chance.

Promises: each repeated post counts once, however many copies it has; what chance gives is told under several rules,
each named, since a post that comes again may be of other outcomes than one that does not, and outcomes change with
time; the rule that fits is that of the same month, where there are dates. Nothing is fitted.

Source: Bamman, O'Connor & Smith 2012, "Censorship and deletion practices in Chinese social media".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import ALL, Figure, share
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, Outcomes
from koudai.training.intervals import Z95

DRAWS = 1000
MOST_PAIRS = 20
_SIMULATED = 2000
_LEAST = 0.01
_FITS = ("same month", "repeated posts")
"""Rules of chance that fit, best first."""


@dataclass(frozen=True)
class RepeatedFates:
    """Outcomes of posts, and rules by which chance may deal them out.

    Parameters
    ----------
    outcomes
        Of the scored posts.
    same : dict of ndarray of int64, shape (n_posts,)
        Within what outcomes may be exchanged, by the name of the rule: months, days.
    generator
        Deals them out.

    Examples
    --------
    >>> values = np.array(["gone", "kept", "kept", "kept"], object)
    >>> outcomes = Outcomes(values, np.array([1, 0, 0, 0], np.int8), {})
    >>> fates = RepeatedFates(outcomes, {}, np.random.default_rng(1))
    >>> fates.figures("identical", np.array([0, 0, 1, 1]))[0].value
    0.5
    """

    outcomes: Outcomes
    same: dict[str, NDArray[np.int64]]
    generator: np.random.Generator

    def figures(self, name: str, group: NDArray[np.int64]) -> list[Figure]:
        """Return what became of the repeated posts of a grouping, called `name`.

        Parameters
        ----------
        name
            Of the grouping.
        group : ndarray of int64, shape (n_posts,)
            Equal numbers are copies.
        """
        found = self.outcomes
        moderation = (found.fate == REMOVED) | (found.fate == KEPT)
        every, moderated = (_copies(found, rows, group) for rows in (found.recorded, moderation))
        figures = [share(ALL, name, "different", *every.differing(every.value))]
        figures += self._by_chance(name, "different_by_chance", every)
        figures.append(share(ALL, name, "different_moderation", *moderated.differing(moderated.value)))
        figures += self._by_chance(name, "different_moderation_by_chance", moderated, every=False)
        met = np.zeros((every.posts, len(every.names)), dtype=bool)
        met[every.number, every.value[every.places]] = True
        pairs = [
            (a, b, int((met[:, a] & met[:, b]).sum()))
            for a in range(len(every.names))
            for b in range(a + 1, len(every.names))
        ]
        shown = sorted((pair for pair in pairs if pair[2]), key=lambda pair: (-pair[2], pair[:2]))[:MOST_PAIRS]
        return figures + [
            share(ALL, f"{name}: {every.names[a]} / {every.names[b]}", "different", count, every.posts)
            for a, b, count in shown
        ]

    def _by_chance(self, name: str, statistic: str, copies: _Copies, *, every: bool = True) -> list[Figure]:
        """Return the share under the rule that fits, then under each, if `every`."""
        if not copies.posts:
            return []
        repeated = np.zeros(len(copies.value), dtype=np.int64)
        repeated[copies.places] = 1
        rules = {"any post": np.zeros_like(repeated), "repeated posts": repeated, **self.same}
        fits = next(rule for rule in _FITS if rule in rules)
        groups = {name: fits, **({f"{name}, {rule}": rule for rule in rules} if every else {})}
        found = {rule: self._range(copies.chances(rules[rule])) for rule in dict.fromkeys(groups.values())}
        return [
            Figure(ALL, group, statistic, found[rule][0], copies.posts, *found[rule][1:])
            for group, rule in groups.items()
        ]

    def _range(self, dealt: _Chances) -> tuple[float, float, float]:
        """Return the mean of chances, and between what nineteen of twenty shares lie if posts differ with them."""
        chance, narrower = dealt
        n, mean = len(chance), float(chance.mean())
        if n > _SIMULATED:
            half = narrower * Z95 * float(np.sqrt((chance * (1.0 - chance)).sum())) / n
            return mean, max(0.0, mean - half), min(1.0, mean + half)
        shares = np.array([(self.generator.random(n) < chance).mean() for _ in range(DRAWS)])
        low, high = mean + narrower * (np.percentile(shares, [2.5, 97.5]) - mean)
        return mean, max(0.0, float(low)), min(1.0, float(high))


class _Chances(NamedTuple):
    """The chance of each repeated post to hold several values, and how much narrower than of independent posts the
    range of their share is, since values are dealt out and not drawn: what one post has another has not.
    """

    chance: NDArray[np.float64]
    narrower: float


@dataclass(frozen=True)
class _Copies:
    """Posts that come more than once: their places, the number of each one's group, and every post's value, an index
    in `names`, -1 where it is not looked at.
    """

    places: NDArray[np.intp]
    number: NDArray[np.int64]
    value: NDArray[np.int64]
    names: list[str]

    @property
    def posts(self) -> int:
        """How many different posts come more than once."""
        return int(self.number.max()) + 1 if len(self.number) else 0

    def differing(self, value: NDArray[np.int64]) -> tuple[int, int]:
        """Return how many of them hold more than one value, and how many there are."""
        return differing(value[self.places], self.number)

    def chances(self, within: NDArray[np.int64]) -> _Chances:
        """Return for each repeated post the probability that its copies hold more than one value, if the values of all
        posts that are looked at are dealt out anew among those with the same number in `within`.

        The variance of the share is that of independent posts less what is explained by how often each value comes to
        repeated posts, as far as that is given.
        """
        rows = np.flatnonzero(self.value >= 0)
        place = np.full(len(within), -1, dtype=np.int64)
        place[rows] = _numbered(within[rows])
        names = len(self.names)
        counts = np.bincount(place[rows] * names + self.value[rows], minlength=(int(place.max()) + 1) * names)
        held = counts.reshape(-1, names).astype(np.float64)
        order = np.lexsort((place[self.places], self.number))
        number, where = self.number[order], place[self.places][order]
        run = np.append(True, (number[1:] != number[:-1]) | (where[1:] != where[:-1]))
        start = np.maximum.accumulate(np.where(run, np.arange(len(run)), 0))
        taken = (np.arange(len(run)) - start)[:, None]
        left = np.maximum(held[where] - taken, 0.0) / (held[where].sum(axis=1, keepdims=True) - taken)
        first = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
        same = np.multiply.reduceat(left, first, axis=0)
        chance = np.clip(1.0 - same.sum(axis=1), 0.0, 1.0)
        runs, whole = np.flatnonzero(run), held.sum(axis=1)
        size, at = np.diff(np.append(runs, len(run)))[:, None], where[runs]
        share = held / np.maximum(whole[:, None], 1.0)
        own = np.unique(number, return_inverse=True)[1][runs]
        together = np.zeros(held.shape)
        np.add.at(together, at, size * (same[own] - same[own].sum(axis=1, keepdims=True) * share[at]))
        explained = np.divide(together**2, share, out=np.zeros(held.shape), where=share > 0).sum(axis=1)
        alone = float((chance * (1.0 - chance)).sum())
        left_over = 1.0 - float((explained / np.maximum(whole, 1.0)).sum()) / alone if alone > 0 else 1.0
        return _Chances(chance, math.sqrt(min(1.0, max(left_over, _LEAST))))


def _numbered(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers from 0 in place of values, in their order."""
    if not len(values):
        return values
    least = int(values.min())
    span = int(values.max()) - least + 1
    if span > 4 * len(values):
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    there = np.zeros(span, dtype=bool)
    there[values - least] = True
    return (np.cumsum(there) - 1)[values - least]


def _copies(found: Outcomes, rows: NDArray[np.bool_], group: NDArray[np.int64]) -> _Copies:
    value = np.full(len(group), -1, dtype=np.int64)
    names = sorted({str(one) for one in set(found.value[rows].tolist())})
    place = {name: at for at, name in enumerate(names)}
    value[rows] = [place[one] for one in map(str, found.value[rows].tolist())]
    places = np.flatnonzero(rows)
    number = _numbered(group[places])
    places = places[np.bincount(number)[number] >= 2]
    places = places[np.argsort(group[places], kind="stable")]
    number = _numbered(group[places])
    return _Copies(places, number, value, names)


def differing(value: NDArray[np.int64], group: NDArray[np.int64]) -> tuple[int, int]:
    """Return how many groups of two posts or more hold more than one value, and how many such groups there are.

    Parameters
    ----------
    value, group : ndarray of int64, shape (n_posts,)
        The outcome of each post and the group it is in, each 0 and up.

    Examples
    --------
    >>> differing(np.array([0, 1, 0, 0]), np.array([0, 0, 1, 1]))
    (1, 2)
    """
    if not len(value):
        return 0, 0
    order = np.arange(len(group)) if (np.diff(group) >= 0).all() else np.argsort(group, kind="stable")
    value, group = value[order], group[order]
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    repeated = np.diff(np.append(starts, len(group))) >= 2
    most, least = np.maximum.reduceat(value, starts), np.minimum.reduceat(value, starts)
    return int((repeated & (most != least)).sum()), int(repeated.sum())
