"""Learning curves: F1 by the number of posts fitted on.

Promises: measured out of fold on the posts to fit on, so the test side is not used; smaller samples are subsets of
larger ones, and near-duplicates stay together; the threshold of each fold is chosen on the other folds; a share that
leaves a fold without posts of both classes is left out, not counted as 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.model.deciding.calibration import best_f1_threshold, fit_sigmoid, sigmoid
from koudai.model.evaluation import Points
from koudai.training.evaluate import evaluate
from koudai.training.fit import FitData, fold_weights, held_out_decisions


def learning_curve(data: FitData, *, shares: tuple[float, ...]) -> Points:
    """Return the learning curve of one category.

    Parameters
    ----------
    data
        Data of one category, with folds; posts whose label is unknown are left out.
    shares
        Shares of the groups in the other folds to fit on.

    Returns
    -------
    tuple of (posts, F1, low, high)
        In the order of `shares`: number of posts fitted on (mean over folds), and F1 with its 95 % interval if it has
        one.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([1, 0] * 6, np.int8)
    >>> features = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1).astype(float))
    >>> data = FitData(features, labels, np.ones(12), np.arange(12), make_classifier("ComplementNB", {}), seed=1)
    >>> [(posts, f1) for posts, f1, *_ in learning_curve(data.dealt(2), shares=(1.0,))]
    [(6.0, 1.0)]
    """
    data = data.known()
    y, groups = data.labels, data.groups
    (folds,) = data.folds
    points = []
    for one in decisions_by_share(data, shares=shares):
        tagged = _tagged(one.decision, y, data.weight, folds.fold).astype(np.float64)
        f1 = evaluate(y, tagged, threshold=0.5, groups=groups, metrics=("f1",))[0]
        points.append((one.posts, *(end for end in (f1.value, f1.low, f1.high) if end is not None)))
    return tuple(points)


@dataclass(frozen=True)
class Fitted:
    """Out-of-fold decisions of models fitted on one share of the groups.

    Parameters
    ----------
    share
        Share of the groups in the other folds.
    posts
        Number of posts fitted on, mean over folds.
    decision : ndarray of float64, shape (n_posts,)
    """

    share: float
    posts: float
    decision: NDArray[np.float64]


def decisions_by_share(data: FitData, *, shares: tuple[float, ...]) -> list[Fitted]:
    """Return the out-of-fold decisions for each share, all fitted in one call of the classifier.

    Parameters are those of `learning_curve`; every label must be known. A share that leaves a fold without posts of
    both classes is left out.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([1, 0] * 6, np.int8)
    >>> features = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1).astype(float))
    >>> data = FitData(features, labels, np.ones(12), np.arange(12), make_classifier("ComplementNB", {}), seed=1)
    >>> [(one.share, one.posts) for one in decisions_by_share(data.dealt(2), shares=(1.0,))]
    [(1.0, 6.0)]
    """
    y, seed = data.labels, data.seed
    (folds,) = data.folds
    cut = [(share, fold_weights(y, data.weight, data.groups, folds, seed=seed, part=share)) for share in shares]
    cut = [one for one in cut if (one[1] != 0).any(axis=0).all()]
    if not cut:
        return []
    all_parts = np.concatenate([parts for _, parts in cut], axis=1)
    weights, intercepts = data.classifier.fit_parts(data.features, y, all_parts, seed=seed, gap=data.gap)
    found = []
    for place, (share, parts) in enumerate(cut):
        own = slice(place * folds.count, (place + 1) * folds.count)
        decision = held_out_decisions(data.features, folds, weights[:, own], intercepts[own])
        found.append(Fitted(share, float((parts != 0).sum(axis=0).mean()), decision))
    return found


def _tagged(
    decision: NDArray[np.float64], y: NDArray[np.int8], weight: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether each post is tagged, at the threshold with the greatest F1 on the other folds."""
    tagged = np.zeros(len(y), dtype=bool)
    for k in np.unique(fold):
        others = fold != k
        slope, offset = fit_sigmoid(decision[others], y[others], weight[others])
        proba = sigmoid(slope * decision + offset)
        tagged[~others] = proba[~others] >= best_f1_threshold(proba[others], y[others], weight[others])
    return tagged
