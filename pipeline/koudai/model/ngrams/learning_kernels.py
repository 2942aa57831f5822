"""N-grams learnt from posts by sorting all their positions: compiled.

Promises: exact; time and memory are linear in the number of symbols times the largest n, whatever the content.
Positions are sorted by the symbols that begin there (a suffix array of bounded depth), so an n-gram is a run of
neighbours, and n-grams, also those of each post, come in the order of their symbols. Symbols are numbered from 1 in the
order wanted; 0 ends a post.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.model.ngrams.growing_kernels import BYTES, WORDS, add_word, find_word, points, slot, word_key
from koudai.text.compiled.jit import allocating, compiled, prefetch

u = np.uint64
_AHEAD = 16
"""Prefetch distance, in positions."""
_DIGIT = 9
"""Largest number of bits per pass of the radix sort."""
_NODE = u((1 << 32) - 1)


class SymbolArrays(NamedTuple):
    """Posts as symbols: those of each post, then a 0; the post of each symbol, and the index of each 0."""

    symbols: NDArray[np.uint32]
    owner: NDArray[np.uint32]
    stops: NDArray[np.int64]


class SortedPlaces(NamedTuple):
    """For each position, in sorted order: its post, the number of symbols it shares with the previous position, and the
    number of symbols up to the end of its post, at most the largest n.
    """

    posts: NDArray[np.uint32]
    shared: NDArray[np.int32]
    lengths: NDArray[np.int32]


class FoundNgrams(NamedTuple):
    """For each n-gram: its first position, its n, its document frequency and its number of occurrences."""

    begins: NDArray[np.uint32]
    sizes: NDArray[np.int32]
    frequency: NDArray[np.int64]
    occurrences: NDArray[np.int64]


class Spelling(NamedTuple):
    """Posts as symbols, and the spelling of symbols as bytes: that of symbol 1 ends at ``stops[1]``."""

    symbols: NDArray[np.uint32]
    spelled: NDArray[np.uint8]
    stops: NDArray[np.int64]


@compiled
def read_characters(data: Any, offsets: Any, symbols: Any, stops: Any, known: Any) -> None:
    """Write the code point plus 1 of each character of each post, then a 0, and its index; mark known code points."""
    at = np.int64(0)
    for post in range(len(offsets) - 1):
        start = at
        at += points(data, offsets[u(post)], offsets[u(post + 1)], symbols[at:])
        for i in range(start, at):
            known[u(symbols[u(i)])] = True
        symbols[u(at)] = 0
        stops[u(post)] = at
        at += 1


@allocating
def read_words(posts: Any, post: Any, left_out: Any, grams: Any, symbols: Any, stops: Any) -> Any:
    """Write the word numbers plus 1 of each post from `post` on, then a 0, and its index, until all are written or a
    table may be too small for the next; return the index of the next post. Words up to number `left_out` are skipped.
    """
    data, offsets, ends, words = posts.data, posts.offsets, posts.ends, posts.words
    longest = np.int64(1)
    for i in range(post, len(offsets) - 1):
        longest = max(longest, words[u(i + 1)] - words[u(i)])
    keys, slots = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    table = grams.words
    at = stops[u(post - 1)] + 1 if post else np.int64(0)
    while post < len(offsets) - 1:
        start, first, last = offsets[u(post)], words[u(post)], words[u(post + 1)]
        if (
            4 * (grams.size[WORDS] + last - first) > len(table)
            or grams.size[WORDS] + last - first > len(grams.stops)
            or grams.size[WORDS] + last - first >= len(grams.symbol)
            or grams.size[BYTES] + offsets[u(post + 1)] - start > len(grams.spelled)
        ):
            return post
        begin = start
        for token in range(first, last):
            end = start + np.int64(ends[u(token)])
            key = word_key(data, begin, end)
            keys[u(token - first)] = key
            slots[u(token - first)] = slot(key, table)
            prefetch(table, slots[u(token - first)] * u(2))
            begin = end
        begin = start
        for token in range(first, last):
            end = start + np.int64(ends[u(token)])
            key = keys[u(token - first)]
            here = find_word(data, begin, end, key, slots[u(token - first)], grams)
            if table[here + here + u(1)] == u(0):
                add_word(data, begin, end, key, here, grams)
            number = np.int64(table[here + here + u(1)] & _NODE)
            symbols[u(at)] = number
            at += np.int64(number > left_out)
            begin = end
        symbols[u(at)] = 0
        stops[u(post)] = at
        at += 1
        post += 1
    return post


@compiled
def write_keys(read: Any, order: Any, skip: Any, take: Any, bits: Any, keys: Any) -> None:
    """Write for each position a key of the `take` symbols that follow after `skip`, 0 beyond the end of the post."""
    symbols, owner, stops = read.symbols, read.owner, read.stops
    for j in range(len(order)):
        at = np.int64(order[u(j)])
        stop = stops[u(owner[u(at)])]
        at += skip
        key = u(0)
        for i in range(at, at + take):
            key <<= u(bits)
            if i < stop:
                key |= u(symbols[u(i)])
        keys[u(j)] = key


@allocating
def sort(keys: Any, order: Any, spare_keys: Any, spare_order: Any, width: Any) -> Any:
    """Sort positions by keys of `width` bits, stably; return whether the result is in the spare arrays."""
    rounds = (width + _DIGIT - 1) // _DIGIT
    digit = (width + rounds - 1) // rounds
    last = u((1 << digit) - 1)
    starts = np.empty(1 << digit, np.int64)
    for turn in range(rounds):
        shift = u(turn * digit)
        starts[:] = 0
        for j in range(len(keys)):
            starts[keys[u(j)] >> shift & last] += 1
        total = np.int64(0)
        for i in range(len(starts)):
            total += starts[u(i)]
            starts[u(i)] = total - starts[u(i)]
        for j in range(len(keys)):
            key = keys[u(j)]
            to = starts[key >> shift & last]
            starts[key >> shift & last] = to + 1
            spare_keys[u(to)] = key
            spare_order[u(to)] = order[u(j)]
        keys, spare_keys = spare_keys, keys
        order, spare_order = spare_order, order
    return rounds % 2 == 1


@compiled
def compare_neighbours(read: Any, order: Any, low: Any, high: Any, places: Any) -> Any:
    """Write the `SortedPlaces` of all positions, with at most `high` symbols each; return the number of n-grams."""
    symbols, owner, stops = read.symbols, read.owner, read.stops
    posts, shared, lengths = places.posts, places.shared, places.lengths
    total, before, before_length = np.int64(0), np.int64(0), np.int64(0)
    for j in range(len(order)):
        if j + _AHEAD < len(order):
            prefetch(symbols, u(order[u(j + _AHEAD)]))
            prefetch(owner, u(order[u(j + _AHEAD)]))
        place = np.int64(order[u(j)])
        post = owner[u(place)]
        length = min(high, stops[u(post)] - place)
        most, same = min(length, before_length), np.int64(0)
        while same < most and symbols[u(place + same)] == symbols[u(before + same)]:
            same += 1
        posts[u(j)], shared[u(j)], lengths[u(j)] = post, same, length
        total += max(np.int64(0), length - max(same, low - 1))
        before, before_length = place, length
    return total


@allocating
def measure(order: Any, places: Any, low: Any, high: Any, ngrams: Any, rows: Any) -> None:
    """Write the `FoundNgrams`; add to `rows` the number of distinct n-grams of each post."""
    posts, shared, lengths = places.posts, places.shared, places.lengths
    begins, sizes, frequency, occurrences = ngrams.begins, ngrams.sizes, ngrams.frequency, ngrams.occurrences
    levels = high - low + 1
    current, seen = np.zeros(high + 1, np.int64), np.full(len(rows) * levels, -1, np.int32)
    number = np.int64(-1)
    for j in range(len(order)):
        post, same = np.int64(posts[u(j)]), np.int64(shared[u(j)])
        for n in range(low, same + 1):
            one, last = current[u(n)], u(post * levels + n - low)
            occurrences[u(one)] += 1
            new = np.int64(np.int64(seen[last]) != one)
            seen[last] = one
            frequency[u(one)] += new
            rows[u(post)] += new
        first = max(low, same + 1)
        for n in range(first, np.int64(lengths[u(j)]) + 1):
            number += 1
            current[u(n)] = number
            seen[u(post * levels + n - low)] = number
            begins[u(number)], sizes[u(number)] = order[u(j)], n
            frequency[u(number)], occurrences[u(number)] = 1, 1
        rows[u(post)] += max(np.int64(0), np.int64(lengths[u(j)]) + 1 - first)


@allocating
def count_chosen(places: Any, low: Any, high: Any, column: Any, rows: Any, columns: Any, counts: Any) -> None:
    """Write columns and counts of the n-grams of each post, leaving out those whose column is -1.

    ``rows[post]`` is the start of a row if no n-gram is left out; it is set to the actual start.
    """
    posts, shared, lengths = places.posts, places.shared, places.lengths
    levels = high - low + 1
    current, seen = np.zeros(high + 1, np.int64), np.full((len(rows) - 1) * levels, -1, np.int32)
    where, used = np.empty(len(seen), np.int64), rows[:-1].copy()
    number = np.int64(-1)
    for j in range(len(posts)):
        if j + _AHEAD < len(posts):
            later = np.int64(posts[u(j + _AHEAD)])
            prefetch(columns, u(used[u(later)]))
            prefetch(counts, u(used[u(later)]))
            prefetch(seen, u(later * levels))
            prefetch(where, u(later * levels))
        post, same = np.int64(posts[u(j)]), np.int64(shared[u(j)])
        at = used[u(post)]
        for n in range(low, same + 1):
            one, last = current[u(n)], u(post * levels + n - low)
            if one >= 0:
                if np.int64(seen[last]) == one:
                    counts[u(where[last])] += 1
                else:
                    seen[last], where[last] = one, at
                    columns[u(at)] = one
                    counts[u(at)] = 1
                    at += 1
        for n in range(max(low, same + 1), np.int64(lengths[u(j)]) + 1):
            number += 1
            one, last = np.int64(column[u(number)]), u(post * levels + n - low)
            current[u(n)] = one
            if one >= 0:
                seen[last], where[last] = one, at
                columns[u(at)] = one
                counts[u(at)] = 1
                at += 1
        used[u(post)] = at
    to: Any = np.int64(0)
    for row in range(len(used)):
        start = rows[u(row)]
        rows[u(row)] = to
        if to == start:
            to = used[u(row)]
            continue
        for i in range(start, used[u(row)]):
            columns[u(to)], counts[u(to)] = columns[u(i)], counts[u(i)]
            to += 1
    rows[u(len(used))] = to


@compiled
def spell(begins: Any, sizes: Any, spelling: Any, joined: Any, writing: Any, offsets: Any, out: Any) -> None:
    """Write the end of the spelling of each n-gram and, if `writing`, the spelling itself."""
    symbols, spelled, stops = spelling.symbols, spelling.spelled, spelling.stops
    for i in range(len(begins)):
        if i + _AHEAD < len(begins):
            prefetch(symbols, u(begins[u(i + _AHEAD)]))
        at = offsets[u(i)]
        for k in range(sizes[u(i)]):
            if joined and k:
                if writing:
                    out[u(at)] = 32
                at += 1
            symbol = symbols[u(np.int64(begins[u(i)]) + k)]
            begin = stops[u(symbol - 1)]
            size = stops[u(symbol)] - begin
            if writing:
                for byte in range(0, size, 4):
                    one, two = spelled[u(begin + byte)], spelled[u(begin + byte + 1)]
                    three, four = spelled[u(begin + byte + 2)], spelled[u(begin + byte + 3)]
                    out[u(at + byte)], out[u(at + byte + 1)] = one, two
                    out[u(at + byte + 2)], out[u(at + byte + 3)] = three, four
            at += size
        offsets[u(i + 1)] = at
