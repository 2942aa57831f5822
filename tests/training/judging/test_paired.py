"""Differences of two models on the same posts: turned when swapped, narrower than those of two figures, none from
nothing; their test agrees with McNemar's (A4).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from koudai.audit.judging.measured import all_measured
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR
from koudai.training.judging.paired import FEWEST_DIFFERENT, paired_difference
from tests.audit.judging.posts import judged, stratified


def two(n: int = 400, seed: int = 2, noise: float = 0.1) -> tuple[JudgedPosts, JudgedPosts]:
    one = judged(n, seed)
    p = np.clip(one.p + np.random.default_rng(seed).normal(0, noise, n), 0, 1)
    return one, replace(one, p=p, tagged=p >= 0.5)


@pytest.mark.parametrize("name", LINEAR)
def test_swapping_turns_the_sign(name: str) -> None:
    one, other = two()
    there, back = paired_difference(one, other, name), paired_difference(other, one, name)
    assert there.low is not None
    assert there.high is not None
    assert back[:3] == pytest.approx((-(there.value or 0), -there.high, -there.low))
    assert back.n == there.n == 400


@pytest.mark.parametrize("name", LINEAR)
def test_a_paired_interval_is_narrower_than_those_of_two_figures(name: str) -> None:
    one, other = two(noise=0.07)
    found, alone = paired_difference(one, other, name), all_measured(one, (name,))[name]
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert alone.low is not None
    assert alone.high is not None
    assert found.low <= found.value <= found.high
    assert found.high - found.low < alone.high - alone.low


def test_A4_the_z_of_recall_is_near_mcnemars() -> None:
    one, other = two(3000)
    positives = one.y == 1
    a, b = one.tagged[positives], other.tagged[positives]
    table = [[int((a & b).sum()), int((a & ~b).sum())], [int((~a & b).sum()), int((~a & ~b).sum())]]
    expected = float(mcnemar(table, exact=False, correction=False).statistic)
    found = paired_difference(one, other, "recall").z
    assert found is not None
    assert found**2 == pytest.approx(expected, rel=0.1, abs=0.05)


def test_A1_the_same_tags_and_few_posts_have_a_difference_and_no_interval() -> None:
    one, other = two()
    same = paired_difference(one, one, "f1")
    assert (same.value, same.low) == (0.0, None)
    few = one.tagged.copy()
    few[: FEWEST_DIFFERENT - 1] = ~few[: FEWEST_DIFFERENT - 1]
    assert paired_difference(one, replace(one, tagged=few), "precision").low is None
    rare = replace(one, y=np.where(np.arange(400) < 9, 1.0, 0.0))
    assert paired_difference(rare, replace(rare, tagged=other.tagged), "recall").low is None
    nobody = replace(one, y=np.zeros(400))
    assert paired_difference(nobody, nobody, "recall").value is None


def test_of_a_sample_the_interval_holds_the_difference_over_all_posts() -> None:
    source, y = stratified(each=150)
    here, rows = source.posts(source.said), np.flatnonzero(np.isfinite(source.y))
    assert here is not None
    p = np.clip(source.said.p * 0.7, 0, 1)
    there = replace(here, p=p[rows], tagged=p[rows] >= 0.4)
    every = np.arange(len(y))
    truth = [JudgedPosts(y, q, q >= 0.4, every, every) for q in (source.said.p, p)]
    for name in ("precision", "recall", "f1", "brier"):
        found = paired_difference(here, there, name)
        figures = [LINEAR[name](one) for one in truth]
        assert figures[0] is not None
        assert figures[1] is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low - 0.03 <= figures[0].value - figures[1].value <= found.high + 0.03, name
