"""Answers of people who err, counted by stratum, and the rates under which they are most likely, by EM.

Promises: every post is in the category or out; who answers does so by rates of their own that hang on this alone, and
strata differ in their shares; what was adjudicated is known. A step never makes the answers less likely; the share of
all posts may be held at a value. Many samples are worked on at once. Does not say whether the answers tell the rates.

Sources: Dawid & Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM algorithm"; Hui &
Walter 1980, "Estimating the error rates of diagnostic tests"; Varadhan & Roland 2008 (squared extrapolation of EM).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.stratified_interval import rates_that_add_up
from koudai.training.judging.strata import Floats, Strata

_LEAST = 1e-6
"""No rate is nearer to 0 or 1: one that is there never leaves it."""
_UNLIKELIEST = 1e-280
"""Of answers of a hundred people: beyond it there are no numbers."""
_EVER_SO_MANY, _FARTHEST = 1e12, 12.0
_BOLDEST = 40.0
_SOLVED, _SOLVED_IN = 1e-6, 40
_CYCLES, _AT_ONCE = 600, 8
SETTLED = 1e-7
"""What a log-likelihood still gains when its sample is left alone."""


class Rates(NamedTuple):
    """What is estimated: the share of each stratum, shape (n_samples, n_strata), and the probability of each answer of
    posts that are out and that are in, shape (n_samples, 2, n_raters, n_answers).
    """

    inside: Floats
    answer: Floats


@dataclass(frozen=True, eq=False)
class AnswerCounts:
    """Posts counted by stratum and by what was answered of them.

    Parameters
    ----------
    size : ndarray of float64, shape (n_strata,)
        Posts that each stratum holds.
    given : ndarray of float64, shape (n_patterns, n_raters, n_answers)
        Of each pattern of answers which answer a rater gave, 1 or 0; all 0 where none.
    unknown : ndarray of float64, shape (n_samples, n_strata, n_patterns)
        Posts of which only answers are known.
    known : ndarray of float64, shape (n_samples, 2, n_strata, n_patterns)
        Posts that were adjudicated out, and in.

    Examples
    --------
    >>> rater = np.array([[0, 0, 1, 1, 1, 0, 0, 0]], dtype=np.int8)
    >>> gold = np.array([-1, 0, 1, -1, -1, -1, -1, 0], dtype=np.int8)
    >>> counts = count_answers(np.array([0, 0, 0, 1, 1, 1, 1, 1]), rater, gold, size=np.array([90.0, 10.0]))
    >>> counts.posts.tolist(), counts.known.sum().item()
    ([[3.0, 5.0]], 3.0)
    """

    size: Floats
    given: Floats
    unknown: Floats
    known: Floats

    @cached_property
    def posts(self) -> Floats:
        """Posts of each stratum, shape (n_samples, n_strata)."""
        return np.asarray(self.unknown.sum(axis=-1) + self.known.sum(axis=(1, 3)))

    @cached_property
    def share(self) -> Floats:
        """Share of all posts in each stratum."""
        return np.asarray(self.size / self.size.sum())

    @cached_property
    def free(self) -> bool:
        """Whether answers alone must tell who is in: then no rater is taken to be worse than chance."""
        return not self.known.any()

    def take(self, rows: NDArray[np.intp]) -> AnswerCounts:
        """Return these samples."""
        return replace(self, unknown=self.unknown[rows], known=self.known[rows])

    def likely(self, rates: Rates) -> tuple[Floats, Floats]:
        """Return how likely each pattern is of posts that are in and that are out, shape (n_samples, n_strata, ...)."""
        patterns, raters, answers = self.given.shape
        shaped = self.given.reshape(patterns, raters * answers).T
        one = np.maximum(np.exp(np.log(rates.answer.reshape(-1, 2, raters * answers)) @ shaped), _UNLIKELIEST)
        inside = rates.inside[:, :, None]
        return inside * one[:, 1, None], (1 - inside) * one[:, 0, None]

    def log_likelihood(self, rates: Rates) -> Floats:
        """Return the log-likelihood of each sample, shape (n_samples,)."""
        yes, no = self.likely(rates)
        found = (self.unknown * np.log(yes + no)).sum(axis=(1, 2))
        if self.free:
            return np.asarray(found)
        return np.asarray(found + (self.known[:, 1] * np.log(yes) + self.known[:, 0] * np.log(no)).sum(axis=(1, 2)))

    def step(self, rates: Rates, share: Floats | None = None) -> Rates:
        """Return the rates after one step of EM, such that the share is `share`, shape (n_samples,), if it is given."""
        yes, no = self.likely(rates)
        inside = self.unknown * (yes / (yes + no))
        outside = self.unknown - inside + self.known[:, 0]
        inside = inside + self.known[:, 1]
        found = _within(inside.sum(axis=-1) / self.posts)
        if share is not None:
            found = _within(self._at(share, found, near=rates.inside))
        told = np.stack([outside.sum(axis=1), inside.sum(axis=1)], axis=1)
        patterns, raters, answers = self.given.shape
        said = (told @ self.given.reshape(patterns, raters * answers)).reshape(len(told), 2, raters, answers)
        every = said.sum(axis=-1, keepdims=True)
        answer = np.where(every > 0, said / np.maximum(every, _LEAST), 1 / said.shape[-1])
        if self.free:
            worse = (answer[:, 1, :, -1] < answer[:, 0, :, -1])[:, None, :, None]
            pooled = said.sum(axis=1) / np.maximum(every.sum(axis=1), _LEAST)
            answer = np.where(worse, pooled[:, None], answer)
        return Rates(found, _within(answer))

    def _at(self, share: Floats, rate: Floats, *, near: Floats) -> Floats:
        """Return the most likely rates of the strata that add up to `share`: by Newton's method, held in by halving."""
        strata = Strata(self.share * _EVER_SO_MANY, self.posts)
        weight = self.share / self.posts
        high = (1 / weight).max(axis=1) * np.expm1(_FARTHEST)
        low, pull = -high, np.zeros(len(share))
        found = near
        for _ in range(_SOLVED_IN):
            bend = rate / found**2 + (1 - rate) / (1 - found) ** 2
            slope = self.share * weight / bend
            over = found @ self.share - share
            if (np.abs(over) <= _SOLVED * share * (1 - share)).all() and found is not near:
                break
            if found is near:
                wanted = ((1 - rate) / (1 - found) - rate / found) / weight
                pull = (slope * wanted).sum(axis=1) / slope.sum(axis=1)
            else:
                low, high = np.where(over > 0, low, pull), np.where(over > 0, pull, high)
                newton = pull - over / slope.sum(axis=1)
                middle = np.sinh((np.arcsinh(low) + np.arcsinh(high)) / 2)
                pull = np.where((newton > low) & (newton < high), newton, middle)
            found = np.clip(rates_that_add_up(strata, rate, pull), _LEAST**2, 1 - _LEAST)
        return found


