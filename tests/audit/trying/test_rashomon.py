"""Rashomon sets: counts by hand, by loops over posts and models, and what must not change them (A4, A5)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.trying.rashomon import STATISTICS, Verdicts, disagreement, f1_loss, flip_rates

NAN = float("nan")
BY_HAND = Verdicts(
    reference=np.array([True, True, False, False]),
    tags=np.array([[1, 1, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0], [1, 0, 1, 0]], dtype=bool),
    reference_proba=np.array([0.9, 0.6, 0.3, NAN]),
    proba=np.array([[0.9, 0.7, 0.2, NAN], [0.8, 0.4, 0.1, 0.9], [0.9, 0.3, 0.2, 0.1], [0.9, 0.2, 0.6, 0.1]]),
    groups=np.array([0, 1, 2, 2]),
)


def drawn(seed: int, models: int, posts: int) -> Verdicts:
    random = np.random.default_rng(seed)
    proba, own = random.random((models, posts)), random.random(posts)
    return Verdicts(own > 0.5, proba > 0.5, own, proba, random.integers(0, max(1, posts // 2), posts))


def test_A4_four_posts_and_four_models_by_hand() -> None:
    found = {name: value for name, (value, _, _) in disagreement(BY_HAND, seed=1).items()}
    assert found == {
        "ambiguity": 3 / 4,  # the second, third and fourth post
        "discrepancy": 2 / 4,  # of the second and the fourth model
        "arbitrariness": 3 / 4,
        "flip_rate": pytest.approx((0 + 3 + 1 + 1) / 16),
        "prediction_range": pytest.approx((0.1 + 0.5 + 0.5 + 0.8) / 4),
    }
    assert flip_rates(BY_HAND).tolist() == [0, 3 / 4, 1 / 4, 1 / 4]


def test_models_that_agree_against_the_reference_are_ambiguous_and_not_arbitrary() -> None:
    verdicts = Verdicts(
        np.array([True]), np.array([[False], [False]]), np.array([0.6]), np.array([[0.4], [0.4]]), np.array([0])
    )
    found = disagreement(verdicts, seed=1)
    assert (found["ambiguity"][0], found["arbitrariness"][0], found["flip_rate"][0]) == (1.0, 0.0, 1.0)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 30))
def test_A4_loops_over_posts_and_models_count_the_same(seed: int, models: int, posts: int) -> None:
    v = drawn(seed, models, posts)
    differ = [[bool(v.tags[h, i]) != bool(v.reference[i]) for i in range(posts)] for h in range(models)]
    pairs = [any(v.tags[a, i] != v.tags[b, i] for a in range(models) for b in range(a)) for i in range(posts)]
    spans = [
        max([v.reference_proba[i], *v.proba[:, i]]) - min([v.reference_proba[i], *v.proba[:, i]]) for i in range(posts)
    ]
    expected = {
        "ambiguity": sum(any(row[i] for row in differ) for i in range(posts)) / posts,
        "discrepancy": max(sum(row) / posts for row in differ),
        "arbitrariness": sum(pairs) / posts,
        "flip_rate": sum(map(sum, differ)) / (posts * models),
        "prediction_range": sum(spans) / posts,
    }
    found = disagreement(v, seed=seed, resamples=30)
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value)
    assert found["discrepancy"][0] <= found["ambiguity"][0] + 1e-12
    assert found["flip_rate"][0] <= found["discrepancy"][0] + 1e-12
    assert found["arbitrariness"][0] <= found["ambiguity"][0]


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_A5_order_of_posts_and_of_models_and_doubled_rows_change_nothing(seed: int) -> None:
    v, random = drawn(seed, 5, 24), np.random.default_rng(seed)
    expected = disagreement(v, seed=2)
    rows, models = random.permutation(24), random.permutation(5)
    mixed = v.of(rows)
    mixed = Verdicts(mixed.reference, mixed.tags[models], mixed.reference_proba, mixed.proba[models], mixed.groups)
    twice = v.of(np.tile(np.arange(24), 2))
    for other in (mixed, twice):
        found = disagreement(other, seed=2)
        for name in STATISTICS:
            assert found[name] == pytest.approx(expected[name]), name


def test_A2_intervals_hold_the_value_and_resample_groups() -> None:
    v = drawn(8, 6, 200)
    alone = Verdicts(v.reference, v.tags, v.reference_proba, v.proba, np.arange(200))
    few = Verdicts(v.reference, v.tags, v.reference_proba, v.proba, np.arange(200) // 20)
    for name in ("ambiguity", "arbitrariness", "flip_rate", "prediction_range"):
        value, low, high = disagreement(alone, seed=1)[name]
        assert value is not None
        assert low is not None
        assert high is not None
        assert low <= value <= high
    assert disagreement(few, seed=1)["flip_rate"] != disagreement(alone, seed=1)["flip_rate"]


@pytest.mark.slow
def test_A2_the_interval_of_ambiguity_covers_as_often_as_it_says() -> None:
    """Posts whose ambiguity has a known rate, 40 groups of them, 300 times over."""
    random, hit = np.random.default_rng(0), 0
    for _ in range(300):
        flips = random.random(120) < 0.3
        v = Verdicts(np.zeros(120, bool), flips[None], np.zeros(120), np.zeros((1, 120)), np.arange(120))
        _, low, high = disagreement(v, seed=int(random.integers(10**6)))["ambiguity"]
        hit += low is not None and high is not None and low <= 0.3 <= high
    assert 0.9 <= hit / 300 <= 0.99


def test_A1_no_posts_or_no_models_give_no_figure() -> None:
    nothing = dict.fromkeys(STATISTICS, (None, None, None))
    assert disagreement(drawn(1, 3, 9).of(np.zeros(9, bool)), seed=1) == nothing
    alone = Verdicts(np.ones(2, bool), np.ones((0, 2), bool), np.ones(2), np.ones((0, 2)), np.arange(2))
    assert disagreement(alone, seed=1) == nothing


def test_the_loss_is_one_less_f1_and_missing_where_f1_is() -> None:
    y = np.array([1, 1, 0, 0], dtype=np.int8)
    assert f1_loss(np.array([True, False, True, False]), y) == pytest.approx(1 - 2 / 4)
    assert f1_loss(np.zeros(4, bool), y) == 1.0
    assert f1_loss(y == 1, y) == 0.0
    assert math.isnan(f1_loss(np.zeros(4, bool), np.zeros(4, np.int8)))
