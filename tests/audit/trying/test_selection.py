"""Selection: an order that the order of reading does not change, and whole groups up to a number."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.trying.selection import renumbered, sample_groups, sorted_rows, text_digest
from tests.audit.table import table


def test_A5_the_order_of_reading_changes_nothing() -> None:
    random = np.random.default_rng(1)
    first = table().labelled
    assert first is not None
    expected = [first.texts[i] for i in sorted_rows(first)]
    for _ in range(5):
        other = table(order=random.permutation(12).tolist()).labelled
        assert other is not None
        assert [other.texts[i] for i in sorted_rows(other)] == expected


def test_posts_that_know_no_category_are_left_out() -> None:
    given = table().labelled
    assert given is not None
    given.labels[3] = -1
    assert 3 not in sorted_rows(given)
    assert len(sorted_rows(given)) == 11


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(0, 40), st.integers(1, 50))
def test_groups_are_drawn_whole_and_no_more_posts_than_asked_for(seed: int, n: int, most: int) -> None:
    group = np.random.default_rng(seed).integers(0, 12, n)
    rows = sample_groups(group, most, np.random.default_rng(seed))
    assert len(rows) <= max(most, 0) or n <= most
    assert set(np.flatnonzero(np.isin(group, group[rows]))) == set(rows)
    assert np.array_equal(rows, sample_groups(group, most, np.random.default_rng(seed)))
    if n <= most:
        assert rows.tolist() == list(range(n))


def test_groups_are_numbered_as_they_occur() -> None:
    assert renumbered(np.array([7, 3, 7, 9, 3])).tolist() == [0, 1, 0, 2, 1]
    assert renumbered(np.empty(0, np.int64)).tolist() == []


def test_any_text_has_a_hash() -> None:
    assert text_digest("\ud800") != text_digest("")
