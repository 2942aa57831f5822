"""Counted posts: n-grams of posts, counted once, as features whose terms and idf are learnt from some of the posts.

Promises: what is learnt comes from the posts to fit on alone, in folds too: their features, and those of the posts that
are held out, are the numbers that `koudai.model.ngrams.blocks.fit_blocks` gives on these posts. Only document
frequencies, the choice of terms and weights are computed for each fit. Does not limit the number of terms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.train import FeaturesSection
from koudai.model.fitting.equal_columns import equal_columns
from koudai.model.ngrams.blocks import stop_words_of
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.model.ngrams.learning import learn
from koudai.model.ngrams.tfidf import Counted, inverse_frequency, weigh
from koudai.text.characters.normalize import lowercase
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8


@dataclass(frozen=True)
class CountedPosts:
    """How often each n-gram occurs in each post.

    Parameters
    ----------
    counts : tuple of csr matrix of int32, shape (n_posts, n_terms)
        One per block: words, characters. Every term occurs in `min_df` posts.
    sizes : tuple of ndarray of float64, shape (n_terms,)
        For how many equal terms each column stands: 1 before `merged`.
    min_df
        In so many posts to fit on a term has to occur.
    sublinear_tf
        Whether a count c has the weight ``1 + ln c`` instead of c.

    Examples
    --------
    >>> counted = CountedPosts((sp.csr_matrix(np.array([[1, 1], [1, 0], [0, 1]], np.int32)),), (np.ones(2),), 2, True)
    >>> counted.fitted_on(np.array([0, 1])).toarray().tolist()  # the second term is in one of the two posts
    [[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    """

    counts: tuple[sp.csr_matrix, ...]
    sizes: tuple[NDArray[np.float64], ...]
    min_df: int
    sublinear_tf: bool

    def fitted_on(self, rows: NDArray[np.intp]) -> sp.csr_matrix:
        """Return the features of all posts, terms and idf being those of the posts at `rows`.

        Returns
        -------
        csr matrix of float64, shape (n_posts, n_terms of all blocks)
            A column whose term these posts do not have often enough is empty.
        """
        blocks = []
        left = np.setdiff1d(np.arange(self.counts[0].shape[0]), rows)
        for counts, sizes, all_posts in zip(self.counts, self.sizes, self._frequency, strict=True):
            few = left if len(left) < len(rows) else rows  # counted over the fewer posts, as each fold leaves few out
            frequency = np.bincount(counts[few].indices, minlength=counts.shape[1])
            frequency = all_posts - frequency if few is left else frequency
            idf = np.where(frequency >= self.min_df, inverse_frequency(frequency, len(rows)), 0.0)
            blocks.append(Counted(counts, idf * np.sqrt(sizes), self.sublinear_tf))
        features = weigh(*blocks)
        if len(blocks) == 1:  # then it shares its columns with the counts
            features = features.copy()
        features.eliminate_zeros()
        return features

    @cached_property
    def _frequency(self) -> tuple[NDArray[np.int64], ...]:
        """Document frequencies in all posts."""
        return tuple(np.bincount(counts.indices, minlength=counts.shape[1]) for counts in self.counts)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> CountedPosts:
        """Return the posts at `rows`, a mask or positions, without the terms that too few of them have for any fit."""
        counts, sizes = [], []
        for mine, size in zip(self.counts, self.sizes, strict=True):
            some = mine[rows]
            kept = np.flatnonzero(np.bincount(some.indices, minlength=some.shape[1]) >= self.min_df)
            counts.append(some[:, kept])
            sizes.append(size[kept])
        return replace(self, counts=tuple(counts), sizes=tuple(sizes))

    def merged(self) -> CountedPosts:
        """Return the posts with terms that occur equally often in every post made one: no inner product changes."""
        counts, sizes = [], []
        for mine, size in zip(self.counts, self.sizes, strict=True):
            equal = equal_columns(mine)
            counts.append(mine[:, equal.first].tocsr())
            sizes.append(np.asarray(np.bincount(equal.column, size, len(equal.first)), dtype=np.float64))
        return replace(self, counts=tuple(counts), sizes=tuple(sizes))


def count_posts(posts: Utf8, section: FeaturesSection, segmenter: Segmenter) -> CountedPosts:
    """Count the n-grams of normalised posts.

    Parameters
    ----------
    posts
        Normalised posts.
    section
        n-gram ranges, `min_df`, `sublinear_tf` and stop words; the other settings are not looked at.
    segmenter
        Word segmenter.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> section = FeaturesSection(words=None, chars=(1, 2))
    >>> counted = count_posts(of_texts(["口袋", "口袋里", "里"]), section, Segmenter())
    >>> counted.counts[0].shape  # 口, 口袋, 袋, 里
    (3, 4)
    >>> counted.merged().sizes[0].tolist()
    [3.0, 1.0]
    """
    lowered, counts = lowercase(posts), []
    for kind, ngrams in ((WORDS, section.words), (CHARS, section.chars)):
        if ngrams is not None:
            learnt = learn(
                lowered,
                kind=kind,
                ngrams=ngrams,
                segmenter=segmenter,
                stop_words=stop_words_of(section) if kind == WORDS else (),
                fewest=section.min_df,
            )
            counts.append(learnt.counts(np.arange(len(learnt.frequency))))
    sizes = tuple(np.ones(one.shape[1]) for one in counts)
    return CountedPosts(tuple(counts), sizes, section.min_df, section.sublinear_tf)
