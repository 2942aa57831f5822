"""Allocation: the numbers add up, floors and ceilings hold, and apart from those it is Neyman's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.sample.allocation import allocate


def test_by_hand_it_is_in_proportion_to_size_times_spread() -> None:
    assert allocate([600, 300, 100], [1.0, 2.0, 3.0], 150).tolist() == [60, 60, 30]


def test_nobody_gives_less_than_two_or_more_than_there_are() -> None:
    assert allocate([1000, 1, 5, 100], [1.0, 1.0, 9000.0, 0.0], 50).tolist() == [42, 1, 5, 2]


def test_what_is_drawn_already_stays_drawn() -> None:
    assert allocate([100, 100], [1.0, 1.0], 60, at_least=[50, 0]).tolist() == [50, 10]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 10)), min_size=1, max_size=12).filter(
        lambda strata: any(size for size, _ in strata)
    ),
    st.data(),
)
def test_the_numbers_add_up_for_any_strata(strata: list[tuple[int, float]], data: st.DataObject) -> None:
    size, spread = (np.array(one) for one in zip(*strata, strict=True))
    n = data.draw(st.integers(int((size > 0).sum()), int(size.sum())))
    drawn = allocate(size, spread, n)
    assert drawn.sum() == n
    assert (drawn <= size).all()
    assert (drawn[size > 0] >= 1).all()


@pytest.mark.parametrize("n", [1, 21])
def test_what_cannot_be_drawn_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        allocate([10, 10], [1.0, 1.0], n)


def test_where_everything_is_drawn_already_nothing_is_added() -> None:
    assert allocate([100, 100], [1.0, 1.0], 50, at_least=[50, 0]).tolist() == [50, 0]
