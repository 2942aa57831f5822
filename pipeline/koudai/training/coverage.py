"""Conformal sets of a run: fitted on out-of-fold probabilities, and their coverage on the test posts.

Promises: sets are fitted on probabilities as the scorer returns them (parents raised to their children, those of an
exclusive taxonomy scaled to sum to 1); coverage is measured per class, with n and an interval. Posts without features
have no probability and are not counted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from koudai.model.deciding.conformal import fit_sets, possible
from koudai.model.evaluation import SetCoverage
from koudai.taxonomy import Taxonomy
from koudai.training.evaluate import evaluate


def held_out_sets(
    held_out: NDArray[np.float64],
    labels: NDArray[np.int8],
    taxonomy: Taxonomy,
    categories: tuple[str, ...],
    *,
    coverage: float,
) -> NDArray[np.float64]:
    """Return the conformal sets of a run; see `koudai.model.deciding.conformal.fit_sets`.

    Parameters
    ----------
    held_out : ndarray of float64, shape (n_posts, n_categories)
        Out-of-fold probabilities, each category on its own; NaN where the label is unknown.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown).
    taxonomy, categories
        The columns and their tree.
    coverage
        Wanted share of each class whose set contains the true answer.
    """
    proba = np.nan_to_num(held_out).astype(np.float32)
    proba = taxonomy.joint_probabilities(proba, categories)
    return fit_sets(proba.astype(np.float64), labels, coverage=coverage, exclusive=taxonomy.exclusive)


def describe_coverage(
    y: NDArray[np.int8],
    proba: NDArray[np.float32],
    groups: NDArray[np.int64],
    *,
    sets: NDArray[np.float64],
    target: float,
    exclusive: bool,
) -> SetCoverage:
    """Return the coverage of one category's sets on the test side.

    Parameters
    ----------
    y, groups
        Labels, 1 or 0, and near-duplicate groups of the posts; shape (n_posts,).
    proba : ndarray of float32, shape (n_posts,)
    sets : ndarray of float64, shape (2,)
        Of this category.
    target
        Wanted coverage.
    exclusive
        Whether "out" is always possible, so that it has no coverage to measure.

    Examples
    --------
    >>> y, proba = np.array([1, 1, 0, 0], np.int8), np.array([0.9, 0.4, 0.6, 0.1], np.float32)
    >>> sets = np.array([0.5, 0.3])
    >>> found = describe_coverage(y, proba, np.arange(4), sets=sets, target=0.9, exclusive=False)
    >>> found.positives.value, found.negatives.value, found.both, found.neither
    (0.5, 0.5, 0, 1)
    """
    known = np.isfinite(proba)
    y, groups = y[known], groups[known]
    inside, outside = possible(proba[known], sets)
    shares = []
    for label, held in ((1, inside), (0, outside)):
        of = y == label if label or not exclusive else np.zeros(len(y), dtype=bool)
        share = evaluate(
            np.ones(int(of.sum()), np.int8),
            held[of].astype(np.float64),
            threshold=0.5,
            groups=groups[of],
            metrics=("recall",),
        )[0]
        shares.append(replace(share, metric="coverage"))
    return SetCoverage(
        target, shares[0], shares[1], both=int((inside & outside).sum()), neither=int((~inside & ~outside).sum())
    )
