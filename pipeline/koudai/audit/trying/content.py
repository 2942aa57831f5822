"""Content: how well words tell two parts of some posts apart, each judged by a model that saw neither it nor its like.

Promises: near-duplicates stay in one fold; terms and idf come from the posts fitted on alone; the same posts and seed
give the same decisions; too few different posts on either side give none. The model is a linear one of words and
characters, fitted anew; it is not the audited model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import Figure
from koudai.config.train import DEFAULT_STEPS, FeaturesSection
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.deciding.calibration import different
from koudai.model.fitting.classifiers import make_classifier
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.counted_posts import CountedPosts, count_posts
from koudai.training.cross_validation import FOLDS, CrossData, cross_validated

FEWEST_GROUPS = 10
_SVC = {"C": 0.5, "class_weight": "balanced"}


@dataclass(frozen=True)
class Content:
    """The words of some posts.

    Parameters
    ----------
    counted
        Words and one to three characters in each post.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicates.
    clusters : ndarray of int64, shape (n_posts,)
        The unit of intervals.

    Examples
    --------
    >>> content = content_of(["停水", "停水", "天气"])
    >>> content.take(np.array([True, False, True])).groups.tolist()
    [0, 2]
    """

    counted: CountedPosts
    groups: NDArray[np.int64]
    clusters: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Content:
        """Return the posts at `rows`, a mask or positions."""
        return Content(self.counted.take(rows), self.groups[rows], self.clusters[rows])

    def enough(self, y: NDArray[np.int8]) -> bool:
        """Return whether there are `FEWEST_GROUPS` different posts on either side of `y`, 1 or 0 per post."""
        return min(different(y, self.groups)) >= FEWEST_GROUPS

    def decisions(self, y: NDArray[np.int8], *, classifier: str = "DualLinearSVC", seed: int) -> NDArray[np.float64]:
        """Return the out-of-fold decision on each post; larger is more probably 1. Needs `enough`."""
        data = self._data(y, classifier, seed)
        return data.decisions(data.dealt(0))[:, 0]

    def auc(self, y: NDArray[np.int8], category: str, group: str, statistic: str, *, seed: int) -> Figure:
        """Return the AUC of words for `y`, with an interval that includes the draw of the posts fitted on; without a
        value where there is not `enough`.
        """
        if not self.enough(y):
            return Figure(category, group, statistic, None, len(y))
        (found,) = cross_validated(self._data(y, "DualLinearSVC", seed), metrics=("auc",))
        return Figure(category, group, statistic, found.value, found.n, found.low, found.high)

    def auc_apart(self, y: NDArray[np.int8], block: NDArray[np.int64], *, seed: int) -> float | None:
        """Return the AUC of words for `y` where whole blocks, such as months, are held out; None if none can be.

        Blocks are dealt into `FOLDS` parts. Posts with a near-duplicate among those held out are not fitted on, and
        only posts held out together are compared.
        """
        _, place = np.unique(block, return_inverse=True)
        parts, load = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64), np.zeros(FOLDS)
        for one in np.argsort(-np.bincount(place), kind="stable"):
            parts[one] = int(load.argmin())
            load[parts[one]] += (place == one).sum()
        data, right, pairs = self._data(y, "DualLinearSVC", seed), 0.0, 0
        for part in range(FOLDS):
            held = parts[place] == part
            both = int(y[held].sum()) * int((1 - y[held]).sum())
            weights = (~np.isin(self.groups, self.groups[held])).astype(np.float64)[:, None]
            if both and min(different(y[weights[:, 0] > 0], self.groups[weights[:, 0] > 0])) >= FEWEST_GROUPS:
                decision = data.decided(weights)[:, 0]
                right += both * float(data.measured(decision, np.ones((len(y), 1)), ("auc",), tested=held)[0, 0])
                pairs += both
        return right / pairs if pairs else None

    def _data(self, y: NDArray[np.int8], classifier: str, seed: int) -> CrossData:
        made = make_classifier(classifier, _SVC if classifier == "DualLinearSVC" else {"C": 20.0})
        return CrossData(self.counted, y, self.groups, made, seed, self.clusters)


def content_of(
    texts: list[str], groups: NDArray[np.int64] | None = None, clusters: NDArray[np.int64] | None = None
) -> Content:
    """Return the words of posts.

    Parameters
    ----------
    texts
        Raw.
    groups
        Their near-duplicates, looked for if not given.
    clusters
        The unit of intervals; `groups` if not given.
    """
    posts = Normalizer(DEFAULT_STEPS).many(of_texts(texts))
    counted = count_posts(posts, FeaturesSection(chars=(1, 3)), Segmenter()).merged()
    groups = near_duplicate_groups(texts) if groups is None else groups
    return Content(counted, groups, groups if clusters is None else clusters)
