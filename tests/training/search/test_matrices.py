"""Matrices: what is counted is counted once while there is room, and is what training would count."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.config.train import TrainConfig
from koudai.model.ngrams.blocks import fit_blocks
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.features import Features, count_features
from koudai.training.search import matrices
from koudai.training.search.matrices import Matrices
from koudai.training.search.space import applied

TEXTS = ["小区明天停水", "明天小区不停水", "食堂的茄子没放糖 https://a.example", "食堂明天关门"] * 2


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    calls: list[object] = []

    def spy(texts: list[str], config: TrainConfig, *background: Any, **told: Any) -> Features:
        calls.append(config.features)
        return count_features(texts, config, *background, **told)

    monkeypatch.setattr(matrices, "count_features", spy)
    return calls


def test_a_matrix_is_counted_once_and_shared_by_all_fits(config: TrainConfig, counted: list[object]) -> None:
    kept = Matrices(TEXTS)
    first = kept.of(config)
    assert kept.of(applied(config, {"model.classifier": "ComplementNB"})) is first
    posts = Normalizer(config.text.steps).many(of_texts(TEXTS))
    _, expected = fit_blocks(posts, config.features, Segmenter())
    assert (first != expected).nnz == 0
    others = [{"features.chars": [1, 1]}, {"features.min_df": 1}, {"text.steps": ["nfkc"]}]
    for settings in others:
        assert kept.of(applied(config, settings)) is not first
    assert (len(kept), len(counted)) == (4, 4)


def test_the_oldest_goes_when_there_is_no_more_room(config: TrainConfig, counted: list[object]) -> None:
    a, b, c = (applied(config, {"features.chars": [1, n]}) for n in (1, 2, 3))
    whole = Matrices(TEXTS)
    for one in (a, b, c):
        whole.of(one)
    kept = Matrices(TEXTS, most=whole.bytes - 1)
    for one in (a, b, a, c):  # a was used after b
        kept.of(one)
        assert kept.bytes < whole.bytes
    counted.clear()
    kept.of(a)
    kept.of(c)
    assert counted == []
    kept.of(b)
    assert counted == [b.features]
    tiny = Matrices(TEXTS, most=1)
    for one in (a, b):
        assert tiny.of(one).nnz > 0
        assert len(tiny) == 1  # the newest always stays
