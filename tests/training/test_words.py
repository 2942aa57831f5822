"""The user dictionary and the stop words of a config (koudai.training.words): read beside it, kept in the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from koudai.config.load import parse_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError, LimitExceeded
from koudai.limits import BUNDLE_JSON_BYTES
from koudai.text.jieba.lexicon import UserWordWarning
from koudai.training.prepare import prepare
from koudai.training.words import with_words


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
