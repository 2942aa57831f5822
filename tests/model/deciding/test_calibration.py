"""Calibration and thresholds: the likelihood's own maximum, and the best threshold there is, found by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from koudai.model.deciding.calibration import best_f1_threshold, fit_sigmoid, sigmoid
from koudai.model.deciding.isotonic import fit_curve
from koudai.model.deciding.thresholds import choose_threshold

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


def drawn(seed: int, n: int, signal: float) -> tuple[Floats, Labels]:
    random = np.random.default_rng(seed)
    y = (random.random(n) < random.uniform(0.1, 0.6)).astype(np.int8)
    y[:2] = (0, 1)
    return random.normal(size=n) * random.uniform(0.1, 5) + signal * y + random.normal(), y


def loss(slope: float, offset: float, decision: Floats, y: Labels) -> float:
    """Return Platt's loss, written with logarithms of probabilities, as in his paper."""
    n1, n0 = int((y == 1).sum()), int((y == 0).sum())
    total = 0.0
    for d, label in zip(decision, y, strict=True):
        target = (n1 + 1) / (n1 + 2) if label else 1 / (n0 + 2)
        z = slope * d + offset
        log_p = -np.log1p(np.exp(-z)) if z > 0 else z - np.log1p(np.exp(z))
        total -= target * log_p + (1 - target) * (log_p - z)
    return float(total)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(10, 60), st.floats(-2, 4))
def test_the_sigmoid_is_the_likelihood_s_maximum(seed: int, n: int, signal: float) -> None:
    decision, y = drawn(seed, n, signal)
    slope, offset = fit_sigmoid(decision, y)
    assert slope >= 0
    reached = loss(slope, offset, decision, y)
    for start in ((0.0, 0.0), (1.0, -1.0), (slope, offset)):
        found = minimize(lambda ab: loss(abs(ab[0]), ab[1], decision, y), start, method="Nelder-Mead")
        assert reached <= found.fun + 1e-5 * len(y)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.integers(0, 10**6), st.floats(-3, 5), st.sampled_from([1e-6, 0.1, 1.0, 1e4]), st.sampled_from([-1e5, 0.0, 50.0])
)  # fmt: skip
def test_scale_and_place_of_the_decision_do_not_matter(seed: int, signal: float, scale: float, shift: float) -> None:
    decision, y = drawn(seed, 40, signal)
    slope, offset = fit_sigmoid(decision, y)
    moved = decision * scale + shift * scale
    other_slope, other_offset = fit_sigmoid(moved, y)
    assert np.allclose(sigmoid(other_slope * moved + other_offset), sigmoid(slope * decision + offset), atol=1e-5)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(6, 80))
def test_the_order_is_never_reversed_and_worse_than_chance_gives_the_base_rate(seed: int, n: int) -> None:
    decision, y = drawn(seed, n, 3.0)
    slope, offset = fit_sigmoid(decision, y)
    order = np.argsort(decision)
    assert np.all(np.diff(sigmoid(slope * decision[order] + offset)) >= 0)
    reversed_decision = -np.sort(decision)[np.argsort(np.argsort(y, kind="stable"), kind="stable")]
    slope, offset = fit_sigmoid(reversed_decision, y)
    assert slope == 0.0
    n1, n0 = int((y == 1).sum()), int((y == 0).sum())
    base = (n1 * (n1 + 1) / (n1 + 2) + n0 / (n0 + 2)) / n
    assert sigmoid(np.array(offset)) == pytest.approx(base, abs=1e-4)


@pytest.mark.parametrize("value", [0.0, 3.5, -1e6])
def test_a_decision_that_says_nothing_gives_the_base_rate(value: float) -> None:
    y = np.array([1] * 10 + [0] * 30, dtype=np.int8)
    slope, offset = fit_sigmoid(np.full(40, value), y)
    assert sigmoid(np.array(slope * value + offset)) == pytest.approx((10 * 11 / 12 + 30 / 32) / 40, abs=1e-4)


