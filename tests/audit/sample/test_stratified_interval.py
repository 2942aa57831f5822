"""The interval: Wilson's where there is one stratum, the outermost shares that are not rejected (A4), rates that are
the most likely ones, wide where nothing was found, a point where everything was labelled.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from koudai.audit.sample.stratified_interval import rates_at, rates_that_add_up, stratified_interval
from koudai.training.judging.strata import Strata

HUGE = 1e12


def strata(*pairs: tuple[float, float]) -> Strata:
    size, labelled = np.array(pairs, dtype=np.float64).T
    return Strata(size, labelled)


@pytest.mark.parametrize(("x", "n"), [(0, 50), (1, 50), (3, 50), (25, 50), (49, 50), (50, 50), (7, 1000), (0, 5)])
def test_A4_one_stratum_is_wilson_s_interval_with_student_s_t(x: int, n: int) -> None:
    low, high = stratified_interval(strata((HUGE, n)), np.array([x / n]))
    alpha = float(2 * norm.sf(student.ppf(0.975, n - 1)))
    assert (low, high) == pytest.approx(proportion_confint(x, n, alpha=alpha, method="wilson"), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(50, 10_000), st.integers(2, 40), st.floats(0, 1)), min_size=2, max_size=5))
def test_A4_ends_are_the_outermost_shares_that_the_test_does_not_reject_by_grid(
    drawn: list[tuple[int, int, float]],
) -> None:
    of = strata(*((size, n) for size, n, _ in drawn))
    rate = np.array([round(part * n) / n for part, n in zip((r for *_, r in drawn), of.labelled, strict=True)])
    at = np.linspace(-15, 15, 4001)
    pull = float((of.labelled / of.share).min()) * np.sign(at) * np.expm1(np.abs(at))
    rates = rates_that_add_up(of, rate, pull)
    share, variance = rates @ of.share, (rates * (1 - rates)) @ of.factor
    quantile = student.ppf(0.975, of.labelled.sum() - len(drawn))
    kept = np.abs(share - rate @ of.share) <= quantile * np.sqrt(variance) + 1e-12
    low, high = stratified_interval(of, rate)
    found = (rate * of.labelled).sum()
    least, most = found / of.size.sum(), 1 - (of.labelled.sum() - found) / of.size.sum()
    first, last = np.flatnonzero(kept)[[0, -1]]
    assert max(share[max(first - 1, 0)], least) - 1e-9 <= low <= max(share[first], least) + 1e-9
    assert min(share[last], most) - 1e-9 <= high <= min(share[min(last + 1, len(share) - 1)], most) + 1e-9


def test_A2_where_each_stratum_has_one_label_next_to_nothing_is_known() -> None:
    low, high = stratified_interval(strata((900, 1), (100, 1)), np.array([0.0, 1.0]))
    assert low < 0.02
    assert high > 0.9


def test_rates_are_the_most_likely_ones_by_grid() -> None:
    of = strata((800, 20), (200, 10))
    rate = np.array([0.1, 0.4])
    share = 0.25
    found = rates_at(of, rate, share)
    first = np.linspace(0.001, 0.31, 200_001)
    second = (share - 0.8 * first) / 0.2
    usable = (second > 0) & (second < 1)
    p, q = first[usable], second[usable]
    likelihood = 2 * np.log(p) + 18 * np.log(1 - p) + 4 * np.log(q) + 6 * np.log(1 - q)
    best = likelihood.argmax()
    assert found == pytest.approx([p[best], q[best]], abs=1e-4)
    assert rates_that_add_up(of, rate, 0.0) == pytest.approx(rate)


def test_a_large_stratum_without_a_positive_keeps_the_interval_open() -> None:
    low, high = stratified_interval(strata((9_900, 30), (100, 30)), np.array([0.0, 0.5]))
    assert 0.0005 < low < 0.005 < high
    assert high > 2 / 30  # three in thirty might have been missed


def test_what_was_found_and_what_was_not_are_bounds() -> None:
    low, high = stratified_interval(strata((60, 50)), np.array([0.5]))
    assert 25 / 60 <= low <= 0.5 <= high <= 35 / 60
    assert stratified_interval(strata((60, 60), (4, 4)), np.array([0.5, 0.25])) == (
        pytest.approx(31 / 64),
        pytest.approx(31 / 64),
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 200), st.floats(0, 1)), min_size=1, max_size=7),
    st.floats(0.05, 1),
    st.floats(0, 0.01),
)
def test_A2_the_interval_lies_around_the_estimate_and_in_0_to_1(
    drawn: list[tuple[int, int, float]], gain: float, added: float
) -> None:
    of = strata(*((size, min(n, size)) for size, n, _ in drawn))
    rate = np.array([round(part * n) / n for part, n in zip((r for *_, r in drawn), of.labelled, strict=True)])
    centre = float((rate * of.share).sum())
    low, high = stratified_interval(of, rate, gain=gain, added=added)
    assert -1e-9 <= low <= centre + 1e-9
    assert centre - 1e-9 <= high <= 1 + 1e-9
    mirrored = stratified_interval(of, 1 - rate, gain=gain, added=added)
    assert mirrored == (pytest.approx(1 - high, abs=1e-5), pytest.approx(1 - low, abs=1e-5))


def test_A5_more_labels_and_smaller_variance_make_it_narrower() -> None:
    rate = np.array([0.1, 0.4])
    few, many = strata((8000, 20), (2000, 10)), strata((8000, 80), (2000, 40))
    wide, narrow = (np.diff(np.ravel(stratified_interval(of, rate))) for of in (few, many))
    assert narrow < 0.6 * wide
    assert np.diff(np.ravel(stratified_interval(few, rate, gain=0.25))) < 0.6 * wide
    assert np.diff(np.ravel(stratified_interval(few, rate, added=0.01))) > wide
