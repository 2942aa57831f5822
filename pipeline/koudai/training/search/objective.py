"""The objective of a search: a metric measured out of fold on the posts to fit on, averaged over categories.

Promises: the posts of the test side are not here, so no trial can depend on them; a post is scored by a model fitted
without it and without its near-duplicates. Threshold metrics are taken at the threshold with the greatest out-of-fold
F1, so the value of the winner is optimistic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.cores import side_by_side
from koudai.model.deciding.calibration import best_f1_threshold, fit_sigmoid, sigmoid
from koudai.model.fitting.classifiers import Classifier
from koudai.storage.durable import sha256_bytes
from koudai.training.evaluate import evaluate
from koudai.training.fit import FitData, out_of_fold
from koudai.training.folds import Folds

if TYPE_CHECKING:
    from koudai.training.prepare import Prepared


@dataclass(frozen=True)
class FitPart:
    """The posts of a run to fit on, without those of the test side.

    Parameters
    ----------
    texts
        Raw posts.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown), columns as `categories`.
    weight : ndarray of float64, shape (n_posts,)
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups.
    categories
        Keys, in taxonomy order.
    digest
        Hash of posts, labels, weights, groups and background.
    folds
        One per category.
    background
        Raw posts to learn vectors from, none of the test side; empty if the run has no vectors.
    """

    texts: Sequence[str]
    labels: NDArray[np.int8]
    weight: NDArray[np.float64]
    groups: NDArray[np.int64]
    categories: tuple[str, ...]
    digest: str
    folds: tuple[Folds, ...]
    background: tuple[str, ...] = ()


def fit_part(prepared: Prepared) -> FitPart:
    """Return the posts of a run to fit on."""
    fit, groups = prepared.corpus.take(prepared.split.fit), prepared.groups[prepared.split.fit]
    _, groups = np.unique(groups, return_inverse=True)
    background = () if prepared.background is None else tuple(prepared.background.texts)
    behind = "\0".join(background).encode("utf-8", "surrogatepass")
    columns = prepared.taxonomy.columns(prepared.categories)
    return FitPart(
        texts=fit.texts,
        labels=fit.labels[:, columns],
        weight=fit.weight,
        groups=groups,
        categories=prepared.categories,
        digest=sha256_bytes(fit.digest.encode() + fit.weight.tobytes() + groups.tobytes() + behind)[:16],
        folds=prepared.folds,
        background=background,
    )


def objective(features: sp.csr_matrix, part: FitPart, *, classifier: Classifier, metric: str, seed: int) -> float:
    """Return the mean over categories of `metric` on out-of-fold decisions.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
        Features of the posts of `part`.
    part, classifier
        The posts and the classifier to fit.
    metric
        A name from `koudai.training.evaluate.METRICS`.
    seed
        Seed of the fits.

    Examples
    --------
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([[1], [0], [1], [0]], np.int8)
    >>> folds = (Folds(np.array([0, 0, 1, 1]), 2),)
    >>> part = FitPart(["甲", "乙", "丙", "丁"], labels, np.ones(4), np.arange(4), ("rumour",), "d1", folds)
    >>> features = sp.csr_matrix(np.concatenate([labels, 1 - labels], axis=1).astype(float))
    >>> objective(features, part, classifier=make_classifier("ComplementNB", {}), metric="f1", seed=1)
    1.0
    """
    whole = FitData(features, part.labels, part.weight, part.groups, classifier, seed, folds=part.folds)

    def of_category(number: int) -> float:
        data = whole.column(number)
        y, decision = data.labels, out_of_fold(data)
        slope, offset = fit_sigmoid(decision, y, data.weight)
        p = sigmoid(slope * decision + offset)
        threshold = best_f1_threshold(p, y, data.weight)
        (found,) = evaluate(y, p, threshold=threshold, groups=data.groups, metrics=(metric,))
        return math.nan if found.value is None else found.value

    return float(np.mean(list(side_by_side(of_category, range(len(part.categories))))))
