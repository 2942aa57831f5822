"""Rashomon sets: how far models that are about as good disagree about single posts.

Promises: what a model is chosen by and what it is measured on are different posts; a model is left out of a set only if
a paired test says that it is worse; nothing is fitted here; intervals are as wide as clusters of posts and splits are
apart, and none is of a maximum; no posts give no figure.

Source: Marx, Calmon & Ustun 2020, "Predictive multiplicity in classification" (ambiguity, discrepancy); Gomez, Machado,
Paes & Calmon 2024, "Algorithmic arbitrariness in content moderation" (arbitrariness); Watson-Daniels, Parkes & Ustun
2023, "Predictive multiplicity in probabilistic classification" (viable prediction range); Cooper et al. 2024,
"Arbitrariness and social prediction" (self-consistency); Black, Raghavan & Barocas 2022, "Model multiplicity".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.training.intervals import wilson

STATISTICS = ("self_consistency", "ambiguity", "discrepancy", "arbitrariness", "flip_rate", "prediction_range")
ONE_SIDED = 1.6448536269514722
"""Standard errors by which a model has to be worse to be left out: 5 % on one side."""
FEWEST_MODELS = 2

Interval = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Verdicts:
    """What the reference and the models of a set say of some posts.

    Parameters
    ----------
    reference : ndarray of bool, shape (n_posts,)
    tags : ndarray of bool, shape (n_models, n_posts)
    reference_proba : ndarray of float, shape (n_posts,)
        NaN for a post without features.
    proba : ndarray of float, shape (n_models, n_posts)
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups, or other clusters.

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

    def of(self, posts: NDArray[np.bool_] | NDArray[np.intp]) -> Verdicts:
        """Return those of some posts."""
        return Verdicts(
            self.reference[posts],
            self.tags[:, posts],
            self.reference_proba[posts],
            self.proba[:, posts],
            self.groups[posts],
        )

    def by(self, models: NDArray[np.bool_]) -> Verdicts:
        """Return those of some models."""
        return Verdicts(self.reference, self.tags[models], self.reference_proba, self.proba[models], self.groups)


@dataclass(frozen=True)
class SplitPosts:
    """Posts of one split, and the verdicts of models that were chosen on other posts.

    Parameters
    ----------
    verdicts
        Of the models of the set.
    furthest
        Which of them differed most from the reference on the posts they were chosen on.

    Examples
    --------
    >>> proba = np.array([0.9, 0.2])
    >>> tags, clusters = np.array([[True, True], [True, False]]), np.array([0, 1])
    >>> cell = SplitPosts(Verdicts(proba > 0.5, tags, proba, np.array([[0.8, 0.6], [0.7, 0.1]]), clusters), furthest=0)
    >>> cell.values["discrepancy"].tolist(), cell.values["self_consistency"].tolist()
    ([False, True], [1.0, 0.0])
    """

    verdicts: Verdicts
    furthest: int

    @property
    def counts(self) -> bool:
        """Whether there are enough models to disagree, and a post for them to."""
        return len(self.verdicts.tags) >= FEWEST_MODELS and len(self.verdicts.reference) > 0

    def tagged(self) -> SplitPosts:
        """Return the posts that the reference tags."""
        return SplitPosts(self.verdicts.of(self.verdicts.reference), self.furthest)

    @property
    def values(self) -> dict[str, NDArray[np.generic]]:
        """One value per post for each of `STATISTICS`, shape (n_posts,)."""
        models = len(self.verdicts.tags)
        flips = self.verdicts.tags != self.verdicts.reference
        yes = self.verdicts.tags.sum(axis=0)
        return {
            "self_consistency": 1.0 - 2.0 * yes * (models - yes) / (models * (models - 1)),
            "ambiguity": flips.any(axis=0),
            "discrepancy": flips[self.furthest],
            "arbitrariness": (yes > 0) & (yes < models),
            "flip_rate": flips.mean(axis=0),
            "prediction_range": _range(np.vstack([self.verdicts.reference_proba, self.verdicts.proba])),
        }


def f1_loss(tags: NDArray[np.bool_], y: NDArray[np.int8]) -> float:
    """Return 1 − F1, NaN where no post is in the category and none is tagged.

    Examples
    --------
    >>> f1_loss(np.array([True, True]), np.array([1, 0], dtype=np.int8)).__round__(3)
    0.333
    """
    hits, both = int((tags & (y == 1)).sum()), int(tags.sum() + (y == 1).sum())
    return 1.0 - 2.0 * hits / both if both else float("nan")