def test_the_sigmoid_does_not_overflow_and_is_symmetric() -> None:
    x = np.array([-np.inf, -1e308, -745.0, -1.0, 0.0, 1.0, 745.0, 1e308, np.inf])
    with np.errstate(all="raise"):
        p = sigmoid(x)
    assert p[[0, 1, 4, 7, 8]].tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert np.allclose(p + p[::-1], 1.0)
    assert p[5] == pytest.approx(1 / (1 + np.exp(-1)))


def f1_at(threshold: float, proba: Floats, y: Labels) -> float:
    tp = fp = fn = 0
    for p, label in zip(proba, y, strict=True):
        tag = p >= threshold
        tp, fp, fn = tp + (tag and label == 1), fp + (tag and label == 0), fn + (not tag and label == 1)
    return 2 * tp / (2 * tp + fp + fn)


GRID = st.integers(0, 40).map(lambda step: step / 40)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=250)
@given(st.lists(st.tuples(GRID, st.booleans()), min_size=2, max_size=30))
def test_no_threshold_has_a_greater_f1_and_no_higher_one_an_equal_one(rows: list[tuple[float, bool]]) -> None:
    proba = np.array([p for p, _ in rows])
    y = np.array([label for _, label in rows], dtype=np.int8)
    assume(0 < y.sum() < len(y))
    best = best_f1_threshold(proba, y)
    assert 0.01 <= best <= 0.99
    candidates = [-0.1, *(step / 80 for step in range(81)), 1.1]
    greatest = max(f1_at(threshold, proba, y) for threshold in candidates)
    highest = max(t for t in candidates if f1_at(t, proba, y) == greatest)
    if 0.01 < highest < 0.99:
        assert f1_at(best, proba, y) == greatest
        assert np.array_equal(proba >= best, proba >= highest), "of equal ones the highest"
        above, below = proba[proba >= best].min(), max([*proba[proba < best], 0.0])
        assert best == pytest.approx(min(0.99, max(0.01, (above + below) / 2)))


def test_hand_made_thresholds() -> None:
    y = np.array([1, 1, 0, 0], dtype=np.int8)
    assert best_f1_threshold(np.array([0.9, 0.8, 0.4, 0.1]), y) == pytest.approx(0.6)
    assert best_f1_threshold(np.array([0.9, 0.4, 0.4, 0.1]), y) == pytest.approx(0.25)
    assert best_f1_threshold(np.array([0.5, 0.5, 0.5, 0.5]), y) == pytest.approx(0.25)
    assert best_f1_threshold(np.array([0.0, 0.0, 0.0, 0.0]), y) == 0.01
    assert best_f1_threshold(np.array([1.0, 1.0, 0.999, 0.0]), y) == 0.99


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(10, 60), st.integers(1, 4))
def test_a_weight_counts_as_that_many_posts(seed: int, n: int, most: int) -> None:
    decision, y = drawn(seed, n, 2.0)
    weight = np.random.default_rng(seed).integers(1, most + 1, n)
    told, times = fit_sigmoid(decision, y, weight.astype(float)), fit_sigmoid(decision.repeat(weight), y.repeat(weight))
    proba, repeated = (sigmoid(slope * decision + offset) for slope, offset in (told, times))
    assert np.allclose(proba, repeated, atol=1e-6)
    assert best_f1_threshold(proba, y, weight.astype(float)) == best_f1_threshold(
        proba.repeat(weight), y.repeat(weight)
    )
    assert fit_sigmoid(decision, y, np.ones(n)) == fit_sigmoid(decision, y)
    curve, of_repeats = fit_curve(proba, y, weight.astype(float)), fit_curve(proba.repeat(weight), y.repeat(weight))
    assert np.allclose(curve.x, of_repeats.x)
    assert np.allclose(curve.y, of_repeats.y)
    for target in ({"precision": 0.8}, {"recall": 0.8}, "f1"):
        one = choose_threshold(proba, y, target, weight.astype(float))
        other = choose_threshold(proba.repeat(weight), y.repeat(weight), target)
        assert one.value == other.value
        assert one.precision == pytest.approx(other.precision)
        assert one.recall == pytest.approx(other.recall)
