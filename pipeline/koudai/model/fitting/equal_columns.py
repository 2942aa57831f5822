"""Equal columns: features that are the same in every post, as n-grams that occur only within a longer one, merged.

Promises: the inner product of any two posts stays what it is, so whatever penalises the length of its weights decides
the same, from fewer numbers; k equal columns become one that is √k times as large. Columns are compared by two random
sums: different ones are taken for equal with a probability that can be neglected, below 1e-12 for millions of them.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

_SEED = 0


def merge_equal(features: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Make one column of each set of equal ones.

    Parameters
    ----------
    features : csr matrix of float64, shape (n_posts, n_features)

    Returns
    -------
    merged : csr matrix of float64, shape (n_posts, n_merged)
    onto : csr matrix of float64, shape (n_features, n_merged)
        ``others @ onto`` is other posts in the same columns, in which equal ones may differ; weights w of merged
        columns are ``onto @ w`` of all.

    Examples
    --------
    >>> merged, onto = merge_equal(sp.csr_matrix(np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 3.0]])))
    >>> merged.shape, onto.shape
    ((2, 2), (3, 2))
    """
    random = np.random.default_rng(_SEED)
    sums = features.T @ (random.random(features.shape[0]) + 1j * random.random(features.shape[0]))
    _, first, place, sizes = np.unique(sums, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    number = np.empty(len(first), dtype=np.intp)
    number[order] = np.arange(len(first))
    size = sizes[order].astype(np.float64)
    of = number[place.reshape(-1)]
    onto = sp.csr_matrix((1.0 / np.sqrt(size)[of], (np.arange(len(of)), of)), shape=(len(of), len(size)))
    merged = features[:, first[order]].tocsr()
    merged.data = merged.data * np.sqrt(size)[merged.indices]
    return merged, onto
