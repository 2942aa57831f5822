"""Multiclass evaluation: accuracy and macro-F1 over all classes of an exclusive taxonomy, one class per post.

Promises: the predicted class of a post is the most probable one, whatever its margin; a post without features has none
and counts as wrong; a class without test posts is left out of the mean. In intervals a group of near-duplicates counts
as one, as in those of `evaluate`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.model.evaluation import ClassesEvaluation, MetricValue
from koudai.training.intervals import Z95, clustered_wilson
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import linear_f1
from koudai.training.judging.measured import counted_figure, interval_of_mean, wilson_ends


def describe_classes(
    labels: NDArray[np.int8],
    proba: NDArray[np.float32],
    groups: NDArray[np.int64],
    leaked: NDArray[np.bool_],
) -> ClassesEvaluation:
    """Return the figures on all test posts labelled with one class, and on those without a near-duplicate fitted on.

    Parameters
    ----------
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown), columns as `proba`.
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN throughout for a post without features.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post.
    leaked : ndarray of bool, shape (n_posts,)
        Whether a near-duplicate was fitted on.

    Examples
    --------
    >>> labels = np.array([[1, 0], [0, 1], [0, 1]], np.int8)
    >>> proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], np.float32)
    >>> found = describe_classes(labels, proba, np.arange(3), np.array([False, False, True]))
    >>> round(found.figure("accuracy").value, 3), found.figure("accuracy", unseen=True).value
    (0.667, 1.0)
    """
    one = (labels == 1).sum(axis=1) == 1
    true, guessed = np.argmax(labels == 1, axis=1), most_probable(proba)
    whole, unseen = (
        tuple(evaluate_classes(true[part], guessed[part], proba.shape[1], groups=groups[part]))
        for part in (one, one & ~leaked)
    )
    return ClassesEvaluation(whole, unseen)


def most_probable(proba: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the column of each post's largest probability; the number of columns for a post without probabilities.

    Examples
    --------
    >>> most_probable(np.array([[0.2, 0.7], [np.nan, np.nan]], np.float32)).tolist()
    [1, 2]
    """
    guessed: NDArray[np.intp] = np.argmax(np.nan_to_num(proba, nan=-1.0), axis=1)
    guessed[np.isnan(proba).all(axis=1)] = proba.shape[1]
    return guessed


def evaluate_classes(
    true: NDArray[np.intp], guessed: NDArray[np.intp], classes: int, *, groups: NDArray[np.int64]
) -> list[MetricValue]:
    """Return accuracy and macro-F1 of predicted classes.

    The interval of accuracy is Wilson's with an effective n; that of macro-F1 comes from those of the classes' F1 and
    their correlations, a class whose posts are all of one group counting as one post.

    Parameters
    ----------
    true, guessed : ndarray of int, shape (n_posts,)
        Class indices; `classes` where none was predicted.
    classes
        Number of classes.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post: the unit of intervals.

    Returns
    -------
    list of MetricValue
        ``accuracy`` and ``macro_f1``, the mean of the classes' F1.

    Source: Zou & Donner 2008, "Construction of confidence limits about effect measures".

    Examples
    --------
    >>> true, guessed = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    >>> found = evaluate_classes(true, guessed, 2, groups=np.arange(4))
    >>> [(one.metric, round(one.value, 3)) for one in found]
    [('accuracy', 0.75), ('macro_f1', 0.733)]
    """
    n, rows = len(true), np.arange(len(true))
    if not n:
        return [MetricValue(metric, None, 0, None, None) for metric in ("accuracy", "macro_f1")]
    right = clustered_wilson(true == guessed, groups)
    parts, moves = [], []
    for one in range(classes):
        posts = JudgedPosts((true == one).astype(np.float64), np.zeros(n), guessed == one, rows, groups)
        found, linear = counted_figure(posts, "f1"), linear_f1(posts)
        if found.value is None or linear is None:
            continue
        if found.low is None:
            ends = wilson_ends(found.value, 1.0, Z95)
            found = found._replace(low=ends[0], high=ends[1])
        parts.append(found)
        moves.append(np.bincount(posts.place, linear.influence))
    spread = np.array([one / norm if (norm := float(np.linalg.norm(one))) else one for one in moves])
    alike = spread @ spread.T
    np.fill_diagonal(alike, 1.0)
    low, high = interval_of_mean(parts, alike)
    mean = float(np.mean([one.value for one in parts]))
    return [MetricValue("accuracy", right.value, n, right.low, right.high), MetricValue("macro_f1", mean, n, low, high)]
