"""Learning curve: how F1 grows with the posts that are fitted on.

Promises: measured out of fold within the posts to fit on, so the test side is not touched; smaller parts lie within
larger ones and divide no group of near-duplicates; the threshold of each fold is chosen on the others; a part that
leaves a fold without posts of both classes is left out, not counted as 0.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pipeline.model.calibration import best_f1_threshold, different, fit_sigmoid, sigmoid
from pipeline.model.classifiers import Classifier, fit_parts
from pipeline.training.evaluate import evaluate
from pipeline.training.fit import held_out_decisions, parts_of


def learning_curve(
    features: sp.csr_matrix,
    labels: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    classifier: Classifier,
    folds: int,
    seed: int,
    shares: tuple[float, ...],
) -> list[list[float]]:
    """Return the learning curve of one category.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
    labels : ndarray of int8, shape (n_posts,)
        1, 0 or -1 (unknown); unknown posts are left out.
    weight, groups
        As for `pipeline.training.fit.fit_category`.
    classifier, folds, seed
        As for `pipeline.training.fit.out_of_fold`.
    shares
        Of the groups in the other folds, how many are fitted on.

    Returns
    -------
    list of [posts, F1, low, high]
        In the order of `shares`: posts fitted on, the mean over folds, and F1 with its 95 % interval if it has one.
    """
    known = np.flatnonzero(labels >= 0)
    features, y, weight, groups = features[known], labels[known], weight[known], groups[known]
    folds = min(folds, *different(y, groups))
    cut = [parts_of(y, weight, groups, folds=folds, seed=seed, part=share) for share in shares]
    cut = [(fold, parts) for fold, parts in cut if (parts != 0).any(axis=0).all()]
    if not cut:
        return []
    weights, intercepts = fit_parts(classifier, features, y, np.concatenate([parts for _, parts in cut], 1), seed=seed)
    points = []
    for place, (fold, parts) in enumerate(cut):
        own = slice(place * folds, (place + 1) * folds)
        decision = held_out_decisions(features, fold, weights[:, own], intercepts[own])
        tagged = _tagged(decision, y, weight, fold).astype(np.float64)
        f1 = evaluate(y, tagged, threshold=0.5, groups=groups, seed=seed, metrics=("f1",))[0]
        posts = float((parts != 0).sum(axis=0).mean())
        points.append([posts, *(end for end in (f1.value, f1.low, f1.high) if end is not None)])
    return points


def _tagged(
    decision: NDArray[np.float64], y: NDArray[np.int8], weight: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether each post is tagged, by the threshold of greatest F1 on the posts of other folds."""
    tagged = np.zeros(len(y), dtype=bool)
    for k in np.unique(fold):
        others = fold != k
        slope, offset = fit_sigmoid(decision[others], y[others], weight[others])
        proba = sigmoid(slope * decision + offset)
        tagged[~others] = proba[~others] >= best_f1_threshold(proba[others], y[others], weight[others])
    return tagged
