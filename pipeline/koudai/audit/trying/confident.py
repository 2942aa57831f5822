"""Confident learning: which labels words contradict, by out-of-fold probabilities of a model of words.

Promises: a post is judged by a model that saw neither it nor its near-duplicates; what the same probabilities give
where no label is wrong is told beside it. Says nothing of how many labels are wrong: where words do not carry a
category, what contradicts them is not the label but the model.

Source: Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.trying.content import Content
from koudai.model.deciding.calibration import calibrate


def probability_of_label(content: Content, y: NDArray[np.int8], *, seed: int) -> NDArray[np.float64]:
    """Return the out-of-fold probability of 1, shape (n_posts,), by a calibrated linear model of words.

    Parameters
    ----------
    content
        Words of the posts; `Content.enough` of `y` must hold.
    y : ndarray of int8, shape (n_posts,)
        Labels, 1 or 0.
    seed
        Of the folds and the fit.
    """
    decision = content.decisions(y, classifier="DualLogisticRegression", seed=seed)
    return calibrate(decision, y, content.groups, how="sigmoid")(decision)


def confident_joint(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return C, shape (2, 2): how many posts labelled i are confidently j.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    p : ndarray of float64, shape (n_posts,)
        Out-of-fold probability of 1.

    Examples
    --------
    >>> confident_joint(np.array([0, 0, 1, 1], dtype=np.int8), np.array([0.1, 0.9, 0.8, 0.9])).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    which = _confidently(y, p)
    sure = which >= 0
    return np.bincount(2 * y[sure] + which[sure], minlength=4).reshape(2, 2).astype(np.float64)


def flagged(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which posts are confidently not what they are labelled; parameters as for `confident_joint`.

    Examples
    --------
    >>> flagged(np.array([0, 0, 1, 1], dtype=np.int8), np.array([0.1, 0.9, 0.8, 0.9])).tolist()
    [False, True, False, False]
    """
    which = _confidently(y, p)
    return np.asarray((which >= 0) & (which != y))


def scaled(joint: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the estimated joint distribution, summing to 1: each row of `joint` scaled to the size of its label.

    Examples
    --------
    >>> scaled(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([2.0, 2.0])).tolist()
    [[0.25, 0.25], [0.0, 0.5]]
    """
    rows = joint.sum(axis=1, keepdims=True)
    shares = np.divide(joint, rows, out=np.eye(2), where=rows > 0)
    counts = shares * sizes[:, None]
    return np.asarray(counts / max(counts.sum(), 1.0))


def disagreement_of(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the off-diagonal share of the scaled confident joint: in all, of posts labelled 0, of posts labelled 1.

    NaN where no post has the label; parameters as for `confident_joint`.

    Examples
    --------
    >>> y, p = np.array([0, 0, 1, 1], dtype=np.int8), np.array([0.1, 0.9, 0.8, 0.9])
    >>> disagreement_of(y, p).tolist()
    [0.25, 0.5, 0.0]
    """
    joint = scaled(confident_joint(y, p), np.bincount(y, minlength=2).astype(np.float64))
    rows = joint.sum(axis=1)
    within = np.divide(joint[[0, 1], [1, 0]], rows, out=np.full(2, np.nan), where=rows > 0)
    return np.array([joint[0, 1] + joint[1, 0], *within])


def disagreement_by_chance(
    p: NDArray[np.float64], groups: NDArray[np.int64], random: np.random.Generator, *, draws: int
) -> NDArray[np.float64]:
    """Return `disagreement_of` labels drawn from `p` itself, so that none of them is wrong, shape (n_draws, 3).

    Posts of one near-duplicate group are drawn together, so that equal probabilities give equal labels.

    Examples
    --------
    >>> found = disagreement_by_chance(np.array([0.0, 1.0]), np.arange(2), np.random.default_rng(1), draws=3)
    >>> found[:, 0].tolist()
    [0.0, 0.0, 0.0]
    """
    _, place = np.unique(groups, return_inverse=True)
    n_groups = int(place.max(initial=-1)) + 1
    drawn = ((random.random(n_groups)[place] < p).astype(np.int8) for _ in range(draws))
    return np.stack([disagreement_of(y, p) for y in drawn])


def _confidently(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return what each post confidently is, -1 where it is neither."""
    both = np.column_stack([1 - p, p])
    least = np.array([both[y == j, j].mean() if (y == j).any() else np.inf for j in (0, 1)])
    reached = np.where(both >= least, both, -1.0)
    return np.where(reached.max(axis=1) >= 0, np.argmax(reached, axis=1), -1)
