"""Tilts: the variance that they give is that of the mean (A4), and intervals of simulated figures hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.training.tilts import tilt_interval, tilt_variance, tilted, with_refits


@pytest.mark.parametrize("clusters", [2, 7, 50])
def test_tilted_samples_are_as_large_as_the_sample(clusters: int) -> None:
    weights = tilted(np.random.default_rng(1), clusters, 5)
    assert weights.shape == (clusters, 5)
    assert weights.sum(axis=0) == pytest.approx(clusters)
    assert (weights > 0).all()


def test_A4_the_variance_of_a_mean_is_that_of_its_values_by_their_number() -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=400)
    weights = tilted(random, 400, 4000)
    assert tilt_variance(weights.T @ x / 400) == pytest.approx(x.var() / 400, rel=0.1)


def test_refits_add_what_they_add_and_never_take_away() -> None:
    few, more = np.array([0.4, 0.6]), np.array([0.3, 0.7])
    assert with_refits(few, few, more) == pytest.approx(tilt_variance(more))
    assert with_refits(few, more, few) == pytest.approx(tilt_variance(few))
    assert with_refits(few, few, np.array([np.nan, np.nan])) == pytest.approx(tilt_variance(few))


def test_A1_what_is_undefined_has_no_interval_and_what_does_not_vary_no_width() -> None:
    assert tilt_interval(float("nan"), 0.1) == (None, None)
    assert tilt_interval(0.5, float("nan")) == (None, None)
    assert tilt_interval(1.0, 0.0) == (1.0, 1.0)
    low, high = tilt_interval(0.99, 0.01)
    assert low is not None
    assert high is not None
    assert 0 < low < 0.99 < high < 1
