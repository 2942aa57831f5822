"""Conformal sets of a run: made from out-of-fold probabilities, and how many of the test posts they hold.

Promises: sets are made from probabilities as the scorer gives them, parents raised to their children and those of an
exclusive taxonomy adding up to 1; what they hold is measured for either class, with n and an interval. Posts without
features, which have no probability, are in no n.
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
        Share of either class that is to be held.
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
    seed: int,
) -> SetCoverage:
    """Return what the sets of one category hold on the test side.

    Parameters
    ----------
    y, groups
        Labels, 1 or 0, and near-duplicate groups of the posts; shape (n_posts,).
    proba : ndarray of float32, shape (n_posts,)
    sets : ndarray of float64, shape (2,)
        Of this category.
    target
        Coverage wanted.
    exclusive
        Whether "out" is always possible, so that it has no coverage to measure.
    seed
        Of the bootstrap.
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
            seed=seed,
            metrics=("recall",),
        )[0]
        shares.append(replace(share, metric="coverage"))
    return SetCoverage(
        target, shares[0], shares[1], both=int((inside & outside).sum()), neither=int((~inside & ~outside).sum())
    )