def count_answers(
    stratum: NDArray[np.int64], answers: NDArray[np.int8], gold: NDArray[np.int8] | None = None, *, size: Floats
) -> AnswerCounts:
    """Count posts by stratum and pattern of answers.

    Parameters
    ----------
    stratum : ndarray of int64, shape (n_posts,)
        The same of all samples; none is without posts.
    answers : ndarray of int8, shape (..., n_raters, n_posts)
        From 0, -1 where there is none; leading axes are samples.
    gold : ndarray of int8, shape (..., n_posts), or None
        1, 0, or -1 where nothing was adjudicated.
    size : ndarray of float64, shape (n_strata,)
        Posts that each stratum holds.

    Examples
    --------
    >>> counts = count_answers(np.array([0, 0, 0]), np.array([[0, 1, 1], [0, -1, 1]], np.int8), size=np.array([9.0]))
    >>> counts.unknown.tolist(), counts.given.sum(axis=(1, 2)).tolist()
    ([[[1.0, 1.0, 1.0]]], [2.0, 1.0, 2.0])
    """
    raters, posts = answers.shape[-2:]
    flat = answers.reshape(-1, raters, posts)
    truth = np.full((len(flat), posts), -1) if gold is None else gold.reshape(-1, posts).astype(np.int64)
    told = np.moveaxis(flat, 1, 2).reshape(-1, raters)
    patterns, which = np.unique(told, axis=0, return_inverse=True)
    cells = (stratum * len(patterns) + which.reshape(len(flat), posts)) + (truth + 1) * len(size) * len(patterns)
    every = 3 * len(size) * len(patterns)
    cells = cells + every * np.arange(len(flat))[:, None]
    found = np.bincount(cells.ravel(), minlength=every * len(flat)).reshape(len(flat), 3, len(size), len(patterns))
    given = patterns[:, :, None] == np.arange(max(int(patterns.max(initial=0)), 1) + 1)
    return AnswerCounts(size, given.astype(np.float64), found[:, 0].astype(np.float64), found[:, 1:].astype(np.float64))


def first_rates(counts: AnswerCounts, sensitivity: float, specificity: float) -> Rates:
    """Return rates to begin with: everybody as good as that, strata as full as they then look.

    Examples
    --------
    >>> counts = count_answers(np.array([0, 0, 0]), np.array([[0, 1, 1]], np.int8), size=np.array([9.0]))
    >>> first_rates(counts, 0.8, 0.9).answer.round(3).tolist()
    [[[[0.9, 0.1]], [[0.2, 0.8]]]]
    """
    _, raters, answers = counts.given.shape
    rest = np.full(answers - 2, 0.5)
    out = np.concatenate([[specificity], (1 - specificity) * np.append(rest[:1], 1 - rest[:1].sum())])
    inside = np.concatenate([(1 - sensitivity) * np.append(1 - rest[:1].sum(), rest[:1]), [sensitivity]])
    answer = np.tile(np.stack([out, inside])[None, :, None], (len(counts.unknown), 1, raters, 1))
    even = Rates(np.full(counts.posts.shape, 0.5), answer)
    yes, no = counts.likely(even)
    looked = (counts.unknown * (yes > no)).sum(axis=-1) + counts.known[:, 1].sum(axis=-1)
    return Rates((looked + 0.5) / (counts.posts + 1), answer)


