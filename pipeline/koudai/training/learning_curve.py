"""Learning curve: how F1 grows with the posts that are fitted on.

Promises: measured out of fold within the posts to fit on, so the test side is not touched; smaller parts lie within
larger ones and divide no group of near-duplicates; the threshold of each fold is chosen on the others; a part that
leaves a fold without posts of both classes is left out, not counted as 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.deciding.calibration import best_f1_threshold, different, fit_sigmoid, sigmoid
from koudai.model.evaluation import Points
from koudai.model.fitting.classifiers import Classifier
from koudai.training.evaluate import evaluate
from koudai.training.fit import held_out_decisions, parts_of


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
) -> Points:
    """Return the learning curve of one category.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
    labels : ndarray of int8, shape (n_posts,)
        1, 0 or -1 (unknown); unknown posts are left out.
    weight, groups
        As for `koudai.training.fit.fit_category`.
    classifier, folds, seed
        As for `koudai.training.fit.out_of_fold`.
    shares
        Of the groups in the other folds, how many are fitted on.

    Returns
    -------
    tuple of (posts, F1, low, high)
        In the order of `shares`: posts fitted on, the mean over folds, and F1 with its 95 % interval if it has one.
    """
    known = np.flatnonzero(labels >= 0)
    features, y, weight, groups = features[known], labels[known], weight[known], groups[known]
    folds = min(folds, *different(y, groups))
    points = []
    for one in decisions_by_share(
        features, y, weight, groups, classifier=classifier, folds=folds, seed=seed, shares=shares
    ):
        tagged = _tagged(one.decision, y, weight, one.fold).astype(np.float64)
        f1 = evaluate(y, tagged, threshold=0.5, groups=groups, seed=seed, metrics=("f1",))[0]
        points.append((one.posts, *(end for end in (f1.value, f1.low, f1.high) if end is not None)))
    return tuple(points)


@dataclass(frozen=True)
class Fitted:
    """What models fitted on one `share` decide out of fold.

    Parameters
    ----------
    share
        Of the groups in the other folds.
    posts
        Fitted on, the mean over folds.
    fold : ndarray of int64, shape (n_posts,)
    decision : ndarray of float64, shape (n_posts,)
    """

    share: float
    posts: float
    fold: NDArray[np.int64]
    decision: NDArray[np.float64]


def decisions_by_share(
    features: sp.csr_matrix,
    y: NDArray[np.int8],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    classifier: Classifier,
    folds: int,
    seed: int,
    shares: tuple[float, ...],
) -> list[Fitted]:
    """Return what is decided out of fold for each share, all of them fitted at once.

    Parameters are those of `learning_curve`, of posts that know the category and of no more folds than either class has
    groups; a share that leaves a fold without posts of both classes is left out.
    """
    cut = [(share, *parts_of(y, weight, groups, folds=folds, seed=seed, part=share)) for share in shares]
    cut = [one for one in cut if (one[2] != 0).any(axis=0).all()]
    if not cut:
        return []
    all_parts = np.concatenate([parts for _, _, parts in cut], axis=1)
    weights, intercepts = classifier.fit_parts(features, y, all_parts, seed=seed)
    found = []
    for place, (share, fold, parts) in enumerate(cut):
        own = slice(place * folds, (place + 1) * folds)
        decision = held_out_decisions(features, fold, weights[:, own], intercepts[own])
        found.append(Fitted(share, float((parts != 0).sum(axis=0).mean()), fold, decision))
    return found


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
