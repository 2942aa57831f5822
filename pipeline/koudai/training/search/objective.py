"""The objective: how good some settings are, measured out of fold on the posts to fit on.

Promises: the posts of the test side are not here, so nothing that is searched can look at them; a post is judged by a
model that was fitted without it and without its near-duplicates; the value is the mean over categories. F1 is taken at
the threshold where it is greatest out of fold, so of the winner it is optimistic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

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
    """The posts of a run that are fitted on, and nothing of the others.

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
        Of posts, labels, weights, groups and background.
    folds
        Of each category.
    background
        Raw posts that vectors are learnt from, none of the test side; none if the run has no vectors.
    """

    texts: list[str]
    labels: NDArray[np.int8]
    weight: NDArray[np.float64]
    groups: NDArray[np.int64]
    categories: tuple[str, ...]
    digest: str
    folds: tuple[Folds, ...]
    background: tuple[str, ...] = ()


def fit_part(prepared: Prepared) -> FitPart:
    """Return the posts of a run that are fitted on."""
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
    """Return the mean over categories of `metric` on decisions out of fold.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
        Of the posts of `part`.
    part, classifier
        What is fitted, and how.
    metric
        A name from `koudai.training.evaluate.METRICS`.
    seed
        Of the fits.
    """
    whole = FitData(features, part.labels, part.weight, part.groups, classifier, seed, folds=part.folds)
    values = []
    for number in range(len(part.categories)):
        data = whole.column(number)
        y, decision = data.labels, out_of_fold(data)
        slope, offset = fit_sigmoid(decision, y, data.weight)
        p = sigmoid(slope * decision + offset)
        threshold = best_f1_threshold(p, y, data.weight)
        (found,) = evaluate(y, p, threshold=threshold, groups=data.groups, seed=seed, metrics=(metric,), resamples=0)
        values.append(np.nan if found.value is None else found.value)
    return float(np.mean(values))
