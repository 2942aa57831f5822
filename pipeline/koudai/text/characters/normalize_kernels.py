"""Normalisation of posts as bytes, compiled: rounds of the steps in their order, as in `Normalizer`.

Promises: the text of ``Normalizer.__call__``, or a refusal: of a post with a character whose NFKC depends on its
neighbours, with a lone surrogate, or with a letter that only ``re.IGNORECASE`` takes for an ASCII one. Without those
NFKC is the concatenation of a text per character, and no run of marks is long. Such a text may hold a mark (U+FFE3
becomes a space and one), which depends on its neighbours again: the post is refused if they change.

Each step is idempotent, so it runs again only if another step has changed the text since; but for NFKC, a step has
changed the text if and only if it has changed its length.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.characters.characters_kernels import REFUSED, character, rewrite, u, without_names
from koudai.text.compiled.jit import allocating, compiled
from koudai.text.utf8 import PAD

COMPOSED, CONTEXT, INVISIBLE, LINK, AT, SURROGATE, FOLDED, NAME = (1 << bit for bit in range(8))
"""Classes: characters that NFKC replaces, whose NFKC depends on others (or lone surrogates), invisible ones, those in
the head of every link, the at sign, lone surrogates and whatever else is left to Python, those that fold to ASCII
letters, those of names."""
NFKC, DROP, LINKS, MENTIONS = (1 << bit for bit in range(4))


@compiled
def drop_invisible(text: Any, start: Any, stop: Any, table: Any) -> Any:
    """Drop invisible characters in place; return the new end."""
    place = at = start
    while at < stop:
        entry, width = character(text, at, stop, table)
        for k in range(width):
            text[u(place + k)] = text[u(at + k)]
        place += width * np.int64(entry & INVISIBLE == 0)
        at += width
    return place


@compiled
def head_of_link(text: Any, at: Any, stop: Any) -> Any:
    """Return the end of ``http://``, ``https://`` or ``www.`` in any case at `at`, or `at`."""
    if stop - at < 4:
        return at
    first, second = text[u(at)] | 32, text[u(at + 1)] | 32
    third, fourth = text[u(at + 2)] | 32, text[u(at + 3)]
    if first == ord("w"):
        return at + 4 if second == ord("w") and third == ord("w") and fourth == ord(".") else at
    if first != ord("h") or second != ord("t") or third != ord("t") or fourth | 32 != ord("p"):
        return at
    mark = at + 4 + np.int64(at + 4 < stop and text[u(at + 4)] | 32 == ord("s"))
    slashes = mark + 3 <= stop and text[u(mark + 1)] == ord("/") and text[u(mark + 2)] == ord("/")
    return mark + 3 if slashes and text[u(mark)] == ord(":") else at


@compiled
def replace_links(text: Any, start: Any, stop: Any) -> Any:
    """Replace each link by a space, in place; return the new end."""
    place = at = start
    while at < stop:
        byte = text[u(at)]
        begin = at
        if byte | 32 == ord("h") or byte | 32 == ord("w"):
            at = head_of_link(text, at, stop)
        if at > begin:
            tail = at
            while at < stop and ord("!") <= text[u(at)] <= ord("~"):
                at += 1
            if at > tail:
                text[u(place)] = ord(" ")
                place += 1
                continue
            at = begin
        text[u(place)] = byte
        place += 1
        at += 1
    return place


@compiled
def normalise(data: Any, start: Any, stop: Any, target: Any, how: Any, spare: Any, table: Any) -> Any:
    """Write the normalised post to `target`, as `rewrite` takes it; return its end, or `REFUSED`.

    `how` are the steps, and the largest number of rounds.
    """
    out, place, _ = target
    steps, rounds = how
    named = np.int64(0)
    for number in range(len(steps)):
        named |= np.int64(steps[u(number)])
    pending = named
    if len(steps) and steps[0] == NFKC:
        pending ^= NFKC
        end, seen = rewrite(data, start, stop, target, (COMPOSED | CONTEXT, CONTEXT), table)
    else:
        end, seen = rewrite(data, start, stop, target, (SURROGATE, SURROGATE), table)
    if end == REFUSED:
        return end
    for _ in range(rounds):
        if not pending:
            break
        for number in range(len(steps)):
            step = np.int64(steps[u(number)])
            if not pending & step:
                continue
            pending ^= step
            before = end
            if step == NFKC and seen & (COMPOSED | CONTEXT):
                length = end - place
                if length > len(spare) - PAD:
                    return np.int64(REFUSED)
                for k in range(length):
                    spare[u(k)] = out[u(place + k)]
                end, seen = rewrite(spare, 0, length, target, (COMPOSED | CONTEXT, CONTEXT), table)
                if end == REFUSED:
                    return end
                pending = named ^ NFKC
            elif step == DROP and seen & INVISIBLE:
                end = drop_invisible(out, place, end, table)
            elif step == LINKS and seen & LINK:
                if seen & FOLDED:
                    return np.int64(REFUSED)
                end = replace_links(out, place, end)
            elif step == MENTIONS and seen & AT:
                end = without_names(out, place, end, (out, place), (NAME, False), table)
            if end < before:
                pending |= named ^ step
    return end


@allocating
def normalise_all(data: Any, offsets: Any, out: Any, stops: Any, refused: Any, how: Any, table: Any) -> Any:
    """Normalise posts one after another; list those refused, which are left empty, and return their number.

    `how` are the steps, the largest number of rounds, and the length of the longest post in bytes.
    """
    steps, rounds, longest = how
    spare = np.empty(longest + PAD, np.uint8)
    place = left = np.int64(0)
    for post in range(len(offsets) - 1):
        start, stop = offsets[u(post)], offsets[u(post + 1)]
        ceiling = len(out) - PAD - (offsets[-1] - stop)
        end = normalise(data, start, stop, (out, place, ceiling), (steps, rounds), spare, table)
        if end == REFUSED:
            refused[u(left)] = post
            left += 1
        else:
            place = end
        stops[u(post + 1)] = place
    return left


def run_once(data: Any, offsets: Any, table: Any) -> None:
    """Compile what Python calls."""
    stops, refused, steps = np.zeros(1, np.int64), np.empty(0, np.int64), np.zeros(0, np.uint8)
    normalise_all(data, offsets, np.empty(PAD, np.uint8), stops, refused, (steps, 0, 0), table)
