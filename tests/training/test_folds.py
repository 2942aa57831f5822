"""Folds: scikit-learn's own, post by post, whatever the groups; no group is divided (A3)."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from koudai.errors import TooFewPosts
from koudai.training.folds import Folds, deal_categories, deal_folds
from koudai.training.folds_kernels import unevenness

ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 40)), min_size=4, max_size=120)


def by_scikit_learn(y: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    fold = np.full(len(y), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for k, (_, held) in enumerate(
            StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y, groups)
        ):
            fold[held] = k
    return fold


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=150)
@given(ROWS, st.integers(2, 7), st.integers(0, 10_000))
def test_A4_A3_the_folds_are_scikit_learns_and_divide_no_group(
    rows: list[tuple[int, int]], folds: int, seed: int
) -> None:
    y, groups = (np.array(column) for column in zip(*rows, strict=True))
    assume(len(set(y.tolist())) == 2)
    assume(len(set(groups.tolist())) >= folds <= max(np.bincount(y)))
    found = deal_folds(y.astype(np.int8), groups, folds, seed=seed)
    assert np.array_equal(found, by_scikit_learn(y, groups, folds, seed))
    assert all(len(set(found[groups == group].tolist())) == 1 for group in groups)


def test_large_groups_and_many_of_them() -> None:
    random = np.random.default_rng(3)
    groups = np.minimum(random.zipf(1.4, 3000), 1500).astype(np.int64)
    y = (random.random(3000) < 0.2).astype(np.int8)
    for folds in (2, 5, 20):
        assert np.array_equal(deal_folds(y, groups, folds, seed=11), by_scikit_learn(y, groups, folds, 11))


def test_another_seed_deals_otherwise_and_each_fold_has_its_share() -> None:
    y, groups = (np.arange(400) % 4 == 0).astype(np.int8), np.arange(400)
    one, other = (deal_folds(y, groups, 5, seed=seed) for seed in (1, 2))
    assert not np.array_equal(one, other)
    for fold in (one, other):
        assert np.bincount(fold).tolist() == [80] * 5
        assert np.bincount(fold[y == 1]).tolist() == [20] * 5


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9))
def test_unevenness_is_the_mean_standard_deviation(shares: list[tuple[float, float]]) -> None:
    assert unevenness(np.array(shares)) == pytest.approx(np.std(shares, axis=0).mean(), abs=1e-12)


def test_I17_a_category_with_few_groups_has_fewer_folds_and_with_one_is_refused() -> None:
    labels = np.zeros((60, 2), np.int8)
    labels[:3, 0] = labels[:9, 1] = 1
    given = {"names": ("rumour", "ai_news_anchors"), "folds": 5, "seed": 4}
    assert [one.count for one in deal_categories(labels, np.arange(60), **given)] == [3, 5]
    with pytest.raises(TooFewPosts, match="rumour"):
        deal_categories(labels, np.maximum(np.arange(60), 3), **given)
    with pytest.raises(TooFewPosts, match="ai_news_anchors"):
        deal_categories(labels * np.array([1, 0], np.int8), np.arange(60), **given)


def test_posts_of_unknown_label_are_in_no_fold_and_change_none() -> None:
    random = np.random.default_rng(5)
    labels, groups = random.integers(-1, 2, 90).astype(np.int8), random.integers(0, 50, 90)
    known = np.flatnonzero(labels >= 0)
    found = Folds.deal(labels, groups, 3, seed=2)
    assert (found.fold[labels < 0] == -1).all()
    assert np.array_equal(found.take(known).fold, deal_folds(labels[known], groups[known], 3, seed=2))
