"""Merging of equal columns: features that are equal in every post, such as n-grams that occur only in a longer one.

Promises: inner products of posts do not change, so a fit with an l2 penalty gives the same decisions with fewer
features; k equal columns become one, multiplied by √k. Columns are compared by two random sums: the probability that
different columns are merged is below 1e-12 for millions of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

_SEED = 0


class EqualColumns(NamedTuple):
    """Sets of equal columns, numbered in the order in which each occurs first.

    Attributes
    ----------
    first : ndarray of intp, shape (n_sets,)
        The first column of each set.
    column : ndarray of intp, shape (n_columns,)
        The set of each column.

    Examples
    --------
    >>> equal_columns(sp.csr_matrix(np.array([[1, 1, 0], [2, 2, 3]])))
    EqualColumns(first=array([0, 2]), column=array([0, 0, 1]))
    """

    first: NDArray[np.intp]
    column: NDArray[np.intp]


def equal_columns(features: sp.csr_matrix) -> EqualColumns:
    """Return which columns of a csr matrix are equal."""
    random = np.random.default_rng(_SEED)
    sums = features.T @ (random.random(features.shape[0]) + 1j * random.random(features.shape[0]))
    _, first, place = np.unique(sums, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(first), dtype=np.intp)
    number[order] = np.arange(len(first))
    return EqualColumns(first[order], number[place.reshape(-1)])


def merge_equal(features: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Merge each set of equal columns into one.

    Parameters
    ----------
    features : csr matrix of float64, shape (n_posts, n_features)

    Returns
    -------
    merged : csr matrix of float64, shape (n_posts, n_merged)
    onto : csr matrix of float64, shape (n_features, n_merged)
        ``others @ onto`` maps other posts to the merged columns; weights w of merged columns equal weights ``onto @ w``
        of all columns.

    Examples
    --------
    >>> merged, onto = merge_equal(sp.csr_matrix(np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 3.0]])))
    >>> merged.shape, onto.shape
    ((2, 2), (3, 2))
    """
    first, of = equal_columns(features)
    size = np.bincount(of, minlength=len(first)).astype(np.float64)
    onto = sp.csr_matrix((1.0 / np.sqrt(size)[of], (np.arange(len(of)), of)), shape=(len(of), len(size)))
    merged = features[:, first].tocsr()
    merged.data = merged.data * np.sqrt(size)[merged.indices]
    return merged, onto
