"""Features: TF-IDF of word n-grams and of character n-grams, each block weighed and normalised on its own.

Promises: words are jieba's, both blocks are what scikit-learn's `TfidfVectorizer` makes of them (its lower-casing,
n-grams, smoothed idf and l2 norm); the blocks stand side by side in the order words, characters. Plain data once
fitted: terms and idf.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pipeline.config import FeaturesSection
from pipeline.errors import TooFewPosts
from pipeline.text.segment import Segmenter

WORDS, CHARS = "words", "chars"


@dataclass(frozen=True)
class Block:
    """One block of features.

    Parameters
    ----------
    kind
        ``"words"`` or ``"chars"``.
    ngrams
        Smallest and largest n.
    terms
        Each feature's n-gram, sorted; words of an n-gram are joined by a space.
    idf : ndarray of float64, shape (n_terms,)
        ``ln((1 + n) / (1 + df)) + 1``.
    sublinear_tf
        Whether a count c weighs ``1 + ln c`` instead of c.
    """

    kind: str
    ngrams: tuple[int, int]
    terms: tuple[str, ...]
    idf: NDArray[np.float64]
    sublinear_tf: bool
    _made: dict[bool, Any] = field(default_factory=dict, repr=False, compare=False)

    def transform(self, texts: list[str], segmenter: Segmenter) -> sp.csr_matrix:
        """Return the block's features of normalised posts, a csr matrix of shape (n_posts, n_terms), rows of length
        1 or 0.
        """
        if segmenter.hmm not in self._made:
            self._made[segmenter.hmm] = _counter(
                self.kind, self.ngrams, segmenter, vocabulary={term: i for i, term in enumerate(self.terms)}
            )
        return self.weigh(self._made[segmenter.hmm].transform(texts))

    def weigh(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """Return `counts` with term frequencies weighed by idf and rows divided by their l2 norm."""
        weighed = counts.astype(np.float64)
        if self.sublinear_tf:
            np.log(weighed.data, out=weighed.data)
            weighed.data += 1.0
        weighed.data *= self.idf[weighed.indices]
        norms = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1))).ravel()
        norms[norms == 0] = 1.0
        weighed.data /= np.repeat(norms, np.diff(weighed.indptr))
        return weighed


def fit_blocks(
    texts: list[str],
    section: FeaturesSection,
    segmenter: Segmenter,
    *,
    advance: Callable[[int], None] = lambda posts: None,
) -> tuple[tuple[Block, ...], sp.csr_matrix]:
    """Learn terms and idf from normalised posts.

    Parameters
    ----------
    texts
        Normalised posts.
    section
        n-gram ranges and thresholds.
    segmenter
        Cuts posts into words.
    advance
        Called with a number of posts as they are cut.

    Returns
    -------
    blocks
        The fitted blocks.
    features : csr matrix of float64, shape (n_posts, n_features)
        The posts' features, the blocks side by side.

    Raises
    ------
    TooFewPosts
        If no term occurs in `min_df` posts.
    """
    blocks, matrices = [], []
    for kind, ngrams in ((WORDS, section.words), (CHARS, section.chars)):
        if ngrams is None:
            continue
        counter = _counter(
            kind, ngrams, segmenter, min_df=section.min_df, max_features=section.max_features, advance=advance
        )
        try:
            counts = counter.fit_transform(texts)
        except ValueError as error:
            raise TooFewPosts(
                what=f"no {kind} are left to learn from",
                where="features",
                expected=f"terms that occur in at least min_df = {section.min_df} of {len(texts)} posts",
                got=error,
                todo="lower min_df or bring more posts",
            ) from error
        document_frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        block = Block(
            kind=kind,
            ngrams=ngrams,
            terms=tuple(str(term) for term in counter.get_feature_names_out()),
            idf=np.log((1.0 + len(texts)) / (1.0 + document_frequency)) + 1.0,
            sublinear_tf=section.sublinear_tf,
        )
        blocks.append(block)
        matrices.append(block.weigh(counts))
    return tuple(blocks), sp.hstack(matrices, format="csr")


def transform(blocks: tuple[Block, ...], texts: list[str], segmenter: Segmenter) -> sp.csr_matrix:
    """Return the features of normalised posts, a csr matrix of shape (n_posts, n_features), the blocks side by side."""
    return sp.hstack([block.transform(texts, segmenter) for block in blocks], format="csr")


def _counter(
    kind: str,
    ngrams: tuple[int, int],
    segmenter: Segmenter,
    *,
    advance: Callable[[int], None] = lambda posts: None,
    **settings: Any,
) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    if kind == CHARS:
        return CountVectorizer(analyzer="char", ngram_range=ngrams, **settings)

    def tokenize(text: str) -> list[str]:
        advance(1)
        return segmenter.cut(text)

    return CountVectorizer(tokenizer=tokenize, token_pattern=None, ngram_range=ngrams, **settings)
