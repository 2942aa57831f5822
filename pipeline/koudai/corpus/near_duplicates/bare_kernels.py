"""Posts as bare text, compiled: characters replaced one by one, links taken out, all but letters and digits dropped.

Promises: reads nothing outside a post's bytes and the `PAD` behind the last one; a post of nothing but links,
punctuation and space keeps its own characters. `forms` says what a character becomes: 0 for one that cannot be
replaced on its own, a positive number for one character (its code point and the marks below), a negative one for
several, which then stand in `spelled` from there on, behind their number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.compiled.jit import compiled

POINT = 0x1FFFFF
KNOWN, KEPT, PRINTED = 1 << 24, 1 << 25, 1 << 26
"""Marks of a character: it has a form; it is a letter or digit; it is printable ASCII, as links are made of."""
u = np.uint64


@compiled
def read_point(data: Any, at: Any) -> Any:
    """Return the code point whose UTF-8 begins at a byte, and how many bytes it has."""
    lead = np.int64(data[u(at)])
    if lead < 0x80:
        return lead, np.int64(1)
    second = np.int64(data[u(at + 1)]) & 63
    if lead < 0xE0:
        return (lead & 31) << 6 | second, np.int64(2)
    third = np.int64(data[u(at + 2)]) & 63
    if lead < 0xF0:
        return (lead & 15) << 12 | second << 6 | third, np.int64(3)
    return (lead & 7) << 18 | second << 12 | third << 6 | np.int64(data[u(at + 3)]) & 63, np.int64(4)


@compiled
def count_points(data: Any, offsets: Any, counts: Any) -> None:
    """Add to `counts` how often each code point occurs."""
    at, end = np.int64(offsets[0]), np.int64(offsets[len(offsets) - 1])
    while at < end:
        point, width = read_point(data, at)
        counts[u(point)] += 1
        at += width


@compiled
def mark_whole(data: Any, offsets: Any, forms: Any, whole: Any) -> None:
    """Write 1 for each post with a character that cannot be replaced on its own."""
    for post in range(len(whole)):
        at, end = np.int64(offsets[u(post)]), np.int64(offsets[u(post + 1)])
        while at < end:
            point, width = read_point(data, at)
            if forms[u(point)] == 0:
                whole[u(post)] = 1
                break
            at += width


@compiled
def spells(codes: Any, at: Any, top: Any, word: Any) -> Any:
    """Return whether the characters from `at` on are those of `word`."""
    same = at + len(word) <= top
    for k in range(len(word) if same else 0):
        same &= np.int64(codes[u(at + k)]) & POINT == np.int64(word[k])
    return same


@compiled
def link(codes: Any, at: Any, top: Any, http: Any, slashes: Any, www: Any) -> Any:
    """Return the end of the link that begins at `at`, or `at` if none does."""
    end = at
    if spells(codes, at, top, http):
        end = at + len(http)
        if end < top and np.int64(codes[u(end)]) & POINT == 0x73:
            end += 1
        if not spells(codes, end, top, slashes):
            return at
        end += len(slashes)
    elif spells(codes, at, top, www):
        end = at + len(www)
    else:
        return at
    begin = end
    while end < top and np.int64(codes[u(end)]) & PRINTED:
        end += 1
    return end if end > begin else at


@compiled
def write_bare(data: Any, offsets: Any, forms: Any, spelled: Any, words: Any, bare: Any) -> Any:
    """Write the bare text of each post with ``stops[post] < 0`` into the codes; return how much of them is used.

    `bare` are the codes, and where each post starts and stops in them.
    """
    http, slashes, www = words
    codes, starts, stops = bare
    begin = np.int64(0)
    for post in range(len(starts)):
        if stops[u(post)] >= 0:
            continue
        at, end = np.int64(offsets[u(post)]), np.int64(offsets[u(post + 1)])
        top = begin
        while at < end:
            point, width = read_point(data, at)
            form = np.int64(forms[u(point)])
            if form > 0:
                codes[u(top)] = form
                top += 1
            else:
                for k in range(np.int64(spelled[u(-form)])):
                    codes[u(top)] = spelled[u(k + 1 - form)]
                    top += 1
            at += width
        here, last = begin, begin
        while here < top:
            mark = np.int64(codes[u(here)])
            point = mark & POINT
            if point == 0x68 or point == 0x77:
                after = link(codes, here, top, http, slashes, www)
                if after > here:
                    here = after
                    continue
            if mark & KEPT:
                codes[u(last)] = point
                last += 1
            here += 1
        if last == begin:
            at = np.int64(offsets[u(post)])
            while at < end:
                point, width = read_point(data, at)
                codes[u(last)] = point
                last += 1
                at += width
        starts[u(post)] = begin
        stops[u(post)] = last
        begin = last
    return begin
