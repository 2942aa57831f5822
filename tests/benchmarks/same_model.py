"""The same model twice: koudai's form of what scikit-learn fitted, and the reverse; and whether both say the same.

Promises: terms, idf and weights are carried over as they are, nothing is fitted anew; `largest_difference` looks at
every post of which koudai gives a probability, and refuses a silence without cause.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.taxonomy import Taxonomy
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.benchmarks.peers import Cut

TOLERANCE = 1e-6


class Disagreement(RuntimeError):
    """Two ways that should give the same probabilities do not."""


def koudai_model(vectorizer: Any, classifiers: list[Any]) -> Model:
    """Return the koudai model that holds the terms, idf and weights that scikit-learn fitted, one category each."""
    parts = [one for _, one in vectorizer.transformer_list] if hasattr(vectorizer, "transformer_list") else [vectorizer]
    n = len(classifiers)
    taxonomy = _taxonomy(n)
    return Model(
        name="timing",
        taxonomy=taxonomy,
        categories=taxonomy.keys,
        normalizer=Normalizer(()),
        segmenter=Segmenter(),
        blocks=tuple(_block(part) for part in parts),
        weights=np.stack([one.coef_[0] for one in classifiers], axis=1).astype(np.float32),
        intercept=np.array([float(one.intercept_[0]) for one in classifiers]),
        slope=np.ones(n),
        offset=np.zeros(n),
        threshold=np.full(n, 0.5),
        abstain=0.1,
        validated_on=dict.fromkeys(taxonomy.keys, "none"),
        config={},
    )


def sklearn_pipeline(model: Model, cut: Cut) -> tuple[Any, list[Any]]:
    """Return the vectoriser and classifiers of scikit-learn that hold what a koudai model does; posts come normalised.

    Calibration is folded into weights and intercept.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

    parts = []
    for block in model.blocks:
        how = {"tokenizer": cut, "token_pattern": None} if block.kind == WORDS else {"analyzer": "char"}
        vocabulary = {term: place for place, term in enumerate(block.terms)}
        part = TfidfVectorizer(ngram_range=block.ngrams, sublinear_tf=block.sublinear_tf, vocabulary=vocabulary, **how)
        part.idf_ = block.idf
        parts.append((block.kind, part))
    classifiers = []
    for column in range(len(model.categories)):
        one = LogisticRegression()
        one.classes_ = np.array([0, 1])
        one.coef_ = (model.slope[column] * model.weights[:, column].astype(np.float64))[None]
        one.intercept_ = np.array([model.slope[column] * model.intercept[column] + model.offset[column]])
        classifiers.append(one)
    return FeatureUnion(parts), classifiers


def largest_difference(
    koudai: NDArray[np.float32], reference: NDArray[np.float64], texts: list[str], vectorizer: Any
) -> float:
    """Return the largest difference between two arrays of probabilities of the same posts.

    Parameters
    ----------
    koudai : ndarray of float32, shape (n_posts, n_categories)
        NaN where koudai is silent.
    reference : ndarray of float64, shape (n_posts, n_categories)
    texts, vectorizer
        The posts, normalised, and scikit-learn's vectoriser: silence is due to posts without a known term, and to posts
        without a letter, digit or ideograph.

    Raises
    ------
    Disagreement
        If they differ by more than `TOLERANCE`, or koudai is silent without cause.
    """
    silent = np.isnan(koudai).any(axis=1)
    mute = [text for text, one in zip(texts, silent, strict=True) if one]
    mute = [text for text in mute if any(character.isalnum() for character in text)]
    if mute and vectorizer.transform(mute).nnz:
        message = "koudai is silent on posts that have features"
        raise Disagreement(message)
    differ = float(np.abs(koudai[~silent] - reference[~silent]).max(initial=0.0))
    if not differ <= TOLERANCE:
        message = f"probabilities differ by {differ:.3g}, more than {TOLERANCE}"
        raise Disagreement(message)
    return differ


def refuse_other_features(mine: Any, theirs: Any) -> None:
    """Raise `Disagreement` if two csr matrices of features differ by more than `TOLERANCE`, or in shape."""
    if mine.shape != theirs.shape or abs(mine - theirs).max() > TOLERANCE:
        message = f"koudai's features, {mine.shape}, are not scikit-learn's, {theirs.shape}"
        raise Disagreement(message)


def _block(part: Any) -> FeatureBlock:
    return FeatureBlock(
        kind=WORDS if part.analyzer == "word" else CHARS,
        ngrams=tuple(part.ngram_range),
        terms=tuple(str(term) for term in part.get_feature_names_out()),
        idf=part.idf_,
        sublinear_tf=part.sublinear_tf,
    )


def _taxonomy(n: int) -> Taxonomy:
    words = {"zh": "只为计时", "en": "For timing only"}
    category = [
        {"key": f"c{place:02d}", "name": words, "wording": words, "counts_in": words, "counts_out": words}
        for place in range(n)
    ]
    return Taxonomy.model_validate(
        {"name": "timing", "version": 1, "title": words, "source": "made for timing", "category": category}
    )
