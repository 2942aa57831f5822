"""What labels may be expected to tell, from scores alone."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.sample.estimate import estimate
from koudai.audit.sample.expectation import NUMBERS, expected_widths
from koudai.audit.sample.score_sums import ScoreSums
from koudai.errors import UsageError
from tests.audit.sample import simulated
from tests.benchmarks.expectation import expected, world


def test_the_plan_is_near_what_samples_of_a_right_model_come_to_and_narrows_with_n() -> None:
    posts = world("fair", 0.1)
    plan = expected(posts)
    assert tuple(plan) == NUMBERS
    half = [one.half_width for one in plan.values()]
    assert half == sorted(half, reverse=True)
    widths = [estimate(*one)["ppi++"].half_width for one in simulated.samples(posts, 400, 6)]
    assert abs(plan[400].half_width / np.mean(widths) - 1) < 0.15
    assert plan[50].power < plan[400].power < plan[2000].power <= 1
    assert all(one.least <= one.half_width <= one.most for one in plan.values())


def test_posts_without_probability_are_like_the_rest_and_too_few_are_refused() -> None:
    size = np.array([30, 0, 40, 10, 10, 5, 5])
    share = np.array([0.0, 0.0, 0.01, 0.1, 0.4, 0.7, 0.9])
    told = (size * share)[:, None]
    sums = ScoreSums("m", ("c",), np.repeat(np.arange(7), size).astype(np.uint16), size, told * 0.5, told)
    found = expected_widths(sums, difference=0.8)
    with pytest.raises(UsageError, match="so much more or less of c") as caught:
        expected_widths(sums, difference=0.9)
    assert "expected share of 0.1" in str(caught.value.expected)
    assert [one.n for one in found] == [50, 100]
    assert found[0].share == pytest.approx(told.sum() / 70)
    assert found[1].half_width == pytest.approx(0.0, abs=1e-9)
    few = ScoreSums("m", ("c",), sums.code[:20], np.array([20, 0, 0, 0, 0, 0, 0]), told * 0, told * 0)
    with pytest.raises(UsageError, match="too few posts"):
        expected_widths(few, difference=0.05)
    with pytest.raises(UsageError, match="no difference of two shares"):
        expected_widths(sums, difference=1.0)
