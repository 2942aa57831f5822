"""Reading and rewriting UTF-8 by a table of characters, compiled.

Promises: for any bytes, nothing outside a post affects the result, no byte is read after the `PAD` bytes that follow
the last post, and none written more than `PAD` bytes after the ceiling; results for bytes that are not UTF-8 are
undefined. Everywhere a post is ``data[start:stop]`` and `table` a `CharacterTable`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.compiled.jit import compiled, copy4, copy16
from koudai.text.utf8 import PAD

REFUSED = -1
NAME_LENGTH = 30
"""Characters of a name behind an at sign, at most."""
u = np.uint64


@compiled
def character(data: Any, at: Any, stop: Any, table: Any) -> Any:
    """Return entry and width in bytes of the character at `at`; 0 and 1 for one that does not end in the post."""
    lead = np.int64(data[u(at)])
    if lead < 0x80:
        page, last, width = lead >> 6, lead & 63, np.int64(1)
    elif lead < 0xE0:
        if at + 2 > stop:
            return np.int64(0), np.int64(1)
        page, last, width = lead & 31, np.int64(data[u(at + 1)]) & 63, np.int64(2)
    elif lead < 0xF0:
        if at + 3 > stop:
            return np.int64(0), np.int64(1)
        page = (lead & 15) << 6 | np.int64(data[u(at + 1)]) & 63
        last, width = np.int64(data[u(at + 2)]) & 63, np.int64(3)
    else:
        if at + 4 > stop:
            return np.int64(0), np.int64(1)
        page = (lead & 7) << 12 | (np.int64(data[u(at + 1)]) & 63) << 6 | np.int64(data[u(at + 2)]) & 63
        last, width = np.int64(data[u(at + 3)]) & 63, np.int64(4)
    return np.int64(table.entries[u(np.int64(table.pages[u(page)]) + last)]), width


@compiled
def without_names(text: Any, start: Any, stop: Any, target: Any, how: Any, table: Any) -> Any:
    """Copy a post to `target` without the name behind each at sign; return the end of the copy.

    `target` is the array written to, which may be `text` itself from `start` on, and the offset of the copy; `how` are
    the class of the characters of names, and whether a second at sign stands for a name (not in place).
    """
    out, place = target
    named, doubled = how
    at = start
    while at < stop:
        byte = text[u(at)]
        out[u(place)] = byte
        place += 1
        at += 1
        if byte != ord("@"):
            continue
        length = np.int64(0)
        while at < stop:
            entry, width = character(text, at, stop, table)
            if not entry & named:
                break
            if length == NAME_LENGTH:
                out[u(place)] = ord(" ")
                place += 1
                break
            if doubled and not length:
                out[u(place)] = ord("@")
                place += 1
            length += 1
            at += width
    return place


@compiled
def rewrite(data: Any, start: Any, stop: Any, target: Any, classes: Any, table: Any) -> Any:
    """Copy a post to `target`, replacing characters of some classes.

    `target` is the array written to, the offset of the copy, and its ceiling; `classes` are those to replace and, among
    them, those to refuse. Returns the end of the copy and the classes of its characters; `REFUSED` for the end at a
    character to refuse, or if the copy may end after the ceiling.
    """
    out, place, ceiling = target
    change, refuse = classes
    seen = np.int64(0)
    at = start
    while at < stop:
        copy4(out, u(place), data, u(at))
        entry, width = character(data, at, stop, table)
        length = width
        if entry & change:
            text = entry >> 8
            first = np.int64(table.begins[u(text)])
            length = np.int64(table.begins[u(text + 1)]) - first
            if entry & refuse or place + length + stop - at > ceiling:
                return np.int64(REFUSED), seen
            copy16(out, u(place), table.texts, u(first))
            entry = np.int64(table.classes[u(text)])
        seen |= entry
        place += length
        at += width
    return place, seen & 0xFF


@compiled
def rewrite_all(data: Any, offsets: Any, out: Any, stops: Any, refused: Any, classes: Any, table: Any) -> Any:
    """Rewrite posts one after another; list those refused, which are left empty, and return their number."""
    place = left = np.int64(0)
    for post in range(len(offsets) - 1):
        start, stop = offsets[u(post)], offsets[u(post + 1)]
        ceiling = len(out) - PAD - (offsets[-1] - stop)
        end, _ = rewrite(data, start, stop, (out, place, ceiling), classes, table)
        if end == REFUSED:
            refused[u(left)] = post
            left += 1
        else:
            place = end
        stops[u(post + 1)] = place
    return left


def run_once(data: Any, offsets: Any, table: Any) -> None:
    """Compile what Python calls."""
    stops, refused = np.zeros(1, np.int64), np.empty(0, np.int64)
    rewrite_all(data, offsets, np.empty(PAD, np.uint8), stops, refused, (1, 1), table)
