"""A2: intervals of `koudai.audit.sample.estimate` hold the truth as often as they say, down to 50 labels and one
post in a hundred; estimates are unbiased, whatever the model. The whole table is made by tests.benchmarks.prevalence.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from koudai.audit.sample.estimate import ESTIMATORS
from tests.audit.sample.simulated import simulate, world

DRAWS = 1500
NOISE = 100 * 3 * (0.05 * 0.95 / DRAWS) ** 0.5
CELLS = [
    ("good", 0.01, 50),
    ("fair", 0.01, 50),
    ("useless", 0.01, 50),
    ("overconfident", 0.02, 50),
    ("fair", 0.03, 100),
    ("too low", 0.1, 50),
    ("overconfident", 0.3, 200),
]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "share", "n"), CELLS)
def test_A2_coverage_is_93_to_97_per_cent_and_estimates_are_unbiased(model: str, share: float, n: int) -> None:
    for found in simulate(model, share, n, DRAWS).values():
        assert 93 - NOISE < found.covered < 97 + NOISE
        assert abs(found.bias) < 4 * found.deviation / DRAWS**0.5


def test_A2_estimate_and_1_96_standard_errors_hold_the_truth_of_a_rare_category_far_less_often() -> None:
    assert simulate("useless", 0.01, 50, 500)["design"].wald < 50


def test_A2_of_fifty_posts_without_strata_one_positive_more_or_less_is_a_step_from_91_to_99_per_cent() -> None:
    """Of any interval that is given by the number of positives: those with 0 and 1 positives hold .01, or 2 as well."""
    steps = 100 * np.array([binom.cdf(most, 50, 0.01) for most in (1, 2)])
    assert steps == pytest.approx([91.1, 98.6], abs=0.1)
    assert simulate("fair", 0.01, 50, DRAWS, strata=False)["design"].covered == pytest.approx(steps[0], abs=NOISE)


def test_a_good_model_makes_the_interval_narrower_than_labels_alone() -> None:
    found = simulate("good", 0.3, 200, 200)
    assert found["ppi++"].width < found["design"].width
    assert set(found) == set(ESTIMATORS)


def test_the_simulated_share_is_the_one_asked_for() -> None:
    for model in ("good", "useless", "too low"):
        assert world(model, 0.03).share == pytest.approx(0.03)
    of = world("good", 0.1)
    assert np.corrcoef(of.y, of.f)[0, 1] > 0.4
