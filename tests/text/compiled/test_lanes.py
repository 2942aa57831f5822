"""Lanes: several sums at once give each what it would get by itself, to the last bit; so do several looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.compiled.jit import compiled
from koudai.text.compiled.lanes import (
    BESIDE,
    BUCKET,
    FEW,
    LANES,
    MANY,
    SOME,
    add_few,
    add_many,
    add_some,
    among,
    gather,
    scatter,
)


@compiled
def both(data: object, indices: object, begin: int, end: int, sums: object, weights: object, back: bool) -> None:
    """Call one of the two."""
    if back:
        scatter(data, indices, begin, end, sums, weights)
    else:
        gather(data, indices, begin, end, sums, weights)


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@pytest.mark.parametrize("aligned", [True, False])
def test_every_lane_gets_what_it_would_get_alone(kind: type, aligned: bool) -> None:
    random = np.random.default_rng(1)
    data, indices = random.normal(size=60), random.integers(0, 25, 60).astype(kind)
    weights = random.normal(size=25 * LANES + 1)[0 if aligned else 1 :][: 25 * LANES]
    sums = random.normal(size=LANES)
    table, expected = weights.reshape(-1, LANES).copy(), sums.copy()
    for place in range(7, 53):
        for lane in range(LANES):
            expected[lane] += table[indices[place], lane] * data[place]
    both(data, indices, 7, 53, sums, weights, False)
    assert np.array_equal(sums, expected)
    for place in range(7, 53):
        for lane in range(LANES):
            table[indices[place], lane] += expected[lane] * data[place]
    both(data, indices, 7, 53, sums, weights, True)
    assert np.array_equal(weights, table.ravel())
    assert np.array_equal(sums, expected)


def test_an_empty_row_changes_nothing() -> None:
    sums, weights = np.arange(float(LANES)), np.ones(LANES)
    for back in (False, True):
        both(np.zeros(1), np.zeros(1, np.int32), 1, 1, sums, weights, back)
    assert sums.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert weights.tolist() == [1.0] * LANES


@compiled
def looked_up(table: object, at: object, wanted: object) -> object:
    """Call `among`."""
    return among(table, at, wanted)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2**40 - 1), st.integers(1, 2**24 - 1)), max_size=BUCKET), st.integers(0, 5))
def test_an_entry_is_found_wherever_it_lies_in_its_bucket_and_no_other(
    entries: list[tuple[int, int]], before: int
) -> None:
    known = dict(entries)
    table = np.zeros(before + BUCKET + 1, np.uint64)
    table[-1] = 7 << 24 | 9
    for place, (key, node) in enumerate(known.items()):
        table[before + place] = key << 24 | node
    for key in [*known, 7, 0, 2**40 - 1]:
        assert looked_up(table, np.uint64(before), np.uint64(key)) == known.get(key, 0)


@compiled
def summed(columns: int, items: object, values: object, count: int, rows: object, sums: object, to: int) -> None:
    """Call one of the three."""
    if columns == MANY:
        add_many(items, values, count, rows, sums, to)
    elif columns == SOME:
        add_some(items, values, count, rows, sums, to)
    else:
        add_few(items, values, count, rows, sums, to)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.sampled_from([MANY, SOME, FEW]), st.integers(0, 12), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_rows_add_up_as_one_after_another(columns: int, count: int, to: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(9, BESIDE + to + columns)).astype(np.float32)
    items, values, sums = random.integers(0, 9, 12), random.normal(size=12), random.normal(size=to + columns + 1)
    expected = sums.copy()
    for item, value in zip(items[:count], values[:count], strict=True):
        for column in range(to, to + columns):
            expected[column] += value * np.float64(rows[item, column + BESIDE])
    summed(columns, items, values, count, rows, sums, to)
    assert np.array_equal(sums, expected)
