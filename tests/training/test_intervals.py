"""Wilson's interval: worked values, ends where the score test just rejects, and it holds what it says (A2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binom, norm

from koudai.training.intervals import ONE_CLUSTER, clustered_mean, clustered_wilson, wilson

quick = settings(derandomize=True, deadline=None, max_examples=100)
counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # worked out from the formula with z = 1.959964, four digits
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (15, 148, 0.0624, 0.1605),  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (1, 29, 0.0061, 0.1718),  # Newcombe 1998, table I, method 3
    ],
)
def test_A2_wilson_hand_values(hits: int, n: int, low: float, high: float) -> None:
    value, found_low, found_high = wilson(hits, n)
    assert value == hits / n
    assert (found_low, found_high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@quick
@given(counts)
def test_A2_the_interval_holds_the_share_and_is_inside_0_and_1(hits_n: tuple[int, int]) -> None:
    value, low, high = wilson(*hits_n)
    assert value is not None
    assert low is not None
    assert high is not None
    assert 0.0 <= low <= value <= high <= 1.0
    assert low < high


@quick
@given(st.integers(2, 5000).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n))))
def test_A2_the_ends_are_where_the_score_test_just_rejects(hits_n: tuple[int, int]) -> None:
    hits, n = hits_n
    _, low, high = wilson(hits, n)

    def score(p: float) -> float:
        return (hits / n - p) / math.sqrt(p * (1 - p) / n)

    z = float(norm.ppf(0.975))
    assert low == pytest.approx(brentq(lambda p: score(p) - z, 1e-12, hits / n), rel=1e-6)
    assert high == pytest.approx(brentq(lambda p: score(p) + z, hits / n, 1 - 1e-12), rel=1e-6)


@quick
@given(counts)
def test_A2_hits_and_misses_are_mirror_images(hits_n: tuple[int, int]) -> None:
    hits, n = hits_n
    _, low, high = wilson(hits, n)
    _, other_low, other_high = wilson(n - hits, n)
    assert (low, high) == (pytest.approx(1 - other_high, abs=1e-12), pytest.approx(1 - other_low, abs=1e-12))


def held(hits: np.ndarray, n: int, p: float) -> np.ndarray:
    inside = {int(k): wilson(int(k), n)[1] <= p <= wilson(int(k), n)[2] for k in np.unique(hits)}  # type: ignore[operator]
    return np.array([inside[int(k)] for k in hits])


@pytest.mark.parametrize(("n", "p"), [(20, 0.1), (20, 0.8), (50, 0.3), (100, 0.1), (100, 0.5), (400, 0.02), (400, 0.7)])
def test_A2_simulated_coverage_is_93_to_97_percent(n: int, p: float) -> None:
    hits = np.random.default_rng([n, int(100 * p)]).binomial(n, p, size=20_000)
    assert 0.93 <= held(hits, n, p).mean() <= 0.97


@pytest.mark.parametrize("n", [5, 10, 20, 50, 200])
def test_A2_coverage_over_all_shares_is_93_to_97_percent(n: int) -> None:
    grid = np.linspace(0.01, 0.99, 99)
    every = np.arange(n + 1)
    coverage = [float(binom.pmf(every, n, p)[held(every, n, p)].sum()) for p in grid]
    assert 0.93 <= np.mean(coverage) <= 0.97


def test_clusters_of_one_are_wilsons() -> None:
    hits = np.random.default_rng(1).random(60) < 0.3
    assert clustered_wilson(hits, np.arange(60)) == clustered_wilson(hits, None)
    assert clustered_wilson(hits, None)[:3] == wilson(int(hits.sum()), 60)


def test_one_cluster_for_all_has_no_interval_and_says_why() -> None:
    found = clustered_wilson(np.array([True, False, True]), np.zeros(3, dtype=np.int64))
    assert (found.value, found.low, found.high, found.kind) == (2 / 3, None, None, ONE_CLUSTER)
    assert clustered_wilson(np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)).value is None


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_posts_that_are_each_there_twice_count_once(share: float) -> None:
    """Pairs of one mind: the effective n is the number of pairs, the quantile Student's for as many."""
    pairs = 4000
    hits = np.arange(pairs) < share * pairs
    found = clustered_wilson(np.repeat(hits, 2), np.repeat(np.arange(pairs), 2))
    once = wilson(int(hits.sum()), pairs)
    assert found.kind == "wilson, effective n"
    assert found.value == once[0]
    assert (found.low, found.high) == (pytest.approx(once[1], abs=2e-4), pytest.approx(once[2], abs=2e-4))


@quick
@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 2**40)), min_size=1, max_size=60))
def test_a_clustered_interval_holds_its_share_whatever_the_clusters(rows: list[tuple[bool, int]]) -> None:
    hits, clusters = np.array([one for one, _ in rows]), np.array([one for _, one in rows], dtype=np.int64)
    found = clustered_wilson(hits, clusters)
    assert found.value == hits.mean()
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high
    else:
        assert found.kind == ONE_CLUSTER
    order = np.random.default_rng(0).permutation(len(rows))
    other = clustered_wilson(hits[order], clusters[order])
    assert other.low == (None if found.low is None else pytest.approx(found.low))


def test_A2_the_mean_of_values_of_0_and_1_has_nearly_the_interval_of_a_share() -> None:
    random = np.random.default_rng(4)
    clusters = np.repeat(np.arange(200), random.geometric(0.5, 200))
    hits = (random.random(200) < 0.3)[clusters]
    mean, share = clustered_mean(hits.astype(np.float64), clusters), clustered_wilson(hits, clusters)
    assert mean.value == share.value
    assert (mean.low, mean.high) == (pytest.approx(share.low, abs=0.01), pytest.approx(share.high, abs=0.01))


def test_means_of_nothing_of_one_cluster_and_of_values_that_do_not_differ() -> None:
    assert clustered_mean(np.empty(0), None)[:3] == (None, None, None)
    assert clustered_mean(np.full(3, 0.2), np.zeros(3, np.int64)).kind == ONE_CLUSTER
    for value in (0.0, 1.0):
        found = clustered_mean(np.full(50, value), None)
        assert found.low is not None
        assert found.high is not None
        assert (found.value, min(abs(found.low - value), abs(found.high - value))) == (value, 0.0)
        assert 0.05 < found.high - found.low < 0.1
    narrow = clustered_mean(np.full(50, 0.2), None)
    assert narrow.low is not None
    assert narrow.high is not None
    assert narrow.low < 0.2 < narrow.high
    assert narrow.high - narrow.low < 0.02
