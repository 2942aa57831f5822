"""Conformal prediction sets: subsets of "in" and "out" per post and category, with a wanted coverage in each class.

Promises: if new posts are exchangeable with those the sets were fitted on, the expected share of sets that contain the
true answer is at least the wanted coverage, for posts in the category and for posts out of it; with too few posts, sets
contain every answer. A set of both answers, or of neither, is a reason to abstain.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def fit_sets(
    proba: NDArray[np.float64], labels: NDArray[np.int8], *, coverage: float, exclusive: bool = False
) -> NDArray[np.float64]:
    """Return the limits of the sets: "in" is possible from the first on, "out" up to the second.

    Parameters
    ----------
    proba : ndarray of float64, shape (n_posts, n_categories)
        Out-of-fold probabilities as the scorer returns them; not used where the label is unknown.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown).
    coverage
        Wanted share of posts of each class whose set contains the true answer, between 0 and 1.
    exclusive
        Whether a post is in exactly one category; its set is a set of categories then, and "out" is always possible.

    Returns
    -------
    ndarray of float64, shape (2, n_categories)

    Notes
    -----
    The nonconformity score of a post is 1 − p in the category and p out of it. An answer is in the set if its
    score is at most the ⌈(n + 1) · coverage⌉-th smallest of the n posts of that class.

    These posts are scored by the models of cross-validation, not by the final one, so the guarantee for a single model
    holds only approximately; coverage is measured on the test side.

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
    """Return whether "in" and whether "out" is possible for each post and category; shapes as `proba`, both False
    where it is NaN.

    Examples
    --------
    >>> inside, outside = possible(np.array([[0.2], [0.5], [np.nan]]), np.array([[0.4], [0.6]]))
    >>> inside[:, 0].tolist(), outside[:, 0].tolist()
    ([False, True, False], [True, True, False])
    """
    return proba >= sets[0], proba <= sets[1]
