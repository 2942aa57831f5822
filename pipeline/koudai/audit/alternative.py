"""The alternative-annotator test: whether a machine may stand in for one annotator as well as another person would.

Promises: each person in turn is left out, and person and machine are measured by the others, on the same posts; posts
of one cluster count as one; nothing is said of an annotator with fewer posts than the test asks for. Knows no taxonomy
and no file.

Source: Calderon, Reichart & Dror 2025, "The alternative annotator test for LLM-as-a-judge: how to statistically justify
replacing human annotators with LLMs"; Benjamini & Yekutieli 2001 (false discovery rate under dependence).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.training.intervals import ONE_CLUSTER, SPARSE_TABLE, IntervalKind, estimated_mean

FEWEST = 30
"""Posts that an annotator must have labelled to be tested, others having labelled them, too."""
FEWEST_ALIKE = 15
"""Posts of either label that there must be for a test or an interval where both labels count alike: with ten, intervals
held the truth in 79 % of samples.
"""
LEVEL = 0.05
"""False discovery rate at which annotators are found to be equalled."""
_NONE = 1e-18
"""A variance below which posts do not differ but by rounding."""
Quantity = Literal["advantage", "people_advantage", "disagreement", "people_disagreement", "more_disagreement"]
QUANTITIES: tuple[Quantity, ...] = (
    *("advantage", "people_advantage", "disagreement", "people_disagreement", "more_disagreement"),
)
"""Means over annotators: how often the machine agrees with the others as well as the one left out or better, and the
other way round; the share of the others with whom it disagrees, the same of the one left out, and the difference.
"""


class Mean(NamedTuple):
    """A mean with its interval and the kind of it, and the posts it rests on."""

    value: float | None
    low: float | None
    high: float | None
    kind: IntervalKind | None
    n: int


class _Sides(NamedTuple):
    """What is worked out once: how far machine and person agree with the others, shape (n_posts, n_annotators), what
    each post is of an annotator's mean, on which side the others are, the annotators who are tested and meant, and the
    fewest posts that one of the latter has on a side.
    """

    machine: NDArray[np.float64]
    person: NDArray[np.float64]
    share: NDArray[np.float64]
    side: NDArray[np.int64]
    sides: int
    tested: NDArray[np.intp]
    meant: NDArray[np.intp]
    fewest: int


class Winning(NamedTuple):
    """The winning rate ω, None where nobody was tested; how many were; each one's p-value, adjusted."""

    rate: float | None
    tested: int
    p: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class AlternativeTest:
    """A machine and the people it is compared with.

    Parameters
    ----------
    people : ndarray of int, shape (n_posts, n_annotators)
        Labels, 0 or above, -1 where there is none.
    machine : ndarray of int, shape (n_posts,)
        Labels by the machine, likewise.
    cluster : ndarray of int64, shape (n_posts,)
        Posts that belong together.
    weight : ndarray of float64, shape (n_posts,), or None
        How many posts each stands for; None for one each.
    stratum : ndarray of int64, shape (n_posts,), or None
        Of a stratified sample.
    balanced
        Whether posts that most of the others put in the category (label 1) and posts that they do not (label 0) count
        the same in all; posts on which they are divided do not count then.

    Examples
    --------
    >>> people = np.array([[1, 1, 1], [0, 0, 0], [0, 0, 1]] * 40)
    >>> good, bad = (
    ...     AlternativeTest(people, machine, np.arange(120)) for machine in (people[:, 0], 1 - people[:, 0])
    ... )
    >>> good.winning(epsilon=0.1).rate, bad.winning(epsilon=0.1).rate
    (1.0, 0.0)
    >>> good.mean("advantage").value, good.mean("people_advantage").value.__round__(3)
    (1.0, 0.889)
    """

    people: NDArray[np.signedinteger]
    machine: NDArray[np.signedinteger]
    cluster: NDArray[np.int64]
    weight: NDArray[np.float64] | None = None
    stratum: NDArray[np.int64] | None = None
    balanced: bool = False

    def winning(self, *, epsilon: float) -> Winning:
        """Return the winning rate: the share of annotators of whom it is found that the machine does as well.

        Of an annotator, with d the share of posts on which the person agrees with the others as well as the machine or
        better, less that on which the machine agrees as well as the person or better, the hypothesis d ≥ ε is tested by
        Student's t, at a false discovery rate of 5 % over annotators (Benjamini & Yekutieli). The standard error is
        that of a ratio over clusters within strata; where each post stands alone and for one, it is the paper's.

        Parameters
        ----------
        epsilon
            How much more often a person may do better than the machine: what a machine costs less.
        """
        from scipy.special import stdtr
        from scipy.stats import false_discovery_control

        found = []
        lead = self._terms("people_advantage") - self._terms("advantage")
        for person in self._compared.tested.tolist():
            share = self._compared.share[:, person]
            mean, error = float(share @ lead[:, person]), self._variance(self._residual(lead, person), share > 0) ** 0.5
            freedom = max(1 / self._most(share) - self._strata, 1.0)
            found.append(float(stdtr(freedom, (mean - epsilon) / error)) if error > 0 else float(mean >= epsilon))
        if not found:
            return Winning(None, 0, ())
        adjusted = false_discovery_control(found, method="by")
        return Winning(float((adjusted <= LEVEL).mean()), len(found), tuple(adjusted.tolist()))

    def mean(self, quantity: Quantity) -> Mean:
        """Return the mean of one of `QUANTITIES` over the annotators tested, or over all where none can be."""
        from scipy.special import stdtrit

        meant = self._compared.meant
        shares = self._compared.share[:, meant]
        n = int((shares > 0).any(axis=1).sum())
        if not n:
            return Mean(None, None, None, None, 0)
        terms = self._terms(quantity)
        value, share = float((shares * terms[:, meant]).sum()) / len(meant), shares.sum(axis=1) / len(meant)
        value = min(max(round(value, 12), -1.0), 1.0)
        if len(np.unique(self._unit[share > 0])) < 2:
            return Mean(value, None, None, ONE_CLUSTER, n)
        if self.balanced and self._compared.fewest < FEWEST_ALIKE:
            return Mean(value, None, None, SPARSE_TABLE, n)
        residual = sum((self._residual(terms, person) for person in meant.tolist()), np.zeros(len(share))) / len(meant)
        variance, most = self._variance(residual, share > 0), self._most(share)
        if quantity == "more_disagreement":
            half = float(stdtrit(max(1 / most - self._strata, 1.0), 0.975)) * variance**0.5
            if variance < _NONE:  # alike on all posts seen: on how many others it is not is Wilson's bound for none
                half = estimated_mean(0.0, variance=0.0, rarer=np.zeros(1), most=most).high or half
            return Mean(value, max(-1.0, value - half), min(1.0, value + half), "cluster-robust", n)
        adds = (shares * (terms if value <= 0.5 else 1 - terms)[:, meant]).sum(axis=1) / len(meant)
        rarer = np.bincount(self._unit, adds).astype(np.float64)
        found = estimated_mean(value, variance=variance, rarer=rarer, most=most)
        return Mean(found.value, found.low, found.high, found.kind, n)

    @cached_property
    def _compared(self) -> _Sides:
        labels = range(max(int(self.people.max(initial=1)), 1) + 1)
        own = [self.people == label for label in labels]
        of_others = [one.sum(axis=1)[:, None] - one for one in own]
        others = sum(of_others)
        agree = np.zeros((2, *self.people.shape))
        for label in labels:
            agree[0] += (self.machine == label)[:, None] * of_others[label]
            agree[1] += own[label] * of_others[label]
        agree /= np.maximum(others, 1)
        counted = (self.people >= 0) & (others > 0) & (self.machine >= 0)[:, None]
        sides = [counted]
        if self.balanced:
            sides = [counted & (2 * of_others[1] < others), counted & (2 * of_others[1] > others)]
        weight = (np.ones(len(self.people)) if self.weight is None else self.weight)[:, None]
        totals = [(side * weight).sum(axis=0) for side in sides]
        whole = np.all([total > 0 for total in totals], axis=0)
        share, side_of = np.zeros(self.people.shape), np.zeros(self.people.shape, dtype=np.int64)
        for number, (side, total) in enumerate(zip(sides, totals, strict=True)):
            share += np.where(whole & side, weight / np.where(total > 0, total, 1) / len(sides), 0.0)
            side_of[side] = number
        posts, least = (share > 0).sum(axis=0), np.min([side.sum(axis=0) for side in sides], axis=0)
        meant = np.flatnonzero(posts >= FEWEST) if (posts >= FEWEST).any() else np.flatnonzero(posts)
        tested = np.flatnonzero((posts >= FEWEST) & ~(self.balanced & (least < FEWEST_ALIKE)))
        fewest = int(least[meant].min(initial=len(share)))
        return _Sides(agree[0], agree[1], share, side_of, len(sides), tested, meant, fewest)

    def _terms(self, quantity: Quantity) -> NDArray[np.float64]:
        """Return what each post adds to a mean, of each annotator who is left out; shape (n_posts, n_annotators)."""
        machine, person = self._compared.machine, self._compared.person
        return {
            "advantage": (machine >= person).astype(np.float64),
            "people_advantage": (person >= machine).astype(np.float64),
            "disagreement": 1 - machine,
            "people_disagreement": 1 - person,
            "more_disagreement": person - machine,
        }[quantity]

    def _residual(self, terms: NDArray[np.float64], person: int) -> NDArray[np.float64]:
        """Return how far each post moves an annotator's mean; shape (n_posts,)."""
        share, side = self._compared.share[:, person], self._compared.side[:, person]
        means = np.bincount(side, share * terms[:, person], self._compared.sides) * self._compared.sides
        return np.asarray(share * (terms[:, person] - means[side]))

    @cached_property
    def _unit(self) -> NDArray[np.int64]:
        return np.unique(self.cluster, return_inverse=True)[1].astype(np.int64)

    @property
    def _strata(self) -> int:
        return 1 if self.stratum is None else len(np.unique(self.stratum))

    def _most(self, share: NDArray[np.float64]) -> float:
        """Return 1 / how many clusters of one size these are worth."""
        return float((np.bincount(self._unit, share) ** 2).sum())

    def _variance(self, residual: NDArray[np.float64], counted: NDArray[np.bool_]) -> float:
        """Return the variance of a mean from the sums of clusters: all of each stratum, or those counted."""
        found = 0.0
        for rows in [counted] if self.stratum is None else [self.stratum == one for one in np.unique(self.stratum)]:
            sums = np.bincount(np.unique(self._unit[rows], return_inverse=True)[1], residual[rows])
            if len(sums) > 1:
                found += len(sums) / (len(sums) - 1) * float(((sums - sums.mean()) ** 2).sum())
        return found
