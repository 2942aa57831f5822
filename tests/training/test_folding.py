"""Folding: a folded model decides as one with averages beside its features; what has no weight of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from koudai.config.train import FeaturesSection
from koudai.model.fitting.vectors import Vectors
from koudai.model.ngrams.blocks import FeatureBlock, block_features, fit_blocks
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.folding import Folding, fit_folding
from tests.model.tiny import tiny_posts

TEXTS = tiny_posts()[0]
UNSEEN = ["派出所民警请您转账", "从没见过的词：碌碡", "", "食堂的茄子", "zzz"]
WORDS = ("民警", "碌碡", "茄子", "转账")
PAIRS = ("zz", "民警", "碌碡", "食堂")


def given_vectors(*, words: bool = True, pairs: bool = True) -> dict[str, Vectors]:
    random = np.random.default_rng(3)

    def of(terms: tuple[str, ...]) -> Vectors:
        return Vectors(terms, random.normal(size=(len(terms), 5)).astype(np.float32), random.uniform(1, 5, len(terms)))

    found = {"words": of(WORDS), "chars": of(PAIRS)}
    return {kind: one for kind, one in found.items() if {"words": words, "chars": pairs}[kind]}


def folded(vectors: dict[str, Vectors], **told: Any) -> tuple[tuple[FeatureBlock, ...], Folding, sp.csr_matrix]:
    blocks, _ = fit_blocks(of_texts(TEXTS), FeaturesSection(**told), Segmenter())
    return blocks, *fit_folding(blocks, vectors, of_texts(TEXTS), Segmenter(), weight=0.35)


def averages_by_loops(folding: Folding, vectors: dict[str, Vectors], texts: list[str]) -> list[np.ndarray]:
    """Return for each block with vectors the averages before they are centred and scaled, idf exchanged."""
    features = block_features(folding.blocks, of_texts(texts), Segmenter()).toarray()
    found, shift = [], 0
    for block in folding.blocks:
        if block.kind in vectors:
            one = vectors[block.kind]
            rows = np.zeros((len(texts), one.vectors.shape[1]))
            for place, term in enumerate(block.terms):
                if term in one.terms:
                    k = one.terms.index(term)
                    rows += np.outer(features[:, shift + place] / block.idf[place] * one.idf[k], one.vectors[k])
            found.append(rows)
        shift += len(block.terms)
    return found


@pytest.mark.parametrize(("words", "pairs"), [(True, True), (True, False), (False, True)])
def test_the_folded_model_decides_as_the_fitted_one(words: bool, pairs: bool) -> None:
    vectors = given_vectors(words=words, pairs=pairs)
    _, folding, features = folded(vectors)
    random = np.random.default_rng(9)
    weights, intercept = random.normal(size=(features.shape[1], 3)), random.normal(size=3)
    of_terms, base = folding.fold(weights, intercept)
    fitted, unseen = averages_by_loops(folding, vectors, TEXTS), averages_by_loops(folding, vectors, UNSEEN)
    dense = []
    for mine, theirs in zip(fitted, unseen, strict=True):
        spread = np.sqrt(((mine - mine.mean(axis=0)) ** 2).sum(axis=1).mean())
        dense.append((0.35 * (mine - mine.mean(axis=0)) / spread, 0.35 * (theirs - mine.mean(axis=0)) / spread))
    for side, texts in enumerate((TEXTS, UNSEEN)):
        wide = block_features(folding.blocks, of_texts(texts), Segmenter())
        explicit = np.hstack([wide[:, folding.own].toarray(), *(pair[side] for pair in dense)])
        np.testing.assert_allclose(folding.features(wide).toarray(), explicit, atol=1e-6)
        np.testing.assert_allclose(wide @ of_terms + base, explicit @ weights + intercept, atol=1e-6)
    np.testing.assert_allclose(features.toarray()[:, len(folding.own) :], np.hstack([pair[0] for pair in dense]))
    assert np.sqrt((dense[0][0] ** 2).sum(axis=1).mean()) == pytest.approx(0.35)


def test_terms_of_the_background_join_the_vocabulary_in_order() -> None:
    before, folding, _ = folded(given_vectors())
    for block, old, terms in zip(folding.blocks, before, (WORDS, PAIRS), strict=True):
        assert list(block.terms) == sorted({*old.terms, *terms})
        own = dict(zip(old.terms, old.idf, strict=True))
        assert all(own.get(term, idf) == idf for term, idf in zip(block.terms, block.idf, strict=True))
    weights, _ = folding.fold(np.ones((len(folding.own) + 10, 1)), np.zeros(1))
    names = [f"{block.kind} {term}" for block in folding.blocks for term in block.terms]
    assert weights[names.index("words 碌碡"), 0] != 1.0
    assert {names[k] for k in folding.own} == {f"{block.kind} {term}" for block in before for term in block.terms}


def test_without_a_known_term_vectors_change_nothing() -> None:
    vectors = {"words": Vectors(("碌碡",), np.ones((1, 2), np.float32), np.ones(1))}
    _, folding, features = folded(vectors, chars=None)
    assert features[:, len(folding.own) :].nnz == 0
    of_terms, base = folding.fold(np.ones((features.shape[1], 1)), np.array([0.5]))
    assert base[0] == 0.5
    assert of_terms.sum() == len(folding.own)
