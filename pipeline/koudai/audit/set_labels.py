"""Agreement on sets: α of what annotators put a post under, where that may be several categories at once, by MASI.

Promises: an annotator's set counts where every category was answered, and none is filled in; the empty set is a set.
Knows no post and no name of a category.

Source: Passonneau 2006, "Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation";
Krippendorff 2018, "Content analysis", chapter 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def masi(sets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the distance of each two sets: 1 − J·M.

    J is Jaccard's coefficient, 1 of two empty sets. M is 1 of equal sets, 2/3 where one is a part of the other, 1/3
    where they share something, and 0 where they share nothing.

    Parameters
    ----------
    sets : ndarray of bool, shape (n_sets, n_categories)

    Returns
    -------
    ndarray of float64, shape (n_sets, n_sets)

    Examples
    --------
    >>> masi(np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1, 0]], dtype=bool)).round(3).tolist()
    [[0.0, 0.667, 1.0], [0.667, 0.0, 0.833], [1.0, 0.833, 0.0]]
    """
    number = sets.astype(np.float64)
    both, sizes = number @ number.T, number.sum(axis=1)
    either = sizes[:, None] + sizes[None] - both
    least = np.minimum(sizes[:, None], sizes[None])
    monotony = np.select([either == both, both == least, both > 0], [1.0, 2 / 3, 1 / 3], 0.0)
    return np.asarray(1 - np.where(either > 0, both / np.maximum(either, 1), 1.0) * monotony)


@dataclass(frozen=True, eq=False)
class SetLabels:
    """Sets that several people put posts under, as counts that α can be worked out from.

    Parameters
    ----------
    rows : ndarray of intp, shape (n_counted,)
        Row indices of the posts with two sets or more.
    sums : ndarray of float64, shape (n_counted, 1 + n_sets)
        For each of them: its disagreement, and how often it has each set that occurs.
    distance : ndarray of float64, shape (n_sets, n_sets)
        Of the sets that occur.

    Examples
    --------
    >>> marked = np.array([[[1, 0], [1, 0]], [[0, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 0], [-1, 0]]], dtype=np.int8)
    >>> said = SetLabels.of(marked)
    >>> said.rows.tolist(), said.alpha(said.sums.sum(axis=0, keepdims=True)).round(3).tolist()
    ([0, 1, 2], [0.722])
    """

    rows: NDArray[np.intp]
    sums: NDArray[np.float64]
    distance: NDArray[np.float64]

    @staticmethod
    def of(marked: NDArray[np.int8]) -> SetLabels:
        """Return the sets of annotators; `marked` has shape (n_posts, n_annotators, n_categories): 1, 0, or -1 where a
        category was not answered.
        """
        whole = (marked >= 0).all(axis=2)
        sets, index = np.unique(marked[whole] == 1, axis=0, return_inverse=True)
        counts = np.zeros((len(marked), len(sets)))
        np.add.at(counts, (np.nonzero(whole)[0], index.ravel()), 1)
        labels, distance = counts.sum(axis=1), masi(sets.reshape(-1, marked.shape[2]))
        rows = np.flatnonzero(labels >= 2)
        counts, labels = counts[rows], labels[rows]
        differ = ((counts @ distance) * counts).sum(axis=1) / (labels - 1)
        return SetLabels(rows, np.column_stack([differ, counts]), distance)

    def alpha(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return α = 1 − Dₒ/Dₑ of sums over posts, shape (n_samples, 1 + n_sets); NaN where it is not defined.

        Dₒ is the mean distance of two sets of one post, Dₑ that of any two sets.
        """
        counts = sums[:, 1:]
        n = counts.sum(axis=1)
        apart = ((counts @ self.distance) * counts).sum(axis=1)
        expected = np.divide(apart, n * (n - 1), out=np.zeros(len(sums)), where=n > 1)
        observed = np.divide(sums[:, 0], n, out=np.zeros(len(sums)), where=n > 0)
        share = np.divide(observed, expected, out=np.full(len(sums), np.nan), where=expected > 0)
        return np.asarray(1 - share)
