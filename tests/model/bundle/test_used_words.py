"""A model with a user's words and stop words (koudai.model.bundle.used_words): counted, saved, loaded, refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai import JiebaTfidfVectorizer
from koudai.config.train import FeaturesSection
from koudai.errors import DriftError, ModelFormatError
from koudai.model.bundle import card
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.ngrams.blocks import block_features, fit_blocks, segmenter_of
from koudai.model.scorer import probabilities
from koudai.text.jieba import dictionary
from koudai.text.utf8 import of_texts
from tests.model.bundle.test_bundle import edit
from tests.model.tiny import EVALUATION, tiny_model
from tests.text.reference import small_jieba

POSTS = ["全县停水七天，是真的吗", "全县停水七天，赶紧的", "今天的停水，七天的通知", "口袋罪是什么罪", "口袋罪的罪"] * 2
WORDS, STOPS = ["停水七天 5 n", "口袋罪"], ["的", "是", "，"]


def test_features_are_those_of_the_vectoriser_and_the_bundle_keeps_the_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = tiny_model(words=False)
    folder = small_jieba(tmp_path, characters="".join(POSTS), others=500)
    monkeypatch.setattr(dictionary, "jieba_folder", lambda: folder)
    monkeypatch.setattr(dictionary, "cache_folder", lambda: tmp_path / "cache")
    section = FeaturesSection(words=(1, 2), chars=None, min_df=1, user_dict=tuple(WORDS), stop_words=tuple(STOPS))
    segmenter = segmenter_of(section)
    blocks, matrix = fit_blocks(of_texts(POSTS), section, segmenter)
    like = JiebaTfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, user_dict=WORDS, stop_words=STOPS)
    assert abs(like.fit_transform(POSTS) - matrix).max() < 1e-12
    assert list(blocks[0].terms) == like.get_feature_names_out().tolist()
    assert "停水七天" in blocks[0].terms
    assert not set(STOPS) & set(" ".join(blocks[0].terms).split())
    assert abs(block_features(blocks, of_texts(POSTS[:3]), segmenter) - matrix[:3]).max() < 1e-12

    weights = np.random.default_rng(7).normal(size=(len(blocks[0].terms), 3)).astype(np.float32)
    model = replace(tiny, segmenter=segmenter, blocks=blocks, weights=weights)
    save_bundle(model, tmp_path / "bundle", card=card._words(model), evaluation=EVALUATION)
    assert "2 of a user dictionary besides jieba's, 3 stop words" in card._words(model)
    kept = json.loads((tmp_path / "bundle" / "words.json").read_bytes())
    assert kept == {"user_words": [["停水七天", 5], ["口袋罪", None]], "stop_words": STOPS}
    loaded = load_bundle(tmp_path / "bundle")
    assert np.array_equal(probabilities(loaded, POSTS), probabilities(model, POSTS))

    edit(tmp_path / "bundle", "words.json", lambda words: words.update(user_words=[["停水七天", 6]]))
    with pytest.raises(DriftError, match="dictionary"):
        load_bundle(tmp_path / "bundle")
    edit(tmp_path / "bundle", "words.json", lambda words: words.update(kept, stop_words=["停水七天"]))
    with pytest.raises(DriftError, match="golden posts"):
        load_bundle(tmp_path / "bundle")
    for wrong in (
        {"user_words": [["停水", True]]},
        {"user_words": [["停水"]]},
        {"user_words": [["停水", -1]]},
        {"stop_words": [1]},
        {"more": []},
        {"stop_words": None},
    ):
        edit(tmp_path / "bundle", "words.json", lambda words, wrong=wrong: words.update({**kept, **wrong}))
        with pytest.raises(ModelFormatError, match=r"words\.json does not hold words"):
            load_bundle(tmp_path / "bundle")
