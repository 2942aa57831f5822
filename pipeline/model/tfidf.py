"""TF-IDF: which n-grams become features, and how counts of them are weighed.

Promises: scikit-learn's choice (`min_df`, `max_df`, `max_features`, ties included), its order of terms, its idf and its
norms, number for number.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pipeline.model.ngrams import Learnt


@dataclass(frozen=True)
class Chosen:
    """The n-grams that become features.

    Parameters
    ----------
    terms
        Sorted by code point.
    counts : csr matrix of int64, shape (n_posts, n_terms)
        Of the posts they were learnt from, indices sorted.
    frequency : ndarray of int64, shape (n_terms,)
        Posts that hold each.
    """

    terms: list[str]
    counts: sp.csr_matrix
    frequency: NDArray[np.int64]


def choose(
    learnt: Learnt, *, min_df: int | float = 1, max_df: int | float = 1.0, max_features: int | None = None
) -> Chosen:
    """Choose features as scikit-learn's ``CountVectorizer`` does.

    Parameters
    ----------
    learnt
        All n-grams of the posts.
    min_df, max_df
        Fewest and most posts that hold an n-gram: their number, or as a float their share.
    max_features
        How many to keep at most: those that occur most often.

    Raises
    ------
    ValueError
        If `max_df` is below `min_df`, or no n-gram is left.
    """
    posts = learnt.counts.shape[0]
    most = max_df if isinstance(max_df, Integral) else max_df * posts
    fewest = min_df if isinstance(min_df, Integral) else min_df * posts
    if most < fewest:
        message = "max_df corresponds to < documents than min_df"
        raise ValueError(message)
    if not len(learnt.frequency):
        message = "empty vocabulary; perhaps the documents only contain stop words"
        raise ValueError(message)
    kept = np.flatnonzero((learnt.frequency >= fewest) & (learnt.frequency <= most))
    spelled = np.array(learnt.terms(kept), dtype=object)
    order = np.array(sorted(range(len(kept)), key=spelled.__getitem__), dtype=np.int64)
    kept, spelled = kept[order], spelled[order]
    if max_features is not None and len(kept) > max_features:
        occurrences = np.bincount(
            learnt.counts.indices, weights=learnt.counts.data, minlength=len(learnt.frequency)
        ).astype(np.int64)
        chosen = np.sort((-occurrences[kept]).argsort()[:max_features])
        kept, spelled = kept[chosen], spelled[chosen]
    if not len(kept):
        message = "After pruning, no terms remain. Try a lower min_df or a higher max_df."
        raise ValueError(message)
    return Chosen(list(spelled), _columns(learnt.counts, kept), learnt.frequency[kept])


def _columns(counts: sp.csr_matrix, kept: NDArray[np.int64]) -> sp.csr_matrix:
    """Return some columns in another order, indices sorted."""
    new = np.full(counts.shape[1], -1, np.int32)
    new[kept] = np.arange(len(kept), dtype=np.int32)
    columns = new[counts.indices]
    there = columns >= 0
    rows = np.concatenate([np.zeros(1, np.int64), np.cumsum(there)])[counts.indptr]
    chosen = sp.csr_matrix((counts.data[there], columns[there], rows), shape=(counts.shape[0], len(kept)))
    chosen.sort_indices()
    return chosen


def inverse_frequency(frequency: NDArray[np.int64], posts: int, *, smooth: bool = True) -> NDArray[np.float64]:
    """Return the idf of terms, ``ln((1 + n) / (1 + df)) + 1``, or without smoothing ``ln(n / df) + 1``."""
    extra = 1.0 if smooth else 0.0
    return np.log((posts + extra) / (frequency + extra)) + 1.0


def weigh(
    counts: sp.csr_matrix, idf: NDArray[np.float64] | None, *, sublinear_tf: bool, norm: str | None = "l2"
) -> sp.csr_matrix:
    """Return counts weighed by idf, rows divided by their norm.

    Parameters
    ----------
    counts : csr matrix, shape (n_posts, n_terms)
    idf : ndarray of float64, shape (n_terms,), optional
    sublinear_tf
        Whether a count c weighs ``1 + ln c`` instead of c.
    norm
        ``"l2"``, ``"l1"`` or None.

    Returns
    -------
    csr matrix of float64, shape (n_posts, n_terms)
    """
    weighed = counts.astype(np.float64)
    if sublinear_tf:
        np.log(weighed.data, out=weighed.data)
        weighed.data += 1.0
    if idf is not None:
        weighed.data *= idf[weighed.indices]
    if norm is not None:
        lengths = _norms(weighed, norm)
        lengths[lengths == 0] = 1.0
        weighed.data /= np.repeat(lengths, np.diff(weighed.indptr))
    return weighed


def _norms(matrix: sp.csr_matrix, norm: str) -> NDArray[np.float64]:
    sizes = np.abs(matrix.data) if norm == "l1" else matrix.data * matrix.data
    rows = sp.csr_matrix((sizes, matrix.indices, matrix.indptr), shape=matrix.shape)
    sums: NDArray[np.float64] = np.asarray(rows.sum(axis=1), dtype=np.float64).ravel()
    if norm == "l2":
        np.sqrt(sums, out=sums)
    return sums
