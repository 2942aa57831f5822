"""Features: what scikit-learn's own TF-IDF makes of the same words and characters, to the last digits."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from koudai.config.train import FeaturesSection
from koudai.errors import TooFewPosts
from koudai.model.ngrams.blocks import block_features, fit_blocks
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.model.tiny import tiny_posts

TEXTS = [*tiny_posts()[0], "", "ABC abc Abc ABC", "İstanbul  好  \n 好", "😂😂", "一", *tiny_posts()[0][:3]]
UNSEEN = ["从没见过的句子：民警在食堂喝茶。", "", "zzz", "我我我我我我", *[text for _, text in HOSTILE_STRINGS]]
SECTIONS = [
    {"words": words, "chars": chars, "min_df": min_df, "max_features": most, "sublinear_tf": sublinear}
    for words, chars, min_df, most, sublinear in itertools.product(
        [(1, 1), (1, 2), (2, 3), None], [(1, 1), (1, 4), None], [1, 3], [None, 40], [True, False]
    )
    if words or chars
]


def fit(texts: list[str], section: FeaturesSection, **told: Any) -> Any:
    return fit_blocks(of_texts(texts), section, Segmenter(), **told)


def features_of(texts: list[str], segmenter: Segmenter | None = None, *, blocks: Any = None) -> Any:
    return block_features(blocks or FITTED[0], of_texts(texts), segmenter or Segmenter())


def sklearn_union(section: FeaturesSection) -> FeatureUnion:
    """Return scikit-learn's own way to the same features."""
    common: dict[str, Any] = {"min_df": section.min_df, "sublinear_tf": section.sublinear_tf}
    parts: list[tuple[str, Any]] = []
    if section.words:
        words = TfidfVectorizer(tokenizer=Segmenter().cut, token_pattern=None, ngram_range=section.words, **common)
        parts.append(("words", words))
    if section.chars:
        parts.append(("chars", TfidfVectorizer(analyzer="char", ngram_range=section.chars, **common)))
    if section.max_features is not None:
        for _, vectorizer in parts:
            vectorizer.set_params(vocabulary=most_frequent(vectorizer, section.max_features))
    return FeatureUnion(parts)


def most_frequent(vectorizer: TfidfVectorizer, most: int) -> list[str]:
    """Return the terms that occur most often, of equally frequent ones the first: what a sort of pairs makes of it."""
    counting = CountVectorizer(**{name: vectorizer.get_params()[name] for name in CountVectorizer().get_params()})
    occurrences = counting.fit_transform(TEXTS).sum(axis=0).A1
    pairs = zip((-occurrences).tolist(), counting.get_feature_names_out().tolist(), strict=True)
    return sorted(term for _, term in sorted(pairs)[:most])


@pytest.mark.slow
@pytest.mark.parametrize("settings_", SECTIONS[::3], ids=lambda one: "-".join(str(value) for value in one.values()))
def test_features_are_scikit_learn_s(settings_: dict[str, Any]) -> None:
    section = FeaturesSection(**settings_)
    blocks, features = fit(TEXTS, section)
    union = sklearn_union(section)
    expected = union.fit_transform(TEXTS)
    assert features.shape == expected.shape
    assert abs(features - expected).max() < 1e-12
    names = [name.partition("__")[2] for name in union.get_feature_names_out()]
    assert [term for block in blocks for term in block.terms] == names
    idf = np.concatenate([vectorizer.idf_ for _, vectorizer in union.transformer_list])
    assert np.abs(np.concatenate([block.idf for block in blocks]) - idf).max() < 1e-12
    assert abs(features_of(UNSEEN, blocks=blocks) - union.transform(UNSEEN)).max() < 1e-12


