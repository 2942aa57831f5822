"""Hazards of posts as bytes, compiled.

Promises: the flags of ``hazards.hazards`` for each post, in one pass; a trace (`koudai.text.characters.traces`) is
flagged if it may be there, which is then looked at in Python; for any bytes, nothing outside a post affects them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.characters.characters_kernels import character, u
from koudai.text.compiled.jit import compiled

CUT_OFF, ESCAPED, MARKUP, MOJIBAKE, WORD, PLACEHOLDER, MARK = (1 << bit for bit in (2, 3, 6, 7, 8, 9, 11))
LETTER, AFTER_WORDS, AFTER_SIGNS = 1 << 12, 1 << 13, 1 << 14
"""Classes: characters that begin a trace, those of words, combining marks; then letters, digits and ideographs, and
what stands second in a trace made of words, or of signs. The others are flags as they are."""
WORDS, SIGNS = CUT_OFF | PLACEHOLDER, ESCAPED | MARKUP | MOJIBAKE


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
    """Write the flags of each post: the classes of its characters, but for marks in long runs, words turned, and the
    beginnings of traces that no second character follows.
    """
    for post in range(len(offsets) - 1):
        start, stop = offsets[u(post)], offsets[u(post + 1)]
        at, seen = start, np.int64(0)
        while at < stop:
            entry, width = character(data, at, stop, table)
            at += width
            if entry & (WORDS | SIGNS):
                following = np.int64(0)
                if at < stop:
                    following, _ = character(data, at, stop, table)
                if not following & AFTER_WORDS:
                    entry &= ~WORDS
                if not following & AFTER_SIGNS:
                    entry &= ~SIGNS
            seen |= entry
        if seen & MARK and not stacked(data, start, stop, limit, table):
            seen ^= MARK
        out[u(post)] = seen & (LETTER - 1) ^ WORD


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
    flag_posts(data, offsets, 0, table, np.empty(0, np.uint16))
    mark_worded(data, offsets, table, np.empty(0, np.bool_))
