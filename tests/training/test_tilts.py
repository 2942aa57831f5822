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


def grid(fixed: list[float], refitted: list[float]) -> np.ndarray:
    """Figures of one dealing whose refits, each measured with its own tilt, come out so; nothing is shared."""
    figures = np.array([[0.5, *fixed]] * (1 + len(refitted)))
    off = np.array(refitted) - np.array(fixed)[: len(refitted)]
    figures[1:] += off[:, None]
    return figures[None]


def test_refits_add_what_they_add_and_never_take_away() -> None:
    few, more = [0.4, 0.6], [0.3, 0.7]
    assert with_refits(grid(few, more), together=True).variance == pytest.approx(tilt_variance(np.array(more)))
    assert with_refits(grid(more, few), together=True).variance == pytest.approx(tilt_variance(np.array(more)))
    undefined = grid(few, [np.nan, np.nan])
    assert with_refits(undefined, together=True).variance == pytest.approx(tilt_variance(np.array(few)))


def test_of_posts_fitted_on_apart_from_those_tested_on_both_variances_add_up() -> None:
    figures = np.array([[0.5, 0.4, 0.6], [0.4, 0.3, 0.5], [0.6, 0.5, 0.7]])[None]
    found = with_refits(figures, together=False)
    assert found.variance == pytest.approx(2 * tilt_variance(np.array([0.4, 0.6])))
    assert found.freedom == pytest.approx(2.0)  # half of it is known with one degree of freedom, and so is the other


def test_A4_where_nothing_is_learnt_the_variance_is_not_counted_twice() -> None:
    random = np.random.default_rng(3)
    fit, test = random.normal(size=(2, 400, 40))
    figures = []
    for _ in range(10):
        by_fit, by_test = (np.concatenate([np.ones((400, 1)), tilted(random, 400, 30)], axis=1) for _ in range(2))
        figures.append((fit.T @ by_fit / 400).T @ (test.T @ by_test / 400))  # a product of two means of nothing
    found = with_refits(np.stack(figures), together=False).variance
    twice = tilt_variance(figures[0][0, 1:]) + tilt_variance(figures[0][1:, 0])
    truth = 40 / 400**2
    assert found == pytest.approx(truth, rel=0.6)
    assert twice > 1.5 * found


def test_dealings_that_differ_are_no_tilts_that_do() -> None:
    one = grid([0.4, 0.6, 0.5], [0.4, 0.6])
    both = np.concatenate([one, one + 0.2])
    assert with_refits(both, together=True).variance == pytest.approx(with_refits(one, together=True).variance)


def test_A1_what_is_undefined_has_no_interval_and_what_does_not_vary_no_width() -> None:
    assert tilt_interval(float("nan"), 0.1, freedom=9.0) == (None, None)
    assert tilt_interval(0.5, float("nan"), freedom=9.0) == (None, None)
    assert tilt_interval(1.0, 0.0, freedom=9.0) == (1.0, 1.0)
    low, high = tilt_interval(0.99, 0.01, freedom=9.0)
    assert low is not None
    assert high is not None
    assert 0 < low < 0.99 < high < 1
