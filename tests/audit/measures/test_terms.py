"""Terms: weighted log-odds by a loop over the 12-row table, false discoveries against scipy (A4), planted words found,
no words from nothing (A1).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm
from sklearn.feature_extraction.text import CountVectorizer

from koudai.audit.measures.terms import PRIOR_MASS, SHOWN, significant, terms, weighted_log_odds
from koudai.config.train import DEFAULT_STEPS
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.audit.table import KEYS, ROWS, figures, table
from tests.hostile.strings import HOSTILE_STRINGS

WORDS = ("停水", "鸡蛋", "天气")
SEVERAL = [
    *(text for _, text in HOSTILE_STRINGS),
    "明天停水，停水通知",
    "鸡蛋和 EGGS 都涨价",
    "ＡＩ主播说天气 @小河 http://a.example/b",
]
quick = settings(derandomize=True, deadline=None, max_examples=60)
counts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=12).filter(
    lambda rows: all(sum(row) for row in rows)
)


def z_by_loop(inside: list[float], outside: list[float]) -> list[float]:
    """Monroe, Colaresi & Quinn 2008, equations 15, 16, 20 and 22, one word at a time."""
    total = sum(inside) + sum(outside)
    alpha = [PRIOR_MASS * (a + b) / total for a, b in zip(inside, outside, strict=True)]
    n_i, n_j, alpha_0 = sum(inside), sum(outside), sum(alpha)
    found = []
    for w in range(len(inside)):
        odds_i = (inside[w] + alpha[w]) / (n_i + alpha_0 - inside[w] - alpha[w])
        odds_j = (outside[w] + alpha[w]) / (n_j + alpha_0 - outside[w] - alpha[w])
        variance = 1 / (inside[w] + alpha[w]) + 1 / (outside[w] + alpha[w])
        found.append((math.log(odds_i) - math.log(odds_j)) / math.sqrt(variance))
    return found


def test_A4_rumour_by_hand() -> None:
    # 停水 350 of 420 words in tagged posts, 20 of 410 in the others; 370 of 830 in all
    frame = terms(table())
    inside, outside = 350 + 500 * 370 / 830, 20 + 500 * 370 / 830
    delta = math.log(inside / (920 - inside)) - math.log(outside / (910 - outside))
    (water,) = figures(frame, category="rumour")
    assert (water.group, water.n) == ("停水", 4)
    assert water.value == pytest.approx(delta / math.sqrt(1 / inside + 1 / outside))


@pytest.mark.parametrize("column", range(4))
def test_A4_every_category_against_a_loop(column: int) -> None:
    tagged = [KEYS[column] in row[1] for row in ROWS]
    inside = [sum(row[4][w] for row, tag in zip(ROWS, tagged, strict=True) if tag) for w in range(3)]
    outside = [sum(row[4][w] for row, tag in zip(ROWS, tagged, strict=True) if not tag) for w in range(3)]
    z = z_by_loop(inside, outside)
    kept = false_discovery_control([float(norm.sf(value)) for value in z]) <= 0.05
    expected = sorted((-z[w], WORDS[w]) for w in range(3) if kept[w] and z[w] > 0)
    found = [(figure.group, figure.value) for figure in figures(terms(table()), category=KEYS[column])]
    assert found == [(word, pytest.approx(-negative)) for negative, word in expected]
    for word, _ in found:
        posts = sum(1 for row, tag in zip(ROWS, tagged, strict=True) if tag and row[4][WORDS.index(str(word))])
        assert figures(terms(table()), category=KEYS[column], group=str(word))[0].n == posts


@quick
@given(counts)
def test_A4_weighted_log_odds_against_a_loop(rows: list[tuple[int, int]]) -> None:
    inside, outside = ([float(row[side]) for row in rows] for side in (0, 1))
    found = weighted_log_odds(np.array(inside), np.array(outside))
    assert found.tolist() == pytest.approx(z_by_loop(inside, outside), abs=1e-9)


@quick
@given(counts)
def test_changing_sides_changes_the_sign(rows: list[tuple[int, int]]) -> None:
    inside, outside = (np.array([float(row[side]) for row in rows]) for side in (0, 1))
    assert weighted_log_odds(inside, outside) == pytest.approx(-weighted_log_odds(outside, inside), abs=1e-9)


@quick
@given(st.lists(st.floats(-6, 6), min_size=1, max_size=40))
def test_A4_significant_is_benjamini_hochberg_above_zero(z: list[float]) -> None:
    adjusted = false_discovery_control(norm.sf(z))
    clear = np.abs(adjusted - 0.05) > 1e-9  # on the very edge rounding decides
    expected = (adjusted <= 0.05) & (np.array(z) > 0)
    assert (significant(np.array(z)) == expected)[clear].all()


def test_words_that_mean_nothing_are_rarely_shown() -> None:
    random = np.random.default_rng(5)
    shown = sum(
        int(significant(weighted_log_odds(*random.poisson(50, size=(2, 200)).astype(float))).sum()) for _ in range(50)
    )
    assert shown <= 5  # of 10,000


def test_at_most_twenty_words_largest_first() -> None:
    words = ["停水", "鸡蛋", "天气", "火车", "篮球", "钢琴", "老师", "医院", "市场", "电影", "咖啡", "手机", "电脑"]
    words += ["图书", "飞机", "地铁", "西瓜", "牛奶", "面包", "大米", "白菜", "土豆", "毛巾", "雨伞", "沙发"]
    texts = [" ".join([word] * (30 + k)) for k, word in enumerate(words)] + ["桌子 " * 2000]
    n = len(texts)
    tagged = np.array([[True] * 4] * (n - 1) + [[False] * 4])
    frame = terms(table(order=[0] * n, texts=texts, alleged=tagged))
    found = figures(frame, category="rumour")
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
