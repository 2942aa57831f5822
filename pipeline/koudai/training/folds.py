"""Cross-validation folds: stratified by label, with each group of near-duplicates in one fold.

Promises: the folds of scikit-learn's `StratifiedGroupKFold` with shuffling and the same seed. A kernel assigns them:
for fourteen categories of a few thousand posts it takes 0.017 s, scikit-learn 5.2 s. A run assigns folds once per
category; its fits, the trials of its search and its learning curve share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import TooFewPosts
from koudai.model.deciding.calibration import different
from koudai.text.compiled.kernels import kernels


@dataclass(frozen=True)
class Folds:
    """The folds of one category.

    Parameters
    ----------
    fold : ndarray of int64, shape (n_posts,)
        Of each post, 0 to ``count - 1``; -1 where the label is unknown.
    count
        Number of folds.

    Examples
    --------
    >>> folds = Folds.deal(np.array([1, 0, -1, 1, 0], np.int8), np.arange(5), 2, seed=1)
    >>> folds.fold.tolist(), folds.count
    ([0, 1, -1, 1, 0], 2)
    >>> folds.take(np.array([0, 3])).fold.tolist()
    [0, 1]
    """

    fold: NDArray[np.int64]
    count: int

    @classmethod
    def deal(cls, labels: NDArray[np.int8], groups: NDArray[np.int64], count: int, *, seed: int) -> Folds:
        """Return folds of the posts whose label is known, assigned by `deal_folds`."""
        fold, known = np.full(len(labels), -1), np.flatnonzero(labels >= 0)
        fold[known] = deal_folds(labels[known], groups[known], count, seed=seed)
        return cls(fold, count)

    def take(self, rows: NDArray[np.intp]) -> Folds:
        """Return the folds of some of the posts, by row index."""
        return Folds(self.fold[rows], self.count)


def deal_categories(
    labels: NDArray[np.int8], groups: NDArray[np.int64], *, names: tuple[str, ...], folds: int, seed: int
) -> tuple[Folds, ...]:
    """Return the folds of each category: `folds` of them, or fewer where `fold_count` allows no more.

    Parameters
    ----------
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown), columns as `names`.
    groups : ndarray of int64, shape (n_posts,)
        Posts with the same number stay in one fold.
    names
        Names of the categories, for error messages.
    folds, seed
        As for `deal_folds`.

    Raises
    ------
    TooFewPosts
        If a category has a label that occurs in fewer than two groups.

    Examples
    --------
    >>> labels = np.array([[1, 1], [0, -1], [1, 1], [0, 0], [0, 0]], np.int8)
    >>> [one.count for one in deal_categories(labels, np.arange(5), names=("a", "b"), folds=5, seed=1)]
    [2, 2]
    """
    found = []
    for name, column in zip(names, labels.T, strict=True):
        known = column >= 0
        count = fold_count(column[known], groups[known], name=name, folds=folds)
        found.append(Folds.deal(column, groups, count, seed=seed))
    return tuple(found)


def fold_count(y: NDArray[np.int8], groups: NDArray[np.int64], *, name: str, folds: int) -> int:
    """Return the number of cross-validation folds for a category: `folds`, or fewer if a label is in fewer groups.

    Raises
    ------
    TooFewPosts
        If a label occurs in fewer than two groups.

    Examples
    --------
    >>> fold_count(np.array([1, 1, 1, 0, 0, 0, 0], np.int8), np.arange(7), name="rumour", folds=5)
    3
    """
    smaller = min(different(y, groups))
    if smaller < 2:
        raise TooFewPosts(
            what=f"category {name!r} cannot be learnt",
            expected="at least two different posts in it and two out of it",
            got=f"{int((y == 1).sum())} in and {int((y == 0).sum())} out",
            happened="nothing was trained",
            todo="bring more labelled posts, or list the other categories under run.categories",
        )
    return min(folds, smaller)


def deal_folds(y: NDArray[np.int8], groups: NDArray[np.int64], folds: int, *, seed: int) -> NDArray[np.int64]:
    """Return the fold of each post, 0 to ``folds - 1``.

    Groups are shuffled, then sorted by how unbalanced their labels are, most unbalanced first; each goes to the fold
    that keeps the label shares of all folds most even.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0; both occur.
    groups : ndarray of int64, shape (n_posts,)
        Posts with the same number stay in one fold.
    folds
        Number of folds.
    seed
        Seed of the shuffling.

    Examples
    --------
    >>> deal_folds(np.array([1, 0, 1, 0], np.int8), np.array([7, 8, 8, 7]), 2, seed=1).tolist()
    [0, 1, 1, 0]
    """
    _, place = np.unique(groups, return_inverse=True)
    n_groups = int(place.max()) + 1
    counts = np.stack([np.bincount(place[y == label], minlength=n_groups) for label in (0, 1)], axis=1).astype(float)
    order = np.arange(n_groups)
    np.random.RandomState(seed).shuffle(order)
    order = order[np.argsort(-np.std(counts[order], axis=1), kind="stable")]
    fold = np.empty(n_groups, np.int64)
    fold[order] = _dealt(counts[order], counts.sum(axis=0), folds)
    return fold[place]


@kernels("koudai.training.folds_kernels", what="the dealing of folds")
def _kernels(_: Any) -> None:
    """Deal two groups."""
    _dealt(np.eye(2), np.ones(2), 2)


def _dealt(counts: NDArray[np.float64], totals: NDArray[np.float64], folds: int) -> NDArray[np.int64]:
    chosen = np.empty(len(counts), np.int64)
    _kernels().deal(counts, totals, folds, chosen)
    return chosen
