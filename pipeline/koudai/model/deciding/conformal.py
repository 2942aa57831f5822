"""Conformal prediction sets: subsets of "in" and "out" per post and category, with a wanted coverage in each class.

Promises: if new posts are exchangeable with those the sets were fitted on, the set is expected to hold the true answer
of at least the wanted share of the posts in the category, and of those out of it; with too few posts for that, it
always does. A set of both answers, or of neither, is a reason to abstain.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def fit_sets(
    proba: NDArray[np.float64], labels: NDArray[np.int8], *, coverage: float, exclusive: bool = False
) -> NDArray[np.float64]:
    """Return from which probability on "in" is possible, and up to which "out" is.

    Parameters
    ----------
    proba : ndarray of float64, shape (n_posts, n_categories)
        Out of fold, as the scorer gives them; not read where the label is unknown.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown).
    coverage
        Share of the posts of either class whose set holds what they are, between 0 and 1.
    exclusive
        Whether a post is in one category: its set is of categories then, and "out" is always possible.

    Returns
    -------
    ndarray of float64, shape (2, n_categories)

    Notes
    -----
    The nonconformity score of a post is 1 − p in the category and p out of it. An answer is in the set if its
    score is at most the ⌈(n + 1) · coverage⌉-th smallest of the n posts of that class.

    The posts here are scored by models of cross-validation, not by the one that is kept, so what is proven for one
    model is here only expected, and measured on the test side.

    Source: Vovk, Gammerman & Shafer 2005, "Algorithmic learning in a random world", section 4.5 (Mondrian);
    Angelopoulos & Bates 2023, "Conformal prediction: a gentle introduction", section 4.1; Vovk 2015, "Cross-conformal
    predictors".

    Examples
    --------
    >>> labels = np.repeat([[1], [0]], 9, axis=0).astype(np.int8)
    >>> proba = np.concatenate([np.linspace(0.5, 0.9, 9), np.linspace(0.1, 0.5, 9)])[:, None]
    >>> fit_sets(proba, labels, coverage=0.9).round(2).tolist()
    [[0.5], [0.5]]
    """
    sets = np.stack([np.zeros(labels.shape[1]), np.ones(labels.shape[1])])
    for column in range(labels.shape[1]):
        p, y = proba[:, column], labels[:, column]
        sets[0, column] = -_quantile(-p[y == 1], coverage, beyond=0.0)
        if not exclusive:
            sets[1, column] = _quantile(p[y == 0], coverage, beyond=1.0)
    return sets


def _quantile(scores: NDArray[np.float64], coverage: float, *, beyond: float) -> float:
    place = math.ceil((len(scores) + 1) * coverage - 1e-9)
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else beyond


def possible(proba: NDArray[np.floating], sets: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether "in" and whether "out" is possible of each post and category; shapes as `proba`, both False
    where that is missing.

    Examples
    --------
    >>> inside, outside = possible(np.array([[0.2], [0.5], [np.nan]]), np.array([[0.4], [0.6]]))
    >>> inside[:, 0].tolist(), outside[:, 0].tolist()
    ([False, True, False], [True, True, False])
    """
    return proba >= sets[0], proba <= sets[1]
