"""JudgedPosts posts: posts with a label of one category and what the audited model says of them, with their weights.

Promises: weights add up to 1; a figure's variance comes from the clusters of the posts, or from the design of the
sample they were drawn with; a post that annotators are divided on is half in the category and half out of it. A sample
is post-stratified by tag, since the tags of all posts are known: the share that is tagged is then exact.

Sources: Horvitz & Thompson 1952 (weights); Cochran 1977, "Sampling Techniques", section 5A.9 (post-stratification);
Woodruff 1971, "A simple method for approximating the variance of a complicated estimate".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from koudai.training.judging.strata import Floats, Strata

Part = NDArray[np.bool_] | NDArray[np.intp]
"""A part of some posts: a mask, or row indices."""


@dataclass(frozen=True, eq=False)
class SampleCells:
    """The strata of a sample, divided by tag.

    Parameters
    ----------
    strata
        Posts and labels of each cell.
    tagged : ndarray of bool, shape (n_cells,)
        Whether its posts are tagged.
    of : ndarray of int64, shape (n_posts,)
        Cell of each labelled post.

    Examples
    --------
    >>> strata = Strata(np.array([8.0, 2.0]), np.array([2.0, 1.0]))
    >>> cells = SampleCells(strata, np.array([False, True]), np.array([0, 0, 1]))
    >>> cells.weight.tolist()
    [0.4, 0.4, 0.2]
    """

    strata: Strata
    tagged: NDArray[np.bool_]
    of: NDArray[np.int64]

    @property
    def weight(self) -> Floats:
        """Share of all posts that each labelled post stands for; shape (n_posts,)."""
        return np.asarray((self.strata.share / self.strata.labelled)[self.of])

    def rate(self, values: Floats) -> Floats:
        """Return the mean of `values`, shape (n_posts,), in each cell."""
        return np.asarray(np.bincount(self.of, values, minlength=len(self.tagged)) / self.strata.labelled)

    def variance(self, z: Floats) -> float:
        """Return the variance of the weighted mean of `z`; a cell with one label adds nothing to it."""
        off = z - self.rate(z)[self.of]
        squares = np.bincount(self.of, off * off, minlength=len(self.tagged))
        return float((self.strata.factor * squares / np.maximum(self.strata.labelled - 1, 1)).sum())


def sample_cells(
    code: NDArray[np.int64], p: Floats, part: Part | slice, known: NDArray[np.int64]
) -> SampleCells | None:
    """Return the cells of a part of a sample; None where tagged or untagged posts of it have no label.

    Parameters
    ----------
    code : ndarray of int64, shape (n_posts,)
        Stratum and tag of each post, odd where it is tagged.
    p : ndarray of float64, shape (n_posts,)
        Probabilities, by which a cell without labels finds the nearest.
    part : ndarray of bool, shape (n_posts,), or of intp, or a slice
    known : ndarray of int64, shape (n_labels,)
        Row indices of its labelled posts.

    Examples
    --------
    >>> code, part = np.array([0, 0, 2, 1]), np.ones(4, dtype=bool)
    >>> cells = sample_cells(code, np.array([0.1, 0.2, 0.2, 0.9]), part, np.array([0, 3]))
    >>> cells.strata.size.tolist(), cells.tagged.tolist()
    ([3.0, 1.0], [False, True])
    """
    inside = code[part]
    size = np.bincount(inside)
    labelled = np.bincount(code[known], minlength=len(size))
    target, lacking = np.arange(len(size)), np.flatnonzero((size > 0) & (labelled == 0))
    if len(lacking):
        mean = np.bincount(inside, np.nan_to_num(p[part]), minlength=len(size)) / np.maximum(size, 1)
    for at in lacking:
        alike = np.flatnonzero((labelled > 0) & (np.arange(len(size)) % 2 == at % 2))
        if not len(alike):
            return None
        target[at] = alike[np.abs(mean[alike] - mean[at]).argmin()]
    merged = np.bincount(target, size, minlength=len(size))
    used = np.flatnonzero(labelled)
    strata = Strata(merged[used].astype(np.float64), labelled[used].astype(np.float64))
    return SampleCells(strata, used % 2 == 1, np.searchsorted(used, code[known]))


@dataclass(frozen=True, eq=False)
class JudgedPosts:
    """Labelled posts and what is said of them.

    Parameters
    ----------
    y : ndarray of float64, shape (n_posts,)
        1 in the category, 0 out of it, 0.5 where annotators are divided.
    p : ndarray of float64, shape (n_posts,)
        Probability, NaN where there is none.
    tagged : ndarray of bool, shape (n_posts,)
    row : ndarray of int64, shape (n_posts,)
        Row index among the scored posts, -1 of a post that is none.
    cluster : ndarray of int64, shape (n_posts,)
        Posts that belong together.
    cells
        Of a probability sample; None of any other labelled posts.
    weights : ndarray of float64, shape (n_posts,), or None
        Of posts that are no sample; None if each counts as much as another.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0]), np.array([0.9, 0.2])
    >>> posts = JudgedPosts(y, p, p > 0.5, np.array([0, 1]), np.arange(2))
    >>> posts.weight.tolist()
    [0.5, 0.5]
    """

    y: Floats
    p: Floats
    tagged: NDArray[np.bool_]
    row: NDArray[np.int64]
    cluster: NDArray[np.int64]
    cells: SampleCells | None = None
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def weight(self) -> Floats:
        """Weight of each post, shape (n_posts,); adds up to 1."""
        if self.cells is not None:
            return self.cells.weight
        if self.weights is not None:
            return np.asarray(self.weights / self.weights.sum())
        return np.full(len(self.y), 1 / max(len(self.y), 1))

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Index of each post's cluster, counted from 0."""
        return np.asarray(np.unique(self.cluster, return_inverse=True)[1], dtype=np.int64)

    def variance(self, z: Floats) -> float:
        """Return the variance of a figure that each post moves by its weight times `z`, shape (n_posts,)."""
        if self.cells is not None:
            return self.cells.variance(z)
        sums = np.bincount(self.place, self.weight * z)
        return float(sums @ sums * len(sums) / max(len(sums) - 1, 1))

    def worth(self, weight: Floats) -> float:
        """Return how many equal and independent units posts of these weights, shape (n_posts,), are worth.

        Source: Kish 1965, "Survey Sampling", section 11.7.
        """
        units = weight if self.cells is not None else np.bincount(self.place, weight)
        squares = float(units @ units)
        return float(units.sum()) ** 2 / squares if squares > 0 else 0.0
