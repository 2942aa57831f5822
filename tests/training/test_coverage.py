"""Coverage of a run: sets from probabilities as the scorer gives them, and what they hold, counted by a loop."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.model.deciding.conformal import fit_sets
from koudai.training.coverage import describe_coverage, held_out_sets
from tests.model.tiny import CATEGORIES, tiny_taxonomy


def test_parents_are_raised_to_their_children_before_sets_are_made() -> None:
    random = np.random.default_rng(0)
    held_out = random.random((300, 3))
    labels = random.integers(-1, 2, (300, 3)).astype(np.int8)
    held_out[labels < 0] = np.nan
    raised = np.nan_to_num(held_out)
    raised[:, 0] = np.maximum(raised[:, 0], raised[:, 1])
    found = held_out_sets(held_out, labels, tiny_taxonomy(), CATEGORIES, coverage=0.8)
    assert np.allclose(found, fit_sets(raised, labels, coverage=0.8), atol=1e-7)


def test_those_of_an_exclusive_taxonomy_add_up_to_1_before_sets_are_made() -> None:
    random = np.random.default_rng(0)
    held_out = random.random((300, 3))
    labels = np.eye(3, dtype=np.int8)[random.integers(0, 3, 300)]
    found = held_out_sets(held_out, labels, tiny_taxonomy(exclusive=True), CATEGORIES, coverage=0.8)
    shares = held_out / held_out.sum(axis=1, keepdims=True)
    assert np.allclose(found, fit_sets(shares, labels, coverage=0.8, exclusive=True), atol=1e-6)
    assert (found[1] == 1).all()


@pytest.mark.parametrize("sets", [(0.4, 0.6), (0.6, 0.4)])
def test_A4_A6_what_sets_hold_is_counted_per_class_without_posts_that_have_no_probability(
    sets: tuple[float, float],
) -> None:
    random = np.random.default_rng(1)
    y = random.integers(0, 2, 200).astype(np.int8)
    p = random.random(200).astype(np.float32)
    p[:7] = np.nan
    found = describe_coverage(
        y, p, np.arange(200) // 2, sets=np.array(sets), target=0.9, exclusive=False
    )  # fmt: skip
    rows = [
        (label, chance >= sets[0], chance <= sets[1]) for label, chance in zip(y, p, strict=True) if chance == chance
    ]
    for share, label, place in ((found.positives, 1, 1), (found.negatives, 0, 2)):
        held = [row[place] for row in rows if row[0] == label]
        assert (share.metric, share.n) == ("coverage", len(held))
        assert share.value == pytest.approx(np.mean(held))
        assert share.low < share.value < share.high
    assert found.both == sum(a and b for _, a, b in rows)
    assert found.neither == sum(not a and not b for _, a, b in rows)
    assert found.target == 0.9


def test_A1_a_class_without_posts_has_no_coverage() -> None:
    y, p = np.zeros(30, dtype=np.int8), np.linspace(0, 1, 30, dtype=np.float32)
    found = describe_coverage(y, p, np.arange(30), sets=np.array([0.3, 0.7]), target=0.9, exclusive=False)
    assert (found.positives.value, found.positives.n) == (None, 0)
    alone = describe_coverage(1 - y, p, np.arange(30), sets=np.array([0.3, 1.0]), target=0.9, exclusive=True)
    assert (alone.negatives.value, alone.negatives.n) == (None, 0)
    assert alone.positives.n == 30
