"""Word contrasts: the words that set some posts apart from others, counted by posts and tested exactly.

Promises: of near-duplicates one post is counted, or one on either side, whatever the order of the posts; a word counts
once in a post; significance is that of Fisher's exact test at a false discovery rate of 5 %, so that where words and
sides have nothing to do with each other any word at all is shown in at most one case of twenty.

Source: Monroe, Colaresi & Quinn 2008, "Fightin' words"; Fisher 1935; Benjamini & Hochberg 1995; Lijffijt et al. 2016,
"Significance testing of word frequencies in corpora" (posts, not words, are the unit).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import Figure
from koudai.audit.inputs.scored_texts import ScoredTexts

FALSE_DISCOVERY_RATE = 0.05
PRIOR_MASS = 500.0
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class WordContrast:
    """Words of posts on one side, against those on the other.

    Parameters
    ----------
    words
        Of the audit.
    posts : ndarray of int64, shape (2, n_words)
        Different posts on the side, and on the other, that have each word.
    sizes
        Different posts on either side.

    Examples
    --------
    >>> contrast = WordContrast(["偏方", "天气"], np.array([[9, 5], [1, 5]]), (10, 10))
    >>> contrast.p.round(4).tolist()
    [0.0005, 1.0]
    >>> contrast.figures("rumour", "z", most=20)[0].group
    '偏方'
    """

    words: list[str]
    posts: NDArray[np.int64]
    sizes: tuple[int, int]

    @property
    def z(self) -> NDArray[np.float64]:
        """Log-odds of each word by its standard error; see `weighted_log_odds`."""
        return weighted_log_odds(*self.posts.astype(np.float64))

    @property
    def p(self) -> NDArray[np.float64]:
        """Probability of so many posts with each word on the side, or more, if sides are dealt at random."""
        return at_least(self.posts[0], self.posts.sum(axis=0), self.sizes)

    def reversed(self) -> WordContrast:
        """Return the contrast of the other side with this one."""
        return WordContrast(self.words, self.posts[::-1], self.sizes[::-1])

    def figures(self, category: str, statistic: str, *, most: int) -> list[Figure]:
        """Return the significant words, largest z first; n is the number of different posts on the side with it."""
        z, here = self.z, np.flatnonzero(self.posts.sum(axis=0))
        kept = here[significant(self.p[here])]
        kept = kept[z[kept] > 0]
        shown = sorted(kept, key=lambda place: (-z[place], self.words[place]))[:most]
        return [Figure(category, self.words[i], statistic, float(z[i]), int(self.posts[0, i])) for i in shown]


def contrast_words(texts: ScoredTexts, inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> WordContrast:
    """Return the contrast of some scored posts with others.

    Parameters
    ----------
    texts
        The scored posts.
    inside, outside : ndarray of bool, shape (n_posts,)
        The two sides. A near-duplicate group that is on both is counted once on each.

    Examples
    --------
    >>> texts = ScoredTexts(["偏方包治百病", "偏方包治百病！", "天气", "天气"], seed=1)
    >>> contrast = contrast_words(texts, np.array([True, True, False, False]), np.array([False, False, True, True]))
    >>> contrast.sizes, dict(zip(contrast.words, contrast.posts[0].tolist()))["偏方"]
    ((1, 1), 1)
    """
    counts, words = texts.word_counts
    sides = [texts.different(rows) for rows in (inside, outside)]
    posts = [np.bincount(counts[rows].indices, minlength=len(words)) for rows in sides]
    return WordContrast(words, np.stack(posts), (len(sides[0]), len(sides[1])))


def weighted_log_odds(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return z of each word: δ/√(1/(yᵢ+α) + 1/(yⱼ+α)), δ being the difference of smoothed log-odds.

    Parameters
    ----------
    inside, outside : ndarray of float64, shape (n_words,)
        Posts on either side that have each word.

    Source: Monroe, Colaresi & Quinn 2008, "Fightin' words", equations 15, 16, 20 and 22.

    Examples
    --------
    >>> weighted_log_odds(np.array([30.0, 10.0]), np.array([10.0, 30.0])).round(2).tolist()
    [1.72, -1.72]
    """
    both = inside + outside
    z = np.zeros_like(both)
    here = both > 0
    if here.sum() > 1:
        alpha = PRIOR_MASS * both[here] / both.sum()
        y_i, y_j = inside[here] + alpha, outside[here] + alpha
        delta = np.log(y_i / (y_i.sum() - y_i)) - np.log(y_j / (y_j.sum() - y_j))
        z[here] = delta / np.sqrt(1.0 / y_i + 1.0 / y_j)
    return z


def at_least(hits: NDArray[np.int64], with_word: NDArray[np.int64], sizes: tuple[int, int]) -> NDArray[np.float64]:
    """Return the one-sided p of Fisher's exact test for each word: P(X ≥ hits), X hypergeometric.

    Parameters
    ----------
    hits : ndarray of int64, shape (n_words,)
        Posts on the side with each word.
    with_word : ndarray of int64, shape (n_words,)
        Posts on both sides with each word.
    sizes
        Posts on the side and on the other.

    Returns
    -------
    ndarray of float64, shape (n_words,)
        1 where there are no more hits than expected, which decides nothing.

    Source: Fisher 1935, "The logic of inductive inference".

    Examples
    --------
    >>> at_least(np.array([3, 1]), np.array([3, 2]), (5, 5)).round(4).tolist()
    [0.0833, 1.0]
    """
    from scipy.special import gammaln

    n_in, n_out = sizes
    p = np.ones(len(hits))
    more = np.flatnonzero(hits * (n_in + n_out) > with_word * n_in)
    x, k = hits[more].astype(np.float64), with_word[more].astype(np.float64)

    def choose(n: NDArray[np.float64] | float, r: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gammaln(np.add(n, 1.0)) - gammaln(r + 1.0) - gammaln(np.subtract(n, r) + 1.0))

    term = np.exp(choose(n_in, x) + choose(n_out, k - x) - choose(n_in + n_out, k))
    total = term.copy()
    open_ = np.arange(len(more))
    while len(open_):
        at, of = x[open_], k[open_]
        term[open_] *= (of - at) * (n_in - at) / ((at + 1.0) * (n_out - of + at + 1.0))
        total[open_] += term[open_]
        x[open_] += 1.0
        open_ = open_[term[open_] > _NEGLIGIBLE * total[open_]]
    p[more] = np.minimum(total, 1.0)
    return p


def significant(p: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which tests stay at the false discovery rate, by Benjamini & Hochberg's step-up procedure.

    Examples
    --------
    >>> significant(np.array([0.001, 0.3, 1.0])).tolist()
    [True, False, False]
    """
    order = np.argsort(p, kind="stable")
    passed = p[order] <= FALSE_DISCOVERY_RATE * np.arange(1, len(p) + 1) / max(len(p), 1)
    kept = np.zeros(len(p), dtype=bool)
    if passed.any():
        kept[order[: int(np.flatnonzero(passed)[-1]) + 1]] = True
    return kept
