"""Batches of refits: bootstrap fits that share a feature matrix, and their output for held-out and other posts.

Promises: the posts are divided into parts, each refit holds one of them out, and no post that a fit holds out is fitted
on; calibration and threshold of a refit come from its out-of-bag posts on the side to fit on; a fit without posts of
both classes gives NaN. A batch gives the same numbers whatever ran before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.decide import DecideSection
from koudai.config.train import FeaturesSection, ModelSection, TextSection
from koudai.cores import side_by_side
from koudai.errors import TooFewPosts
from koudai.model.deciding.calibration import Calibration, calibrate, different
from koudai.model.deciding.thresholds import choose_threshold
from koudai.model.fitting.classifiers import Classifier, make_classifier
from koudai.model.fitting.dual import LOOSE_GAP
from koudai.model.fitting.equal_columns import merge_equal
from koudai.model.ngrams.blocks import block_features, fit_blocks, segmenter_of
from koudai.storage.durable import sha256_bytes
from koudai.text.characters.normalize import Normalizer
from koudai.text.utf8 import of_texts
from koudai.training.fit import FitData, fit_category
from koudai.training.folds import deal_folds

TOGETHER = 8
"""Refits per batch: they share features and passes over them, and are repeated together."""
STRENGTHS = (0.25, 0.5, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0)
"""Factors on C, the inverse strength of the penalty: one for each refit of a batch."""
PARTS = 4
"""Parts that posts are divided into; each is held out by a quarter of the refits, and by a reference of its own."""
FEWEST_GROUPS = 5
"""Fewest groups of either class with which a category is refitted."""


@dataclass(frozen=True)
class Ways:
    """Settings of the audited model: the sections of its config on text, features, classifier and decisions.

    Examples
    --------
    >>> Ways(TextSection(), FeaturesSection(), ModelSection(), DecideSection(folds=3)).decide.folds
    3
    """

    text: TextSection
    features: FeaturesSection
    model: ModelSection
    decide: DecideSection


@dataclass(frozen=True)
class RefitPosts:
    """Posts to refit on and to score.

    Parameters
    ----------
    texts
        Raw labelled posts.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown).
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups.
    others
        Raw posts without labels that are scored only.
    categories
        Names of the columns.

    Examples
    --------
    >>> posts = RefitPosts(["甲", "乙"], np.array([[1], [0]], np.int8), np.arange(2), [], ("rumour",))
    >>> posts.digest() == posts.digest()
    True
    """

    texts: list[str]
    labels: NDArray[np.int8]
    groups: NDArray[np.int64]
    others: list[str]
    categories: tuple[str, ...]

    def digest(self) -> str:
        """Return a hash of posts, labels and groups."""
        words = "\0".join([*self.texts, "", *self.others]).encode("utf-8", "surrogatepass")
        return sha256_bytes(words + self.labels.tobytes() + self.groups.astype(np.int64).tobytes())


@dataclass(frozen=True)
class Judged:
    """Output of one fit for one category: `proba` of the held-out posts, then of the others, NaN for a post without
    features; and its `threshold`, NaN if it could not be fitted.

    Examples
    --------
    >>> Judged(np.array([0.2, 0.9], np.float32), 0.5).tags.tolist()
    [False, True]
    """

    proba: NDArray[np.float32]
    threshold: float

    @property
    def tags(self) -> NDArray[np.bool_]:
        """Whether each post is tagged."""
        return np.asarray(self.proba >= self.threshold)


@dataclass(frozen=True)
class Refitted:
    """One category and one part: row indices of the posts held out, output of the reference that was fitted on all
    others, and output of the refits that were fitted on some of them, in order.
    """

    held: NDArray[np.intp]
    reference: Judged
    refits: tuple[Judged, ...]


@dataclass(frozen=True)
class Batch:
    """Refits with the same feature settings, and the penalty factor of each.

    Examples
    --------
    >>> Batch(1, FeaturesSection(), STRENGTHS).refits
    range(8, 16)
    """

    number: int
    features: FeaturesSection
    strengths: tuple[float, ...]

    @property
    def refits(self) -> range:
        """Numbers of its refits."""
        return range(self.number * TOGETHER, self.number * TOGETHER + len(self.strengths))

    @property
    def parts(self) -> tuple[int, ...]:
        """The part that each of its refits holds out, such that every penalty factor comes to every part."""
        return tuple((self.number + place) % PARTS for place in range(len(self.strengths)))


@dataclass(frozen=True)
class Side:
    """One category's labels `y`, and the part that each post is in, -1 where its label is not known.

    Examples
    --------
    >>> side = Side(np.array([1, 0, 0], np.int8), np.array([0, 1, -1]))
    >>> side.held(0).tolist(), side.fit(0).tolist()
    ([0], [False, True, False])
    """

    y: NDArray[np.int8]
    part: NDArray[np.int64]

    def held(self, part: int) -> NDArray[np.intp]:
        """Return the row indices of the posts of a part."""
        return np.flatnonzero(self.part == part)

    def fit(self, part: int) -> NDArray[np.bool_]:
        """Return whether each post may be fitted on where `part` is held out."""
        return np.asarray((self.part >= 0) & (self.part != part))


class Refitter:
    """Fits batches of refits on some posts; keeps the most recent feature matrix."""

    def __init__(self, posts: RefitPosts, ways: Ways, sides: list[Side | None], seed: int) -> None:
        self._posts, self._ways, self._sides, self._seed = posts, ways, sides, seed
        self._classifier: Classifier = make_classifier(ways.model.classifier, ways.model.params)
        normalizer = Normalizer(ways.text.steps)
        self._texts, self._others = (normalizer.many(of_texts(texts)) for texts in (posts.texts, posts.others))
        _, self._group = np.unique(posts.groups, return_inverse=True)
        self._matrix: tuple[sp.csr_matrix, sp.csr_matrix] | None = None
        self._counted: FeaturesSection | None = None

    def counted(
        self, features: FeaturesSection, todo: list[tuple[Batch, dict[int, str]]]
    ) -> Iterator[tuple[Batch, dict[int, str]]]:
        """Yield the unfinished batches, after counting their features."""
        for one in todo:
            self._count(features)
            yield one

    def batch(self, batch: Batch) -> list[list[Judged]]:
        """Return the output of each refit for each category."""
        drawn = np.stack([self._drawn(number) for number in batch.refits], axis=1)

        def of_category(one: tuple[str, Side | None]) -> list[Judged]:
            key, side = one
            return [_NOTHING] * len(batch.strengths) if side is None else self._category(batch, key, side, drawn)

        columns = side_by_side(of_category, zip(self._posts.categories, self._sides, strict=True))
        return [list(row) for row in zip(*columns, strict=True)]

    def reference(self, features: FeaturesSection, part: int) -> list[Judged]:
        """Return the output of the reference for each category: fitted like the model, on all posts but the part's."""
        self._count(features)
        if self._matrix is None:
            return [self._missing(side, part) for side in self._sides]
        matrix, others = self._matrix

        def of_category(one: tuple[str, Side | None]) -> Judged:
            key, side = one
            if side is None:
                return _NOTHING
            fit, held = side.fit(part), side.held(part)
            data = FitData(
                matrix[fit],
                side.y[fit],
                np.ones(int(fit.sum())),
                self._group[fit],
                classifier=self._classifier,
                seed=self._seed,
                gap=LOOSE_GAP,
            )
            fitted = fit_category(data, name=key, section=self._ways.decide)
            calibration = Calibration("", fitted.slope, fitted.offset, fitted.curve)
            decisions = [some @ fitted.weights + fitted.intercept for some in (matrix[held], others)]
            known = [np.diff(some.indptr) > 0 for some in (matrix[held], others)]
            return _judged(calibration, np.concatenate(decisions), np.concatenate(known), fitted.threshold)

        return list(side_by_side(of_category, zip(self._posts.categories, self._sides, strict=True)))

    def _count(self, features: FeaturesSection) -> None:
        if features == self._counted:
            return
        self._matrix, self._counted, segmenter = None, features, segmenter_of(features)
        try:
            blocks, matrix = fit_blocks(self._texts, features, segmenter)
        except TooFewPosts:
            return
        others = block_features(blocks, self._others, segmenter)
        if self._classifier.inner_products_alone:
            matrix, onto = merge_equal(matrix)
            others = others @ onto
        self._matrix = matrix, others

    def _drawn(self, number: int) -> NDArray[np.float64]:
        """Return how often the bootstrap of a refit draws each post: whole groups, with replacement."""
        groups = int(self._group.max()) + 1
        times = np.random.default_rng((self._seed, number)).integers(0, groups, groups)
        return np.bincount(times, minlength=groups)[self._group].astype(np.float64)

    def _category(self, batch: Batch, key: str, side: Side, drawn: NDArray[np.float64]) -> list[Judged]:
        if self._matrix is None:
            return [self._missing(side, part) for part in batch.parts]
        matrix, others = self._matrix
        target = self._ways.decide.thresholds.get(key, self._ways.decide.threshold)
        fit = np.stack([side.fit(part) for part in batch.parts], axis=1)
        drawn = drawn * fit
        out = (drawn == 0) & fit
        able = np.array([_both(side.y[drawn[:, i] > 0]) and _both(side.y[out[:, i]]) for i in range(drawn.shape[1])])
        weights, intercepts = self._classifier.fit_parts(
            matrix,
            side.y,
            drawn * np.array(batch.strengths) * able,
            seed=self._seed + batch.number,
            gap=LOOSE_GAP,
        )
        decision, of_others = matrix @ weights + intercepts, others @ weights + intercepts
        worded, others_worded = np.diff(matrix.indptr) > 0, np.diff(others.indptr) > 0
        judged = []
        for i, part in enumerate(batch.parts):
            if not able[i]:
                judged.append(self._missing(side, part))
                continue
            held = side.held(part)
            rows = np.flatnonzero(out[:, i])
            y = side.y[rows]
            calibration = calibrate(decision[rows, i], y, self._group[rows], how=self._ways.decide.calibrate)
            threshold = choose_threshold(_rounded(calibration(decision[rows, i])), y, target).value
            both = np.concatenate([decision[held, i], of_others[:, i]])
            judged.append(_judged(calibration, both, np.concatenate([worded[held], others_worded]), threshold))
        return judged

    def _missing(self, side: Side | None, part: int) -> Judged:
        if side is None:
            return _NOTHING
        return Judged(np.full(len(side.held(part)) + len(self._posts.others), np.nan, np.float32), np.nan)


