"""Scored texts: the raw scored posts, and what several measures make of them, each computed once per audit.

Promises: word counts and the trial order depend on the texts and the seed alone; results are computed when first asked
for and kept as long as the object; threads that ask for the same one wait for it. Does not hold scores, ids or labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.train import DEFAULT_STEPS
from koudai.cores import computed_once
from koudai.corpus.near_duplicates.groups import groups_of_both
from koudai.model.ngrams.frequent_words import frequent_words
from koudai.text.characters.normalize import Normalizer, lowercase
from koudai.text.digests import digests_of, in_order, keyed
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8, as_utf8

_FEWEST_POSTS = 3


class WordCounts(NamedTuple):
    """How often each word occurs in each scored post.

    Parameters
    ----------
    counts : csr matrix, shape (n_posts, n_words)
    words
        Sorted, one for each column.

    Examples
    --------
    >>> counts, words = ScoredTexts(["偏方", "偏方", "偏方"], seed=1).word_counts
    >>> words, counts.sum(axis=0).tolist()
    (['偏方'], [[3]])
    """

    counts: sp.csr_matrix
    words: list[str]


@dataclass(frozen=True, eq=False)
class ScoredTexts:
    """The raw scored posts and the results that measures share.

    Parameters
    ----------
    texts
        Raw posts in the order of the scores; empty if the audit reads no posts.
    seed
        The audit's.

    Examples
    --------
    >>> posts = ScoredTexts(["偏方包治百病", "偏方", "偏方"], seed=1)
    >>> sorted(posts.trial_order)
    [0, 1]
    >>> "偏方" in posts.word_counts.words
    True
    """

    texts: Sequence[str]
    seed: int

    @computed_once
    def posts(self) -> Utf8:
        """The texts as bytes."""
        return as_utf8(self.texts)

    @computed_once
    def trial_order(self) -> list[int]:
        """Row index of each distinct text, in the order in which `shuffled_texts` puts them."""
        return self._shuffled[0]

    @computed_once
    def groups(self) -> NDArray[np.int64]:
        """Near-duplicate group of each post, shape (n_posts,): the position of its first post."""
        return self._groups[1]

    @computed_once
    def identical(self) -> NDArray[np.int64]:
        """Group of posts that differ in links, white space, punctuation, case and width at most, as `groups`."""
        return self._groups[0]

    @computed_once
    def _groups(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return groups_of_both(self.posts)

    @computed_once
    def word_counts(self) -> WordCounts:
        """Counts of the words of two characters or more that occur in at least three posts (in few posts: fewer)."""
        posts = lowercase(Normalizer(DEFAULT_STEPS).many(self.posts))
        fewest = min(_FEWEST_POSTS, max(1, len(self.texts) // 50))
        return WordCounts(*frequent_words(posts, segmenter=Segmenter(), fewest=fewest))

    def different(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return one post of each near-duplicate group among some posts, as row indices: that which `trial_order` has
        first, so that the order of the posts does not matter.

        Examples
        --------
        >>> posts = ScoredTexts(["偏方包治百病", "偏方包治百病！", "天气"], seed=1)
        >>> len(posts.different(np.array([True, True, True]))), posts.different(np.array([True, False, False])).tolist()
        (2, [0])
        """
        order = self._by_group[rows[self._by_group]]
        group = self.groups[order]
        return order[np.append(True, group[1:] != group[:-1])] if len(order) else order

    @computed_once
    def trial_rank(self) -> NDArray[np.int64]:
        """Place of each post's text in `trial_order`, shape (n_posts,)."""
        return self._shuffled[1]

    @computed_once
    def _shuffled(self) -> tuple[list[int], NDArray[np.int64]]:
        return _shuffled(self.posts, self.seed)

    @computed_once
    def _by_group(self) -> NDArray[np.intp]:
        """Row indices sorted by group, and within one by `trial_order`."""
        return np.lexsort((self.trial_rank, self.groups))


def shuffled_texts(texts: Sequence[str] | Utf8, *, seed: int) -> list[int]:
    """Return the row index of each distinct text (its first occurrence), in an order set by `seed` and the texts alone.

    Parameters
    ----------
    texts
        Posts; how often a text occurs, and where, does not matter.
    seed
        Of the order.

    Examples
    --------
    >>> rows = shuffled_texts(["一", "二", "一"], seed=1)
    >>> sorted(rows)
    [0, 1]
    >>> rows == shuffled_texts(["一", "二"], seed=1)
    True
    """
    return _shuffled(as_utf8(texts), seed)[0]


def _shuffled(posts: Utf8, seed: int) -> tuple[list[int], NDArray[np.int64]]:
    """Return the row index of each distinct post in the order of `shuffled_texts`, and the place of each post in it."""
    digests = digests_of(posts, keyed(seed.to_bytes(16, "little", signed=True), size=16))
    order = in_order(digests)
    new = np.ones(len(order), dtype=bool)
    new[1:] = (digests[order[1:]] != digests[order[:-1]]).any(axis=1)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.cumsum(new) - 1
    rows: list[int] = order[new].tolist()
    return rows, rank
