"""Word contrasts: p against scipy and z by a loop (A4); a group counts one post, a post a word once; sides dealt at
random show a word in at most one case of twenty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact

from koudai.audit.inputs.scored_texts import ScoredTexts
from koudai.audit.word_contrast import PRIOR_MASS, at_least, contrast_words, significant, weighted_log_odds

quick = settings(derandomize=True, deadline=None, max_examples=60)
counts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=12).filter(
    lambda rows: all(sum(row) for row in rows)
)
CORPORA = ("weibo21", "wefend_wechat_titles", "debunk_articles_hrde", "wechatscope_removed_titles")


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
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_A4_p_is_that_of_fisher_s_exact_test(n_in: int, n_out: int, data: st.DataObject) -> None:
    hits, others = data.draw(st.integers(0, n_in)), data.draw(st.integers(0, n_out))
    (p,) = at_least(np.array([hits]), np.array([hits + others]), (n_in, n_out))
    expected = fisher_exact([[hits, n_in - hits], [others, n_out - others]], alternative="greater").pvalue
    if hits * n_out > others * n_in:
        assert p == pytest.approx(expected, rel=1e-8)
    else:
        assert p == 1.0


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_A4_significant_is_benjamini_hochberg(p: list[float]) -> None:
    adjusted = false_discovery_control(p)
    clear = np.abs(adjusted - 0.05) > 1e-9  # on the very edge rounding decides
    assert (significant(np.array(p)) == (adjusted <= 0.05))[clear].all()


def test_a_word_counts_once_in_a_post_and_a_group_once_on_each_side() -> None:
    texts = ["偏方偏方偏方", "偏方偏方偏方！", "偏方偏方偏方。", "天气", "偏方，天气"]
    inside = np.array([True, True, False, False, True])
    contrast = contrast_words(ScoredTexts(texts, seed=1), inside, ~inside)
    at = contrast.words.index("偏方")
    assert contrast.sizes == (2, 2)  # the three first are one, on both sides; then 天气 and 偏方，天气
    assert contrast.posts[:, at].tolist() == [2, 1]
    back = contrast.reversed()
    assert (back.sizes, back.posts[:, at].tolist()) == ((2, 2), [1, 2])


def test_the_order_of_posts_does_not_matter() -> None:
    random = np.random.default_rng(3)
    texts = ["停水通知来了", "停水通知来了！", "鸡蛋涨价", "天气很好", "天气很好啊", "今天停水"] * 3
    inside = random.random(len(texts)) < 0.5
    turn = random.permutation(len(texts))
    first = contrast_words(ScoredTexts(texts, seed=1), inside, ~inside)
    other = contrast_words(ScoredTexts([texts[i] for i in turn], seed=1), inside[turn], ~inside[turn])
    assert first.words == other.words
    assert first.sizes == other.sizes


def bursty(posts: int, seed: int) -> list[str]:
    """Return posts of which a third come several times over, each with one word many times in it."""
    random = np.random.default_rng(seed)
    pieces = ["停水", "鸡蛋", "天气", "火车", "篮球", "钢琴", "老师", "医院", "市场", "电影", "咖啡", "手机"]
    once = [
        "，".join([*random.choice(pieces, 3), *[str(random.choice(pieces))] * 5, f"第{number}号"])
        for number in range(posts)
    ]
    return [text for number, text in enumerate(once) for _ in range(1 + 4 * (number % 3 == 0))]


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_sides_dealt_at_random_show_hardly_any_word(share: float) -> None:
    texts = ScoredTexts(bursty(200, seed=1), seed=1)
    group = np.unique(texts.groups, return_inverse=True)[1]
    random, shown = np.random.default_rng(2), 0
    for _ in range(200):
        inside = (random.random(group.max() + 1) < share)[group]
        shown += bool(contrast_words(texts, inside, ~inside).figures("rumour", "z", most=20))
    assert shown <= 14  # of 200: .05 and two standard errors


@pytest.mark.slow
@pytest.mark.parametrize("corpus", CORPORA)
def test_whole_groups_of_real_posts_dealt_at_random_show_a_word_in_one_case_of_twenty_at_most(
    corpus: str, real_corpus: Callable[[str], Path]
) -> None:
    texts = ScoredTexts(pd.read_parquet(real_corpus(f"{corpus}.parquet")).text.tolist(), seed=1)
    group = np.unique(texts.groups, return_inverse=True)[1]
    random = np.random.default_rng(5)
    for share in (0.5, 0.1, 0.02):
        shown = 0
        for _ in range(60):
            inside = (random.random(group.max() + 1) < share)[group]
            shown += bool(contrast_words(texts, inside, ~inside).figures("rumour", "z", most=20))
        assert shown <= 6, f"{shown} of 60 with {share:.0%} tagged"  # more than .05 by three standard errors
