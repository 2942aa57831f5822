"""Conformal sets: those of crepes, and a coverage that holds for either class when posts are exchangeable."""

from __future__ import annotations

import numpy as np
import pytest
from crepes.base import p_values_batch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from koudai.model.deciding.conformal import fit_sets, possible


def drawn(seed: int, n: int, *, grid: int | None = None) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.3).astype(np.int8)
    p = 1 / (1 + np.exp(-random.normal(size=n) - 2 * y + 1))
    return (np.round(p * grid) / grid if grid else p), y


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    st.integers(0, 10**6), st.integers(0, 80), st.sampled_from([0.5, 0.8, 0.9, 0.93]), st.sampled_from([None, 10])
)  # fmt: skip
def test_A4_the_sets_are_those_of_crepes(seed: int, n: int, coverage: float, grid: int | None) -> None:
    p, y = drawn(seed, n, grid=grid)
    new, _ = drawn(seed + 1, 40, grid=grid)
    sets = fit_sets(p[:, None], y[:, None], coverage=coverage)
    inside, outside = possible(new[:, None], sets)
    for held, label, strange, strange_new in ((inside, 1, 1 - p, 1 - new), (outside, 0, p, new)):
        p_value = p_values_batch(strange[y == label], strange_new, smoothing=False)
        assert held[:, 0].tolist() == (p_value > 1 - coverage + 1e-9).tolist()


@pytest.mark.parametrize("coverage", [0.8, 0.9])
@pytest.mark.parametrize("n", [60, 400])
def test_either_class_is_held_as_often_as_promised_on_exchangeable_posts(coverage: float, n: int) -> None:
    """Over many draws the mean coverage is at least the promise and, but for the steps of a small class, not more."""
    held: dict[int, list[float]] = {0: [], 1: []}
    for seed in range(400):
        p, y = drawn(seed, n + 200)
        sets = fit_sets(p[:n, None], y[:n, None], coverage=coverage)
        inside, outside = (side[:, 0] for side in possible(p[n:, None], sets))
        for label, side in ((1, inside), (0, outside)):
            held[label].append(float(side[y[n:] == label].mean()))
    for label, share in ((1, 0.3), (0, 0.7)):
        mean, error = np.mean(held[label]), np.std(held[label]) / np.sqrt(len(held[label]))
        assert mean >= coverage - 3 * error
        assert mean <= coverage + 1.5 / (share * n) + 3 * error


def test_too_few_posts_for_a_coverage_hold_everything() -> None:
    p, y = np.array([0.9, 0.8, 0.1]), np.array([1, 1, 0], dtype=np.int8)
    sets = fit_sets(p[:, None], y[:, None], coverage=0.9)
    assert sets.tolist() == [[0.0], [1.0]]
    assert all(side.all() for side in possible(np.array([[0.0], [0.5], [1.0]]), sets))


def test_unknown_labels_are_not_looked_at_and_a_missing_probability_has_no_set() -> None:
    p, y = drawn(4, 200)
    padded = np.append(p, [np.nan, 0.99])[:, None], np.append(y, [-1, -1]).astype(np.int8)[:, None]
    assert np.array_equal(fit_sets(*padded, coverage=0.8), fit_sets(p[:, None], y[:, None], coverage=0.8))
    assert not any(side.any() for side in possible(np.full((2, 1), np.nan), np.array([[0.0], [1.0]])))


def test_an_exclusive_taxonomy_has_one_side() -> None:
    p, y = drawn(4, 200)
    both, one = (fit_sets(p[:, None], y[:, None], coverage=0.8, exclusive=exclusive) for exclusive in (False, True))
    assert one[0] == both[0]
    assert one[1] == 1.0
