"""jieba's algorithm on UTF-8 bytes, compiled: decode, look up, find the most probable path, segment unknown runs.

Promises: the tokens of ``jieba.lcut``: the same float64 sums in the same order, ties decided in the same way; no
recursion; scratch memory for the longest post or `BATCH` bytes, whichever is more. Bytes must be valid UTF-8, lone
surrogates allowed; tokens of other bytes are undefined, but nothing outside a post is read.

A unit is a character, or a carriage return with its line feed. A unit in no word has code 0, as has the empty unit that
ends a post: no word crosses it, and the sums start at 0 there, as jieba's do. Each pass is a loop without unpredictable
branches over all units of some posts, so that table lookups overlap.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from koudai.text.compiled.jit import allocating, compiled, prefetch
from koudai.text.jieba.tables import FIRST_HAN, LAST_HAN
from koudai.text.jieba.trie import BASE_SHIFT, LABELS, WEIGHT_SHIFT, WEIGHTS
from koudai.text.jieba.unknown_kernels import mark_letters, mark_pairs, mark_run

BATCH = 4096
"""Bytes of posts that go through each pass together."""
_NO_WORD = -np.inf
_HAN = LAST_HAN - FIRST_HAN
u = np.uint64


class UnitScratch(NamedTuple):
    """Scratch memory, one element per unit.

    Attributes
    ----------
    codes, begins
        Code of the unit, and the offset of its first byte in its post.
    place
        Index into the table of the transition from the previous unit to this one.
    pair, third, fourth
        Weights of the words of two, three and four units that begin here; minus infinity for none.
    deep
        Base of the node after the four units that begin here; 0 for none.
    best, length
        Log-probability of the most probable path from here on, and the length of its first word.
    ends
        1 where a token ends before the unit.
    starts, stops
        Lists, not per unit: first the prefixes still to be extended, then the runs of single units.
    borders
        List: the number of units up to the end of each post.
    """

    codes: Any
    begins: Any
    place: Any
    pair: Any
    third: Any
    fourth: Any
    deep: Any
    best: Any
    length: Any
    ends: Any
    starts: Any
    stops: Any
    borders: Any


@compiled
def decode_units(data: Any, start: Any, stop: Any, unit: Any, work: Any, tables: Any) -> Any:
    """Write code and first byte of every unit of a post, with the one that ends it; return the number of units."""
    codes, begins, place, alphabet, base = work.codes, work.begins, work.place, tables.codes, tables.base
    at = start
    before = np.int64(0)
    while at < stop:
        lead = np.int64(data[u(at)])
        code = np.int64(0)
        width = np.int64(1)
        if lead >= 0xF0:
            width = np.int64(4)
        elif lead >= 0xE0:
            width = np.int64(3)
            if at + 3 <= stop:
                second, third = np.int64(data[u(at + 1)]) & 63, np.int64(data[u(at + 2)]) & 63
                han = ((lead & 15) << 12 | second << 6 | third) - FIRST_HAN
                if 0 <= han <= _HAN:
                    code = np.int64(alphabet[u(han + 128)])
        elif lead >= 0x80:
            width = np.int64(2)
        else:
            code = np.int64(alphabet[u(lead)])
            if lead == 13 and at + 1 < stop and data[u(at + 1)] == 10:
                width = np.int64(2)
        codes[u(unit)] = code
        begins[u(unit)] = at - start
        place[u(unit)] = before + code
        prefetch(tables.table, u(before + code))
        before = np.int64(base[u(code)])
        unit += 1
        at += width
    codes[u(unit)] = 0
    begins[u(unit)] = stop - start
    place[u(unit)] = before
    return unit + 1


@compiled
def match(units: Any, work: Any, tables: Any) -> None:
    """Write the weights of words of two, three and four units, and the nodes from which longer ones continue."""
    codes, place, starts, stops = work.codes, work.place, work.starts, work.stops
    pair, third, fourth, deep = work.pair, work.third, work.fourth, work.deep
    table, weights = tables.table, tables.weights
    for i in range(units):
        third[u(i)] = _NO_WORD
        fourth[u(i)] = _NO_WORD
        deep[u(i)] = 0
    found = np.int64(0)
    for i in range(units):
        step = table[u(place[u(i + 1)])]
        step *= np.int64(step & LABELS == np.int64(codes[u(i + 1)]))
        pair[u(i)] = weights[u(step >> WEIGHT_SHIFT & WEIGHTS)]
        following = (step >> BASE_SHIFT) + np.int64(codes[u(i + 2)])
        prefetch(table, u(following))
        starts[u(found)] = i
        stops[u(found)] = following
        found += np.int64(step >> BASE_SHIFT != 0)
    more = np.int64(0)
    for k in range(found):
        j = np.int64(starts[u(k)])
        step = table[u(stops[u(k)])]
        step *= np.int64(step & LABELS == np.int64(codes[u(j + 2)]))
        third[u(j)] = weights[u(step >> WEIGHT_SHIFT & WEIGHTS)]
        starts[u(more)] = j
        stops[u(more)] = (step >> BASE_SHIFT) + np.int64(codes[u(j + 3)])
        more += np.int64(step >> BASE_SHIFT != 0)
    for k in range(more):
        j = np.int64(starts[u(k)])
        step = table[u(stops[u(k)])]
        step *= np.int64(step & LABELS == np.int64(codes[u(j + 3)]))
        fourth[u(j)] = weights[u(step >> WEIGHT_SHIFT & WEIGHTS)]
        deep[u(j)] = step >> BASE_SHIFT


@compiled
def route(units: Any, work: Any, tables: Any) -> None:
    """Write for every unit the length of the first word of the most probable path; of equal ones, the longest."""
    codes, pair, third, fourth, deep = work.codes, work.pair, work.third, work.fourth, work.deep
    best, length, single, table, weights = work.best, work.length, tables.single, tables.table, tables.weights
    one = two = three = four = 0.0
    for back in range(units):
        i = units - 1 - back
        code = codes[u(i)]
        score, long = fourth[u(i)] + four, np.int64(4)
        other = third[u(i)] + three
        if other > score:
            score, long = other, np.int64(3)
        other = pair[u(i)] + two
        if other > score:
            score, long = other, np.int64(2)
        here = np.int64(deep[u(i)])
        at = i + 4
        while here:
            character = np.int64(codes[u(at)])
            step = table[u(here + character)]
            if step & LABELS != character or step == 0:
                break
            at += 1
            other = weights[u(step >> WEIGHT_SHIFT & WEIGHTS)] + best[u(at)]
            if other >= score and other > _NO_WORD:
                score, long = other, at - i
            here = step >> BASE_SHIFT
        other = single[u(code)] + one
        if other > score:
            score, long = other, np.int64(1)
        if score == _NO_WORD:
            score, long = single[0] + one, np.int64(1)
        if code == 0:
            score, long = 0.0, np.int64(1)
        best[u(i)] = score
        length[u(i)] = long
        four, three, two, one = three, two, one, score


@compiled
def mark(units: Any, work: Any) -> Any:
    """Mark the ends of the words on the path, and list its runs of single units; return the number of runs."""
    codes, length, ends, starts, stops = work.codes, work.length, work.ends, work.starts, work.stops
    for i in range(units + 2):
        ends[u(i)] = 0
    unit = np.int64(0)
    while unit < units:
        unit += np.int64(length[u(unit)])
        ends[u(unit)] = 1
    begun = stopped = before = np.int64(0)
    alone = np.int64(ends[1]) & np.int64(codes[0] != 0)
    for i in range(units):
        after = np.int64(ends[u(i + 1)]) & np.int64(ends[u(i + 2)]) & np.int64(codes[u(i + 1)] != 0)
        starts[u(begun)] = i
        begun += alone & (before ^ 1) & after
        stops[u(stopped)] = i + 1
        stopped += alone & before & (after ^ 1)
        before, alone = alone, after
    return begun


@allocating
def segment(data: Any, offsets: Any, post: Any, hmm: Any, room: Any, tables: Any, found: Any) -> Any:
    """Segment posts from `post` on until all are done or the next may not fit; return the post to continue with.

    `room` is a number of units that suffices for the longest post and `BATCH`. `found` are two arrays that are written:
    the ends of tokens, as byte offsets in their post, and the number of tokens up to the end of each post.
    """
    out, counts = found
    codes, begins, place = np.empty(room, np.uint16), np.empty(room, np.int32), np.empty(room, np.int32)
    pair, third, fourth, best = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    deep, length, ends = np.empty(room, np.int32), np.empty(room, np.uint16), np.empty(room, np.uint8)
    starts, stops, borders = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    work = UnitScratch(codes, begins, place, pair, third, fourth, deep, best, length, ends, starts, stops, borders)
    posts = len(offsets) - 1
    split = tables.split[0] if tables.split[0] < len(tables.weights) else np.int64(0)
    tokens = np.int64(counts[u(post)])
    while post < posts:
        begun, units, origin = post, np.int64(0), offsets[u(post)]
        while post < posts:
            start, stop = offsets[u(post)], offsets[u(post + 1)]
            full = units > 0 and stop - origin + post - begun >= BATCH
            if full or tokens + stop - origin >= len(out):
                break
            units = decode_units(data, start, stop, units, work, tables)
            borders[u(post - begun)] = units
            post += 1
        if post == begun:
            return post
        codes[u(units)] = codes[u(units + 1)] = codes[u(units + 2)] = place[u(units)] = 0
        match(units, work, tables)
        route(units, work, tables)
        runs = mark(units, work)
        if hmm:
            if not split:
                runs = mark_pairs(runs, work, tables)
            for run in range(runs):
                mark_run(np.int64(starts[u(run)]), np.int64(stops[u(run)]), split, work, tables)
        else:
            mark_letters(units, codes, ends)
        unit = np.int64(0)
        for which in range(post - begun):
            last = np.int64(borders[u(which)]) - 1
            for i in range(unit + 1, last + 1):
                out[u(tokens)] = begins[u(i)]
                tokens += np.int64(ends[u(i)])
            unit = last + 1
            counts[u(begun + which + 1)] = tokens
    return post


@compiled
def in_characters(data: Any, offsets: Any, counts: Any, ends: Any) -> None:
    """Convert `ends` from bytes to characters, in place."""
    for post in range(len(offsets) - 1):
        at = start = offsets[u(post)]
        characters = np.int64(0)
        for token in range(counts[u(post)], counts[u(post + 1)]):
            stop = start + ends[u(token)]
            while at < stop:
                characters += np.int64(data[u(at)] & 0xC0 != 0x80)
                at += 1
            ends[u(token)] = characters
