"""Hazards of posts as bytes, compiled.

Promises: the flags of ``hazards.hazards`` for each post, in one pass; for any bytes, nothing outside a post affects
them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.characters.characters_kernels import character, u
from koudai.text.compiled.jit import compiled

WORD, MARK, LETTER = 1 << 4, 1 << 6, 1 << 7
"""Classes: characters of words, combining marks, and letters, digits and ideographs. The others are flags as they
are."""


@compiled
def stacked(data: Any, start: Any, stop: Any, limit: Any, table: Any) -> Any:
    """Return whether more than `limit` marks follow one another."""
    at, run = start, np.int64(0)
    while at < stop and run <= limit:
        entry, width = character(data, at, stop, table)
        run = run + 1 if entry & MARK else np.int64(0)
        at += width
    return run > limit


@compiled
def flag_posts(data: Any, offsets: Any, limit: Any, table: Any, out: Any) -> None:
    """Write the flags of each post: the classes of its characters, but for marks in long runs, and words turned."""
    for post in range(len(offsets) - 1):
        start, stop = offsets[u(post)], offsets[u(post + 1)]
        at, seen = start, np.int64(0)
        while at < stop:
            entry, width = character(data, at, stop, table)
            seen |= entry
            at += width
        if seen & MARK and not stacked(data, start, stop, limit, table):
            seen ^= MARK
        out[u(post)] = seen & ~LETTER ^ WORD


@compiled
def mark_worded(data: Any, offsets: Any, table: Any, out: Any) -> None:
    """Write for each post whether it holds a letter, digit or ideograph."""
    for post in range(len(offsets) - 1):
        at, stop = offsets[u(post)], offsets[u(post + 1)]
        found = np.int64(0)
        while at < stop and not found:
            entry, width = character(data, at, stop, table)
            found = entry & LETTER
            at += width
        out[u(post)] = found != 0


def run_once(data: Any, offsets: Any, table: Any) -> None:
    """Compile what Python calls."""
    flag_posts(data, offsets, 0, table, np.empty(0, np.uint8))
    mark_worded(data, offsets, table, np.empty(0, np.bool_))
