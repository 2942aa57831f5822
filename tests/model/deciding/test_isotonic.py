"""Isotonic curves: scikit-learn's levels, never falling, and nothing that is not a curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from koudai.errors import ScoringError
from koudai.limits import CURVE_POINTS
from koudai.model.deciding.calibration import calibrate
from koudai.model.deciding.isotonic import LEAST, Curve, fit_curve

Floats = NDArray[np.float64]


def drawn(seed: int, n: int, *, grid: int | None = None) -> tuple[Floats, NDArray[np.int8]]:
    random = np.random.default_rng(seed)
    p = random.random(n)
    p = np.round(p * grid) / grid if grid else p
    return p, (random.random(n) < p**2).astype(np.int8)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 120), st.sampled_from([None, 7, 40]))
def test_A4_the_levels_are_scikit_learn_s_each_at_the_mean_of_its_posts(seed: int, n: int, grid: int | None) -> None:
    p, y = drawn(seed, n, grid=grid)
    level = np.round(IsotonicRegression(out_of_bounds="clip").fit(p, y).predict(p), 9)
    curve = fit_curve(p, y)
    levels = np.unique(level)
    assert np.allclose(curve.y, levels)
    assert np.allclose(curve.x, [p[level == one].mean() for one in levels])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 300), st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_a_curve_never_falls_and_stays_between_0_and_1(seed: int, n: int, asked: list[float]) -> None:
    curve = fit_curve(*drawn(seed, n))
    found = curve(np.sort(np.array(asked)))
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_two_probabilities_stay_two_where_the_curve_rises() -> None:
    curve = fit_curve(*drawn(5, 5000))
    inside = np.linspace(curve.x[0], curve.x[-1], 999)
    assert len(np.unique(curve(inside))) == 999


def test_a_perfect_order_of_many_levels_is_kept_within_the_limit() -> None:
    n = 20 * CURVE_POINTS.value
    x = np.linspace(0, 1, n)
    p = np.repeat(x, 2000 // 20)
    y = np.concatenate([np.arange(100) < round(100 * share) for share in x]).astype(np.int8)
    curve = fit_curve(p, y)
    assert len(curve.x) <= CURVE_POINTS.value
    assert np.abs(curve(x) - x).max() < 0.02


def test_it_calibrates_what_no_sigmoid_can_on_posts_it_was_not_fitted_on() -> None:
    random = np.random.default_rng(3)
    decision = random.normal(size=40000)
    true = np.where(np.abs(decision) < 0.7, 0.3, np.where(decision > 0, 0.95, 0.05))
    y = (random.random(40000) < true).astype(np.int8)
    half = np.arange(40000) < 20000
    score = {}
    for how in ("sigmoid", "isotonic"):
        made = calibrate(decision[half], y[half], np.arange(20000), how=how)
        assert made.how == how
        score[how] = brier_score_loss(y[~half], made(decision[~half]))
    assert score["isotonic"] < score["sigmoid"] - 0.003


@pytest.mark.parametrize(("ones", "zeros", "how"), [(LEAST, LEAST, "isotonic"), (LEAST - 1, 5 * LEAST, "sigmoid")])
def test_too_few_different_posts_of_either_class_get_a_sigmoid(ones: int, zeros: int, how: str) -> None:
    y = np.repeat([1, 0], [ones, zeros]).astype(np.int8)
    decision = np.random.default_rng(1).normal(size=len(y)) + y
    groups = np.arange(len(y))
    assert calibrate(decision, y, groups, how="isotonic").how == how
    repeated = np.concatenate([y, y[:1].repeat(LEAST)])
    more = np.concatenate([decision, decision[:1].repeat(LEAST)])
    assert calibrate(more, repeated, np.append(groups, np.zeros(LEAST, int)), how="isotonic").how == how


def test_a_decision_worse_than_chance_gets_no_curve() -> None:
    y = np.repeat([1, 0], [600, 600]).astype(np.int8)
    found = calibrate(-y.astype(float), y, np.arange(1200), how="isotonic")
    assert (found.how, found.slope, found.curve) == ("sigmoid", 0.0, None)


BAD: dict[str, tuple[Any, Any]] = {
    "empty": ([], []),
    "lengths": ([0.1, 0.2], [0.1]),
    "x twice": ([0.1, 0.1], [0.1, 0.2]),
    "x falls": ([0.2, 0.1], [0.1, 0.2]),
    "y falls": ([0.1, 0.2], [0.2, 0.1]),
    "x beyond": ([0.1, 1.1], [0.1, 0.2]),
    "y below": ([0.1, 0.2], [-0.1, 0.2]),
    "x nan": ([0.1, np.nan], [0.1, 0.2]),
    "y nan": ([0.1, 0.2], [np.nan, 0.2]),
    "y infinite": ([0.1, 0.2], [0.1, np.inf]),
    "table": ([[0.1, 0.2]], [[0.1, 0.2]]),
    "too many": (np.linspace(0, 1, CURVE_POINTS.value + 1), np.linspace(0, 1, CURVE_POINTS.value + 1)),
}


@pytest.mark.parametrize("name", BAD)
def test_M11_what_is_no_curve_is_refused(name: str) -> None:
    with pytest.raises(ScoringError, match="this is not a calibration curve"):
        Curve(*(np.array(side, dtype=np.float64) for side in BAD[name]))
