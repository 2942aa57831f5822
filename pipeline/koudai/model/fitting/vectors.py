"""Term vectors: learnt from posts without labels, close to each other for terms that occur in similar contexts.

Promises: the truncated singular value decomposition of the positive pointwise mutual information of terms within a
window; the same posts and seed give the same numbers on one machine, whatever its number of cores. Memory is 8 bytes
(16 while the matrix is assembled) for each pair of terms with positive association, of which there are at most
`VECTOR_PAIRS`, and about 60 for each word or character of the posts.

Source: Levy, Goldberg & Dagan 2015, "Improving distributional similarity with lessons learned from word embeddings"
(contexts smoothed by the power .75, windows weighed by distance, no shift); Halko, Martinsson & Tropp 2011, "Finding
structure with randomness", for the decomposition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.train import VectorsSection
from koudai.errors import LimitExceeded, TooFewPosts
from koudai.limits import VECTOR_PAIRS
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.model.ngrams.learning import symbols_of
from koudai.model.ngrams.tfidf import inverse_frequency
from koudai.text.compiled.kernels import kernels
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8

_SMOOTHED = 0.75
_ROOM = 1 << 20
_ROUNDS = 3
"""Power iterations of the decomposition."""


@dataclass(frozen=True)
class Vectors:
    """Terms of one kind and their vectors.

    Parameters
    ----------
    terms
        Sorted by code point.
    vectors : ndarray of float32, shape (n_terms, dim)
        Unit vectors; zero for a term without positive association to any other.
    idf : ndarray of float64, shape (n_terms,)
        Idf in the posts that the vectors were learnt from.

    Examples
    --------
    >>> Vectors(("口袋",), np.ones((1, 1), np.float32), np.ones(1)).terms
    ('口袋',)
    """

    terms: tuple[str, ...]
    vectors: NDArray[np.float32]
    idf: NDArray[np.float64]


def learn_vectors(
    posts: Utf8,
    section: VectorsSection,
    segmenter: Segmenter,
    *,
    seed: int,
    advance: Callable[[int], None] = lambda posts: None,
) -> dict[str, Vectors]:
    """Learn vectors of words and of character bigrams, as configured in `section`.

    Parameters
    ----------
    posts
        Normalised and lower-cased.
    section
        The kinds of terms that get vectors, and how they are learnt.
    segmenter
        Word segmenter.
    seed
        Seed of the decomposition.
    advance
        Progress callback: newly read posts, once per kind.

    Returns
    -------
    dict
        Vectors by kind of block.

    Raises
    ------
    TooFewPosts
        If fewer than two terms of a kind occur `min_count` times.
    LimitExceeded
        If there are more pairs than `VECTOR_PAIRS`.
    """
    found = {}
    for kind, wanted in ((WORDS, section.words), (CHARS, section.bigrams)):
        if not wanted:
            continue
        terms, sequence = _sequence(posts, kind, section, segmenter, advance)
        if len(terms) < 2:
            raise TooFewPosts(
                what=f"no vectors of {kind} can be learnt",
                where="features.vectors",
                expected=f"two terms that occur min_count = {section.min_count} times or more",
                got=f"{len(terms)} in {posts.posts} posts",
                todo="lower min_count or name larger corpora",
            )
        rows = association(sequence, len(terms), section.window)
        idf = inverse_frequency(_frequency(sequence, len(terms)), posts.posts)
        found[kind] = Vectors(terms, decomposed(rows, section.dim, seed), idf)
    return found


def _frequency(sequence: NDArray[np.int32], terms: int) -> NDArray[np.int64]:
    """Return the document frequency of each term."""
    post = np.cumsum(sequence == terms)
    held = np.unique(post[sequence < terms] * terms + sequence[sequence < terms])
    return np.bincount(held % terms, minlength=terms)


def association(sequence: NDArray[np.int32], terms: int, window: int) -> sp.csr_matrix:
    """Return the positive pointwise mutual information of terms that occur near each other.

    Parameters
    ----------
    sequence : ndarray of int32
        Term numbers, post after post; the number `terms` ends a post.
    terms
        Number of terms.
    window
        Largest distance between two terms.

    Returns
    -------
    csr matrix of float32, shape (terms, terms)
        ``max(0, ln(p(b | a) / p(b)))`` for each pair a, b, with p(b) smoothed.

    Raises
    ------
    LimitExceeded
        If there are more pairs than `VECTOR_PAIRS`.

    Examples
    --------
    >>> sequence = np.array([0, 1, 4, 0, 1, 4, 2, 3, 4], np.int32)
    >>> found = association(sequence, 4, window=1)
    >>> f"{found[0, 1]:.3f}", float(found[0, 2])
    ('1.160', 0.0)
    """
    from koudai.model.fitting.vectors_kernels import Rows, RowScratch, TermSequence

    counting = _kernels()
    total = np.zeros(terms, np.int64)
    counting.totals(sequence, window, total)
    smoothed = total**_SMOOTHED
    share = smoothed / max(smoothed.sum(), np.finfo(float).tiny)
    order = np.argsort(sequence, kind="stable").astype(np.uint32)
    begins = np.zeros(terms + 1, np.int64)
    np.cumsum(np.bincount(sequence, minlength=terms + 1)[:terms], out=begins[1:])
    told = TermSequence(sequence, begins, order, total, share)
    scratch = RowScratch(np.zeros(terms, np.int64), np.empty(terms, np.int32))
    stops = np.zeros(terms + 1, np.int64)
    columns, values = np.empty(max(_ROOM, terms), np.int32), np.empty(max(_ROOM, terms), np.int32)
    row, found, parts = 0, 0, []
    while row < terms:
        begin = row
        row = counting.associated(told, window, begin, terms, scratch, Rows(stops, columns, values))
        used = int(stops[row])
        sizes = np.diff(stops[begin + 1 : row + 1], prepend=0)
        chance = np.repeat(total[begin:row], sizes) * share[columns[:used]]
        parts.append((columns[:used].copy(), np.log(values[:used] / chance).astype(np.float32)))
        stops[begin + 1 : row + 1] += found
        found += used
        if found > VECTOR_PAIRS.value:
            raise LimitExceeded(
                what="there are too many pairs of terms to learn vectors from",
                where="features.vectors",
                expected=f"at most {VECTOR_PAIRS.value:,} {VECTOR_PAIRS.unit}",
                happened="nothing was trained",
                todo="raise min_count, or lower max_terms or window",
            )
    joined = [np.concatenate([part[k] for part in parts]) for k in (1, 0)]
    return sp.csr_matrix((*joined, stops), shape=(terms, terms))


def decomposed(rows: sp.csr_matrix, dim: int, seed: int) -> NDArray[np.float32]:
    """Return ``U S`` of the truncated singular value decomposition, rows normalised to length 1 (or 0).

    Parameters
    ----------
    rows : csr matrix of float32, shape (n, n)
    dim
        Dimension of the vectors; the number of terms if that is smaller.
    seed
        Seed of the random projection.
    """
    from sklearn.utils.extmath import randomized_svd
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        left, sizes, _ = randomized_svd(
            rows, min(dim, rows.shape[0]), n_iter=_ROUNDS, power_iteration_normalizer="QR", random_state=seed
        )
    vectors = left * sizes
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-6)
    return unit.astype(np.float32)


def _sequence(
    posts: Utf8, kind: str, section: VectorsSection, segmenter: Segmenter, advance: Callable[[int], None]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the terms that get vectors, and the sequence of their numbers, post after post."""
    symbols, _, spelled = symbols_of(posts, kind=kind, segmenter=segmenter, advance=advance)
    texts = ["", *spelled.texts()]
    if kind == CHARS:
        keys = symbols[:-1].astype(np.uint64) * np.uint64(len(texts)) + symbols[1:]
        keys[(symbols[:-1] == 0) | (symbols[1:] == 0)] = 0
        keys[symbols[:-1] == 0] = np.iinfo(np.uint64).max
        names, places = np.unique(keys, return_inverse=True)
        counts = np.bincount(places, minlength=len(names))
        apart, ends = names == np.iinfo(np.uint64).max, names == 0
        counts[apart | ends] = 0
    else:
        places, ends = symbols, np.arange(len(texts)) == 0
        counts = np.bincount(symbols, minlength=len(texts))
        counts[[not text.strip() for text in texts]] = 0
    kept = np.flatnonzero(counts >= section.min_count)
    kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[: section.max_terms]])
    number = np.full(len(counts), -1, np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    number[ends] = len(kept)
    sequence = number[places]
    if kind == CHARS:
        pairs = [divmod(int(name), len(texts)) for name in names[kept]]
        return tuple(texts[a] + texts[b] for a, b in pairs), sequence[sequence >= 0]
    return tuple(texts[k] for k in kept), sequence[sequence >= 0]


@kernels("koudai.model.fitting.vectors_kernels", what="the learning of vectors")
def _kernels(_: Any) -> None:
    """Count one pair."""
    association(np.array([0, 1, 2], np.int32), 2, 1)
