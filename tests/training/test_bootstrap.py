"""The bootstrap: clusters drawn with replacement, and percentiles of what is defined."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.training.bootstrap import cluster_bootstrap, percentile_interval, symmetric_interval


def test_an_interval_is_of_the_values_that_are_defined_and_needs_twenty() -> None:
    samples = np.random.default_rng(1).normal(size=300)
    samples[::3] = np.nan
    assert percentile_interval(samples) == tuple(np.nanpercentile(samples, [2.5, 97.5]))
    assert percentile_interval(np.arange(19.0)) == (None, None)
    assert percentile_interval(np.arange(20.0)) != (None, None)


def test_few_clusters_move_the_ends_outwards_and_many_do_not() -> None:
    samples = np.random.default_rng(1).normal(size=4000)
    plain, few, many = (percentile_interval(samples, clusters=one) for one in (np.inf, 8, 10**6))
    assert few[0] < plain[0] < plain[1] < few[1]  # type: ignore[operator]
    assert many == pytest.approx(plain, abs=1e-3)


def test_a_cluster_bootstrap_draws_whole_clusters() -> None:
    """The mean of 40 clusters of 50 equal values has the interval of 40 values, not of 2,000."""
    means, sizes = np.random.default_rng(2).normal(size=40), np.full(40, 50)
    low, high = cluster_bootstrap(
        lambda times: (times @ (means * sizes)) / (times @ sizes), sizes, generator=np.random.default_rng(1)
    )
    half = 2.02 * means.std(ddof=1) / np.sqrt(40)
    assert low == pytest.approx(means.mean() - half, abs=0.25 * half)
    assert high == pytest.approx(means.mean() + half, abs=0.25 * half)


def test_of_one_cluster_or_none_there_is_no_interval() -> None:
    for sizes in (np.array([], dtype=np.int64), np.array([7])):
        found = cluster_bootstrap(lambda times: times.sum(axis=1), sizes, generator=np.random.default_rng(1))
        assert found == (None, None)


def test_a_shifted_interval_is_moved_by_the_bias_of_its_samples() -> None:
    """The square of a mean is too large by its variance, and in a sample once more by as much."""
    values, sizes = np.random.default_rng(3).normal(size=30), np.ones(30, dtype=np.int64)

    def square(times: np.ndarray) -> np.ndarray:
        return (times @ values / 30) ** 2

    plain, shifted = (
        cluster_bootstrap(square, sizes, generator=np.random.default_rng(1), shifted=one) for one in (False, True)
    )
    bias = plain[0] - shifted[0]  # type: ignore[operator]
    assert bias == pytest.approx(values.var() / 30, rel=0.3)
    assert plain[1] - shifted[1] == pytest.approx(bias)  # type: ignore[operator]


def test_a_symmetric_interval_needs_a_value_and_twenty_samples() -> None:
    assert symmetric_interval(float("nan"), np.arange(200.0)) == (None, None)
    assert symmetric_interval(1.0, np.arange(19.0)) == (None, None)
    low, high = symmetric_interval(1.0, np.arange(20.0))
    assert low is not None
    assert high is not None
    assert low + high == pytest.approx(2.0)
