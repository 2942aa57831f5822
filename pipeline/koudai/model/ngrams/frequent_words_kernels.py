"""Words of posts, counted by their numbers: compiled.

Promises: reads each symbol once; symbols are numbered from 1, and 0 ends a post. Scratch memory is one number per word.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.compiled.jit import compiled

u = np.uint64


@compiled
def count_posts(symbols: Any, stops: Any, last: Any, frequency: Any) -> None:
    """Add to `frequency` the number of posts that each word occurs in; `last` holds -1 for each word."""
    at = np.int64(0)
    for post in range(len(stops)):
        while at < stops[u(post)]:
            word = symbols[u(at)]
            frequency[u(word)] += np.int64(last[u(word)] != post)
            last[u(word)] = post
            at += 1
        at += 1


@compiled
def count_words(symbols: Any, stops: Any, column: Any, where: Any, rows: Any, columns: Any, counts: Any) -> None:
    """Write columns and counts of the words of each post, in the order in which they first occur, leaving out those
    whose column is -1, and the end of each row; `where` holds -1 for each column.
    """
    at, to, start = np.int64(0), np.int64(0), np.int64(0)
    for post in range(len(stops)):
        start = to
        while at < stops[u(post)]:
            one = np.int64(column[u(symbols[u(at)])])
            at += 1
            if one < 0:
                continue
            if where[u(one)] >= start:
                counts[u(where[u(one)])] += 1
            else:
                where[u(one)] = to
                columns[u(to)] = one
                counts[u(to)] = 1
                to += 1
        at += 1
        rows[u(post + 1)] = to
