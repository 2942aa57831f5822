"""The candidates of tests.benchmarks.intervals are what they are called, by statsmodels (A4)."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from koudai.training.judging.strata import Strata
from tests.benchmarks.intervals import CANDIDATES, cell

pytestmark = pytest.mark.benchmark

ONE = Strata(np.array([1e12]), np.array([50.0]))
COUNTS = (0, 1, 7, 25, 49, 50)


@pytest.mark.parametrize(
    ("name", "method"), [("score, 1.96", "wilson"), ("exact (Clopper-Pearson)", "beta"), ("Korn-Graubard", "beta")]
)
def test_A4_in_one_stratum_candidates_are_the_known_intervals(name: str, method: str) -> None:
    low, high = CANDIDATES[name](ONE, np.array(COUNTS, dtype=np.float64)[:, None])
    bias = 49 / 50 if name == "Korn-Graubard" else 1.0  # its variance divides by n - 1
    for at, x in enumerate(COUNTS):
        n = 50 * bias if 0 < x < 50 else 50
        found = (float(low[at]), float(high[at]))
        assert found == pytest.approx(proportion_confint(x / 50 * n, n, method=method), abs=1e-6)


def test_of_every_candidate_coverage_and_width_are_measured() -> None:
    strata = Strata(np.array([900.0, 100.0]), np.array([40.0, 10.0]))
    found = cell(strata, np.array([90, 50]), 200)
    assert set(found) == set(CANDIDATES)
    for covered, width in found.values():
        assert 80 < covered <= 100
        assert 0.05 < width < 0.4
    assert found["exact (Clopper-Pearson)"][1] > found["mid-P"][1]
