"""Lanes: a sparse row times several columns at once gives each column what it would get by itself, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.text.compiled.jit import compiled
from koudai.text.compiled.lanes import LANES, gather, scatter


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
