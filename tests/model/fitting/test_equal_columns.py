"""Equal columns: inner products and decisions stay, of the same posts and of others; nothing else is merged."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.model.fitting.dual import solve
from koudai.model.fitting.equal_columns import merge_equal


def drawn(seed: int, posts: int, features: int) -> sp.csr_matrix:
    """Return posts of which many columns are equal, some are zero."""
    random = np.random.default_rng(seed)
    few = random.random((posts, max(1, features // 3))) * (random.random((posts, max(1, features // 3))) < 0.3)
    return sp.csr_matrix(few[:, random.integers(0, few.shape[1], features)])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), posts=st.integers(1, 12), features=st.integers(1, 30))
def test_inner_products_stay_and_no_two_columns_are_left_equal(seed: int, posts: int, features: int) -> None:
    x, others = drawn(seed, posts, features), drawn(seed + 1, 5, features)
    merged, onto = merge_equal(x)
    assert (merged @ merged.T).toarray() == pytest.approx((x @ x.T).toarray())
    assert (merged @ (others @ onto).T).toarray() == pytest.approx((x @ others.T).toarray())
    assert merged.toarray() == pytest.approx((x @ onto).toarray())
    assert merged.shape[1] == len({tuple(column) for column in x.toarray().T})
    w = np.random.default_rng(seed).random(merged.shape[1])
    assert merged @ w == pytest.approx(x @ (onto @ w))


@pytest.mark.parametrize("logistic", [False, True])
def test_fits_decide_the_same(logistic: bool) -> None:
    x, others = drawn(3, 200, 90), drawn(4, 40, 90)
    y = (np.arange(200) % 3 == 0).astype(np.int8)
    merged, onto = merge_equal(x)
    assert merged.shape[1] < 60
    costs = np.random.default_rng(5).random((200, 2))
    (weights, intercepts), (fewer, same) = (solve(m, y, costs, logistic=logistic, seed=1) for m in (x, merged))
    assert same == pytest.approx(intercepts)
    assert (others @ onto) @ fewer == pytest.approx(others @ weights)


def test_without_columns_or_posts_there_is_nothing_to_merge() -> None:
    for shape in ((4, 0), (0, 4), (0, 0)):
        merged, onto = merge_equal(sp.csr_matrix(shape))
        assert merged.shape[0] == shape[0]
        assert onto.shape == (shape[1], merged.shape[1])
