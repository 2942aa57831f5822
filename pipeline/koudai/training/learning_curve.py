"""Learning curve: how F1 grows with the posts that are fitted on.

Promises: measured out of fold within the posts to fit on, so the test side is not touched; smaller parts lie within
larger ones and divide no group of near-duplicates; the threshold of each fold is chosen on the others; a part that
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
        Posts of one category, with folds; those that do not know it are left out.
    shares
        Of the groups in the other folds, how many are fitted on.

    Returns
    -------
    tuple of (posts, F1, low, high)
        In the order of `shares`: posts fitted on, the mean over folds, and F1 with its 95 % interval if it has one.
    """
    data = data.known()
    y, groups = data.labels, data.groups
    (folds,) = data.folds
    points = []
    for one in decisions_by_share(data, shares=shares):
        tagged = _tagged(one.decision, y, data.weight, folds.fold).astype(np.float64)
        f1 = evaluate(y, tagged, threshold=0.5, groups=groups, seed=data.seed, metrics=("f1",))[0]
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
    decision : ndarray of float64, shape (n_posts,)
    """

    share: float
    posts: float
    decision: NDArray[np.float64]


def decisions_by_share(data: FitData, *, shares: tuple[float, ...]) -> list[Fitted]:
    """Return what is decided out of fold for each share, all of them fitted at once.

    Parameters are those of `learning_curve`, of posts that know the category; a share that leaves a fold without posts
    of both classes is left out.
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
    """Return whether each post is tagged, by the threshold of greatest F1 on the posts of other folds."""
    tagged = np.zeros(len(y), dtype=bool)
    for k in np.unique(fold):
        others = fold != k
        slope, offset = fit_sigmoid(decision[others], y[others], weight[others])
        proba = sigmoid(slope * decision + offset)
        tagged[~others] = proba[~others] >= best_f1_threshold(proba[others], y[others], weight[others])
    return tagged
