"""Strata of a sample: what they weigh, and what is left to infer."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.training.judging.strata import Strata


def test_a_stratum_that_is_labelled_whole_adds_nothing() -> None:
    strata = Strata(np.array([900.0, 50.0, 50.0]), np.array([30.0, 10.0, 50.0]))
    assert strata.share.tolist() == [0.9, 0.05, 0.05]
    assert strata.factor == pytest.approx([0.81 * (1 - 30 / 900) / 30, 0.0025 * 0.8 / 10, 0.0])
    assert strata.open.tolist() == [True, True, False]
    assert strata.reach == pytest.approx(2.024, abs=1e-3), "Student's, with 29 + 9 degrees of freedom"
