"""Figures of a model: scikit-learn's with and without weights, and influences that are their derivatives (A4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR, average_precision_of_others, linear_macro_f1
from tests.audit.judging.posts import judged, weighted

SCIKIT_LEARN = {
    "precision": lambda one, w: metrics.precision_score(one.y, one.tagged, sample_weight=w),
    "recall": lambda one, w: metrics.recall_score(one.y, one.tagged, sample_weight=w),
    "f1": lambda one, w: metrics.f1_score(one.y, one.tagged, sample_weight=w),
    "average_precision": lambda one, w: metrics.average_precision_score(one.y, one.p, sample_weight=w),
    "auc": lambda one, w: metrics.roc_auc_score(one.y, one.p, sample_weight=w),
    "brier": lambda one, w: metrics.brier_score_loss(one.y, one.p, sample_weight=w, pos_label=1),
}


@pytest.mark.parametrize("name", LINEAR)
def test_A4_values_are_those_of_scikit_learn_with_and_without_weights(name: str) -> None:
    for one in (judged(), weighted(), judged(40, 7, share=0.1)):
        found = LINEAR[name](one)
        assert found is not None
        assert found.value == pytest.approx(SCIKIT_LEARN[name](one, one.weights), abs=1e-12)


@pytest.mark.parametrize("name", LINEAR)
def test_influences_are_the_derivatives_by_the_weights_and_their_mean_is_0(name: str) -> None:
    one, more = weighted(120), 1e-7
    found = LINEAR[name](one)
    assert found is not None
    assert float(one.weight @ found.influence) == pytest.approx(0.0, abs=1e-12)
    for at in (0, 17, 63, 119):
        moved = one.weight.copy()
        moved[at] += more
        other = LINEAR[name](replace(one, weights=moved))
        assert other is not None
        assert (other.value - found.value) / more == pytest.approx(found.influence[at], rel=1e-3, abs=1e-5)


def test_A1_what_is_not_defined_is_none() -> None:
    one = judged(20)
    nobody = replace(one, y=np.zeros(20))
    assert all(LINEAR[name](nobody) is None for name in ("recall", "f1", "average_precision", "auc"))
    assert LINEAR["auc"](replace(one, y=np.ones(20))) is None
    assert LINEAR["precision"](replace(one, tagged=np.zeros(20, dtype=bool))) is None


def test_a_divided_post_is_half_in_and_half_out() -> None:
    whole = judged(50)
    halves = JudgedPosts(
        np.concatenate([whole.y, [1.0, 0.0]]),
        np.concatenate([whole.p, [0.37, 0.37]]),
        np.concatenate([whole.tagged, [False, False]]),
        np.arange(52),
        np.arange(52),
        weights=np.concatenate([np.ones(50), [0.5, 0.5]]),
    )
    divided = replace(
        halves,
        y=np.concatenate([whole.y, [0.5]]),
        p=halves.p[:51],
        tagged=halves.tagged[:51],
        row=np.arange(51),
        cluster=np.arange(51),
        weights=np.ones(51),
    )
    for name in LINEAR:
        one, other = LINEAR[name](halves), LINEAR[name](divided)
        assert one is not None
        assert other is not None
        assert one.value == pytest.approx(other.value), name


def test_average_precision_of_others_is_lower_and_near_for_many_posts() -> None:
    few, many = judged(40, 3), judged(20_000, 3)
    for one, near in ((few, 0.3), (many, 0.001)):
        found = LINEAR["average_precision"](one)
        assert found is not None
        assert found.value - near < average_precision_of_others(one) < found.value


def test_A1_the_mean_of_both_f1_needs_both() -> None:
    one = judged(40)
    found = linear_macro_f1(one)
    assert found is not None
    assert found.value == pytest.approx(metrics.f1_score(one.y, one.tagged, average="macro"))
    for side in (0, 1):
        alone = replace(one, y=np.full(len(one), float(side)), tagged=np.full(len(one), side == 1))
        assert linear_macro_f1(alone) is None