FITTED = fit(TEXTS, FeaturesSection(min_df=1))
UNION = sklearn_union(FeaturesSection(min_df=1)).fit(TEXTS)
SYLLABLES = st.lists(
    st.one_of(st.sampled_from(["我是", "民警", "今天", "食堂", "a", "B", " ", "。"]), st.text(max_size=3)), max_size=12
).map("".join)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(SYLLABLES, min_size=1, max_size=4))
def test_posts_never_seen_are_weighed_as_scikit_learn_weighs_them(texts: list[str]) -> None:
    features = features_of(texts)
    assert abs(features - UNION.transform(texts)).max() < 1e-12
    for block, part in zip(FITTED[0], np.split(features.toarray(), [len(FITTED[0][0].terms)], axis=1), strict=True):
        lengths = np.linalg.norm(part, axis=1)
        assert np.all((np.abs(lengths - 1) < 1e-12) | (lengths == 0)), block.kind


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(SYLLABLES, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_J11_a_post_s_features_depend_on_that_post_alone(texts: list[str], random: Any) -> None:
    together = features_of(texts).toarray()
    order = random.sample(range(len(texts)), len(texts))
    assert np.array_equal(features_of([texts[i] for i in order]).toarray(), together[order])
    alone = np.vstack([features_of([text]).toarray() for text in texts])
    assert np.array_equal(alone, together)


def test_fitted_features_are_plain_data() -> None:
    for block in FITTED[0]:
        assert all(type(term) is str for term in block.terms)
        assert list(block.terms) == sorted(block.terms)
        assert len(set(block.terms)) == len(block.terms)
        assert block.idf.dtype == np.float64
    assert [block.kind for block in FITTED[0]] == ["words", "chars"]


def test_a_block_uses_the_segmenter_it_is_given() -> None:
    """The hidden Markov model finds 绝绝子; without it the same block sees three other words."""
    text = "绝绝子"
    blocks, _ = fit([text, "绝 绝 子"], FeaturesSection(words=(1, 1), chars=None, min_df=1))
    with_hmm = features_of([text], Segmenter(hmm=True), blocks=blocks).toarray()
    without = features_of([text], Segmenter(hmm=False), blocks=blocks).toarray()
    assert not np.array_equal(with_hmm, without)
    assert np.array_equal(features_of([text], Segmenter(hmm=True), blocks=blocks).toarray(), with_hmm)


@pytest.mark.parametrize("texts", [[], ["", ""], ["一", "二"], ["😂"]], ids=["none", "empty", "all different", "one"])
def test_I17_no_term_left_is_an_error_that_says_so(texts: list[str]) -> None:
    with pytest.raises(TooFewPosts) as caught:
        fit(texts, FeaturesSection(min_df=2))
    message = str(caught.value)
    assert caught.value.exit_code == 3
    assert "no words are left to learn from" in message
    assert f"at least min_df = 2 of {len(texts)} posts" in message
    assert "lower min_df or bring more posts" in message


def test_progress_is_told_of_every_post_once() -> None:
    told: list[int] = []
    fit(TEXTS, FeaturesSection(words=(1, 1), chars=(1, 1)), advance=told.append)
    assert sum(told) == 2 * len(TEXTS)


@pytest.mark.slow
def test_max_features_keeps_the_same_terms_on_another_processor() -> None:
    """Numpy sorts by other instructions where it may not use those of newer processors, and leaves ties otherwise."""
    code = """
import numpy as np
from koudai.config.train import FeaturesSection
from koudai.model.ngrams.blocks import fit_blocks
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
rng = np.random.default_rng(7)
posts = of_texts("".join(map(chr, rng.integers(0x4E00, 0x5200, 12))) for _ in range(400))
blocks, matrix = fit_blocks(posts, FeaturesSection(max_features=500), Segmenter())
print(json.dumps([[*block.terms] for block in blocks]), matrix.data.tobytes().hex()[:1000])
print(json.dumps(np.argsort(rng.integers(0, 9, 5000)).tolist()))
"""
    said = []
    for disabled in ("", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"):
        known = [one for one in disabled.split() if one in __cpu_dispatch__ and __cpu_features__[one]]
        environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(known)}
        ran = subprocess.run(
            [sys.executable, "-c", f"import json\n{code}"], env=environment, capture_output=True, check=True
        )
        said.append(ran.stdout.decode().splitlines())
    assert {ours for ours, _ in said} == {said[0][0]}
    if __cpu_features__.get("AVX512_SKX"):
        assert len({numpy_s for _, numpy_s in said}) > 1, "numpy sorts alike here: this test tells nothing"
