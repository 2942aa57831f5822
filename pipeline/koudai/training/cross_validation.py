"""Cross-validation: figures on held-out posts, with intervals that include the draw of the posts that were fitted on.

Promises: terms and idf of a fold's fit come from its own posts alone; near-duplicates stay in one fold; folds are dealt
anew and the figures averaged; whole groups are weighted up and down, in the fits and in what is measured alike, and the
spread of the figures is that of drawing other groups. Does not say what a model of more posts would reach.

Source: Kapoor & Narayanan 2023, "Leakage and the reproducibility crisis in machine-learning-based science"; Bouthillier
et al. 2021, "Accounting for variance in machine learning benchmarks" (draws of training posts, dealings of folds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from koudai.cores import side_by_side
from koudai.model.deciding.calibration import different
from koudai.model.evaluation import MetricValue
from koudai.model.fitting.classifiers import Classifier
from koudai.model.fitting.dual import TIGHT_GAP
from koudai.training.counted_posts import CountedPosts
from koudai.training.evaluate import METRICS, reweighted
from koudai.training.folds import Folds
from koudai.training.tilts import NOT_KNOWN, TiltVariance, tilt_interval, tilted, with_refits

FOLDS = 5
DEALINGS = 2
"""How often folds are dealt."""
REFITS = 3
"""Tilted samples that are fitted to with each dealing."""
MEASURED = 100
"""Tilted samples that the fits as they are get measured with."""
FEWEST_CLUSTERS = 50
"""Clusters of either class from which on there is an interval: with fewer, small changes of weights tell too little of
what other posts would do to a fit, and intervals held the truth in 86 to 92 % of samples.
"""
_EXACT = 1000
"""Up to so many posts fits are exact, beyond they stop at `TIGHT_GAP`."""


@dataclass(frozen=True)
class CrossData:
    """Posts of one category to fit on and to measure, in turn.

    Parameters
    ----------
    counted
        Their n-grams.
    labels : ndarray of int8, shape (n_posts,)
        1 or 0.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups; each stays in one fold.
    classifier
        Fitted anew for each fold.
    seed
        Of folds, fits and tilts.
    clusters : ndarray of int64, shape (n_posts,)
        Of the same posts, the unit of intervals; `groups` if not given.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([1, 0] * 10, np.int8)
    >>> counts = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1).astype(np.int32))
    >>> counted = CountedPosts((counts,), (np.ones(2),), 2, sublinear_tf=True)
    >>> data = CrossData(counted, labels, np.arange(20), make_classifier("DualLinearSVC", {}), seed=1)
    >>> (data.decisions(data.dealt(0))[:, 0] > 0).tolist() == (labels == 1).tolist()
    True
    """

    counted: CountedPosts
    labels: NDArray[np.int8]
    groups: NDArray[np.int64]
    classifier: Classifier
    seed: int
    clusters: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if len(self.clusters) != len(self.labels):
            object.__setattr__(self, "clusters", self.groups)

    def dealt(self, dealing: int, *, folds: int = FOLDS) -> Folds:
        """Return the folds of one dealing, the first of which is that of the seed itself."""
        count = min(folds, *different(self.labels, self.groups))
        return Folds.deal(self.labels, self.groups, count, seed=(self.seed + dealing) % 2**32)

    def decisions(self, folds: Folds, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the decisions on each post by models fitted without its fold.

        Parameters
        ----------
        folds
            Of the posts; every post is in one.
        weights : ndarray of float64, shape (n_posts, n_fits), or None
            Weight of each post in each fit; 0 leaves it out. One fit with all weights 1 if not given.

        Returns
        -------
        ndarray of float64, shape (n_posts, n_fits)
            0 where there are no posts of both classes to fit on.
        """
        weights = np.ones((len(self.labels), 1)) if weights is None else weights
        decision = np.zeros(weights.shape)

        def of_fold(held: NDArray[np.bool_]) -> NDArray[np.float64]:
            return self.decided(np.where(held[:, None], 0.0, weights))[held]

        held = [folds.fold == fold for fold in range(folds.count)]
        for one, found in zip(held, side_by_side(of_fold, held), strict=True):
            decision[one] = found
        return decision

    def decided(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the decisions on every post by models fitted on those with a weight, shape (n_posts, n_fits).

        Terms and idf are those of the posts that have a weight in any of the fits.
        """
        both = [(weights[self.labels == label] > 0).any(axis=0) for label in (0, 1)]
        weights = np.where(both[0] & both[1], weights, 0.0)
        rows = np.flatnonzero(weights.any(axis=1))
        if not len(rows):
            return np.zeros(weights.shape)
        features = self.counted.fitted_on(rows)
        gap = None if len(rows) <= _EXACT else TIGHT_GAP
        fitted, intercepts = self.classifier.fit_parts(features, self.labels, weights, seed=self.seed, gap=gap)
        return np.asarray(features @ fitted + intercepts)

    def measured(
        self,
        decision: NDArray[np.float64],
        weights: NDArray[np.float64],
        metrics: tuple[str, ...],
        *,
        tested: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """Return metrics of decisions, shape (n_samples, n_metrics).

        Parameters
        ----------
        decision : ndarray of float64, shape (n_posts,)
            A post is tagged from 0 on.
        weights : ndarray of float64, shape (n_posts, n_samples)
            How often each post counts in each sample.
        metrics
            Names of `koudai.training.evaluate.METRICS`.
        tested : ndarray of bool, shape (n_posts,), or None
            Which posts are measured on; all if not given.
        """
        rows = np.arange(len(self.labels)) if tested is None else np.flatnonzero(tested)
        each = np.ascontiguousarray(weights[rows].T)
        sums = reweighted(self.labels[rows], decision[rows], threshold=0.0, groups=np.arange(len(rows)), weights=each)
        return np.stack([METRICS[name](sums) for name in metrics], axis=1)

    def take(self, rows: NDArray[np.intp]) -> CrossData:
        """Return some of the posts, by row index."""
        parts = {name: getattr(self, name)[rows] for name in ("labels", "groups", "clusters")}
        return replace(self, counted=self.counted.take(rows), **parts)


def cross_validated(
    data: CrossData, *, metrics: tuple[str, ...], dealings: int = DEALINGS, tested: NDArray[np.bool_] | None = None
) -> list[MetricValue]:
    """Return metrics of out-of-fold decisions, tagged from a decision of 0 on.

    The value is the mean over dealings. Its variance is that under small changes of the weights of clusters: a hundred
    times with the fits as they are, and more by what refits add, see `koudai.training.tilts.with_refits`. There is no
    interval below `FEWEST_CLUSTERS` of either class.

    Parameters
    ----------
    data
        Each class occurs in two groups or more.
    metrics
        Names of `koudai.training.evaluate.METRICS`.
    dealings
        How often folds are dealt.
    tested : ndarray of bool, shape (n_posts,), or None
        Which posts are measured on; all if not given. All are fitted on.

    Returns
    -------
    list of MetricValue
        In the order of `metrics`.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> labels = np.array([1, 0] * 10, np.int8)
    >>> counts = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1).astype(np.int32))
    >>> counted = CountedPosts((counts,), (np.ones(2),), 2, sublinear_tf=True)
    >>> data = CrossData(counted, labels, np.arange(20), make_classifier("DualLinearSVC", {}), seed=1)
    >>> [(one.metric, one.value, one.n) for one in cross_validated(data, metrics=("auc",))]
    [('auc', 1.0, 20)]
    """
    place = np.unique(data.clusters, return_inverse=True)[1]
    clusters = int(place.max()) + 1
    random = np.random.default_rng([data.seed, 1])
    rows = slice(None) if tested is None else tested
    wide = enough_clusters(data.labels[rows], data.clusters[rows])
    refits, more = (REFITS, -(-MEASURED // dealings)) if wide else (0, 0)
    grids = []
    for dealing in range(dealings):
        tilts = np.concatenate([np.ones((clusters, 1)), tilted(random, clusters, more)], axis=1)[place]
        decision = data.decisions(data.dealt(dealing), tilts[:, : 1 + refits])
        grids.append(
            np.stack([data.measured(decision[:, at], tilts, metrics, tested=tested) for at in range(1 + refits)])
        )
    figures = np.stack(grids)
    n = len(data.labels) if tested is None else int(tested.sum())
    return [
        figure_of(
            name,
            float(figures[:, 0, 0, at].mean()),
            n,
            with_refits(figures[..., at], together=True) if wide else NOT_KNOWN,
        )
        for at, name in enumerate(metrics)
    ]


def enough_clusters(labels: NDArray[np.int8], clusters: NDArray[np.int64]) -> bool:
    """Return whether there are clusters enough of either class for an interval.

    Examples
    --------
    >>> labels = np.array([1, 0] * 50, np.int8)
    >>> enough_clusters(labels, np.arange(100)), enough_clusters(labels, np.arange(100) // 4)
    (True, False)
    """
    return min(different(labels, clusters)) >= FEWEST_CLUSTERS


def figure_of(metric: str, value: float, n: int, variance: TiltVariance) -> MetricValue:
    """Return a figure with the interval that its variance gives; NaN is undefined.

    Examples
    --------
    >>> figure_of("auc", float("nan"), 3, TiltVariance(0.1, 9.0)).value is None
    True
    """
    ends = tilt_interval(value, variance.variance, freedom=variance.freedom)
    return MetricValue(metric, value if math.isfinite(value) else None, n, *ends)
