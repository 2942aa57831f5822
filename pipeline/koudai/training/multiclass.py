"""Multiclass evaluation: accuracy and macro-F1 over all classes of an exclusive taxonomy, one class per post.

Promises: the predicted class of a post is the most probable one, whatever its margin; a post without features has none
and counts as wrong; a class without test posts is left out of the mean. Intervals resample groups of near-duplicates,
as those of `evaluate` do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.model.evaluation import ClassesEvaluation, MetricValue
from koudai.training.bootstrap import RESAMPLES, count_groups, percentile_interval
from koudai.training.evaluate import Values


def describe_classes(
    labels: NDArray[np.int8],
    proba: NDArray[np.float32],
    groups: NDArray[np.int64],
    leaked: NDArray[np.bool_],
    *,
    seed: int,
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
    seed
        Seed of the bootstrap.

    Examples
    --------
    >>> labels = np.array([[1, 0], [0, 1], [0, 1]], np.int8)
    >>> proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], np.float32)
    >>> found = describe_classes(labels, proba, np.arange(3), np.array([False, False, True]), seed=1)
    >>> round(found.figure("accuracy").value, 3), found.figure("accuracy", unseen=True).value
    (0.667, 1.0)
    """
    one = (labels == 1).sum(axis=1) == 1
    true, guessed = np.argmax(labels == 1, axis=1), most_probable(proba)
    whole, unseen = (
        tuple(evaluate_classes(true[part], guessed[part], proba.shape[1], groups=groups[part], seed=seed))
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
    true: NDArray[np.intp],
    guessed: NDArray[np.intp],
    classes: int,
    *,
    groups: NDArray[np.int64],
    seed: int,
    resamples: int = RESAMPLES,
) -> list[MetricValue]:
    """Return accuracy and macro-F1 of predicted classes.

    Parameters
    ----------
    true, guessed : ndarray of int, shape (n_posts,)
        Class indices; `classes` where none was predicted.
    classes
        Number of classes.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post: the unit of resampling.
    seed
        Seed of the bootstrap.
    resamples
        Bootstrap samples per interval.

    Returns
    -------
    list of MetricValue
        ``accuracy`` and ``macro_f1``, the mean of the classes' F1.

    Examples
    --------
    >>> true, guessed = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    >>> found = evaluate_classes(true, guessed, 2, groups=np.arange(4), seed=1)
    >>> [(one.metric, round(one.value, 3)) for one in found]
    [('accuracy', 0.75), ('macro_f1', 0.733)]
    """
    names, place = np.unique(groups, return_inverse=True)
    cell = true * (classes + 1) + guessed

    def confusion(weights: NDArray[np.int64] | None) -> NDArray[np.float64]:
        return np.bincount(cell, weights, minlength=classes * (classes + 1)).reshape(classes, classes + 1).astype(float)

    tables = np.empty((resamples + 1, classes, classes + 1))
    tables[0] = confusion(None)
    for sample in range(resamples):
        times = count_groups(np.random.default_rng((seed, sample)), len(names)) if len(names) else place
        tables[sample + 1] = confusion(times[place])
    found = []
    for metric, values in (("accuracy", _accuracy(tables)), ("macro_f1", _macro_f1(tables))):
        value = float(values[0]) if np.isfinite(values[0]) else None
        low, high = percentile_interval(values[1:]) if value is not None else (None, None)
        found.append(MetricValue(metric, value, len(true), low, high))
    return found


def _accuracy(tables: NDArray[np.float64]) -> Values:
    posts = tables.sum(axis=(1, 2))
    right = np.einsum("ijj->i", tables[:, :, :-1])
    return np.asarray(np.divide(right, posts, out=np.full(len(tables), np.nan), where=posts > 0))


def _macro_f1(tables: NDArray[np.float64]) -> Values:
    right = np.einsum("ijj->ij", tables[:, :, :-1])
    held, given = tables.sum(axis=2), tables[:, :, :-1].sum(axis=1)
    f1 = np.divide(2.0 * right, held + given, out=np.zeros_like(right), where=held > 0)
    there = (held > 0).sum(axis=1)
    return np.asarray(np.divide(f1.sum(axis=1), there, out=np.full(len(tables), np.nan), where=there > 0))
