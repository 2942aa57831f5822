"""A share where annotators err: the most likely one, and its interval by the likelihood ratio.

Promises: the interval holds every share under which the answers are not less likely than chance allows, however little
they tell: where they tell nothing it is wide. Whether several starts meet in one share, and whether strata differ, is
said apart. Does not choose among annotators, and takes no account of how few posts there may be that were not drawn.

Sources: Dawid & Skene 1979; Hui & Walter 1980; Tenenbein 1970, "A double sampling scheme for estimating from binomial
data with misclassifications"; Wilks 1938 (the likelihood ratio).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.answer_counts import AnswerCounts, Rates, chosen, first_rates, fitted, off_the_edge
from koudai.training.judging.strata import Floats

_NEARLY_SETTLED = 1e-4
_HALVINGS, _FAR = 11, 12.0
"""Log odds of a share that counts as 0 or 1."""
_SURELY = 0.001
_MEET = 0.05
"""Log-likelihoods of two starts that are as good as one another."""
_APART = (0.1, 0.002)
"""Of the width of the interval, and at least: how far starts may be apart that meet."""
_TRIED = 3
_STARTS = ((0.85, 0.95), (0.6, 0.99), (0.95, 0.8), (0.7, 0.9), (0.99, 0.99), (0.6, 0.7), (0.8, 0.999), (0.95, 0.95))
"""Sensitivity and specificity at which EM begins: the first `_TRIED` everywhere, since a likelihood may have several
tops, the others to see whether all meet."""


class LikelyShare(NamedTuple):
    """The most likely share of one sample, the ends of its 95 % interval, and how people answer of posts that are out
    and that are in, shape (2, n_raters, n_answers).
    """

    value: float
    low: float
    high: float
    answer: Floats


def likely_shares(counts: AnswerCounts) -> list[LikelyShare]:
    """Return of each sample the most likely share and its interval: shares that the likelihood ratio does not reject.

    A share is in if twice the log-likelihood that it costs is no more than the square of Student's t, with as many
    degrees of freedom as posts less strata.

    Examples
    --------
    >>> from koudai.audit.sample.answer_counts import count_answers
    >>> random = np.random.default_rng(1)
    >>> truth = np.repeat([0, 1], [360, 40])
    >>> people = np.where(truth == 1, random.random((3, 400)) < 0.9, random.random((3, 400)) < 0.02).astype(np.int8)
    >>> (found,) = likely_shares(count_answers(np.zeros(400, int), people, size=np.array([10_000.0])))
    >>> found.low < 0.1 < found.high
    True
    """
    from scipy.special import expit, logit, stdtrit

    samples = len(counts.unknown)
    best = fitted(counts, _best_of(counts, _starts(counts, _TRIED)))
    value, top = best.inside @ counts.share, counts.log_likelihood(best)
    most = stdtrit(np.maximum(counts.posts.sum(axis=1) - len(counts.size), 1), 0.975) ** 2
    twice = np.tile(np.arange(samples), 2)
    both, kept, edge = counts.take(twice), _rows(best, twice), np.repeat([-_FAR, _FAR], samples)
    near, far, starts = logit(np.clip(value, expit(-_FAR), expit(_FAR)))[twice], edge, _starts(both, _TRIED)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        tried = _best_of(both, [off_the_edge(both, kept), *starts], expit(middle))
        good = 2 * (top[twice] - both.log_likelihood(tried)) <= most[twice]
        near, far = np.where(good, middle, near), np.where(good, far, middle)
        kept = chosen(good, tried, kept)
    end = np.where(far == edge, edge > 0, expit((near + far) / 2)).reshape(2, samples)
    value = np.where(value < expit(-_FAR), 0.0, np.where(value > expit(_FAR), 1.0, value))
    return [
        LikelyShare(float(at), float(min(low, at)), float(max(high, at)), answer)
        for at, low, high, answer in zip(value, *end, best.answer, strict=True)
    ]


def starts_meet(counts: AnswerCounts, found: list[LikelyShare]) -> NDArray[np.bool_]:
    """Return of each sample whether EM comes from several starts to one share, as far as they are equally likely.

    Examples
    --------
    >>> from koudai.audit.sample.answer_counts import count_answers
    >>> two = np.array([[1] * 10 + [0] * 90, [1] * 7 + [0] * 3 + [1] * 3 + [0] * 87], dtype=np.int8)
    >>> counts = count_answers(np.zeros(100, int), two, size=np.array([1000.0]))
    >>> starts_meet(counts, likely_shares(counts)).tolist()  # two annotators, one stratum
    [False]
    """
    samples, value = len(found), np.array([one.value for one in found])
    many = counts.take(np.tile(np.arange(samples), len(_STARTS)))
    ended = fitted(many, _joined(_starts(counts, len(_STARTS))))
    likely = many.log_likelihood(ended).reshape(len(_STARTS), samples)
    apart = np.abs((ended.inside @ counts.share).reshape(len(_STARTS), samples) - value)
    allowed = np.maximum(_APART[0] * np.array([one.high - one.low for one in found]), _APART[1])
    return np.asarray(((apart <= allowed) | (likely < likely.max(axis=0) - _MEET)).all(axis=0))


def strata_differ(counts: AnswerCounts) -> NDArray[np.bool_]:
    """Return of each sample whether its strata's shares surely differ: a likelihood ratio test at one in a thousand.

    Examples
    --------
    >>> from koudai.audit.sample.answer_counts import count_answers
    >>> two = np.tile(np.array([[1, 0, 0, 0], [1, 0, 0, 1]], dtype=np.int8), 50)
    >>> strata_differ(count_answers(np.repeat([0, 1], 100), two, size=np.array([900.0, 100.0]))).tolist()
    [False]
    """
    from scipy.special import chdtrc

    strata = len(counts.size)
    if strata == 1:
        return np.zeros(len(counts.unknown), dtype=np.bool_)
    together = replace(
        counts,
        size=counts.size.sum(keepdims=True),
        unknown=counts.unknown.sum(axis=1, keepdims=True),
        known=counts.known.sum(axis=2, keepdims=True),
    )
    apart, alike = (one.log_likelihood(_best_of(one, _starts(one, _TRIED))) for one in (counts, together))
    return np.asarray(chdtrc(strata - 1, np.maximum(2 * (apart - alike), 0.0)) < _SURELY)


def _starts(counts: AnswerCounts, n: int) -> list[Rates]:
    return [first_rates(counts, *start) for start in _STARTS[:n]]


def _best_of(counts: AnswerCounts, starts: list[Rates], share: Floats | None = None) -> Rates:
    """Return, of each sample, the best of what EM comes to from several starts, nearly settled."""
    samples = len(counts.unknown)
    many = counts.take(np.tile(np.arange(samples), len(starts)))
    at = None if share is None else np.tile(share, len(starts))
    found = fitted(many, _joined(starts), at, settled=_NEARLY_SETTLED)
    best = many.log_likelihood(found).reshape(len(starts), samples).argmax(axis=0)
    return _rows(found, best * samples + np.arange(samples))


def _joined(several: list[Rates]) -> Rates:
    return Rates(*(np.concatenate(parts) for parts in zip(*several, strict=True)))


def _rows(rates: Rates, rows: NDArray[np.intp]) -> Rates:
    return Rates(rates.inside[rows], rates.answer[rows])
