"""Counting: occurrences in posts of the word or character n-grams of a fixed vocabulary.

Promises: the counts of scikit-learn's ``CountVectorizer``, for words with jieba's tokens, without hash collisions; no
Python string is made per post. Does not lower-case or weight. A vocabulary may be shared between threads.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.model.ngrams.growing import on_cache_lines, packed, read_only, tree_of_stop_words, tree_of_terms
from koudai.text.compiled.kernels import kernels
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8, as_utf8, of_texts

if TYPE_CHECKING:
    import scipy.sparse as sp

    from koudai.model.ngrams.counting_kernels import Kind
    from koudai.model.ngrams.growing_kernels import CutArrays
    from koudai.model.ngrams.lookup_kernels import Lookup

WORDS, CHARS = "words", "chars"
_ROOM = 1 << 16
"""Initial capacity of the buffers of counts."""


class Cut(NamedTuple):
    """Posts with their word boundaries.

    Attributes
    ----------
    posts
        The posts.
    words : ndarray of int64, shape (n_posts + 1,)
        The words of post ``i`` are ``ends[words[i]:words[i + 1]]``.
    ends : ndarray of int32
        Byte offset, within the post, of the end of each word.

    Examples
    --------
    >>> Cut(of_texts(["口袋"]), np.array([0, 1]), np.array([6], np.int32)).posts.texts()
    ['口袋']
    """

    posts: Utf8
    words: NDArray[np.int64]
    ends: NDArray[np.int32]


def cut(posts: Utf8, segmenter: Segmenter | None) -> Cut:
    """Return posts with their word boundaries; without a segmenter, with none.

    Examples
    --------
    >>> len(cut(of_texts(["口袋"]), None).ends)
    0
    """
    if segmenter is None:
        return Cut(posts, np.zeros(posts.posts + 1, np.int64), np.empty(0, np.int32))
    return Cut(posts, *segmenter.spans(posts))


class Vocabulary:
    """A fixed list of terms, each a feature, in the form that kernels look up.

    Parameters
    ----------
    terms
        In the order of features; words of an n-gram are joined by a space.
    kind, ngrams
        ``"words"`` or ``"chars"``, smallest and largest n that is counted.
    stop_words
        Words that are left out before n-grams are made.
    order : ndarray of int64, shape (n_terms,), optional
        The terms in the order in which kernels number them: those found most often, side by side, stay in the
        processor's cache. Counts are in the order of `terms` all the same.

    Examples
    --------
    >>> Vocabulary(["口", "口袋"], kind=CHARS, ngrams=(1, 2)).size
    2
    """

    def __init__(
        self,
        terms: Utf8 | Sequence[str],
        *,
        kind: str,
        ngrams: tuple[int, int],
        stop_words: Sequence[str] = (),
        order: NDArray[np.int64] | None = None,
    ) -> None:
        self.terms, self.kind, self.stop_words, self.order = as_utf8(terms), kind, tuple(stop_words), order
        longest = int(np.diff(self.terms.offsets).max(initial=1))
        self.ngrams = ngrams[0], max(ngrams[0], min(ngrams[1], longest))

    @functools.cached_property
    def _free(self) -> list[NDArray[np.uint32]]:
        """Marks that no kernel uses at the moment."""
        return []

    @property
    def size(self) -> int:
        """Number of terms."""
        return self.terms.posts

    @functools.cached_property
    def _tables(self) -> tuple[Kind, Lookup]:
        """The kind of n-grams, and the lookup tables."""
        from koudai.model.ngrams.counting_kernels import Kind

        grams = tree_of_stop_words(self.stop_words if self.kind == WORDS else ())
        stops = int(grams.size[0])
        kind = Kind(self.kind == WORDS, *self.ngrams, stops, self.size)
        grams = tree_of_terms(self.terms, of_words=self.kind == WORDS, grams=grams)
        return kind, packed(grams, self.size, stops=stops, order=self.order)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without lookup tables and marks, which are made again."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_tables", "_free")}

    def count(self, some: Cut) -> sp.csr_matrix:
        """Return the count of each term, a csr matrix of int32, shape (n_posts, n_terms), with sorted indices."""
        from scipy.sparse import csr_matrix

        rows, columns, counts = self.counted(some)
        return csr_matrix((counts, columns, rows), shape=(some.posts.posts, self.size))

    def counted(self, some: Cut) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Return what `count` does as arrays: where each row begins, the index of the term, its count."""
        posts = some.posts.posts
        rows = np.zeros(posts + 1, np.int64)
        levels = self.ngrams[1] - self.ngrams[0] + 1
        columns, counts = np.empty(_ROOM, np.int32), np.empty(_ROOM, np.int32)
        marks, nothing = self._marks(), np.zeros((1, 4), np.float32)
        post = 0
        while True:
            with np.errstate(over="ignore"):
                kernel = _kernels().count_posts
                post = kernel(_arrays(some), post, *self._tables, marks, nothing, rows, (columns, counts))
            if post == posts:
                break
            used, most = int(rows[post]), levels * int(some.posts.offsets[post + 1] - some.posts.offsets[post])
            room = used + most + max(used, used * (posts - post) // max(1, post) * 9 // 8)
            columns.resize(room, refcheck=False)
            counts.resize(room, refcheck=False)
        self._free.append(marks)
        columns.resize(rows[-1], refcheck=False)
        counts.resize(rows[-1], refcheck=False)
        if self.order is not None:
            columns = self.order.astype(np.int32)[columns]
        sort_rows(rows, columns, counts)
        return rows, columns, counts

    def rows(self, idf: NDArray[np.float64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `scorer_rows` of the terms as `decide` takes them; `idf` and `weights` are in the order of `terms`."""
        return scorer_rows(idf, weights) if self.order is None else scorer_rows(idf[self.order], weights[self.order])

    def decide(self, some: Cut, rows: NDArray[np.float32], *, sublinear_tf: bool, out: NDArray[np.float64]) -> None:
        """Add the contributions of each post's terms to its decisions.

        Parameters
        ----------
        some
            Posts.
        rows
            From `rows`.
        sublinear_tf
            Whether a count c has the weight ``1 + ln c`` instead of c.
        out : ndarray of float64, shape (n_posts, n_categories + 1)
            The last column counts the distinct terms found.
        """
        marks = self._marks()
        with np.errstate(over="ignore"):
            kernel = _kernels().decide_posts
            kernel(_arrays(some), *self._tables, marks, sublinear_tf, (rows.view(np.float64), rows), out)
        self._free.append(marks)

    def _marks(self) -> NDArray[np.uint32]:
        """Return a 0 for each term, which kernels count in and set back: what a thread is done with serves the next."""
        try:
            return self._free.pop()
        except IndexError:
            return np.zeros(self.size, np.uint32)


def scorer_rows(idf: NDArray[np.float64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return idf and weights of terms side by side, so that one memory access fetches both.

    Parameters
    ----------
    idf : ndarray of float64, shape (n_terms,)
    weights : ndarray of float32, shape (n_terms, n_categories)

    Returns
    -------
    ndarray of float32, shape (n_terms, width)
        The two halves of the idf, the weights, and zero padding so that a row spans as few cache lines as possible.

    Examples
    --------
    >>> scorer_rows(np.ones(3), np.zeros((3, 2), np.float32)).shape
    (3, 4)
    """
    terms, categories = weights.shape
    width = 4
    while width < categories + 2:
        width = 2 * width if width < 16 else width + 16
    rows = on_cache_lines(terms * width, np.float32).reshape(terms, width)
    rows.view(np.float64)[:, 0] = idf
    rows[:, 2 : categories + 2] = weights
    return rows


def _arrays(some: Cut) -> CutArrays:
    """Return the arrays of `some`, with the types that the kernels are compiled for."""
    from koudai.model.ngrams.growing_kernels import CutArrays

    return CutArrays(*map(read_only, (some.posts.data, some.posts.offsets, some.ends, some.words)))


def sort_rows(rows: NDArray[np.int64], columns: NDArray[np.int32], counts: NDArray[np.int32]) -> None:
    """Sort each row ``rows[i]:rows[i + 1]`` of columns and counts by column."""
    from koudai.model.ngrams.tfidf_kernels import sort_columns

    sort_columns(rows, columns, counts)


@kernels("koudai.model.ngrams.counting_kernels", what="the counting of n-grams")
def _kernels(_: Any) -> None:
    """Count one post."""
    some = Cut(of_texts(["a"]), np.array([0, 1]), np.array([1], np.int32))
    for kind in (WORDS, CHARS):
        vocabulary = Vocabulary(["a"], kind=kind, ngrams=(1, 2))
        vocabulary.counted(some)
        rows = scorer_rows(np.ones(1), np.zeros((1, 1), np.float32))
        vocabulary.decide(some, rows, sublinear_tf=True, out=np.zeros((1, 2)))
