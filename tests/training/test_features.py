"""The features of a run: blocks and vectors as one matrix, and a model's weights from those that were fitted on it."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.config.train import FeaturesSection, RunSection, TrainConfig, VectorsSection
from koudai.errors import TooFewPosts
from koudai.model.ngrams.blocks import block_features, fit_blocks
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.features import Features, count_features
from koudai.training.fit import FittedCategory
from koudai.training.search.matrices import Matrices
from tests.model.tiny import tiny_posts

TEXTS = tiny_posts()[0]
BACKGROUND = [f"{text}，{other}" for text in TEXTS for other in ("碌碡在场院", "场院有碌碡")]


def config_with(vectors: VectorsSection | None) -> TrainConfig:
    return TrainConfig.model_construct(
        run=RunSection(name="tiny", taxonomy="tiny"),
        text=TrainConfig.model_fields["text"].default,
        features=FeaturesSection(vectors=vectors),
    )


def fitted(features: Features) -> list[FittedCategory]:
    random = np.random.default_rng(1)
    made = [(random.normal(size=features.matrix.shape[1]), float(random.normal())) for _ in range(2)]
    return [FittedCategory(weights, intercept, 1.0, 0.0, 0.5) for weights, intercept in made]


def test_without_vectors_they_are_the_blocks_and_weights_stay_as_they_are() -> None:
    config = config_with(None)
    features = count_features(TEXTS, config, BACKGROUND)
    posts = Normalizer(config.text.steps).many(of_texts(TEXTS))
    blocks, matrix = fit_blocks(posts, config.features, Segmenter())
    assert [one.terms for one in features.blocks] == [one.terms for one in blocks]
    assert (features.matrix != matrix).nnz == 0
    categories = fitted(features)
    weights, intercept = features.weights(categories)
    assert np.array_equal(weights, np.stack([one.weights for one in categories], axis=1))
    assert intercept.tolist() == [one.intercept for one in categories]


@pytest.mark.parametrize(("words", "bigrams"), [(True, True), (True, False), (False, True)])
def test_a_model_decides_as_what_was_fitted_on_the_matrix(words: bool, bigrams: bool) -> None:
    config = config_with(VectorsSection(corpora=("seed",), dim=4, min_count=2, words=words, bigrams=bigrams))
    features = count_features(TEXTS, config, BACKGROUND)
    assert any("碌碡" in one.terms for one in features.blocks)
    categories = fitted(features)
    weights, intercept = features.weights(categories)
    posts = features.normalizer.many(of_texts(TEXTS))
    as_model = block_features(features.blocks, posts, features.segmenter) @ weights + intercept
    as_fitted = [features.matrix @ one.weights + one.intercept for one in categories]
    assert np.allclose(as_model, np.stack(as_fitted, axis=1), atol=1e-9)


def test_a_search_fits_on_the_same_matrix() -> None:
    config = config_with(VectorsSection(corpora=("seed",), dim=4, min_count=2))
    kept = Matrices(TEXTS, BACKGROUND)
    assert (kept.of(config) != count_features(TEXTS, config, BACKGROUND).matrix).nnz == 0


def test_vectors_of_nothing_are_an_error() -> None:
    with pytest.raises(TooFewPosts, match="no vectors of words can be learnt"):
        count_features(TEXTS, config_with(VectorsSection(corpora=("seed",))))
