"""Terms: weighted log-odds by hand (A4), planted words found, no words from repetition and from nothing (A1)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures.terms import SHOWN, terms
from koudai.config.train import DEFAULT_STEPS
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.audit.table import figures, table
from tests.hostile.strings import HOSTILE_STRINGS

SEVERAL = [
    *(text for _, text in HOSTILE_STRINGS),
    "明天停水，停水通知",
    "鸡蛋和 EGGS 都涨价",
    "ＡＩ主播说天气 @小河 http://a.example/b",
]


def given_words(tagged: list[str], others: list[str], **changes: Any) -> AuditInput:
    """Return posts of these words, each post another by its number, rumour alleged of the first."""
    texts = [f"{word} {chr(0x5E00 + 7 * i)}{i}" for i, word in enumerate([*tagged, *others])]
    alleged = np.zeros((len(texts), 4), dtype=bool)
    alleged[: len(tagged)] = True
    return table(order=[0] * len(texts), texts=texts, alleged=alleged, **changes)


def test_A4_rumour_by_hand() -> None:
    """停水 is in 90 of 100 tagged posts and in 10 of 100 others, twice in each; 天气 in all of them."""
    water = "停水 停水 天气"
    frame = terms(given_words([water] * 90 + ["天气"] * 10, ["天气"] * 90 + [water] * 10))
    inside, outside = (90 + 500 / 3, 100 + 1000 / 3), (10 + 500 / 3, 100 + 1000 / 3)
    delta = math.log(inside[0] / inside[1]) - math.log(outside[0] / outside[1])
    (found,) = figures(frame, category="rumour")
    assert (found.group, found.n) == ("停水", 90)
    assert found.value == pytest.approx(delta / math.sqrt(1 / inside[0] + 1 / outside[0]))


def test_a_word_that_one_post_repeats_and_a_post_that_is_repeated_are_not_evidence() -> None:
    once = given_words(["停水" * 50] + ["天气"] * 9, ["天气"] * 10)
    assert terms(once).figures == ()
    copied = table(
        order=[0] * 60,
        texts=["停水通知来了，大家接水吧"] * 30 + [f"天气{chr(0x5E00 + 7 * i)}{i}" for i in range(30)],
        alleged=np.repeat([[True] * 4, [False] * 4], 30, axis=0),
    )
    assert terms(copied).figures == ()


def test_at_most_twenty_words_largest_first() -> None:
    words = ["停水", "鸡蛋", "天气", "火车", "篮球", "钢琴", "老师", "医院", "市场", "电影", "咖啡", "手机", "电脑"]
    words += ["图书", "飞机", "地铁", "西瓜", "牛奶", "面包", "大米", "白菜", "土豆", "毛巾", "雨伞", "沙发"]
    tagged = [word for k, word in enumerate(words) for _ in range(30 + k)]
    found = figures(terms(given_words(tagged, ["桌子"] * 1000)), category="rumour")
    assert len(found) == SHOWN
    values = [figure.value for figure in found]
    assert values == sorted(values, key=lambda value: -(value or 0.0))
    assert found[0].group == "沙发"


def test_counted_once_per_audit_and_never_on_links_or_names() -> None:
    given = table(order=(0, 1), texts=["看这里 https://example.invalid/water @停水通知", "鸡蛋"])
    matrix, vocabulary = given.scored_texts.word_counts
    assert vocabulary == ["看这里", "鸡蛋"] or vocabulary == ["这里", "鸡蛋"]
    assert matrix.sum() == 2
    assert given.scored_texts.word_counts.counts is matrix


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(SEVERAL), min_size=1, max_size=60))
def test_A4_words_are_those_that_scikit_learn_counts_one_post_at_a_time(texts: list[str]) -> None:
    normalizer, segmenter = Normalizer(DEFAULT_STEPS), Segmenter()

    def words(text: str) -> list[str]:
        return [word for word in segmenter.cut(normalizer(text).lower()) if len(word) > 1 and word.isalnum()]

    matrix, vocabulary = table(order=[0] * len(texts), texts=texts).scored_texts.word_counts
    fewest = min(3, max(1, len(texts) // 50))
    try:
        counter = CountVectorizer(analyzer=words, min_df=fewest).fit(texts)
    except ValueError:  # no word is left
        assert matrix.shape == (len(texts), 0)
        return
    assert vocabulary == counter.get_feature_names_out().tolist()
    assert (matrix != counter.transform(texts)).nnz == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"order": ()},
        {"texts": ["🙂"] * 12},
        {"texts": [""] * 12},
        {"alleged": np.zeros((12, 4), dtype=bool)},
        {"alleged": np.ones((12, 4), dtype=bool)},
        {"texts": ["停水"] * 12},
    ],
    ids=["no posts", "no words", "empty posts", "nothing tagged", "everything tagged", "one word"],
)
def test_A1_nothing_to_compare_gives_no_words(changes: dict[str, object]) -> None:
    assert terms(table(**changes)).figures == ()  # type: ignore[arg-type]
