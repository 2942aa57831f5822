"""Dual coordinate descent: the optimum of liblinear's loss, to the gap that is promised; fits on parts of the posts as
if the others were not there; the same bits whatever the cores and whatever is fitted beside it.
"""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight

from koudai.model.fitting import dual
from koudai.model.fitting.dual import MANY, TIGHT_GAP, balance, solve
from koudai.model.fitting.dual_kernels import best_log_odds, expit
from koudai.text.compiled.lanes import LANES

Floats = NDArray[np.float64]
BOTH = pytest.mark.parametrize("logistic", [False, True], ids=["squared hinge", "logistic"])


def drawn(seed: int, n: int = 120, n_features: int = 40) -> tuple[sp.csr_matrix, NDArray[np.int8]]:
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.4).astype(np.int8)
    y[:2] = (0, 1)
    dense = random.random((n, n_features)) * (random.random((n, n_features)) < 0.2)
    dense[:, :3] += 0.5 * y[:, None] * random.random((n, 3))
    dense[::17] = 0.0  # posts without any feature
    return sp.csr_matrix(dense), y


def loss(
    x: sp.csr_matrix, y: NDArray[np.int8], costs: Floats, weights: Floats, intercept: float, *, logistic: bool
) -> float:
    margin = (2.0 * y - 1.0) * (x @ weights + intercept)
    each = np.logaddexp(0.0, -margin) if logistic else np.maximum(0.0, 1.0 - margin) ** 2
    return float(0.5 * weights @ weights + 0.5 * intercept**2 + costs @ each)


def by_scikit_learn(x: sp.csr_matrix, y: NDArray[np.int8], costs: Floats, *, logistic: bool) -> tuple[Floats, float]:
    settings = {"C": 1.0, "dual": True, "tol": 1e-10, "max_iter": 100_000, "random_state": 0}
    kind = LogisticRegression(solver="liblinear", **settings) if logistic else LinearSVC(**settings)
    kept = costs > 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it stops where rounding lets it go no further
        model = kind.fit(x[kept], y[kept], sample_weight=costs[kept])
    return model.coef_[0], float(model.intercept_[0])


@pytest.mark.slow
@BOTH
@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), cost=st.sampled_from([0.01, 0.5, 4.0]))
def test_A4_every_fit_is_that_of_liblinear_on_its_posts(*, logistic: bool, seed: int, cost: float) -> None:
    x, y = drawn(seed)
    random = np.random.default_rng(seed)
    costs = cost * random.uniform(0.5, 2.0, (len(y), 6)) * (random.random((len(y), 6)) < 0.7)
    costs[:2] = cost
    weights, intercepts = solve(x, y, costs, logistic=logistic, seed=seed)
    for k in range(6):
        other, bias = by_scikit_learn(x, y, costs[:, k], logistic=logistic)
        assert x @ weights[:, k] + intercepts[k] == pytest.approx(x @ other + bias, abs=2e-3)
        found = loss(x, y, costs[:, k], weights[:, k], intercepts[k], logistic=logistic)
        assert found == pytest.approx(loss(x, y, costs[:, k], other, bias, logistic=logistic), rel=1e-6)


@pytest.mark.slow
@BOTH
def test_the_loss_is_as_near_the_least_as_is_promised(monkeypatch: pytest.MonkeyPatch, *, logistic: bool) -> None:
    x, y = drawn(1, n=2000, n_features=300)
    costs = np.full((len(y), 1), 2.0)
    least = loss(x, y, costs[:, 0], *by_scikit_learn(x, y, costs[:, 0], logistic=logistic), logistic=logistic)
    above = []
    for many in (2000, 20_000, 100_000):
        monkeypatch.setattr(dual, "MANY", many)
        weights, intercepts = solve(x, y, costs, logistic=logistic, seed=3)
        above.append(loss(x, y, costs[:, 0], weights[:, 0], intercepts[0], logistic=logistic) / least - 1.0)
        assert -1e-9 <= above[-1] <= TIGHT_GAP * (2000 / many) ** 3
    assert above[0] > above[2]
    assert MANY == 100_000


@BOTH
def test_P6_neither_the_cores_nor_the_other_fits_change_a_bit(
    monkeypatch: pytest.MonkeyPatch, *, logistic: bool
) -> None:
    x, y = drawn(2)
    costs = np.random.default_rng(5).random((len(y), 9)) + 0.1
    expected, intercepts = solve(x, y, costs, logistic=logistic, seed=7)
    for cores in (1, 2, 3, 16):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: range(cores))
        found = solve(x, y, costs, logistic=logistic, seed=7)
        assert np.array_equal(found[0], expected)
        assert np.array_equal(found[1], intercepts)
    for columns in ([4], [8, 0], [5, 6, 7, 8, 0]):
        weights, some = solve(x, y, costs[:, columns], logistic=logistic, seed=7)
        assert np.array_equal(weights, expected[:, columns])
        assert np.array_equal(some, intercepts[columns])
    assert not np.array_equal(solve(x, y, costs, logistic=logistic, seed=8)[0], expected)


@BOTH
def test_a_post_without_cost_is_as_if_it_were_not_there(*, logistic: bool) -> None:
    x, y = drawn(3)
    part = np.arange(len(y)) % 3 > 0
    part[:2] = True
    whole, bias = solve(x, y, np.where(part, 1.5, 0.0)[:, None], logistic=logistic, seed=1)
    alone, other = solve(x[part], y[part], np.full((int(part.sum()), 1), 1.5), logistic=logistic, seed=1)
    assert np.allclose(whole, alone, atol=1e-4)
    assert np.allclose(bias, other, atol=1e-4)


