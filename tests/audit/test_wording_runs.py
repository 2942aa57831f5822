"""Runs under two wordings: by hand, against every pair of runs, and what the wording adds is unbiased."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.wording_runs import again, between

RUNS = st.lists(st.tuples(*[st.integers(-1, 1)] * 3), min_size=1, max_size=5).map(
    lambda rows: np.array(rows, dtype=np.int8)
)
quick = settings(derandomize=True, deadline=None, max_examples=60)


def told(pairs: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Return the shares of pairs that agree, of which both and of which either say yes."""
    if not pairs:
        return (np.nan,) * 3
    found = np.array(pairs)
    return tuple(float(one.mean()) for one in (found[:, 0] == found[:, 1], found.min(axis=1), found.max(axis=1)))  # type: ignore[return-value]


@quick
@every(RUNS, RUNS)
def test_they_are_means_over_pairs_of_runs(first: np.ndarray, second: np.ndarray) -> None:
    n = min(len(first), len(second))
    first, second = first[:n], second[:n]
    pair, own = between(first, second), again(first)
    for row in range(n):
        a, b = ([int(one) for one in runs[row] if one >= 0] for runs in (first, second))
        assert (pair.agree[row], pair.both[row], pair.either[row]) == pytest.approx(
            told(list(product(a, b))), nan_ok=True
        )
        assert (own.agree[row], own.both[row], own.either[row]) == pytest.approx(
            told(list(combinations(a, 2))), nan_ok=True
        )


def test_what_the_wording_adds_is_how_far_it_moves_the_chance_of_a_tag_and_0_where_it_does_not() -> None:
    random = np.random.default_rng(1)
    for p, q in ((0.3, 0.3), (0.9, 0.2), (1.0, 0.0), (0.5, 0.6)):
        first, second = ((random.random((40_000, 2)) < one).astype(np.int8) for one in (p, q))
        assert between(first, second).added.mean() == pytest.approx((p - q) ** 2, abs=0.01)
        once = between(first, second[:, :1]).added.mean()
        assert once == pytest.approx(p * (1 - q) + q * (1 - p) - 2 * p * (1 - p), abs=0.01)
    assert np.isnan(between(first[:, :1], second[:, :1]).added).all(), "neither was asked twice"
