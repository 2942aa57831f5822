"""Fitting: one linear decision per category, calibrated on posts it was not fitted on.

Promises: a category is fitted only on posts whose label for it is known; near-duplicates stay in one fold;
decisions used for calibration and thresholds are out of fold; the same seed gives the same model, whatever the number
of threads. Terms and idf are counted on all posts to fit on, held-out folds included (they use no labels).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.decide import DecideSection
from koudai.cores import side_by_side
from koudai.model.deciding.calibration import Calibration, calibrate, different
from koudai.model.deciding.isotonic import LEAST, Curve
from koudai.model.deciding.thresholds import Target, Threshold, choose_threshold
from koudai.model.evaluation import Decided, OutOfFold
from koudai.model.fitting.classifiers import Classifier
from koudai.progress import Advance
from koudai.training.folds import Folds, fold_count


@dataclass(frozen=True)
class FittedCategory:
    """One fitted category.

    Parameters
    ----------
    weights : ndarray of float64, shape (n_features,)
    intercept, slope, offset, curve, threshold
        As of `koudai.model.model.Model`.
    held_out : ndarray of float64, shape (n_posts,)
        Calibrated out-of-fold probability of each post, as the scorer would round it; NaN where the label is unknown.
    decided
        How probabilities become tags, and what the threshold reaches out of fold.
    """

    weights: NDArray[np.float64]
    intercept: float
    slope: float
    offset: float
    threshold: float
    curve: Curve | None = None
    held_out: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    decided: Decided | None = None


@dataclass(frozen=True)
class FitData:
    """Training data of one or more categories, with the classifier and the folds.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
    labels : ndarray of int8, shape (n_posts,) or (n_posts, n_categories)
        1, 0 or -1 (unknown).
    weight : ndarray of float64, shape (n_posts,)
        Sample weights.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups; each stays in one fold.
    classifier
        The classifier to fit.
    seed
        Seed of folds and fits.
    gap
        As for `Classifier.fit_parts`.
    folds
        One per category; empty before `dealt`.

    Examples
    --------
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([1, 0, -1, 1], dtype=np.int8)
    >>> made = make_classifier("ComplementNB", {})
    >>> data = FitData(sp.csr_matrix(np.eye(4)), labels, np.ones(4), np.arange(4), made, seed=1)
    >>> data.known().labels.tolist()
    [1, 0, 1]
    >>> data.dealt(2).folds[0].fold.tolist()
    [0, 0, -1, 1]
    """

    features: sp.csr_matrix
    labels: NDArray[np.int8]
    weight: NDArray[np.float64]
    groups: NDArray[np.int64]
    classifier: Classifier
    seed: int
    gap: float | None = None
    folds: tuple[Folds, ...] = ()

    def dealt(self, *counts: int) -> FitData:
        """Return a copy with folds assigned; `counts` is the number of folds per category."""
        columns = self.labels.reshape(len(self.labels), -1).T
        dealt = (Folds.deal(one, self.groups, n, seed=self.seed) for one, n in zip(columns, counts, strict=True))
        return replace(self, folds=tuple(dealt))

    def column(self, number: int) -> FitData:
        """Return the data of one category: the posts whose label for it is known."""
        return replace(self, labels=self.labels[:, number], folds=self.folds[number : number + 1]).known()

    def known(self) -> FitData:
        """Return the posts whose label of the one category is known."""
        rows = np.flatnonzero(self.labels >= 0)
        if len(rows) == len(self.labels):
            return self
        return self.take(rows)

    def take(self, rows: NDArray[np.intp]) -> FitData:
        """Return some of the posts, by row index."""
        return replace(
            self,
            features=self.features[rows],
            labels=self.labels[rows],
            weight=self.weight[rows],
            groups=self.groups[rows],
            folds=tuple(one.take(rows) for one in self.folds),
        )


def fit_category(data: FitData, *, name: str, section: DecideSection) -> FittedCategory:
    """Fit, calibrate and choose a threshold for one category.

    Parameters
    ----------
    data
        Data of the category: labels are 1 or 0; folds are assigned if there are none.
    name
        Name of the category, for error messages.
    section
        Calibration, threshold and number of folds.

    Raises
    ------
    TooFewPosts
        If folds are to be assigned and one class occurs in fewer than two groups.

    Examples
    --------
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([1, 0, 1, 0, 1, 0], np.int8)
    >>> features = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1).astype(float))
    >>> data = FitData(features, labels, np.ones(6), np.arange(6), make_classifier("ComplementNB", {}), seed=1)
    >>> found = fit_category(data, name="rumour", section=DecideSection(folds=3))
    >>> (found.held_out >= found.threshold).tolist()
    [True, False, True, False, True, False]
    """
    y, groups, weight = data.labels, data.groups, data.weight
    if not data.folds:
        data = data.dealt(fold_count(y, groups, name=name, folds=section.folds))
    (folds,) = data.folds
    parts = np.concatenate([weight[:, None], fold_weights(y, weight, groups, folds, seed=data.seed)], axis=1)
    weights, intercepts = data.classifier.fit_parts(data.features, y, parts, seed=data.seed, gap=data.gap)
    decision = held_out_decisions(data.features, folds, weights[:, 1:], intercepts[1:])
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


def out_of_fold(data: FitData, *, part: float = 1.0) -> NDArray[np.float64]:
    """Return out-of-fold decisions: each post is scored by a model fitted without it and its near-duplicates.

    Parameters
    ----------
    data
        Data of one category, with folds: labels are 1 or 0. The posts of a fold are scored by a model fitted on the
        other folds.
    part
        Share of the groups in the other folds to fit on, drawn at random; smaller samples are subsets of larger ones.

    Returns
    -------
    ndarray of float64, shape (n_posts,)
        0 where a fold leaves only one class to fit on.
    """
    (folds,) = data.folds
    parts = fold_weights(data.labels, data.weight, data.groups, folds, seed=data.seed, part=part)
    fitted = data.classifier.fit_parts(data.features, data.labels, parts, seed=data.seed, gap=data.gap)
    return held_out_decisions(data.features, folds, *fitted)


def fold_weights(
    y: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    folds: Folds,
    *,
    seed: int,
    part: float = 1.0,
) -> NDArray[np.float64]:
    """Return the sample weights of the fit that leaves out each fold, shape (n_posts, n_folds).

    `part` is as for `out_of_fold`.

    Examples
    --------
    >>> y = np.array([1, 0, 1, 0], np.int8)
    >>> fold_weights(y, np.ones(4), np.arange(4), Folds(np.array([0, 0, 1, 1]), 2), seed=1).T.tolist()
    [[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]]
    """
    random = np.random.default_rng(seed)
    parts = np.zeros((len(y), folds.count))
    for k in range(folds.count):
        fit = np.flatnonzero(folds.fold != k)
        if part < 1.0:
            drawn = random.permutation(np.unique(groups[fit]))
            fit = fit[np.isin(groups[fit], drawn[: max(2, round(part * len(drawn)))])]
        if (y[fit] == 1).any() and (y[fit] == 0).any():
            parts[fit, k] = weight[fit]
    return parts


def held_out_decisions(
    features: sp.csr_matrix, folds: Folds, weights: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return out-of-fold decisions, given the weights, shape (n_features, n_folds), and intercepts of each fold's fit.

    Examples
    --------
    >>> folds = Folds(np.array([0, 1]), 2)
    >>> held_out_decisions(sp.csr_matrix([[1.0], [2.0]]), folds, np.array([[3.0, 4.0]]), np.array([0.5, 0.0])).tolist()
    [3.5, 8.0]
    """
    decision = np.empty(len(folds.fold))
    for k, intercept in enumerate(intercepts):
        held = folds.fold == k
        decision[held] = features[held] @ weights[:, k] + intercept
    return decision


def fit_categories(
    data: FitData,
    *,
    names: tuple[str, ...],
    section: DecideSection,
    advance: Advance = lambda steps, told=None: None,
) -> list[FittedCategory]:
    """Fit every category on the posts whose label for it is known, side by side.

    Parameters
    ----------
    data
        Labels of shape (n_posts, n_categories), columns as `names`; folds are assigned if there are none.
    names, section
        As for `fit_category`.
    advance
        Progress callback: 1 after each category.
    """

    def fit(column: int) -> FittedCategory:
        known = np.flatnonzero(data.labels[:, column] >= 0)
        one = fit_category(data.column(column), name=names[column], section=section)
        held_out = np.full(len(data.labels), np.nan)
        held_out[known] = one.held_out
        return replace(one, held_out=held_out)

    fitted = []
    for one in side_by_side(fit, range(len(names))):
        fitted.append(one)
        advance(1)
    return fitted
