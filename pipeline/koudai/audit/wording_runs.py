"""Runs under two wordings: how far they agree, beside how far two runs of one wording do, post by post.

Promises: every figure is a mean, or a ratio of means, over posts, so that whole clusters can be drawn; what a single
run cannot say is missing, never 0. Knows neither posts nor wordings by name.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Runs = NDArray[np.int8]
"""Answers under one wording, shape (n_posts, n_runs): 1, 0, or -1 where there is none."""


class Pair(NamedTuple):
    """What each post adds to the figures of two wordings; NaN where it says nothing of them. All of shape (n_posts,).

    Attributes
    ----------
    agree
        Share of pairs of runs, one of each wording, that say the same.
    both, either
        Share of such pairs in which both say yes, and in which one of them does or both.
    added
        How much more pairs of runs of two wordings differ than pairs of runs of one: the mean square of how far the
        wording moves the probability of a yes, free of what runs differ by themselves.
    first, second
        Share of runs of each wording that say yes.
    """

    agree: NDArray[np.float64]
    both: NDArray[np.float64]
    either: NDArray[np.float64]
    added: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]


def rate(runs: Runs) -> NDArray[np.float64]:
    """Return the share of runs that say yes of each post, NaN without an answer; shape (n_posts,).

    Examples
    --------
    >>> rate(np.array([[1, 0, -1], [-1, -1, -1]], dtype=np.int8)).tolist()
    [0.5, nan]
    """
    n = (runs >= 0).sum(axis=1)
    return np.asarray(np.divide((runs == 1).sum(axis=1), n, out=np.full(len(runs), np.nan), where=n > 0))


def again(runs: Runs) -> Pair:
    """Return the figures of two runs of one wording, of posts with two answers or more.

    Each pair of different runs counts once. *added* is 0.

    Examples
    --------
    >>> again(np.array([[1, 0, 1], [1, 1, -1], [1, -1, -1]], dtype=np.int8)).agree.round(3).tolist()
    [0.333, 1.0, nan]
    """
    n, yes = (runs >= 0).sum(axis=1).astype(np.float64), (runs == 1).sum(axis=1).astype(np.float64)
    pairs = np.where(n > 1, n * (n - 1), np.nan)
    both, differ = yes * (yes - 1) / pairs, 2 * yes * (n - yes) / pairs
    share = np.where(n > 1, rate(runs), np.nan)
    return Pair(1 - differ, both, both + differ, differ * 0, share, share)


def between(first: Runs, second: Runs) -> Pair:
    """Return the figures of two wordings, of posts with an answer under both.

    *added* needs two answers under each; where one wording was asked once of all posts, it is taken to differ from run
    to run as the other does; NaN where both were.

    Source: the form of an energy distance, Székely & Rizzo 2013, with the unbiased means of Hoeffding 1948.

    Examples
    --------
    >>> full, name = np.array([[1, 1], [1, 0]], dtype=np.int8), np.array([[0, 0], [1, 0]], dtype=np.int8)
    >>> found = between(full, name)
    >>> found.agree.tolist(), found.added.tolist()
    ([0.0, 0.5], [1.0, -0.5])
    """
    p, q = rate(first), rate(second)
    both, differ = p * q, p * (1 - q) + q * (1 - p)
    alone = [1 - again(runs).agree for runs in (first, second) if ((runs >= 0).sum(axis=1) > 1).any()]
    null = np.mean(alone, axis=0) if alone else np.full(len(p), np.nan)
    known = np.isfinite(differ)
    return Pair(1 - differ, both, both + differ, differ - null, np.where(known, p, np.nan), np.where(known, q, np.nan))
