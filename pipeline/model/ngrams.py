"""N-grams of words and characters: learnt from posts, or known from a list of terms and counted in posts.

Promises: what scikit-learn's ``CountVectorizer`` counts, for words with jieba's tokens, told apart exactly; no Python
string is made per post. Neither lower-cases nor weighs. A vocabulary may be used from many threads at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pipeline.model.ngram_tables import grown, longer, packed, planted, read_only
from pipeline.text import jit
from pipeline.text.segment import Segmenter
from pipeline.text.utf8 import PAD, Utf8, of_texts

WORDS, CHARS = "words", "chars"
_LOCK = threading.RLock()
_ready: list[bool] = []
_PART = 4096
"""Posts that are counted between two reports of progress."""


class Cut(NamedTuple):
    """Posts and where their words end.

    Attributes
    ----------
    posts
        The posts.
    words : ndarray of int64, shape (n_posts + 1,)
        The words of post ``i`` are ``ends[words[i]:words[i + 1]]``.
    ends : ndarray of int32
        Bytes from the begin of the post to the end of each of its words.
    """

    posts: Utf8
    words: NDArray[np.int64]
    ends: NDArray[np.int32]


def cut(posts: Utf8, segmenter: Segmenter | None) -> Cut:
    """Return posts with the ends of their words, or without any if there is no segmenter."""
    if segmenter is None:
        return Cut(posts, np.zeros(posts.posts + 1, np.int64), np.empty(0, np.int32))
    return Cut(posts, *segmenter.spans(posts))


@dataclass(frozen=True)
class Learnt:
    """The n-grams of some posts.

    Parameters
    ----------
    kind
        ``"words"`` or ``"chars"``.
    counts : csr matrix of int64, shape (n_posts, n_ngrams)
        Columns in no particular order.
    frequency : ndarray of int64, shape (n_ngrams,)
        Posts that hold each n-gram.
    """

    kind: str
    counts: sp.csr_matrix
    frequency: NDArray[np.int64]
    _grams: Any
    _nodes: NDArray[np.int64]

    def terms(self, columns: NDArray[np.int64]) -> list[str]:
        """Return the spelling of some columns; words of an n-gram are joined by a blank."""
        from pipeline.model.vocabulary_kernels import spell

        with np.errstate(over="ignore"):
            nodes = self._nodes[columns]
            offsets = np.zeros(len(nodes) + 1, np.int64)
            spell(nodes, self.kind == WORDS, self._grams, False, offsets, np.empty(0, np.uint8))
            out = np.empty(int(offsets[-1]) + PAD, np.uint8)
            spell(nodes, self.kind == WORDS, self._grams, True, offsets, out)
        return Utf8(out, offsets).texts()


def learn(
    posts: Utf8,
    *,
    kind: str,
    ngrams: tuple[int, int],
    segmenter: Segmenter | None,
    stop_words: Sequence[str] = (),
    advance: Callable[[int], None] = lambda posts: None,
) -> Learnt:
    """Count every n-gram of posts.

    Parameters
    ----------
    posts
        Posts, lower-cased if that is wanted.
    kind, ngrams
        ``"words"`` or ``"chars"``, smallest and largest n.
    segmenter
        Cuts posts into words; not needed for characters.
    stop_words
        Words that are left out before n-grams are made.
    advance
        Called with a number of posts as they are counted.
    """
    kernels = _kernels()
    grams = _stops(stop_words)
    selected = kernels.Kind(kind == WORDS, *ngrams, int(grams.size[0]), 0)
    frequency = np.zeros(len(grams.parent), np.int64)
    rows = np.zeros(posts.posts + 1, np.int64)
    nodes, counts = np.empty(1 << 16, np.int32), np.empty(1 << 16, np.int32)
    with np.errstate(over="ignore"):
        for start in range(0, posts.posts, _PART):
            some = cut(posts.part(start, start + _PART), segmenter if kind == WORDS else None)
            here = rows[start : start + some.posts.posts + 1]
            post = 0
            while True:
                post = kernels.learn(_plain(some), post, selected, grams, frequency, here, nodes, counts)
                if post == some.posts.posts:
                    break
                most = int(some.posts.offsets[post + 1] - some.posts.offsets[post])
                grams = grown(grams, steps=most * ngrams[1], words=most if kind == WORDS else 0)
                frequency = longer(frequency, len(grams.parent))
                room = int(here[post]) + most * (ngrams[1] - ngrams[0] + 1)
                nodes, counts = longer(nodes, room), longer(counts, room)
            advance(some.posts.posts)
    used = int(rows[-1])
    occurring = np.flatnonzero(frequency)
    column = np.zeros(len(frequency), np.int32)
    column[occurring] = np.arange(len(occurring), dtype=np.int32)
    matrix = sp.csr_matrix(
        (counts[:used].astype(np.int64), column[nodes[:used]], rows), shape=(posts.posts, len(occurring))
    )
    return Learnt(kind, matrix, frequency[occurring], grams, occurring)


class Vocabulary:
    """Terms, each a feature, as kernels look them up.

    Parameters
    ----------
    terms
        In the order of features; words of an n-gram joined by a blank.
    kind, ngrams
        ``"words"`` or ``"chars"``, smallest and largest n that is counted.
    stop_words
        Words that are left out before n-grams are made.
    """

    def __init__(
        self, terms: Sequence[str], *, kind: str, ngrams: tuple[int, int], stop_words: Sequence[str] = ()
    ) -> None:
        _kernels()
        self.kind, self.ngrams, self.size = kind, ngrams, len(terms)
        tables = _stops(stop_words)
        self._stops = int(tables.size[0])
        self._known = packed(planted(of_texts(terms), kind == WORDS, grams=tables), len(terms), stops=self._stops)

    def count(self, some: Cut) -> sp.csr_matrix:
        """Return how often each term occurs, a csr matrix of int64, shape (n_posts, n_terms), indices in no order."""
        posts = some.posts.posts
        rows = np.zeros(posts + 1, np.int64)
        levels = self.ngrams[1] - self.ngrams[0] + 1
        columns, counts = np.empty(1 << 16, np.int32), np.empty(1 << 16, np.int64)
        post = 0
        while True:
            with np.errstate(over="ignore"):
                kernel = _kernels().transform
                post = kernel(_plain(some), post, self._selected(), self._known, rows, columns, counts)
            if post == posts:
                break
            room = int(rows[post]) + levels * int(some.posts.offsets[post + 1] - some.posts.offsets[post])
            columns, counts = longer(columns, room), longer(counts, room)
        used = int(rows[-1])
        return sp.csr_matrix((counts[:used], columns[:used], rows), shape=(posts, self.size))

    def decide(self, some: Cut, rows: NDArray[np.float32], *, sublinear_tf: bool, out: NDArray[np.float64]) -> None:
        """Add what the terms of each post say to its decisions.

        Parameters
        ----------
        some
            Posts.
        rows
            From `rows_of`.
        sublinear_tf
            Whether a count c weighs ``1 + ln c`` instead of c.
        out : ndarray of float64, shape (n_posts, n_categories + 1)
            The last column counts the different terms found.
        """
        with np.errstate(over="ignore"):
            kernel = _kernels().decide
            kernel(_plain(some), self._selected(), self._known, sublinear_tf, rows, rows.view(np.float64), out)

    def _selected(self) -> Any:
        return _kernels().Kind(self.kind == WORDS, *self.ngrams, self._stops, self.size)


def rows_of(idf: NDArray[np.float64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return idf and weights of terms side by side, so that one look into memory brings both.

    Parameters
    ----------
    idf : ndarray of float64, shape (n_terms,)
    weights : ndarray of float32, shape (n_terms, n_categories)

    Returns
    -------
    ndarray of float32, shape (n_terms, width)
        The two halves of the idf, the weights, and zeros up to a width that lets no row cross more cache lines than it
        must.
    """
    terms, categories = weights.shape
    width = 4
    while width < categories + 2:
        width = 2 * width if width < 16 else width + 16
    room = np.zeros(terms * width + 16, np.float32)
    begin = -(room.ctypes.data // 4) % 16
    rows = room[begin : begin + terms * width].reshape(terms, width)
    rows.view(np.float64)[:, 0] = idf
    rows[:, 2 : categories + 2] = weights
    return rows


def _plain(some: Cut) -> tuple[Any, ...]:
    """Return the arrays of `some`, each of the one type that the kernels are compiled for."""
    return tuple(read_only(array) for array in (some.posts.data, some.posts.offsets, some.ends, some.words))


def _stops(words: Sequence[str]) -> Any:
    """Return tables that hold stop words; what has a blank in it is no word."""
    return planted(of_texts(word for word in words if " " not in word or word == " "), True, features=False)


def _kernels() -> ModuleType:
    """Return the kernels, after they are compiled, by counting one post."""
    with _LOCK:
        from pipeline.model import counting_kernels

        if not _ready:
            _ready.append(True)
            with jit.announced("the counting of n-grams"):
                _count_one()
        return counting_kernels


def _count_one() -> None:
    some = Cut(of_texts(["a"]), np.array([0, 1]), np.array([1], np.int32))
    for kind in (WORDS, CHARS):
        learn(some.posts, kind=kind, ngrams=(1, 2), segmenter=None).terms(np.zeros(0, np.int64))
        vocabulary = Vocabulary(["a"], kind=kind, ngrams=(1, 2))
        vocabulary.count(some)
        rows = rows_of(np.ones(1), np.zeros((1, 1), np.float32))
        vocabulary.decide(some, rows, sublinear_tf=True, out=np.zeros((1, 2)))
