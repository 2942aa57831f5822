"""Frequent words: the words that occur in enough posts, and how often in each; what `learning` gives for single words.

Promises: words, their order and their counts are those of `koudai.model.ngrams.learning.learn`; time is that of reading
the posts as words and two passes over these, since single words are numbered already and need no sorting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from koudai.model.ngrams.counting import WORDS, sort_rows
from koudai.model.ngrams.learning import symbols_of
from koudai.text.compiled.kernels import kernels
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8, of_texts

if TYPE_CHECKING:
    import scipy.sparse as sp


def frequent_words(posts: Utf8, *, segmenter: Segmenter, fewest: int) -> tuple[sp.csr_matrix, list[str]]:
    """Return the counts of the words of two characters or more that occur in `fewest` posts, and these words.

    Parameters
    ----------
    posts
        Posts, lower-cased by the caller if wanted.
    segmenter
        Word segmenter.
    fewest
        Posts that a word has to occur in.

    Returns
    -------
    csr matrix of int32, shape (n_posts, n_words)
        Indices sorted.
    list of str
        Letters, digits and ideographs alone, sorted by code point, one for each column.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> counts, words = frequent_words(of_texts(["偏方 偏方", "天气", "偏方！"]), segmenter=Segmenter(), fewest=2)
    >>> words, counts.toarray().tolist()
    (['偏方'], [[2], [0], [1]])
    """
    from scipy.sparse import csr_matrix

    read = symbols_of(posts, kind=WORDS, segmenter=segmenter)
    run, known = _kernels(), read.spelled.posts
    frequency = np.zeros(known + 1, np.int64)
    run.count_posts(read.symbols, read.stops, np.full(known + 1, -1, np.int64), frequency)
    frequent = np.flatnonzero(frequency[1:] >= fewest)
    chosen = np.zeros(known, dtype=bool)
    chosen[frequent] = True
    told = read.spelled.take(chosen).texts()
    kept = [place for place, word in enumerate(told) if len(word) > 1 and word.isalnum()]
    column = np.full(known + 1, -1, np.int32)
    column[frequent[kept] + 1] = np.arange(len(kept), dtype=np.int32)
    rows, size = np.zeros(posts.posts + 1, np.int64), int(frequency[frequent[kept] + 1].sum())
    columns, counts = np.empty(size, np.int32), np.empty(size, np.int32)
    run.count_words(read.symbols, read.stops, column, np.full(len(kept), -1, np.int64), rows, columns, counts)
    sort_rows(rows, columns, counts)
    return csr_matrix((counts, columns, rows), shape=(posts.posts, len(kept))), [told[place] for place in kept]


@kernels("koudai.model.ngrams.frequent_words_kernels", what="the counting of words")
def _kernels(_: Any) -> None:
    """Count the words of one post."""
    frequent_words(of_texts(["a"]), segmenter=Segmenter(), fewest=1)
