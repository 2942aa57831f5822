"""Association: AMI and U against scikit-learn's (A4); chance gives 0 and an interval that holds it; clusters count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, mutual_info_score
from sklearn.metrics.cluster import expected_mutual_information

from koudai.audit import association
from koudai.audit.association import Association, entropy, mutual_information
from koudai.training.intervals import ONE_CLUSTER, SPARSE_TABLE

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int64)
)
quick = settings(derandomize=True, deadline=None, max_examples=60)


@quick
@every(PAIRS)
def test_A4_ami_and_u_are_scikit_learns(pairs: NDArray[np.int64]) -> None:
    a, b = pairs.T
    found = Association.of(a, b, None)
    assert found.table.sum() == len(pairs)
    assert mutual_information(found.table) == pytest.approx(mutual_info_score(a, b), abs=1e-10)
    ami, u = found.adjusted(seed=1).value, found.uncertainty(seed=1).value
    alone = found.table.max() == 1 == found.table.sum(axis=0).max() == found.table.sum(axis=1).max()
    if min(found.table.shape) < 2 or alone:
        assert ami is None  # one value alone, or every post its own: chance cannot be told apart
    else:
        assert ami == pytest.approx(adjusted_mutual_info_score(a, b), abs=1e-10)
    if min(found.table.shape) < 2:
        assert u is None
    elif u is not None:
        chance, whole = expected_mutual_information(found.table, len(a)), entropy(found.table.sum(axis=0))
        assert u == pytest.approx((mutual_info_score(a, b) - chance) / (whole - chance), abs=1e-10)


@quick
@every(PAIRS, st.permutations(range(4)), st.permutations(range(5)))
def test_A5_names_and_the_order_of_posts_leave_u(pairs: NDArray[np.int64], rows: list[int], columns: list[int]) -> None:
    a, b = pairs.T
    expected = Association.of(a, b, None).uncertainty(seed=1).value
    renamed = Association.of(np.array(rows)[a], np.array(columns)[b], None).uncertainty(seed=1).value
    turned = Association.of(a[::-1], b[::-1], None).uncertainty(seed=1).value
    assert renamed == (None if expected is None else pytest.approx(expected))
    assert turned == expected


def test_the_same_cut_is_1_and_an_independent_one_about_0_with_an_interval_that_holds_it() -> None:
    random = np.random.default_rng(3)
    a, b = random.integers(0, 4, (2, 5000))
    assert Association.of(a, a, None).uncertainty(seed=1).value == pytest.approx(1)
    assert Association.of(a, 3 - a, None).adjusted(seed=1).value == pytest.approx(1)
    for found in (Association.of(a, b, None).uncertainty(seed=1), Association.of(a, b, None).adjusted(seed=1)):
        assert found.low is not None
        assert found.high is not None
        assert found.low < 0 < found.high < 0.005


def test_copies_of_posts_tell_no_more_than_the_posts() -> None:
    random = np.random.default_rng(4)
    a, b = random.integers(0, 2, 800), random.integers(0, 4, 800)
    b[:300] = 2 * a[:300]
    once = Association.of(a, b, None).uncertainty(seed=1)
    twice = Association.of(np.repeat(a, 2), np.repeat(b, 2), np.repeat(np.arange(800), 2)).uncertainty(seed=1)
    for name in ("value", "low", "high"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name), abs=0.01)


def test_what_cannot_be_told_has_no_interval_and_says_why() -> None:
    random = np.random.default_rng(5)
    a, b = random.integers(0, 12, 60), random.integers(0, 8, 60)
    assert Association.of(a, b, None).adjusted(seed=1)[1:] == (None, None, SPARSE_TABLE)
    one = Association.of(a % 2, b % 2, np.zeros(60, dtype=np.int64)).adjusted(seed=1)
    assert one[1:] == (None, None, ONE_CLUSTER)


@pytest.mark.parametrize("clusters", [3, 40, 200])
def test_A4_the_design_effect_is_that_of_its_definition(clusters: int) -> None:
    random = np.random.default_rng(clusters)
    cluster = random.integers(0, clusters, 300)
    a = np.where(random.random(300) < 0.7, cluster % 3, random.integers(0, 3, 300))
    b = np.where(random.random(300) < 0.7, cluster % 4, random.integers(0, 4, 300))
    found = Association.of(a, b, cluster)
    p = found.table / 300
    row, column = p.sum(axis=1), p.sum(axis=0)
    off = np.eye(3)[a][:, :, None] * np.eye(4)[b][:, None, :] - p
    off = off - row[:, None] * off.sum(axis=1, keepdims=True) - off.sum(axis=2, keepdims=True) * column
    total = sum(float((off[cluster == one].sum(axis=0) ** 2 / np.outer(row, column)).sum()) for one in range(clusters))
    alone = float((found.table * np.outer(1 / row - 1, 1 / column - 1)).sum())
    assert found.design_effect() == pytest.approx(total / alone)
    assert found.design_effect() > 1.1


def test_sums_of_squares_are_the_same_where_the_table_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, value = np.random.default_rng(1).integers(0, 6, (2, 200))
    dense = association._squares(cluster, value, 7)
    monkeypatch.setattr(association, "_AT_ONCE", 0)
    assert association._squares(cluster, value, 7).tolist() == dense.tolist()
    assert dense.tolist() == [sum(int(((cluster == c) & (value == v)).sum()) ** 2 for c in range(6)) for v in range(7)]