_NOTHING = Judged(np.empty(0, np.float32), np.nan)


def side_of(labels: NDArray[np.int8], groups: NDArray[np.int64], seed: int) -> Side | None:
    """Return the parts of a category, None if it has too few groups, or one that lacks a label in a part or beside it.

    Examples
    --------
    >>> labels = np.array([1, 0] * 8, np.int8)
    >>> np.bincount(side_of(labels, np.arange(16), seed=1).part).tolist()
    [4, 4, 4, 4]
    """
    known = np.flatnonzero(labels >= 0)
    if not len(known) or min(different(labels[known], groups[known])) < FEWEST_GROUPS:
        return None
    part = np.full(len(labels), -1, dtype=np.int64)
    part[known] = deal_folds(labels[known], groups[known], PARTS, seed=seed)
    side = Side(np.where(labels == 1, 1, 0).astype(np.int8), part)
    for number in range(PARTS):
        fit = side.fit(number)
        if not _both(labels[side.held(number)]) or min(different(labels[fit], groups[fit])) < 2:
            return None
    return side


def _both(y: NDArray[np.int8]) -> bool:
    return bool((y == 1).any() and (y == 0).any())


def _rounded(proba: NDArray[np.float64]) -> NDArray[np.float64]:
    return proba.astype(np.float32).astype(np.float64)


def _judged(
    calibration: Calibration, decision: NDArray[np.float64], known: NDArray[np.bool_], threshold: float
) -> Judged:
    return Judged(np.where(known, calibration(decision), np.nan).astype(np.float32), threshold)
