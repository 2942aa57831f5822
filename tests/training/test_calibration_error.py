"""Calibration error: Kumar's estimator by a loop (A4), 0 inside for a calibrated model (A2), groups that count once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from koudai.training.calibration_error import BINS, FEWEST, calibrated_range, calibration_error

ALONE = np.arange(4000)


def posts(seed: int, n: int, *, bold: float = 1.0) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Draw probabilities, and labels of which they are right, or too bold."""
    random = np.random.default_rng(seed)
    p = random.random(n)
    right = 1 / (1 + ((1 - p) / p) ** bold)
    return (random.random(n) < right).astype(np.int8), p


def test_A4_the_estimate_is_that_of_a_loop_over_ten_bins() -> None:
    """Each bin's squared gap less its variance, s²/n with n − 1 beneath, weighted by its posts."""
    y, p = posts(1, 1000, bold=0.5)
    order = np.argsort(p)
    total = 0.0
    for part in np.split(order, BINS):
        off = p[part] - y[part]
        total += len(part) / 1000 * (off.mean() ** 2 - off.var(ddof=1) / len(part))
    assert calibration_error(y, p, groups=ALONE[:1000]).value == pytest.approx(np.sqrt(total))


def test_A2_a_calibrated_model_has_0_inside_and_a_bold_one_has_not() -> None:
    held = [calibration_error(*posts(seed, 500), groups=ALONE[:500]).low == 0.0 for seed in range(100)]
    assert 0.9 <= np.mean(held) <= 1.0
    bold = calibration_error(*posts(1, 4000, bold=0.4), groups=ALONE)
    assert bold.low is not None
    assert bold.low > 0.05


def test_copies_in_one_group_tell_no_more_than_the_posts() -> None:
    y, p = posts(2, 1000, bold=0.5)
    once = calibration_error(y, p, groups=ALONE[:1000])
    copied = calibration_error(np.repeat(y, 4), np.repeat(p, 4), groups=np.repeat(ALONE[:1000], 4))
    apart = calibration_error(np.repeat(y, 4), np.repeat(p, 4), groups=ALONE)
    for name in ("value", "low", "high"):
        assert getattr(copied, name) == pytest.approx(getattr(once, name), abs=0.01)
    assert apart.high - apart.low < 0.7 * (once.high - once.low)  # type: ignore[operator]


def test_few_posts_few_groups_and_one_probability() -> None:
    few = BINS * FEWEST
    y, p = posts(3, few)
    assert calibration_error(y, p, groups=ALONE[:few]).value is not None
    assert calibration_error(y[1:], p[1:], groups=ALONE[1:few]) == (None, None, None)
    assert calibration_error(np.repeat(y, 9), np.repeat(p, 9), groups=np.repeat(ALONE[:few] // 2, 9))[0] is None
    assert calibration_error(y[:0], p[:0], groups=ALONE[:0]) == (None, None, None)
    same = calibration_error(y, np.full(few, 0.5), groups=ALONE[:few])
    assert same.value is not None
    assert same.low is not None
    assert same.low <= same.value


def test_the_range_of_a_calibrated_bin_is_that_of_a_binomial_and_wider_for_groups() -> None:
    p = np.full(400, 0.3)
    low, high = calibrated_range(p, groups=ALONE[:400], seed=1)
    assert low == pytest.approx(0.3 - 1.96 * np.sqrt(0.21 / 400), abs=0.012)
    assert high == pytest.approx(0.3 + 1.96 * np.sqrt(0.21 / 400), abs=0.012)
    wide = calibrated_range(p, groups=ALONE[:400] // 8, seed=1)
    assert wide[1] - wide[0] > 2 * (high - low)  # type: ignore[operator]
    assert calibrated_range(p[:0], groups=ALONE[:0], seed=1) == (None, None)