def as_good(verdicts: Verdicts, y: NDArray[np.int8], *, epsilon: float) -> NDArray[np.bool_]:
    """Return which models are in R(ε), shape (n_models,): all that a paired test does not find worse by more than ε.

    The difference of two F1 on the same posts, less ε, over its standard error, is at most 1.645. With F = Σa/Σb,
    a = 2·(tagged and in), b = tagged + in, a post's part in F is (a − F·b)/Σb; the variance of the difference is the
    sum over groups of the squared sums of differences of these parts.

    Parameters
    ----------
    verdicts
        Of all models, on the posts by which they are chosen.
    y : ndarray of int8, shape (n_posts,)
        Labels of these posts, 1 or 0.
    epsilon
        By how much F1 may be lower.

    Source: Binder 1983, "On the variances of asymptotically normal estimators from complex surveys" (linearisation).

    Examples
    --------
    >>> y = np.array([1, 1, 1, 0, 0, 0] * 20, np.int8)
    >>> good, same, bad = y == 1, np.tile([True, True, False, False, False, True], 20), y == 0
    >>> verdicts = Verdicts(good, np.stack([good, same, bad]), y * 1.0, np.ones((3, 120)), np.arange(120))
    >>> as_good(verdicts, y, epsilon=0.05).tolist()
    [True, False, False]
    """
    tags = np.vstack([verdicts.reference[None], verdicts.tags]).astype(np.float64)
    a, b = 2.0 * tags * (y == 1), tags + (y == 1)
    whole = b.sum(axis=1, keepdims=True)
    if len(tags) == 1 or not whole[0, 0]:
        return np.zeros(len(verdicts.tags), dtype=bool)
    f1 = np.divide(a.sum(axis=1, keepdims=True), whole, out=np.zeros_like(whole), where=whole > 0)
    parts = np.divide(a - f1 * b, whole, out=np.zeros_like(a), where=whole > 0)
    _, group = np.unique(verdicts.groups, return_inverse=True)
    off = _summed(parts[:1] - parts[1:], group, int(group.max()) + 1)
    error = np.sqrt((off**2).sum(axis=0))
    worse = f1[0, 0] - f1[1:, 0] - epsilon
    return np.asarray(worse <= ONE_SIDED * error + 1e-12)


def furthest(verdicts: Verdicts) -> int:
    """Return which model differs from the reference on the most posts, the first of several, 0 of none.

    Examples
    --------
    >>> proba = np.array([0.9, 0.2])
    >>> tags = np.array([[True, False], [False, False]])
    >>> furthest(Verdicts(proba > 0.5, tags, proba, np.zeros((2, 2)), np.array([0, 1])))
    1
    """
    flips = (verdicts.tags != verdicts.reference).sum(axis=1)
    return int(np.argmax(flips)) if len(flips) else 0


def disagreement(cells: list[SplitPosts]) -> dict[str, Interval]:
    """Return the mean of each of `STATISTICS` over posts as value, low and high; all None without posts or models.

    The variance of a mean is that of clusters of posts, or, if larger, the one that clusters and cells have together,
    V(clusters) + V(cells) − V(both): splits, with the models that belong to each, may differ more than their posts
    tell. The interval is Wilson's for p(1 − p)/V posts, with Student's quantile.

    Parameters
    ----------
    cells
        Of one category. Those with fewer than two models are left out. Equal numbers of clusters are one cluster, in
        whatever cells they are.

    Source: Cameron, Gelbach & Miller 2011, "Robust inference with multiway clustering".

    Examples
    --------
    >>> proba = np.array([0.9, 0.2])
    >>> tags, clusters = np.array([[True, True], [True, False]]), np.array([0, 1])
    >>> cell = SplitPosts(Verdicts(proba > 0.5, tags, proba, np.array([[0.8, 0.6], [0.7, 0.1]]), clusters), furthest=0)
    >>> disagreement([cell])["ambiguity"][0]
    0.5
    """
    cells = [cell for cell in cells if cell.counts]
    posts = sum(len(cell.verdicts.reference) for cell in cells)
    if not posts:
        return dict.fromkeys(STATISTICS, (None, None, None))
    clusters, place = np.unique(np.concatenate([cell.verdicts.groups for cell in cells]), return_inverse=True)
    of = np.repeat(np.arange(len(cells)), [len(cell.verdicts.reference) for cell in cells])
    both = np.unique(place * len(cells) + of, return_inverse=True)[1]
    values = [cell.values for cell in cells]
    found: dict[str, Interval] = {}
    for name in STATISTICS:
        told = np.concatenate([one[name] for one in values]).astype(np.float64)
        value = min(max(float(told.mean()), 0.0), 1.0)
        off = told - value
        of_clusters, of_cells = _variance(off, place), _variance(off, of)
        together = of_clusters + of_cells - _variance(off, both)
        worse = together > of_clusters
        found[name] = (value, *_interval(value, max(together, of_clusters), len(clusters), len(cells) if worse else 0))
    return found


def _variance(off: NDArray[np.float64], unit: NDArray[np.intp]) -> float:
    """Return the variance of a mean, from sums over units of how far posts are off it; 0 of a single unit."""
    sums = np.bincount(unit, weights=off)
    return float(sums @ sums) * len(sums) / (len(sums) - 1) / len(off) ** 2 if len(sums) > 1 else 0.0


def _interval(value: float, variance: float, clusters: int, cells: int) -> tuple[float | None, float | None]:
    from scipy.special import stdtrit

    if clusters < 2:
        return None, None
    alike = variance <= 1e-15 or not 0 < value < 1
    worth = float(clusters) if alike else value * (1 - value) / variance
    quantile = float(stdtrit((cells or clusters) - 1, 0.975))
    _, low, high = wilson(value * worth, worth, z=quantile)
    assert low is not None
    assert high is not None
    return min(low, value), max(high, value)


def _range(proba: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return max − min over models, of those that say anything of a post; 0 where none does."""
    high = np.where(np.isnan(proba), -np.inf, proba).max(axis=0)
    low = np.where(np.isnan(proba), np.inf, proba).min(axis=0)
    return np.asarray(np.maximum(high - low, 0.0), dtype=np.float64)


def _summed(values: NDArray[np.float64], group: NDArray[np.intp], groups: int) -> NDArray[np.float64]:
    """Return sums by group, shape (n_groups, n_rows), of rows of values."""
    return np.stack([np.bincount(group, weights=row, minlength=groups) for row in values], axis=1)
