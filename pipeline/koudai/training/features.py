"""The features of the posts that a run is fitted on, counted once, and the conversion of fitted weights to a model's.

Promises: only the posts to fit on are counted; of the background only vectors learnt without labels are used;
`Features.weights` gives one weight per term of `Features.blocks`, vectors folded in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.config.train import TrainConfig
from koudai.model.fitting.vectors import learn_vectors
from koudai.model.ngrams.blocks import FeatureBlock, fit_blocks, segmenter_of
from koudai.progress import Progress, Silent
from koudai.text.characters.normalize import Normalizer, lowercase
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.fit import FittedCategory
from koudai.training.folding import Folding, fit_folding


@dataclass(frozen=True)
class Features:
    """A feature matrix, and the text processing and blocks that produced it.

    Parameters
    ----------
    normalizer, segmenter, blocks
        Those of the model.
    matrix : csr matrix, shape (n_posts, n_columns)
        Features to fit on: terms, and averaged vectors if there are any.
    folding
        Converts weights of averaged vectors to weights of terms; None without vectors.
    """

    normalizer: Normalizer
    segmenter: Segmenter
    blocks: tuple[FeatureBlock, ...]
    matrix: sp.csr_matrix
    folding: Folding | None = None

    def weights(self, fitted: list[FittedCategory]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights, shape (n_features, n_categories), and intercepts, shape (n_categories,), of a model."""
        weights = np.stack([one.weights for one in fitted], axis=1)
        intercept = np.array([one.intercept for one in fitted])
        return (weights, intercept) if self.folding is None else self.folding.fold(weights, intercept)


def count_features(
    texts: Sequence[str],
    config: TrainConfig,
    background: Sequence[str] = (),
    *,
    segmenter: Segmenter | None = None,
    progress: Progress | None = None,
) -> Features:
    """Count the features of posts as configured.

    Parameters
    ----------
    texts
        Raw posts, to fit on.
    config
        Its sections `text` and `features` and its seed are used.
    background
        Raw posts to learn vectors from; needed if the config asks for vectors.
    segmenter
        Word segmenter; one with the words of the config by default.
    progress
        Progress callback.

    Raises
    ------
    TooFewPosts, LimitExceeded
        As `koudai.model.ngrams.blocks.fit_blocks` and `koudai.model.fitting.vectors.learn_vectors`.
    """
    progress = progress or Silent()
    normalizer, segmenter = Normalizer(config.text.steps), segmenter or segmenter_of(config.features)
    section = config.features
    wanted = sum(ngrams is not None for ngrams in (section.words, section.chars))
    posts = normalizer.many(of_texts(texts))
    with progress.stage("counting words and characters", len(texts) * wanted) as advance:
        blocks, matrix = fit_blocks(posts, section, segmenter, advance=advance)
    if section.vectors is None:
        return Features(normalizer, segmenter, blocks, matrix)
    others = lowercase(normalizer.many(of_texts(background)))
    with progress.stage(
        "learning vectors", others.posts * (section.vectors.words + section.vectors.bigrams)
    ) as advance:
        vectors = learn_vectors(others, section.vectors, segmenter, seed=config.run.seed, advance=advance)
    folding, matrix = fit_folding(blocks, vectors, posts, segmenter, weight=section.vectors.weight)
    return Features(normalizer, segmenter, folding.blocks, matrix, folding)
