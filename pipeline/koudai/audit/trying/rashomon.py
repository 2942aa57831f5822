"""Rashomon sets: how far models that are about as good disagree about single posts.

Promises: counts and sums over posts, nothing fitted; intervals resample whole groups of near-duplicates, the set of
models staying what it is; no posts give no figure.

Source: Marx, Calmon & Ustun 2020, "Predictive multiplicity in classification" (ambiguity, discrepancy); Gomez, Machado,
Paes & Calmon 2024, "Algorithmic arbitrariness in content moderation" (arbitrariness); Watson-Daniels, Parkes & Ustun
2023, "Predictive multiplicity in probabilistic classification" (viable prediction range).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.training.bootstrap import FEWER_RESAMPLES, count_groups, percentile_interval

STATISTICS = ("ambiguity", "discrepancy", "arbitrariness", "flip_rate", "prediction_range")

Interval = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Verdicts:
    """What the reference and the models of the set say of some posts.

    Parameters
    ----------
    reference : ndarray of bool, shape (n_posts,)
    tags : ndarray of bool, shape (n_models, n_posts)
    reference_proba : ndarray of float, shape (n_posts,)
        NaN for a post without features.
    proba : ndarray of float, shape (n_models, n_posts)
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups.

    Examples
    --------
    >>> proba = np.array([0.9, 0.2])
    >>> verdicts = Verdicts(proba > 0.5, np.array([[True, True]]), proba, np.array([[0.8, 0.6]]), np.array([0, 1]))
    >>> verdicts.of(np.array([True, False])).reference.tolist()
    [True]
    """

    reference: NDArray[np.bool_]
    tags: NDArray[np.bool_]
    reference_proba: NDArray[np.floating]
    proba: NDArray[np.floating]
    groups: NDArray[np.int64]

    def of(self, posts: NDArray[np.bool_]) -> Verdicts:
        """Return those of some posts."""
        return Verdicts(
            self.reference[posts],
            self.tags[:, posts],
            self.reference_proba[posts],
            self.proba[:, posts],
            self.groups[posts],
        )


def f1_loss(tags: NDArray[np.bool_], y: NDArray[np.int8]) -> float:
    """Return 1 − F1, NaN where no post is in the category and none is tagged.

    Examples
    --------
    >>> f1_loss(np.array([True, True]), np.array([1, 0], dtype=np.int8)).__round__(3)
    0.333
    """
    hits, both = int((tags & (y == 1)).sum()), int(tags.sum() + (y == 1).sum())
    return 1.0 - 2.0 * hits / both if both else float("nan")


def flip_rates(verdicts: Verdicts) -> NDArray[np.float64]:
    """Return for each post the share of models that say something else of it than the reference, shape (n_posts,).

    Examples
    --------
    >>> proba = np.array([0.9, 0.2])
    >>> verdicts = Verdicts(proba > 0.5, np.array([[True, True]]), proba, np.array([[0.8, 0.6]]), np.array([0, 1]))
    >>> flip_rates(verdicts).tolist()
    [0.0, 1.0]
    """
    return np.asarray((verdicts.tags != verdicts.reference).mean(axis=0), dtype=np.float64)


def disagreement(verdicts: Verdicts, *, seed: int, resamples: int = FEWER_RESAMPLES) -> dict[str, Interval]:
    """Return each of `STATISTICS` as value, low and high; all None without posts or models.

    Parameters
    ----------
    verdicts
        Of one category.
    seed, resamples
        Of the bootstrap over groups.

    Examples
    --------
    >>> proba = np.array([0.9, 0.2])
    >>> verdicts = Verdicts(proba > 0.5, np.array([[True, True]]), proba, np.array([[0.8, 0.6]]), np.array([0, 1]))
    >>> disagreement(verdicts, seed=1)["ambiguity"][0]
    0.5
    """
    models, posts = verdicts.tags.shape
    if not models or not posts:
        return dict.fromkeys(STATISTICS, (None, None, None))
    flips = verdicts.tags != verdicts.reference
    span = _range(np.vstack([verdicts.reference_proba, verdicts.proba]))
    _, group = np.unique(verdicts.groups, return_inverse=True)
    groups = int(group.max()) + 1
    of_posts = {
        "ambiguity": flips.any(axis=0),
        "arbitrariness": verdicts.tags.any(axis=0) & ~verdicts.tags.all(axis=0),
        "flip_rate": flips.mean(axis=0),
        "prediction_range": span,
    }
    sums = {name: _summed(values[None], group, groups) for name, values in of_posts.items()}
    sums["discrepancy"] = _summed(flips, group, groups)
    sizes = np.bincount(group, minlength=groups).astype(np.float64)
    random = np.random.default_rng(seed)
    times = np.stack([count_groups(random, groups) for _ in range(resamples)])
    found: dict[str, Interval] = {}
    for name in STATISTICS:
        value = float((sums[name].sum(axis=0) / posts).max())
        low, high = percentile_interval(((times @ sums[name]) / (times @ sizes)[:, None]).max(axis=1))
        found[name] = (value, low, high)
    return found


def _range(proba: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return max − min over models, of those that say anything of a post; 0 where none does."""
    high = np.where(np.isnan(proba), -np.inf, proba).max(axis=0)
    low = np.where(np.isnan(proba), np.inf, proba).min(axis=0)
    return np.asarray(np.maximum(high - low, 0.0), dtype=np.float64)


def _summed(values: NDArray[np.generic], group: NDArray[np.intp], groups: int) -> NDArray[np.float64]:
    """Return sums by group, shape (n_groups, n_rows), of rows of values."""
    return np.stack([np.bincount(group, weights=row.astype(np.float64), minlength=groups) for row in values], axis=1)
