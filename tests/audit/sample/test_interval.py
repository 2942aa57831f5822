"""The interval: that of a binomial share where there is one stratum (A4), rates that are the most likely
ones, wide where nothing was found, a point where everything was labelled.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binom

from pipeline.audit.sample.interval import Strata, interval, rates_at, rates_that_add_up

HUGE = 1e12


def strata(*pairs: tuple[float, float]) -> Strata:
    size, labelled = np.array(pairs, dtype=np.float64).T
    return Strata(size, labelled)


@pytest.mark.parametrize(("x", "n"), [(0, 50), (1, 50), (3, 50), (25, 50), (49, 50), (50, 50), (7, 1000), (0, 5)])
def test_A4_one_stratum_is_the_mid_p_interval_of_a_binomial(x: int, n: int) -> None:
    low, high = interval(strata((HUGE, n)), np.array([x / n]))

    def over(p: float) -> float:
        return float(binom.sf(x, n, p) + binom.pmf(x, n, p) / 2 - 0.025)

    def under(p: float) -> float:
        return float(binom.cdf(x - 1, n, p) + binom.pmf(x, n, p) / 2 - 0.025)

    assert low == pytest.approx(brentq(over, 1e-12, x / n) if x else 0.0, abs=1e-6)
    assert high == pytest.approx(brentq(under, x / n, 1 - 1e-12) if x < n else 1.0, abs=1e-6)


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
    low, high = interval(strata((9_900, 30), (100, 30)), np.array([0.0, 0.5]))
    assert 0.0005 < low < 0.005 < high
    assert high > 2 / 30  # three in thirty might have been missed


def test_what_was_found_and_what_was_not_are_bounds() -> None:
    low, high = interval(strata((60, 50)), np.array([0.5]))
    assert 25 / 60 <= low <= 0.5 <= high <= 35 / 60
    assert interval(strata((60, 60), (4, 4)), np.array([0.5, 0.25])) == (
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
    low, high = interval(of, rate, gain=gain, added=added)
    assert -1e-9 <= low <= centre + 1e-9
    assert centre - 1e-9 <= high <= 1 + 1e-9
    mirrored = interval(of, 1 - rate, gain=gain, added=added)
    assert mirrored == (pytest.approx(1 - high, abs=1e-5), pytest.approx(1 - low, abs=1e-5))


def test_A5_more_labels_and_smaller_variance_make_it_narrower() -> None:
    rate = np.array([0.1, 0.4])
    few, many = strata((8000, 20), (2000, 10)), strata((8000, 80), (2000, 40))
    wide, narrow = (np.diff(np.ravel(interval(of, rate))) for of in (few, many))
    assert narrow < 0.6 * wide
    assert np.diff(np.ravel(interval(few, rate, gain=0.25))) < 0.6 * wide
    assert np.diff(np.ravel(interval(few, rate, added=0.01))) > wide
