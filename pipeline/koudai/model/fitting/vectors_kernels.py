"""Co-occurrence counts of terms within a window, row by row: compiled.

Promises: exact integers; scratch memory is one row of counts; a row does not depend on the other rows. A pair at
distance d within the window counts ``window + 1 - d``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.text.compiled.jit import allocating, compiled

u = np.uint64


class TermSequence(NamedTuple):
    """Term numbers, post after post; `places`, the positions of each term, and where those of each term begin; the
    total count of each term in all pairs, and its smoothed share.
    """

    terms: NDArray[np.int32]
    begins: NDArray[np.int64]
    places: NDArray[np.uint32]
    total: NDArray[np.int64]
    share: NDArray[np.float64]


class RowScratch(NamedTuple):
    """Counts of one row, all 0 before and after, and the columns with nonzero counts."""

    counts: NDArray[np.int64]
    touched: NDArray[np.int32]


class Rows(NamedTuple):
    """Output: the end of each row, and the columns and values of all."""

    stops: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.int32]


@compiled
def totals(terms: Any, window: Any, total: Any) -> None:
    """Add up the total count of each term in all pairs; the largest number ends a post."""
    end = len(total)
    for i in range(len(terms)):
        one = terms[u(i)]
        if one == end:
            continue
        for d in range(1, min(window, len(terms) - 1 - i) + 1):
            other = terms[u(i + d)]
            if other == end:
                break
            total[u(one)] += window + 1 - d
            total[u(other)] += window + 1 - d


@allocating
def associated(sequence: Any, window: Any, row: Any, last: Any, scratch: Any, out: Any) -> Any:
    """Write for each term from `row` to `last` the terms with positive association and their counts, until the arrays
    may be too small for the next row; return the index of the next row.
    """
    terms, begins, places = sequence.terms, sequence.begins, sequence.places
    total, share, counts, touched = sequence.total, sequence.share, scratch.counts, scratch.touched
    stops, columns, values = out.stops, out.columns, out.values
    end = len(total)
    at = np.int64(0)
    while row < last:
        found = np.int64(0)
        for k in range(begins[u(row)], begins[u(row + 1)]):
            here = np.int64(places[u(k)])
            for step in (-1, 1):
                for d in range(1, window + 1):
                    there = here + step * d
                    if there < 0 or there >= len(terms):
                        break
                    other = terms[u(there)]
                    if other == end:
                        break
                    if counts[u(other)] == 0:
                        touched[u(found)] = other
                        found += 1
                    counts[u(other)] += window + 1 - d
        if at + found > len(columns):
            for k in range(found):
                counts[u(touched[u(k)])] = 0
            return row
        touched[:found].sort()
        for k in range(found):
            other = touched[u(k)]
            if counts[u(other)] > total[u(row)] * share[u(other)]:
                columns[u(at)] = other
                values[u(at)] = counts[u(other)]
                at += 1
            counts[u(other)] = 0
        row += 1
        stops[u(row)] = at
    return row
