"""Two-sample test: sides dealt at random are rarely told, what differs is told, and Holm's adjustment by hand (A4)."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from koudai.audit.trying.two_sample import ToldApart, holm, ranked_rightly, two_sample_test, upper_tail
from koudai.training.counted_posts import CountedPosts


def told(n: int, seed: int, *, signal: float = 0.0) -> ToldApart:
    random = np.random.default_rng(seed)
    sides = np.arange(2 * n) >= n
    lean = np.where(np.arange(200) < 40, np.where(sides, signal, -signal)[:, None], 0.0)
    counts = sp.csr_matrix(random.poisson(0.06 * (1.0 + lean)).astype(np.int32))
    return two_sample_test(CountedPosts((counts,), (np.ones(200),), 2, sublinear_tf=True), sides, generator=random)


@pytest.mark.slow
def test_sides_dealt_at_random_are_rarely_told_apart_and_intervals_hold_one_half() -> None:
    found = [told(50, seed) for seed in range(60)]
    assert sum(one.p <= 0.05 for one in found) <= 8
    assert sum((one.low or 0.0) <= 0.5 <= (one.high or 1.0) for one in found) >= 54
    assert np.mean([one.auc for one in found]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.slow
def test_what_differs_is_told_and_more_posts_tell_more() -> None:
    few, many = (np.mean([told(n, seed, signal=0.8).auc for seed in range(6)]) for n in (25, 200))
    assert few + 0.05 < many
    assert told(200, 1, signal=0.8).p < 1e-4


def test_A4_holm_by_hand() -> None:
    assert holm(np.array([0.02, 0.01, 0.03, 0.9])).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.9])
    assert holm(np.array([])).tolist() == []


def test_a_value_beyond_all_draws_has_a_p_smaller_than_their_number_could_give() -> None:
    draws = np.random.default_rng(3).normal(size=200)
    assert upper_tail(8.0, draws) < 1e-6
    assert upper_tail(-8.0, draws) == 1.0
    assert upper_tail(0.5, np.full(200, 0.5)) == 1.0


@pytest.mark.parametrize("values", [3, 1000])
def test_pairs_are_weighted_one_by_one(values: int) -> None:
    random = np.random.default_rng(values)
    decision = random.integers(0, values, (30, 4)).astype(np.float32)
    sides = random.random((30, 4)) < 0.4
    weights = random.random((2, 30, 4))
    right, pairs = ranked_rightly(decision, sides, weights)
    for at in range(2):
        for column in range(4):
            d, s, w = decision[:, column], sides[:, column], weights[at, :, column]
            above = (d[:, None] > d) + 0.5 * (d[:, None] == d)
            both = w[:, None] * w * (s[:, None] & ~s)
            assert right[at, column] == pytest.approx((above * both).sum())
            assert pairs[at, column] == pytest.approx(both.sum())


def test_one_decision_serves_for_many_weights() -> None:
    random = np.random.default_rng(1)
    decision, sides = random.normal(size=(20, 1)).astype(np.float32), np.arange(20)[:, None] % 2 == 0
    weights = random.random((1, 20, 5))
    each = [ranked_rightly(decision, sides, weights[:, :, [k]])[:, 0, 0] for k in range(5)]
    assert ranked_rightly(decision, sides, weights)[:, 0] == pytest.approx(np.stack(each, axis=1))
