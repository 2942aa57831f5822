"""Fitting: one linear decision per category, calibrated on posts it was not fitted on.

Promises: a category is fitted on the posts that know it and on no others; near-duplicates stay in one fold;
decisions used for calibration and thresholds are out of fold; the same seed gives the same model, however many
threads fit. Terms and idf are counted on all posts to fit on, folds included (they know no labels).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pipeline.config import DecideSection
from pipeline.errors import TooFewPosts
from pipeline.model.calibration import best_f1_threshold, fit_sigmoid, sigmoid
from pipeline.model.classifiers import Classifier, fit_parts
from pipeline.progress import Advance
from pipeline.training.folds import deal_folds


@dataclass(frozen=True)
class FittedCategory:
    """One category: weights of shape (n_features,), intercept, slope and offset of the sigmoid, threshold."""

    weights: NDArray[np.float64]
    intercept: float
    slope: float
    offset: float
    threshold: float


def fit_category(
    features: sp.csr_matrix,
    y: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    name: str,
    classifier: Classifier,
    section: DecideSection,
    seed: int,
) -> FittedCategory:
    """Fit, calibrate and choose a threshold for one category.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    weight : ndarray of float64, shape (n_posts,)
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups; none is divided between folds.
    name
        Of the category, for messages.
    classifier, section, seed
        How to fit, how to decide, and the seed of both.

    Raises
    ------
    TooFewPosts
        If one class occurs in fewer than two groups.
    """
    folds = fold_count(y, groups, name=name, folds=section.folds)
    fold, parts = _parts(y, weight, groups, folds=folds, seed=seed)
    parts = np.concatenate([weight[:, None], parts], axis=1)
    weights, intercepts = fit_parts(classifier, features, y, parts, seed=seed)
    decision = _held_out(features, fold, weights[:, 1:], intercepts[1:])
    slope, offset = fit_sigmoid(decision, y) if section.calibrate == "sigmoid" else (1.0, 0.0)
    proba = sigmoid(slope * decision + offset)
    threshold = best_f1_threshold(proba, y) if section.threshold == "f1" else section.threshold
    return FittedCategory(weights[:, 0].copy(), float(intercepts[0]), slope, offset, threshold)


def fold_count(y: NDArray[np.int8], groups: NDArray[np.int64], *, name: str, folds: int) -> int:
    """Return into how many parts a category is dealt: `folds`, or fewer if either label is in fewer groups.

    Raises
    ------
    TooFewPosts
        If one class occurs in fewer than two groups.
    """
    smaller = min(len(np.unique(groups[y == 1])), len(np.unique(groups[y == 0])))
    if smaller < 2:
        raise TooFewPosts(
            what=f"category {name!r} cannot be learnt",
            expected="at least two different posts in it and two out of it",
            got=f"{int((y == 1).sum())} in and {int((y == 0).sum())} out",
            happened="nothing was trained",
            todo="bring more labelled posts, or list the other categories under run.categories",
        )
    return min(folds, smaller)


def out_of_fold(
    features: sp.csr_matrix,
    y: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    classifier: Classifier,
    folds: int,
    seed: int,
    part: float = 1.0,
) -> NDArray[np.float64]:
    """Return the decision on each post of a model that was fitted without it and without its near-duplicates.

    Parameters
    ----------
    features, y, weight, groups, classifier, seed
        As for `fit_category`.
    folds
        Number of parts; the posts of one are judged by a model fitted on the others.
    part
        Share of the posts in the other folds that is fitted on, drawn at random.

    Returns
    -------
    ndarray of float64, shape (n_posts,)
        0 where a fold left only one class to fit on.
    """
    fold, parts = _parts(y, weight, groups, folds=folds, seed=seed, part=part)
    return _held_out(features, fold, *fit_parts(classifier, features, y, parts, seed=seed))


def _parts(
    y: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    folds: int,
    seed: int,
    part: float = 1.0,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the fold of each post, and per fold the weight of each post in the fit that judges it."""
    fold = deal_folds(y, groups, folds, seed=seed)
    random = np.random.default_rng(seed)
    parts = np.zeros((len(y), folds))
    for k in range(folds):
        fit = np.flatnonzero(fold != k)
        if part < 1.0:
            fit = np.sort(random.choice(fit, max(2, round(part * len(fit))), replace=False))
        if (y[fit] == 1).any() and (y[fit] == 0).any():
            parts[fit, k] = weight[fit]
    return fold, parts


def _held_out(
    features: sp.csr_matrix, fold: NDArray[np.int64], weights: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> NDArray[np.float64]:
    decision = np.empty(len(fold))
    for k, intercept in enumerate(intercepts):
        held = fold == k
        decision[held] = features[held] @ weights[:, k] + intercept
    return decision


def fit_categories(
    features: sp.csr_matrix,
    labels: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    names: tuple[str, ...],
    classifier: Classifier,
    section: DecideSection,
    seed: int,
    advance: Advance = lambda steps: None,
) -> list[FittedCategory]:
    """Fit every category, each on the posts that know it, one after another.

    Parameters
    ----------
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown), columns as `names`.
    features, weight, groups, classifier, section, seed
        As for `fit_category`.
    advance
        Called with 1 after each category.
    """
    fitted = []
    for column, name in enumerate(names):
        known = np.flatnonzero(labels[:, column] >= 0)
        fitted.append(
            fit_category(
                features if len(known) == len(labels) else features[known],
                labels[known, column],
                weight[known],
                groups[known],
                name=name,
                classifier=classifier,
                section=section,
                seed=seed,
            )
        )
        advance(1)
    return fitted
