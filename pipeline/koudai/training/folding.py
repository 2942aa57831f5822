"""Folding: models are fitted on TF-IDF and averaged term vectors, then rewritten with one weight per term.

The average vector of a post weighs terms by their idf in the background. It is linear in the post's TF-IDF,
``z = x @ E - mean``, so weights w fitted on z equal weights ``E @ w`` on the terms that have vectors and a change of
the intercept. Promises: the folded model's decisions are those of the fitted one, up to rounding; terms that occur
only in the background get no weight but that of their vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.fitting.vectors import Vectors
from koudai.model.ngrams.blocks import FeatureBlock, widened
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8


@dataclass(frozen=True)
class VectorPart:
    """The vectors of one block: `columns` of the widened features, their scaled `vectors`, and the `mean` average."""

    columns: NDArray[np.intp]
    vectors: NDArray[np.float64]
    mean: NDArray[np.float64]


@dataclass(frozen=True)
class Folding:
    """The mapping between the features fitted on and the features of the model.

    Parameters
    ----------
    blocks
        Blocks of the model: terms of the posts fitted on, and terms that have vectors.
    own : ndarray of intp
        Columns of these blocks whose terms are features by themselves.
    parts
        One per block with vectors.
    """

    blocks: tuple[FeatureBlock, ...]
    own: NDArray[np.intp]
    parts: tuple[VectorPart, ...]

    def features(self, wide: sp.csr_matrix) -> sp.csr_matrix:
        """Return the features to fit on, a csr matrix of shape (n_posts, n_own + dims), given those of the model."""
        averages = [wide[:, part.columns] @ part.vectors - part.mean for part in self.parts]
        return sp.hstack([wide[:, self.own], *map(sp.csr_matrix, averages)], format="csr")

    def fold(
        self, weights: NDArray[np.float64], intercept: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights and intercepts of the model, given those fitted on `features`.

        Parameters
        ----------
        weights : ndarray of float64, shape (n_own + dims, n_categories)
        intercept : ndarray of float64, shape (n_categories,)

        Returns
        -------
        weights : ndarray of float64, shape (n_features, n_categories)
        intercept : ndarray of float64, shape (n_categories,)
        """
        folded = np.zeros((sum(len(block.terms) for block in self.blocks), weights.shape[1]))
        folded[self.own] = weights[: len(self.own)]
        at = len(self.own)
        for part in self.parts:
            of_vectors = weights[at : at + len(part.mean)]
            folded[part.columns] += part.vectors @ of_vectors
            intercept = intercept - part.mean @ of_vectors
            at += len(part.mean)
        return folded, intercept


def fit_folding(
    blocks: tuple[FeatureBlock, ...], vectors: dict[str, Vectors], posts: Utf8, segmenter: Segmenter, *, weight: float
) -> tuple[Folding, sp.csr_matrix]:
    """Extend fitted blocks by term vectors.

    Parameters
    ----------
    blocks, posts, segmenter
        As for `koudai.model.ngrams.blocks.widened`.
    vectors
        Vectors by kind of block.
    weight
        The centred averages of `posts` are scaled to this root mean square length.

    Returns
    -------
    folding
        Computes the features of other posts, too.
    features : csr matrix, shape (n_posts, n_own + dims)
        Features of `posts` to fit on.
    """
    wide, features = widened(blocks, {kind: one.terms for kind, one in vectors.items()}, posts, segmenter)
    own: list[Any] = []
    parts, shift = [], 0
    for before, block in zip(blocks, wide, strict=True):
        column = {term: shift + place for place, term in enumerate(block.terms)}
        own += [column[term] for term in before.terms]
        if block.kind in vectors:
            terms, given = vectors[block.kind].terms, vectors[block.kind].vectors.astype(np.float64)
            columns = np.array([column[term] for term in terms], np.intp)
            given *= (vectors[block.kind].idf / block.idf[columns - shift])[:, None]
            averages = features[:, columns] @ given
            mean = averages.mean(axis=0)
            spread = float(np.sqrt(np.mean(np.sum((averages - mean) ** 2, axis=1))))
            scale = weight / spread if spread > 0.0 else 0.0
            parts.append(VectorPart(columns, scale * given, scale * mean))
        shift += len(block.terms)
    folding = Folding(wide, np.array(own, np.intp), tuple(parts))
    return folding, folding.features(features)
