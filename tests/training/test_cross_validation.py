"""Cross-validation: intervals hold the truth of simulated posts, with and without anything to learn; held-out posts say
nothing (A3); the same seed gives the same figures.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from koudai.model.fitting.classifiers import make_classifier
from koudai.training.counted_posts import CountedPosts
from koudai.training.cross_validation import CrossData, cross_validated


def world(n: int, seed: int, *, signal: float, words: int = 300) -> CrossData:
    """Return posts of random words, some of which lean to one side by `signal`."""
    random = np.random.default_rng(seed)
    y = (np.arange(n) % 2).astype(np.int8)
    rate = 0.03 * (1.0 + signal * np.where(np.arange(words) < words // 4, np.where(y, 1.0, -1.0)[:, None], 0.0))
    counts = sp.csr_matrix(random.poisson(rate).astype(np.int32))
    counted = CountedPosts((counts,), (np.ones(words),), 2, sublinear_tf=True)
    return CrossData(
        counted, y, np.arange(n), make_classifier("DualLinearSVC", {"C": 0.5, "class_weight": "balanced"}), seed=seed
    )


@pytest.mark.slow
@pytest.mark.parametrize("signal", [0.0, 0.9])
def test_intervals_of_simulated_posts_hold_what_their_mean_is(signal: float) -> None:
    found = [cross_validated(world(120, seed, signal=signal), metrics=("auc",))[0] for seed in range(120)]
    truth = float(np.mean([one.value for one in found])) if signal else 0.5
    held = sum(1 for one in found if (one.low or 0.0) <= truth <= (one.high or 1.0))
    assert held >= 108  # of 120: nine tenths; the program of coverage counts more


def test_same_seed_same_figures_and_another_seed_others() -> None:
    data = world(60, 1, signal=0.5)
    assert cross_validated(data, metrics=("auc",)) == cross_validated(data, metrics=("auc",))
    assert cross_validated(data, metrics=("auc",)) != cross_validated(world(60, 2, signal=0.5), metrics=("auc",))


def test_A3_a_word_of_held_out_posts_alone_has_no_weight() -> None:
    data = world(40, 3, signal=0.0)
    folds = data.dealt(0)
    held = folds.fold == 0
    telling = sp.csr_matrix((held & (data.labels == 1)).astype(np.int32)[:, None])
    counts = sp.hstack([data.counted.counts[0], telling], format="csr").astype(np.int32)
    leaking = CrossData(
        CountedPosts((counts,), (np.ones(counts.shape[1]),), 1, sublinear_tf=True),
        data.labels,
        data.groups,
        data.classifier,
        seed=3,
    )
    features = leaking.counted.fitted_on(np.flatnonzero(~held))
    assert features[:, -1].nnz == 0


def test_some_posts_may_be_fitted_on_and_not_measured() -> None:
    data = world(60, 1, signal=0.5)
    (found,) = cross_validated(data, metrics=("auc",), tested=np.arange(60) < 40)
    assert found.n == 40
    (one_class,) = cross_validated(data, metrics=("auc",), tested=data.labels == 1)
    assert (one_class.value, one_class.low) == (None, None)


def test_clusters_that_are_larger_than_groups_make_intervals_wider() -> None:
    plain = world(200, 5, signal=0.5)
    clustered = CrossData(
        plain.counted, plain.labels, plain.groups, plain.classifier, plain.seed, clusters=np.arange(200) // 2 % 8
    )
    (alone,), (together,) = (cross_validated(data, metrics=("auc",)) for data in (plain, clustered))
    assert alone.value == together.value
    assert alone.low != together.low


def test_below_fifty_clusters_of_a_class_there_is_a_figure_and_no_interval() -> None:
    labels = np.random.default_rng(4).permutation(np.repeat([1, 0], (60, 70))).astype(np.int8)
    counts = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1) + np.eye(130, dtype=np.int8)[:, :2], dtype=np.int32)
    counted = CountedPosts((counts,), (np.ones(2),), 2, sublinear_tf=True)
    data = CrossData(counted, labels, np.arange(130), make_classifier("DualLinearSVC", {"C": 0.5}), seed=1)
    few = replace(data, clusters=np.arange(130) // 2)
    (wide,), (narrow,) = (cross_validated(one, metrics=("f1",)) for one in (data, few))
    assert wide.low is not None
    assert (narrow.low, narrow.high) == (None, None)
    assert narrow.value == wide.value


def test_A1_fits_without_both_classes_decide_nothing() -> None:
    data = world(20, 4, signal=0.5)
    weights = np.stack([np.zeros(20), data.labels], axis=1).astype(np.float64)
    assert not data.decided(weights).any()
    both = data.decided(np.hstack([weights, np.ones((20, 1))]))
    assert not both[:, :2].any()
    assert both[:, 2].any()
