"""TF-IDF: selection of n-grams as features, and weighting of counts.

Promises: scikit-learn's selection (`min_df`, `max_df`, `max_features`), its order of terms, its idf and its norms,
number for number. Of equally frequent terms `max_features` keeps those first by code point, on every machine;
scikit-learn keeps those that numpy's unstable sort leaves in front, which depends on the processor: copied on request.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.cores import cores, sharing_memory
from koudai.model.ngrams.growing import read_only
from koudai.model.ngrams.learning import LearntNgrams
from koudai.text.compiled.kernels import kernels
from koudai.text.utf8 import Utf8

if TYPE_CHECKING:
    import scipy.sparse as sp

_NORMS = {None: 0, "l1": 1, "l2": 2}
_MANY = 200_000
"""Counts whose blocks are weighed side by side; of fewer, threads take longer to begin."""


@dataclass(frozen=True)
class Chosen:
    """The n-grams selected as features.

    Parameters
    ----------
    terms
        Sorted by code point.
    counts : csr matrix of int32, shape (n_posts, n_terms)
        Counts in the posts they were learnt from, with sorted indices.
    frequency : ndarray of int64, shape (n_terms,)
        Document frequencies.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> import scipy.sparse as sp
    >>> Chosen(of_texts(["口袋"]), sp.csr_matrix(np.ones((3, 1), np.int32)), np.array([3])).frequency.tolist()
    [3]
    """

    terms: Utf8
    counts: sp.csr_matrix
    frequency: NDArray[np.int64]


def choose(
    learnt: LearntNgrams,
    *,
    min_df: float = 1,
    max_df: float = 1.0,
    max_features: int | None = None,
    binary: bool = False,
    sklearn_ties: Any = None,
) -> Chosen:
    """Select features as scikit-learn's ``CountVectorizer`` does.

    Parameters
    ----------
    learnt
        The n-grams of the posts, at least those that are in `fewest_posts` of them.
    min_df, max_df
        Smallest and largest document frequency: an integer, or as a float a share of the posts.
    max_features
        Largest number of features: those that occur most often.
    binary
        Whether counts are set to 1.
    sklearn_ties
        The type in which scikit-learn sorts occurrences, to keep of equally frequent terms those that it keeps on this
        processor; None keeps the first by code point.

    Raises
    ------
    ValueError
        If `max_df` is below `min_df`, or no n-gram is left.

    Examples
    --------
    >>> from koudai.model.ngrams.learning import learn
    >>> from koudai.text.utf8 import of_texts
    >>> learnt = learn(of_texts(["口袋", "口袋里"]), kind="chars", ngrams=(1, 2), segmenter=None)
    >>> choose(learnt, min_df=2).terms.texts()
    ['口', '口袋', '袋']
    >>> choose(learnt, max_features=2).terms.texts()
    ['口', '口袋']
    """
    most = max_df if isinstance(max_df, Integral) else max_df * learnt.posts
    fewest = min_df if isinstance(min_df, Integral) else min_df * learnt.posts
    if not learnt.found:
        message = "empty vocabulary; perhaps the documents only contain stop words"
        raise ValueError(message)
    if most < fewest:
        message = "max_df corresponds to < documents than min_df"
        raise ValueError(message)
    kept = np.flatnonzero((learnt.frequency >= fewest) & (learnt.frequency <= most))
    if max_features is not None and len(kept) > max_features:
        occurrences = (learnt.frequency if binary else learnt.occurrences)[kept]
        if sklearn_ties is None:
            order = np.argsort(-occurrences, kind="stable")
        else:
            order = np.argsort(-occurrences.astype(sklearn_ties))
        kept = kept[np.sort(order[:max_features])]
    if not len(kept):
        message = "After pruning, no terms remain. Try a lower min_df or a higher max_df."
        raise ValueError(message)
    counts = learnt.counts(kept)
    if binary:
        counts.data = np.ones_like(counts.data)
    return Chosen(learnt.terms(kept), counts, learnt.frequency[kept])


def fewest_posts(min_df: float, posts: int) -> int:
    """Return in how many of some posts a term has to be by a `min_df`, an integer or as a float a share of the posts.

    Examples
    --------
    >>> fewest_posts(2, 10), fewest_posts(0.25, 10)
    (2, 3)
    """
    return int(min_df) if isinstance(min_df, Integral) else math.ceil(min_df * posts)


def inverse_frequency(
    frequency: NDArray[np.int64], posts: int, *, smooth: bool = True, dtype: Any = np.float64
) -> NDArray[Any]:
    """Return the idf of terms, ``ln((1 + n) / (1 + df)) + 1``, or without smoothing ``ln(n / df) + 1``.

    Examples
    --------
    >>> inverse_frequency(np.array([1, 9]), 9).round(3).tolist()
    [2.609, 1.0]
    """
    held = frequency.astype(dtype) + dtype(smooth)
    idf: NDArray[Any] = np.log(dtype(posts + int(smooth)) / held) + dtype(1)
    return idf


class Counted(NamedTuple):
    """Counts of one block of features, with their weighting.

    Attributes
    ----------
    counts : csr matrix of int32, shape (n_posts, n_terms)
        Indices sorted.
    idf : ndarray, shape (n_terms,), optional
    sublinear_tf
        Whether a count c has the weight ``1 + ln c`` instead of c.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> Counted(sp.csr_matrix(np.eye(2, dtype=np.int32)), np.ones(2), sublinear_tf=True).counts.shape
    (2, 2)
    """

    counts: sp.csr_matrix
    idf: NDArray[Any] | None
    sublinear_tf: bool


def weigh(*blocks: Counted, norm: str | None = "l2", dtype: Any = np.float64) -> sp.csr_matrix:
    """Return TF-IDF weights: counts times idf, rows of each block divided by their norm, blocks concatenated.

    Parameters
    ----------
    blocks
        Blocks of the same posts.
    norm
        ``"l2"``, ``"l1"`` or None.
    dtype
        float64 or float32, of idf and result.

    Returns
    -------
    csr matrix, shape (n_posts, n_terms of all blocks)
        With sorted indices.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> counted = Counted(sp.csr_matrix(np.array([[3, 4], [0, 2]], np.int32)), np.ones(2), sublinear_tf=False)
    >>> weigh(counted).toarray().round(3).tolist()
    [[0.6, 0.8], [0.0, 1.0]]
    """
    from scipy.sparse import csr_matrix

    from koudai.model.ngrams.tfidf_kernels import CountArrays, Weighed, Weights

    indptr = [counts.indptr.astype(np.int64) for counts, _, _ in blocks]
    width = sum(counts.shape[1] for counts, _, _ in blocks)
    rows = np.sum(indptr, axis=0)
    columns = np.empty(rows[-1], np.int32 if width <= np.iinfo(np.int32).max else np.int64)
    if len(blocks) == 1:
        columns = blocks[0].counts.indices
    out = np.empty(rows[-1], dtype)
    starts = np.cumsum([rows[:-1], *(np.diff(begins) for begins in indptr[:-1])], axis=0)
    shifts = np.cumsum([0, *(counts.shape[1] for counts, _, _ in blocks[:-1])])

    many = rows[-1] > _MANY
    bounds = np.unique(np.searchsorted(rows, np.linspace(0, rows[-1], cores() + 1 if many else 2)))
    bounds[[0, -1]] = 0, len(rows) - 1
    work = []
    for (counts, idf, sublinear_tf), begins, its, shift in zip(blocks, indptr, starts, shifts.tolist(), strict=True):
        values = np.arange(int(counts.data.max(initial=0)) + 1, dtype=dtype)
        if sublinear_tf:
            values[1:] = np.log(values[1:]) + dtype(1)
        told = Weights(
            read_only(values), read_only(np.empty(0, dtype) if idf is None else idf.astype(dtype, copy=False))
        )
        of_counts = counts.indices.astype(np.int32, copy=False), counts.data
        for first, last in itertools.pairwise(bounds.tolist()):
            matrix = CountArrays(*map(read_only, (begins[first : last + 1], *of_counts)))
            work.append((matrix, told, _NORMS[norm], shift, Weighed(its[first:last], columns, out)))
    kernel = _kernels().weigh_rows
    deque((sharing_memory if many else map)(lambda told: kernel(*told), work), maxlen=0)
    return csr_matrix((out, columns, rows), shape=(len(rows) - 1, width))


@kernels("koudai.model.ngrams.tfidf_kernels", what="the weighing of n-grams")
def _kernels(module: Any) -> None:
    """Weigh nothing."""
    types = (np.int64, np.int32, np.int32, np.float64, np.float64)
    arrays: Any = [read_only(np.zeros(1, kind)) for kind in types]
    matrix, weights = module.CountArrays(*arrays[:3]), module.Weights(*arrays[3:])
    out = module.Weighed(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0))
    module.weigh_rows(matrix, weights, 0, 0, out)
