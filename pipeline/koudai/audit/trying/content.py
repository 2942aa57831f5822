"""Content: how well words tell two parts of some posts apart, each judged by a model that saw neither it nor its like.

Promises: near-duplicates stay in one fold; the same posts and seed give the same decisions; too few different posts on
either side give none. The model is a linear one of words and characters, fitted anew; it is not the audited model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.audit.frame import Figure
from koudai.config.train import DEFAULT_STEPS, FeaturesSection
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.errors import TooFewPosts
from koudai.model.deciding.calibration import different
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.fitting.dual import TIGHT_GAP
from koudai.model.fitting.equal_columns import merge_equal
from koudai.model.ngrams.blocks import fit_blocks
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.bootstrap import FEWER_RESAMPLES
from koudai.training.evaluate import evaluate
from koudai.training.fit import FitData, out_of_fold

FOLDS = 5
FEWEST_GROUPS = 10


@dataclass(frozen=True)
class Content:
    """The words of some posts.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
        TF-IDF of words and of one to three characters, equal columns made one.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicates.

    Examples
    --------
    >>> content = Content(sp.csr_matrix(np.eye(3)), np.array([0, 0, 1]))
    >>> content.take(np.array([True, False, True])).groups.tolist()
    [0, 1]
    """

    features: sp.csr_matrix
    groups: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Content:
        """Return the posts at `rows`, a mask or positions; idf stays that of all."""
        return Content(self.features[rows], self.groups[rows])

    def enough(self, y: NDArray[np.int8]) -> bool:
        """Return whether there are `FEWEST_GROUPS` different posts on either side of `y`, 1 or 0 per post."""
        return min(different(y, self.groups)) >= FEWEST_GROUPS

    def decisions(self, y: NDArray[np.int8], *, classifier: str = "linear_svc", seed: int) -> NDArray[np.float64]:
        """Return the out-of-fold decision on each post; larger is more probably 1. Needs `enough`."""
        return out_of_fold(
            FitData(
                self.features,
                y,
                np.ones(len(y)),
                self.groups,
                classifier=make_classifier(classifier, {"balanced": True} if classifier == "linear_svc" else {}),
                seed=seed,
                gap=TIGHT_GAP,
            ).dealt(FOLDS)
        )

    def auc(self, y: NDArray[np.int8], category: str, group: str, statistic: str, *, seed: int) -> Figure:
        """Return the AUC of words for `y` with its bootstrap interval over near-duplicate groups; without a value
        where there is not `enough`.
        """
        if not self.enough(y):
            return Figure(category, group, statistic, None, len(y))
        (found,) = evaluate(
            y,
            self.decisions(y, seed=seed),
            threshold=0.0,
            groups=self.groups,
            seed=seed,
            metrics=("auc",),
            resamples=FEWER_RESAMPLES,
        )
        return Figure(category, group, statistic, found.value, found.n, found.low, found.high)


def content_of(texts: list[str], groups: NDArray[np.int64] | None = None) -> Content:
    """Return the words of posts.

    Parameters
    ----------
    texts
        Raw.
    groups
        Their near-duplicates, looked for if not given.
    """
    groups = near_duplicate_groups(texts) if groups is None else groups
    try:
        posts = Normalizer(DEFAULT_STEPS).many(of_texts(texts))
        features, _ = merge_equal(fit_blocks(posts, FeaturesSection(chars=(1, 3)), Segmenter())[1])
    except TooFewPosts:
        features = sp.csr_matrix((len(texts), 1))
    return Content(features, groups)