def fitted(counts: AnswerCounts, rates: Rates, share: Floats | None = None, *, settled: float = SETTLED) -> Rates:
    """Return the most likely rates; those under which the share is `share`, if that is given.

    Parameters
    ----------
    counts
        Of the samples.
    rates
        To begin with.
    share : ndarray of float64, shape (n_samples,), or None
        Σ W π of the strata.
    settled
        What the log-likelihood of a sample still gains in a few cycles when it is left alone.

    Examples
    --------
    >>> gold = np.array([0, 0, 0, 1, -1, -1], np.int8)
    >>> counts = count_answers(np.zeros(6, int), np.array([[0, 0, 0, 1, 0, 1]], np.int8), gold, size=np.array([9.0]))
    >>> fitted(counts, first_rates(counts, 0.8, 0.9)).inside.round(4).tolist()
    [[0.3333]]
    """
    begun = counts.step(rates, share)
    inside, answer = begun.inside.copy(), begun.answer.copy()
    left = np.arange(len(inside))
    for _ in range(0, _CYCLES, _AT_ONCE):
        some, at = counts.take(left), None if share is None else share[left]
        now = before = Rates(inside[left], answer[left])
        for _ in range(_AT_ONCE):
            now = _cycle(some, now, at)
        inside[left], answer[left] = now
        left = left[some.log_likelihood(now) - some.log_likelihood(before) > settled]
        if not len(left):
            break
    return Rates(inside, answer)


def chosen(which: NDArray[np.bool_], new: Rates, old: Rates) -> Rates:
    """Return the new rates of these samples, shape (n_samples,), and the old ones of others.

    Examples
    --------
    >>> one, other = Rates(np.ones((2, 1)), np.ones((2, 2, 1, 2))), Rates(np.zeros((2, 1)), np.zeros((2, 2, 1, 2)))
    >>> chosen(np.array([True, False]), one, other).inside.tolist()
    [[1.0], [0.0]]
    """
    return Rates(
        np.where(which[:, None], new.inside, old.inside), np.where(which[:, None, None, None], new.answer, old.answer)
    )


def off_the_edge(counts: AnswerCounts, rates: Rates) -> Rates:
    """Return rates from which EM goes anywhere: at 0 and 1 it would stay, next to them it begins too slowly.

    Examples
    --------
    >>> counts = count_answers(np.zeros(4, int), np.array([[0, 0, 0, 1]], np.int8), size=np.array([9.0]))
    >>> off_the_edge(counts, Rates(np.zeros((1, 1)), np.full((1, 2, 1, 2), 0.5))).inside.tolist()
    [[0.1]]
    """
    edge = 0.5 / (counts.posts + 1)
    every = edge.min(axis=1)[:, None, None, None]
    answers = rates.answer.shape[-1]
    return Rates(np.clip(rates.inside, edge, 1 - edge), rates.answer * (1 - every) + every / answers)


def _cycle(counts: AnswerCounts, start: Rates, share: Floats | None) -> Rates:
    """Return the rates after two steps of EM, or further along their way where that is better."""
    first = counts.step(start, share)
    second = counts.step(first, share)
    r = [one - zero for zero, one in zip(start, first, strict=True)]
    v = [two - one - moved for one, two, moved in zip(first, second, r, strict=True)]
    length, bend = (np.sqrt(sum((part**2).reshape(len(part), -1).sum(axis=1) for part in parts)) for parts in (r, v))
    bold = np.clip(length / np.maximum(bend, 1e-300), 1.0, _BOLDEST)
    moved = []
    for zero, one, two in zip(start, r, v, strict=True):
        a = bold.reshape(-1, *[1] * (zero.ndim - 1))
        moved.append(zero + 2 * a * one + a**2 * two)
    possible = np.ones(len(bold), dtype=bool)
    for part in moved:
        possible &= ((part >= _LEAST) & (part <= 1 - _LEAST)).reshape(len(part), -1).all(axis=1)
    further = Rates(_within(moved[0]), _within(moved[1]))
    better = possible & (counts.log_likelihood(further) > counts.log_likelihood(second))
    return chosen(better, further, second)


def _within(rates: Floats) -> Floats:
    return np.asarray(np.clip(rates, _LEAST, 1 - _LEAST))
