"""The user dictionary and the stop words of a config (koudai.training.words): read beside it, kept in the bundle."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai import JiebaTfidfVectorizer
from koudai.config.load import parse_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError, DriftError, LimitExceeded, ModelFormatError
from koudai.limits import BUNDLE_JSON_BYTES
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.bundle.card import model_card
from koudai.model.ngrams.blocks import block_features, fit_blocks, segmenter_of
from koudai.model.scorer import probabilities
from koudai.text.jieba import dictionary
from koudai.text.jieba.lexicon import UserWordWarning
from koudai.text.utf8 import of_texts
from koudai.training.prepare import prepare
from koudai.training.words import with_words
from tests.model.bundle.test_bundle import edit
from tests.model.tiny import EVALUATION, tiny_model
from tests.text.reference import small_jieba

POSTS = ["全县停水七天，是真的吗", "全县停水七天，赶紧的", "今天的停水，七天的通知", "口袋罪是什么罪", "口袋罪的罪"] * 2
WORDS, STOPS = ["停水七天 5 n", "口袋罪"], ["的", "是", "，"]


def config(**features: Any) -> TrainConfig:
    values = {"run": {"name": "mine", "taxonomy": "cac-2023"}, "corpus": [{"source": "seed"}], "features": features}
    return parse_config(TrainConfig, values, where="tests")


def test_files_beside_the_config_become_lists(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("\ufeff停水七天 5 n\n\n口袋罪\n绝绝子 0\n", encoding="utf-8")
    (tmp_path / "stop.txt").write_text("的\n 是 \n\n", encoding="utf-8")
    read = with_words(config(user_dict="words.txt", stop_words="stop.txt"), tmp_path / "mine.toml")
    assert read.features.user_dict == ("停水七天 5", "口袋罪", "绝绝子 0")
    assert read.features.stop_words == ("的", "是")
    assert with_words(read, Path("elsewhere.toml")) == read
    assert with_words(config(), tmp_path / "mine.toml") == config()


def test_words_that_no_normalised_post_holds_are_named(tmp_path: Path) -> None:
    with pytest.warns(UserWordWarning, match=r"normalisation and lower case change them: T恤, ＡＢ, 的Ａ") as told:
        with_words(config(user_dict=["T恤 5"], stop_words=["ＡＢ", "的Ａ", "了"]), tmp_path / "mine.toml")
    assert len(told) == 1


def test_wrong_lines_missing_files_and_too_many_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.txt"):
        with_words(config(user_dict="missing.txt"), tmp_path / "mine.toml")
    with pytest.raises(ConfigError, match="entry 2 of the user dictionary"):
        with_words(config(user_dict=["停水", "停水 -1"]), tmp_path / "mine.toml")
    many = ["停" * 900 + str(number) for number in range(BUNDLE_JSON_BYTES.value // 2700 + 1)]
    with pytest.raises(LimitExceeded, match="than a bundle has room for"):
        with_words(config(stop_words=many), tmp_path / "mine.toml")
    problems: list[Any] = []
    with pytest.raises(ConfigError):
        prepare(config(user_dict="missing.txt"), tmp_path / "mine.toml", problems=problems)
    assert "missing.txt" in str(problems[0])


def test_features_are_those_of_the_vectoriser_and_the_bundle_keeps_the_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = tiny_model(words=False)
    folder = small_jieba(tmp_path, characters="".join(POSTS), others=500)
    monkeypatch.setattr(dictionary, "jieba_folder", lambda: folder)
    monkeypatch.setattr(dictionary, "cache_folder", lambda: tmp_path / "cache")
    section = config(words=(1, 2), chars=None, min_df=1, user_dict=WORDS, stop_words=STOPS).features
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
    save_bundle(model, tmp_path / "bundle", card=(card := model_card(model, EVALUATION)), evaluation=EVALUATION)
    assert "2 of a user dictionary besides jieba's, 3 stop words" in card
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
