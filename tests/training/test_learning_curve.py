"""Learning curves: parts that lie within each other, no post judged by a model that saw it or its like, no 0 for what
could not be fitted.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from koudai.model.deciding.calibration import best_f1_threshold, fit_sigmoid, sigmoid
from koudai.model.evaluation import Points
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.fit import FitData, fold_weights, out_of_fold
from koudai.training.folds import Folds, deal_folds
from koudai.training.learning_curve import decisions_by_share, learning_curve

N = 240


def world() -> tuple[sp.csr_matrix, NDArray[np.int8], NDArray[np.int64]]:
    random = np.random.default_rng(8)
    y = random.integers(0, 2, N).astype(np.int8)
    dense = random.random((N, 60)) * (random.random((N, 60)) < 0.2)
    dense[:, :6] += 0.5 * y[:, None] * (random.random((N, 6)) < 0.5)
    return sp.csr_matrix(dense), y, np.arange(N) // 2


def curve(labels: NDArray[np.int8], shares: tuple[float, ...], folds: int = 4) -> Points:
    features, _, groups = world()
    return learning_curve(
        FitData(
            features,
            labels,
            np.ones(N),
            groups,
            classifier=make_classifier("DualLogisticRegression", {"C": 20.0}),
            seed=3,
        ).dealt(folds),
        shares=shares,
    )


def test_A4_each_point_is_out_of_fold_with_thresholds_from_the_other_folds() -> None:
    features, y, groups = world()
    shares = (0.2, 0.5, 1.0)
    found = curve(y, shares)
    fold = deal_folds(y, groups, 4, seed=3)
    for (posts, f1, low, high), share in zip(found, shares, strict=True):
        decision = out_of_fold(
            FitData(
                features,
                y,
                np.ones(N),
                groups,
                classifier=make_classifier("DualLogisticRegression", {"C": 20.0}),
                seed=3,
            ).dealt(4),
            part=share,
        )
        tagged = np.zeros(N, dtype=bool)
        for k in range(4):
            rest = fold != k
            slope, offset = fit_sigmoid(decision[rest], y[rest])
            proba = sigmoid(slope * decision + offset)
            tagged[~rest] = proba[~rest] >= best_f1_threshold(proba[rest], y[rest])
        assert f1 == pytest.approx(f1_score(y, tagged))
        assert low <= f1 <= high
        assert posts == pytest.approx(share * N * 3 / 4, abs=2)
    assert found[-1][1] > found[0][1]


def test_A3_smaller_parts_lie_within_larger_ones_and_divide_no_group() -> None:
    _, y, groups = world()
    folds = Folds.deal(y, groups, 4, seed=3)
    small, large = (fold_weights(y, np.ones(N), groups, folds, seed=3, part=part) for part in (0.3, 0.7))
    for k in range(4):
        inner, outer = set(np.flatnonzero(small[:, k])), set(np.flatnonzero(large[:, k]))
        assert inner < outer
        assert not outer & set(np.flatnonzero(folds.fold == k))
        for part in (inner, outer):
            assert {group for post in part for group in (post, post ^ 1)} == part


def test_unknown_posts_take_no_part_and_the_same_seed_gives_the_same_curve() -> None:
    _, y, _ = world()
    labels = y.copy()
    labels[:80] = -1
    found = curve(labels, (1.0,))
    assert found[0][0] == pytest.approx((N - 80) * 3 / 4, abs=2)
    assert curve(labels, (1.0,)) == found


def test_A1_a_part_without_posts_of_both_classes_is_left_out() -> None:
    labels = np.zeros(N, dtype=np.int8)
    labels[[0, 1, 100, 101, 200, 201]] = 1
    found = curve(labels, (0.02, 1.0), folds=3)
    assert len(found) == 1
    assert found[0][0] == pytest.approx(N * 2 / 3, abs=2)
    assert curve(labels, (0.02,), folds=3) == ()


def test_all_shares_are_fitted_at_once_as_each_would_be_alone() -> None:
    features, y, groups = world()
    data = FitData(
        features, y, np.ones(N), groups, make_classifier("DualLogisticRegression", {"C": 20.0}), seed=3
    ).dealt(4)
    found = decisions_by_share(data, shares=(0.3, 1.0))
    assert [one.share for one in found] == [0.3, 1.0]
    for one in found:
        alone = out_of_fold(data, part=one.share)
        assert one.decision == pytest.approx(alone, abs=1e-3)
        assert one.posts == pytest.approx(one.share * N * 3 / 4, abs=2)
