"""Folding: averages of vectors beside TF-IDF while a model is fitted, one weight per term once it is.

A post's average weighs terms by the idf of the background. It is linear in its TF-IDF, ``z = x @ E - mean``, so what is
fitted on z is a weight for each term that has a vector, ``E @ w``, and a part of the intercept. Promises: the folded
model decides as the fitted one, to rounding; terms that only the background knows get the weight that their vector
gives them, and none of their own.
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
    """The vectors of one block: `columns` of the wide features, their `vectors`, scaled, and the `mean` of averages."""

    columns: NDArray[np.intp]
    vectors: NDArray[np.float64]
    mean: NDArray[np.float64]


@dataclass(frozen=True)
class Folding:
    """How features to fit on become features of the model.

    Parameters
    ----------
    blocks
        Of the model: terms of the posts fitted on, and those that have vectors.
    own : ndarray of intp
        Columns of these blocks whose terms have weights of their own.
    parts
        Those of the vectors.
    """

    blocks: tuple[FeatureBlock, ...]
    own: NDArray[np.intp]
    parts: tuple[VectorPart, ...]

    def features(self, wide: sp.csr_matrix) -> sp.csr_matrix:
        """Return features to fit on, a csr matrix of shape (n_posts, n_own + dims), of those of the model."""
        averages = [wide[:, part.columns] @ part.vectors - part.mean for part in self.parts]
        return sp.hstack([wide[:, self.own], *map(sp.csr_matrix, averages)], format="csr")

    def fold(
        self, weights: NDArray[np.float64], intercept: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return weights and intercepts of the model.

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
    """Put vectors beside fitted blocks.

    Parameters
    ----------
    blocks, posts, segmenter
        As for `koudai.model.ngrams.blocks.widened`.
    vectors
        Kind of block to its vectors.
    weight
        Root mean square length of the averages of `posts`, less their mean.

    Returns
    -------
    folding
        Also makes features of other posts.
    features : csr matrix, shape (n_posts, n_own + dims)
        Of `posts`, to fit on.
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
