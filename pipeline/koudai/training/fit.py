"""Fitting: one linear decision per category, calibrated on posts it was not fitted on.

Promises: a category is fitted on the posts that know it and on no others; near-duplicates stay in one fold;
decisions used for calibration and thresholds are out of fold; the same seed gives the same model, however many
threads fit. Terms and idf are counted on all posts to fit on, folds included (they know no labels).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.decide import DecideSection
from koudai.errors import TooFewPosts
from koudai.model.deciding.calibration import Calibration, calibrate, different
from koudai.model.deciding.isotonic import LEAST, Curve
from koudai.model.deciding.thresholds import Target, Threshold, choose_threshold
from koudai.model.evaluation import Decided, OutOfFold
from koudai.model.fitting.classifiers import Classifier
from koudai.progress import Advance
from koudai.training.folds import deal_folds


@dataclass(frozen=True)
class FittedCategory:
    """One category.

    Parameters
    ----------
    weights : ndarray of float64, shape (n_features,)
    intercept, slope, offset, curve, threshold
        As of `koudai.model.model.Model`.
    held_out : ndarray of float64, shape (n_posts,)
        Calibrated out-of-fold probability of each post, as the scorer would round it; NaN where the label is unknown.
    decided
        How it was decided.
    """

    weights: NDArray[np.float64]
    intercept: float
    slope: float
    offset: float
    threshold: float
    curve: Curve | None = None
    held_out: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    decided: Decided | None = None


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
    gap: float | None = None,
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
    gap
        As for `Classifier.fit_parts`.

    Raises
    ------
    TooFewPosts
        If one class occurs in fewer than two groups.
    """
    folds = fold_count(y, groups, name=name, folds=section.folds)
    fold, parts = parts_of(y, weight, groups, folds=folds, seed=seed)
    parts = np.concatenate([weight[:, None], parts], axis=1)
    weights, intercepts = classifier.fit_parts(features, y, parts, seed=seed, gap=gap)
    decision = held_out_decisions(features, fold, weights[:, 1:], intercepts[1:])
    calibration = calibrate(decision, y, groups, how=section.calibrate, weight=weight)
    proba = calibration(decision).astype(np.float32).astype(np.float64)
    target = section.thresholds.get(name, section.threshold)
    threshold = choose_threshold(proba, y, target, weight)
    return FittedCategory(
        weights[:, 0].copy(),
        float(intercepts[0]),
        calibration.slope,
        calibration.offset,
        threshold.value,
        calibration.curve,
        proba,
        _decided(section, calibration, target, threshold, different(y, groups)),
    )


def fold_count(y: NDArray[np.int8], groups: NDArray[np.int64], *, name: str, folds: int) -> int:
    """Return into how many parts a category is dealt: `folds`, or fewer if either label is in fewer groups.

    Raises
    ------
    TooFewPosts
        If one class occurs in fewer than two groups.
    """
    smaller = min(different(y, groups))
    if smaller < 2:
        raise TooFewPosts(
            what=f"category {name!r} cannot be learnt",
            expected="at least two different posts in it and two out of it",
            got=f"{int((y == 1).sum())} in and {int((y == 0).sum())} out",
            happened="nothing was trained",
            todo="bring more labelled posts, or list the other categories under run.categories",
        )
    return min(folds, smaller)


def _decided(
    section: DecideSection, calibration: Calibration, target: Target, threshold: Threshold, posts: tuple[int, int]
) -> Decided:
    warnings = []
    if section.calibrate != calibration.how:
        few = f"{posts[0]:,} different posts in and {posts[1]:,} out, {LEAST:,} of either needed"
        why = few if min(posts) < LEAST else "decisions rank no better than chance"
        warnings.append(f"calibrated by a {calibration.how}, not {section.calibrate}: {why}")
    if not threshold.met and isinstance(target, Mapping):
        (name, least), *_ = target.items()
        reached = getattr(threshold, name) or 0.0
        warnings.append(
            f"no threshold has {name} >= {least:g} out of fold: taken is the one with the greatest, {reached:.3f} "
            f"({threshold.tagged:,} of {threshold.n:,} posts tagged)"
        )
    there = OutOfFold(threshold.precision, threshold.recall, threshold.tagged, threshold.n)
    plain = dict(target) if isinstance(target, Mapping) else target
    return Decided(calibration.how, plain, there, tuple(warnings))


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
    gap: float | None = None,
) -> NDArray[np.float64]:
    """Return the decision on each post of a model that was fitted without it and without its near-duplicates.

    Parameters
    ----------
    features, y, weight, groups, classifier, seed
        As for `fit_category`.
    folds
        Number of parts; the posts of one are judged by a model fitted on the others.
    part
        Share of the groups in the other folds that is fitted on, drawn at random; smaller shares lie
        within larger ones.
    gap
        As for `Classifier.fit_parts`.

    Returns
    -------
    ndarray of float64, shape (n_posts,)
        0 where a fold left only one class to fit on.
    """
    fold, parts = parts_of(y, weight, groups, folds=folds, seed=seed, part=part)
    return held_out_decisions(features, fold, *classifier.fit_parts(features, y, parts, seed=seed, gap=gap))


def parts_of(
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
            drawn = random.permutation(np.unique(groups[fit]))
            fit = fit[np.isin(groups[fit], drawn[: max(2, round(part * len(drawn)))])]
        if (y[fit] == 1).any() and (y[fit] == 0).any():
            parts[fit, k] = weight[fit]
    return fold, parts


def held_out_decisions(
    features: sp.csr_matrix, fold: NDArray[np.int64], weights: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the decision on each post by the weights of its fold, shape (n_features, n_folds), and its intercept."""
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
    advance: Advance = lambda steps, told=None: None,
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
        one = fit_category(
            features if len(known) == len(labels) else features[known],
            labels[known, column],
            weight[known],
            groups[known],
            name=name,
            classifier=classifier,
            section=section,
            seed=seed,
        )
        held_out = np.full(len(labels), np.nan)
        held_out[known] = one.held_out
        fitted.append(replace(one, held_out=held_out))
        advance(1)
    return fitted
