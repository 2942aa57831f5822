"""Outlines: how many posts have which length, share of known terms, script and probability, in bins.

Promises: counts alone, which add up over any parts of the posts in any order to the same whole numbers; made of what
scoring has at hand anyway, at a cost of about a hundredth of scoring. Says nothing of single posts. What an outline is
compared with is a `Profile`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from koudai.text.utf8 import Utf8

LENGTH, TERMS, SCRIPT, PROBABILITY = "length", "terms", "script", "probability"
OF_POSTS = (LENGTH, TERMS, SCRIPT)
"""Traits of posts; the others are the probability of each category, as `PROBABILITY` and the key."""
_OCTAVE, _TERMS, _POINTS, _SHARES = 4, 40, 8, 20
_BINS = {LENGTH: 14 * _OCTAVE, TERMS: 2 * _TERMS, SCRIPT: _POINTS + 1, PROBABILITY: _SHARES + 1}
_LENGTHS = np.ceil(2.0 ** (np.arange(1, _BINS[LENGTH]) / _OCTAVE)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Traits:
    """Traits of posts that are compared, each a number per post.

    Parameters
    ----------
    raw
        The posts as read.
    size : ndarray of int64, shape (n_posts,)
        Bytes of UTF-8 of each normalised post.
    found : ndarray of int64, shape (n_posts,)
        Different terms of each post that the model knows.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> bins = Traits(of_texts(["今天下雨", "ok"]), np.array([12, 2]), np.array([6, 0])).bins()
    >>> bins["length"].tolist(), bins["terms"].tolist(), bins["script"].tolist()
    ([14, 4], [20, 0], [0, 8])
    """

    raw: Utf8
    size: NDArray[np.int64]
    found: NDArray[np.int64]

    def bins(self) -> dict[str, NDArray[np.intp]]:
        """Return the bin of each post for each of `OF_POSTS`.

        ``length``: bytes as read, four bins an octave. ``terms``: known terms per byte, fortieths, as far as 2.
        ``script``: how many of eight bytes, evenly spread over the post, are ASCII: Latin letters, digits, links.
        """
        data, starts = self.raw.data, self.raw.offsets[:-1]
        length = np.diff(self.raw.offsets)
        terms = (self.found * _TERMS) // np.maximum(self.size, 1)
        spread = starts + (length * (2 * np.arange(_POINTS)[:, None] + 1)) // (2 * _POINTS)
        ascii_bytes = (data[spread] < 0x80) & (length > 0)
        return {
            LENGTH: np.searchsorted(_LENGTHS, length, side="right"),
            TERMS: np.minimum(terms, _BINS[TERMS] - 1).astype(np.intp),
            SCRIPT: ascii_bytes.sum(axis=0),
        }


@dataclass(frozen=True)
class Outline:
    """Counts of posts by bin, for each trait.

    Parameters
    ----------
    counts
        By trait, the number of posts in each bin.

    Examples
    --------
    >>> one = Outline({"script": [1, 0, 2]})
    >>> (one + one).counts, (one + Outline()).counts == one.counts
    ({'script': [2, 0, 4]}, True)
    """

    counts: dict[str, list[int]] = field(default_factory=dict)

    def __add__(self, more: Outline) -> Outline:
        """Return the outline of the posts of both."""
        if not self.counts or not more.counts:
            return more if not self.counts else self
        return Outline({name: _added(counts, more.counts[name]) for name, counts in self.counts.items()})

    @staticmethod
    def of(traits: Traits, proba: NDArray[np.float32], categories: tuple[str, ...]) -> Outline:
        """Return the outline of posts with these traits and these probabilities, shape (n_posts, n_categories)."""
        bins = traits.bins() | probability_bins(proba, categories)
        return Outline({name: counted(name, some) for name, some in bins.items()})


def probability_bins(proba: NDArray[np.floating], categories: tuple[str, ...]) -> dict[str, NDArray[np.intp]]:
    """Return the bin of each post for the probability of each category: twentieths, the last for posts without one.

    Examples
    --------
    >>> probability_bins(np.array([[0.5], [1.0], [np.nan]]), ("rumour",))["probability rumour"].tolist()
    [10, 19, 20]
    """
    missing = np.isnan(proba)
    bins = np.minimum(np.where(missing, 0, proba) * _SHARES, _SHARES - 1).astype(np.intp)
    bins[missing] = _SHARES
    return {f"{PROBABILITY} {key}": bins[:, column] for column, key in enumerate(categories)}


def counted(trait: str, bins: NDArray[np.intp]) -> list[int]:
    """Return how many posts are in each bin of a trait.

    Examples
    --------
    >>> counted("script", np.array([0, 8, 8]))
    [1, 0, 0, 0, 0, 0, 0, 0, 2]
    """
    found: list[int] = np.bincount(bins, minlength=bins_of(trait)).tolist()
    return found


def bins_of(trait: str) -> int:
    """Return how many bins a trait has.

    Examples
    --------
    >>> bins_of("script"), bins_of("probability rumour")
    (9, 21)
    """
    return _BINS[trait.partition(" ")[0]]


def _added(one: list[int], other: list[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)]
