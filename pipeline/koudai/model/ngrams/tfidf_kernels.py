"""Sorting and TF-IDF weighting of rows of counts: compiled.

Promises: time is linear in the number of counts, and the result for a row depends only on that row; sums run from the
first column to the last, as in scikit-learn's ``normalize``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.text.compiled.jit import allocating, compiled

u = np.uint64
_FEW = 32
"""Longest row that is sorted by insertion."""
_LAST = u(255)


class CountArrays(NamedTuple):
    """Counts of terms in compressed rows: row ``i`` is ``rows[i]:rows[i + 1]``."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int32]
    counts: NDArray[np.int32]


class Weights(NamedTuple):
    """The weight of each count, and the idf of each column, or empty; both float64 or both float32."""

    values: NDArray[Any]
    idf: NDArray[Any]


class Weighed(NamedTuple):
    """Output: the start of each row, and the columns and values of all."""

    starts: NDArray[np.int64]
    columns: NDArray[Any]
    values: NDArray[Any]


@allocating
def sort_columns(rows: Any, columns: Any, counts: Any) -> None:
    """Sort each row by column."""
    longest, largest = np.int64(0), np.int64(0)
    for row in range(len(rows) - 1):
        longest = max(longest, rows[u(row + 1)] - rows[u(row)])
    for i in range(len(columns)):
        largest = max(largest, np.int64(columns[u(i)]))
    digits = np.int64(0)
    while largest >> 8 * digits:
        digits += 1
    pairs, spare, starts = np.empty(longest, np.uint64), np.empty(longest, np.uint64), np.empty(256, np.int64)
    for row in range(len(rows) - 1):
        start, size = rows[u(row)], rows[u(row + 1)] - rows[u(row)]
        for i in range(size):
            pairs[u(i)] = u(columns[u(start + i)]) << u(32) | u(counts[u(start + i)])
        if size <= _FEW:
            for i in range(1, size):
                pair, to = pairs[u(i)], np.int64(i)
                while to > 0 and pairs[u(to - 1)] > pair:
                    pairs[u(to)] = pairs[u(to - 1)]
                    to -= 1
                pairs[u(to)] = pair
        else:
            for digit in range(digits):
                shift = u(32 + 8 * digit)
                starts[:] = 0
                for i in range(size):
                    starts[pairs[u(i)] >> shift & _LAST] += 1
                total = np.int64(0)
                for i in range(256):
                    total += starts[u(i)]
                    starts[u(i)] = total - starts[u(i)]
                for i in range(size):
                    place = pairs[u(i)] >> shift & _LAST
                    spare[u(starts[place])] = pairs[u(i)]
                    starts[place] += 1
                pairs, spare = spare, pairs
        for i in range(size):
            columns[u(start + i)] = pairs[u(i)] >> u(32)
            counts[u(start + i)] = pairs[u(i)] & u((1 << 32) - 1)


@compiled
def weigh_rows(matrix: Any, weights: Any, norm: Any, shift: Any, out: Any) -> None:
    """Write ``values[count]`` times the idf of its column, divided by the l1 norm of its row (`norm` 1), its l2 norm
    (2) or nothing (0); each row from ``starts[row]`` on, with `shift` added to columns. An empty `idf` stands for ones.
    """
    rows, columns, counts = matrix.rows, matrix.columns, matrix.counts
    values, idf = weights.values, weights.idf
    starts, out_columns, out_values = out.starts, out.columns, out.values
    for row in range(len(rows) - 1):
        first, size = rows[u(row)], rows[u(row + 1)] - rows[u(row)]
        start, total = starts[u(row)], 0.0
        for i in range(size):
            column = np.int64(columns[u(first + i)])
            value = values[u(counts[u(first + i)])]
            if len(idf):
                value *= idf[u(column)]
            out_columns[u(start + i)] = column + shift
            out_values[u(start + i)] = value
            total += abs(value) if norm == 1 else value * value
        if norm and total != 0.0:
            if norm == 2:
                total = np.sqrt(total)
            for i in range(size):
                out_values[u(start + i)] /= total