@BOTH
def test_a_fit_without_posts_is_all_zeros_and_one_post_is_enough(*, logistic: bool) -> None:
    x, y = drawn(4)
    costs = np.zeros((len(y), LANES + 1))
    costs[5, 1] = 1.0
    weights, intercepts = solve(x, y, costs, logistic=logistic, seed=1)
    assert not weights[:, [0, 2, 3, 4]].any()
    assert not intercepts[[0, 2, 3, 4]].any()
    assert np.sign(x[5] @ weights[:, 1] + intercepts[1])[0] == (1 if y[5] else -1)


@BOTH
@pytest.mark.parametrize("cost", [1e-9, 1e6, 1e9])
def test_P5_costs_of_any_size_end_with_finite_numbers(
    monkeypatch: pytest.MonkeyPatch, *, logistic: bool, cost: float
) -> None:
    monkeypatch.setattr(dual, "SWEEPS", 50)
    x, y = drawn(5, n=60)
    weights, intercepts = solve(x, y, np.full((60, 1), cost), logistic=logistic, seed=1)
    assert np.isfinite(weights).all()
    assert np.isfinite(intercepts).all()


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.floats(-1000, 50),
    st.sampled_from([1e-9, 0.5, 20.0, 1e9]),
    st.floats(1.0, 5.0),
    st.floats(-1e3, 1e3),
)
def test_a_step_of_the_logistic_dual_ends_where_its_slope_is_zero(
    t: float, cost: float, norm: float, margin: float
) -> None:
    variable = cost * expit(t)
    found = best_log_odds(t, variable, cost, norm, margin)

    def slope(at: float) -> float:
        return at + norm * (cost * expit(at) - variable) + margin

    near = 1e-3 * max(1.0, abs(found))
    assert slope(found - near) <= 0.0 <= slope(found + near)


@pytest.mark.parametrize("seed", range(3))
def test_balanced_weights_are_scikit_learns(seed: int) -> None:
    _, y = drawn(seed)
    balanced = balance(y, np.ones((len(y), 2)))
    assert balanced[:, 1] == pytest.approx(compute_sample_weight("balanced", y))
    weight = np.random.default_rng(seed).random((len(y), 3)) * (np.arange(len(y)) % 4 > 0)[:, None]
    sums = [balance(y, weight)[y == label].sum(axis=0) for label in (0, 1)]
    assert sums[0] == pytest.approx(sums[1])
    assert sums[0] + sums[1] == pytest.approx(weight.sum(axis=0))


@BOTH
@pytest.mark.parametrize("gap", [1e-1, 1e-2, 1e-4])
def test_a_wider_gap_ends_sooner_and_is_kept(logistic: bool, gap: float) -> None:
    x, y = drawn(3)
    costs = np.ones((len(y), 1))
    exact, loose = (solve(x, y, costs, logistic=logistic, seed=1, gap=wanted) for wanted in (1e-9, gap))
    least, reached = (loss(x, y, costs[:, 0], w[:, 0], float(b[0]), logistic=logistic) for w, b in (exact, loose))
    assert least <= reached <= least * (1 + gap) / (1 - gap) + 1e-12


@pytest.mark.parametrize("margin", [-54.92258439751331, -54.922584397513305, -2.2, 0.0, 54.9])
def test_a_step_does_not_swing_between_two_tails(margin: float) -> None:
    """From -1000, Newton alone goes to and fro between the ends of these brackets."""
    found = best_log_odds(-1000.0, 0.0, 20.0, 3.0000000000000004, margin)
    assert found + 3.0 * 20.0 * expit(found) + margin == pytest.approx(0.0, abs=1e-3)


def test_rounding_of_the_features_changes_a_fit_by_no_more() -> None:
    x, y = drawn(1)
    x = sp.vstack([x, x, x]).tocsr()
    y = np.concatenate([y, y, 1 - y])
    other = x.copy()
    other.data = other.data * (1.0 + 1e-15 * np.random.default_rng(0).standard_normal(len(x.data)))
    a, b = (solve(some, y, np.full((len(y), 1), 20.0), logistic=True, seed=1, gap=0.03) for some in (x, other))
    assert x @ a[0] + a[1] == pytest.approx(x @ b[0] + b[1], abs=1e-9)


@BOTH
def test_fits_of_several_labels_give_the_bits_of_each_by_itself(*, logistic: bool) -> None:
    x, y = drawn(6)
    labels = np.stack([y, 1 - y, y[::-1], y, np.roll(y, 1)], axis=1)
    costs = np.random.default_rng(5).random((len(y), 5)) + 0.1
    costs[::3, 4] = 0.0
    weights, intercepts = solve(x, labels, costs, logistic=logistic, seed=7)
    for k in range(5):
        alone, bias = solve(x, labels[:, k], np.stack([costs[:, k], costs[:, 0]], axis=1), logistic=logistic, seed=7)
        assert np.array_equal(weights[:, k], alone[:, 0])
        assert intercepts[k] == bias[0]


def test_balanced_weights_of_several_labels_are_those_of_each() -> None:
    _, y = drawn(1)
    labels = np.stack([y, 1 - y, y[::-1]], axis=1)
    weight = np.random.default_rng(3).random(labels.shape)
    found = balance(labels, weight)
    for k in range(3):
        assert found[:, k] == pytest.approx(balance(labels[:, k], weight)[:, k], rel=1e-12)
