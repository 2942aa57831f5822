"""Thresholds by target: truly met on the posts they were chosen on, and no other one does better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score

from koudai.model.deciding.calibration import best_f1_threshold
from koudai.model.deciding.thresholds import choose_threshold

GRID = st.integers(0, 40).map(lambda step: step / 40)
ROWS = st.lists(st.tuples(st.one_of(GRID, st.floats(0, 1)), st.booleans()), min_size=2, max_size=30)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=80)
@given(ROWS, st.sampled_from(["precision", "recall"]), st.sampled_from([0.05, 0.5, 0.75, 0.9, 0.99]))
def test_a_target_is_met_if_any_threshold_meets_it_and_at_the_least_cost(
    rows: list[tuple[float, bool]], name: str, least: float
) -> None:
    proba = np.array([p for p, _ in rows])
    y = np.array([label for _, label in rows], dtype=np.int8)
    assume(0 < y.sum() < len(y))
    of = {"precision": precision_score, "recall": recall_score}
    other = "recall" if name == "precision" else "precision"
    chosen = choose_threshold(proba, y, {name: least})
    tagged = proba >= chosen.value
    assert chosen.precision == pytest.approx(precision_score(y, tagged))
    assert chosen.recall == pytest.approx(recall_score(y, tagged))
    assert (chosen.tagged, chosen.n) == (tagged.sum(), len(y))
    cuts = [proba >= p for p in set(proba.tolist())]
    able = [cut for cut in cuts if of[name](y, cut) >= least]
    assert chosen.met == bool(able)
    if able:
        assert of[name](y, tagged) >= least
        assert of[other](y, tagged) == max(of[other](y, cut) for cut in able)
    else:
        greatest = max(of[name](y, cut) for cut in cuts)
        assert of[name](y, tagged) == greatest
        assert of[other](y, tagged) == max(of[other](y, cut) for cut in cuts if of[name](y, cut) == greatest)


def test_hand_made_targets() -> None:
    proba, y = np.array([0.9, 0.8, 0.6, 0.4, 0.2]), np.array([1, 1, 0, 1, 0], dtype=np.int8)
    found = choose_threshold(proba, y, {"precision": 0.75})
    assert (found.value, found.precision, found.recall, found.tagged, found.met) == (
        pytest.approx(0.3),
        0.75,
        1.0,
        4,
        True,
    )
    assert choose_threshold(proba, y, {"precision": 0.9}).value == pytest.approx(0.7)
    assert choose_threshold(proba, y, {"recall": 0.5}).value == pytest.approx(0.7)
    worst = choose_threshold(proba, 1 - y, {"precision": 0.9})
    assert (worst.met, worst.value, worst.precision, worst.tagged) == (False, pytest.approx(0.1), 0.4, 5)


def test_a_number_stands_and_says_what_it_reaches_and_f1_is_the_best() -> None:
    proba, y = np.array([0.9, 0.8, 0.6, 0.4]), np.array([1, 1, 0, 0], dtype=np.int8)
    fixed = choose_threshold(proba, y, 0.5)
    assert (fixed.value, fixed.precision, fixed.recall, fixed.met) == (0.5, 2 / 3, 1.0, True)
    none = choose_threshold(proba, y, 0.95)
    assert (none.tagged, none.precision, none.recall) == (0, None, 0.0)
    assert choose_threshold(proba, y, "f1").value == best_f1_threshold(proba, y)


def test_neighbouring_floats_and_zero_are_still_told_apart() -> None:
    low = 0.5
    proba = np.array([np.nextafter(low, 1), low, 0.0])
    found = choose_threshold(proba, np.array([1, 0, 0], dtype=np.int8), {"precision": 0.9})
    assert (proba >= found.value).tolist() == [True, False, False]
    every = choose_threshold(proba, np.array([0, 0, 1], dtype=np.int8), {"recall": 0.9})
    assert (every.value, every.tagged, every.met) == (0.0, 3, True)
