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
_DIGIT, _SHORT_DIGIT, _MANY = 10, 8, 2048
"""Most bits per pass of the radix sort, of more positions than the last, and of fewer."""
_FEW = 32
"""Positions that are sorted by insertion."""
_HALF, _NODE = u(32), u((1 << 32) - 1)


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
    most = np.int64(_DIGIT if len(keys) > _MANY else _SHORT_DIGIT)
    rounds = (width + most - 1) // most
    digit = (width + rounds - 1) // rounds
    last = (u(1) << u(digit)) - u(1)
    starts = np.zeros(rounds << digit, np.int64)
    for j in range(len(keys)):
        key = keys[u(j)]
        for turn in range(rounds):
            starts[u(turn << digit) | (key >> u(turn * digit) & last)] += 1
    for turn in range(rounds):
        total = np.int64(0)
        for i in range(turn << digit, turn + 1 << digit):
            total += starts[u(i)]
            starts[u(i)] = total - starts[u(i)]
    for turn in range(rounds):
        shift, first = u(turn * digit), u(turn << digit)
        for j in range(len(keys)):
            key = keys[u(j)]
            place = first | (key >> shift & last)
            to = u(starts[place])
            starts[place] += 1
            spare_keys[to] = key
            spare_order[to] = order[u(j)]
        keys, spare_keys = spare_keys, keys
        order, spare_order = spare_order, order
    return rounds % 2 == 1


@compiled
def insert(keys: Any, order: Any) -> None:
    """Sort a few positions by keys, stably."""
    for j in range(1, len(keys)):
        key, position, to = keys[u(j)], order[u(j)], np.int64(j)
        while to > 0 and keys[u(to - 1)] > key:
            keys[u(to)], order[u(to)] = keys[u(to - 1)], order[u(to - 1)]
            to -= 1
        keys[u(to)], order[u(to)] = key, position


@compiled
def gather(symbols: Any, order: Any, starts: Any, sorted_order: Any) -> None:
    """Write positions by their symbols, stably; ``starts[s]`` becomes the end of those of symbol `s`."""
    for j in range(len(order)):
        symbol = u(symbols[u(order[u(j)])])
        sorted_order[u(starts[symbol])] = order[u(j)]
        starts[symbol] += 1


@allocating
def arrange(read: Any, order: Any, ends: Any, how: Any, places: Any, room: Any) -> Any:
    """Sort positions, which are in the order of their first symbols, those of symbol `s` up to ``ends[s]``, by the
    symbols behind; write their `SortedPlaces`; return the number of n-grams. Add to `room` how many n-grams of each
    post may be kept.

    `how` are the smallest and largest n, how many symbols behind the first a key holds, the bits of each, and in how
    many posts an n-gram has to be.
    """
    take, bits = how[2], how[3]
    longest, begin = np.int64(1), np.int64(0)
    for symbol in range(len(ends)):
        longest = max(longest, ends[u(symbol)] - begin)
        begin = ends[u(symbol)]
    keys, spare_keys = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    spare = np.empty(longest, np.uint32)
    total, begin = np.int64(0), np.int64(0)
    for symbol in range(len(ends)):
        end = ends[u(symbol)]
        size = end - begin
        if size:
            some, others, mine = keys[:size], spare_keys[:size], order[begin:end]
            keys_behind(read.symbols, mine, take, bits, some)
            if size <= _FEW:
                insert(some, mine)
            elif take and sort(some, mine, others, spare[:size], take * bits):
                mine[:] = spare[:size]
                some, others = others, some
            total += compare_neighbours(read, mine, some, how, begin, places, room)
        begin = end
    return total


@compiled
def keys_behind(symbols: Any, order: Any, take: Any, bits: Any, keys: Any) -> None:
    """Write for each position a key of the `take` symbols behind it, 0 beyond the end of the post."""
    for j in range(len(order)):
        at, key, left = np.int64(order[u(j)]) + 1, u(0), take
        while left:
            symbol = symbols[u(at)]
            if symbol == 0:
                break
            key = key << u(bits) | u(symbol)
            left -= 1
            at += 1
        keys[u(j)] = key << u(left * bits) if left < take else u(0)


@compiled
def compare_neighbours(read: Any, order: Any, keys: Any, how: Any, begin: Any, places: Any, room: Any) -> Any:
    """Write the `SortedPlaces` of the positions of one symbol, from `begin` on, and add to `room`; return the number of
    n-grams.
    """
    low, high, take, bits, fewest = how
    symbols, owner, stops = read.symbols, read.owner, read.stops
    posts, shared, lengths = places.posts, places.shared, places.lengths
    last = (u(1) << u(bits)) - u(1)
    total, before, before_length, before_same = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    key_before, post_before = u(0), u(0)
    for j in range(len(order)):
        if j + _AHEAD < len(order):
            prefetch(owner, u(order[u(j + _AHEAD)]))
        place, key = np.int64(order[u(j)]), keys[u(j)]
        post = u(owner[u(place)])
        length, rest = np.int64(take), key
        while length and rest & last == u(0):
            rest >>= u(bits)
            length -= 1
        length += 1
        if length == take + 1 and length < high:
            length = min(high, stops[post] - place)
        same, most = np.int64(0), min(length, before_length)
        if j:
            differ, same = key ^ key_before, np.int64(take + 1)
            while differ:
                differ >>= u(bits)
                same -= 1
            same = min(same, most)
            if same == take + 1:
                while same < most and symbols[u(place + same)] == symbols[u(before + same)]:
                    same += 1
            reach = before_length if fewest <= 1 else max(same, before_same)
            room[post_before] += max(np.int64(0), reach + 1 - low)
        posts[u(begin + j)], shared[u(begin + j)], lengths[u(begin + j)] = post, same, length
        total += max(np.int64(0), length - max(same, low - 1))
        before, before_length, before_same, key_before, post_before = place, length, same, key, post
    reach = before_length if fewest <= 1 else before_same
    room[post_before] += max(np.int64(0), reach + 1 - low)
    return total


@allocating
def measure(order: Any, places: Any, how: Any, ngrams: Any, counted: Any) -> Any:
    """Write the `FoundNgrams` that are in enough posts, and return their number; write the counts of each post.

    `how` are the smallest and largest n, and in how many posts an n-gram has to be. `counted` are where the row of each
    post begins, where it ends, in the beginning the same, and columns and counts; a column of -1 is none.
    """
    low, high, fewest = how
    posts, shared, lengths = places.posts, places.shared, places.lengths
    begins, sizes, frequency, occurrences = ngrams.begins, ngrams.sizes, ngrams.frequency, ngrams.occurrences
    rows, used, columns, counts = counted
    levels = high - low + 1
    numbers, begun = np.zeros(high + 1, np.int64), np.zeros(high + 1, np.int64)
    state = np.full(len(used) * levels, ~u(0), np.uint64)
    number, before = np.int64(0), low - 1
    for j in range(len(order) + 1):
        if j + _AHEAD < len(order):
            later = np.int64(posts[u(j + _AHEAD)])
            prefetch(columns, u(used[u(later)]))
            prefetch(counts, u(used[u(later)]))
            prefetch(state, u(later * levels))
        same = np.int64(shared[u(j)]) if j < len(order) else np.int64(0)
        first = max(low, same + 1)
        for n in range(before, first - 1, -1):
            if frequency[u(numbers[u(n)])] < fewest:
                number -= 1
                drop(posts, begun[u(n)], j, n - low, levels, counted, state)
        if j == len(order):
            break
        post, length = np.int64(posts[u(j)]), np.int64(lengths[u(j)])
        start, at = rows[u(post)], used[u(post)]
        for n in range(low, first):
            one, place = u(numbers[u(n)]), u(post * levels + n - low)
            occurrences[one] += 1
            known = state[place]
            if known >> _HALF == u(begun[u(n)]):
                counts[u(start) + (known & _NODE)] += 1
            else:
                frequency[one] += 1
                state[place] = u(begun[u(n)]) << _HALF | u(at - start)
                columns[u(at)], counts[u(at)] = one, 1
                at += 1
        if fewest > 1:  # of what the next position does not share there is no other
            length = min(length, np.int64(shared[u(j + 1)]) if j + 1 < len(order) else np.int64(0))
        for n in range(first, length + 1):
            numbers[u(n)], begun[u(n)] = number, j
            state[u(post * levels + n - low)] = u(j) << _HALF | u(at - start)
            columns[u(at)], counts[u(at)] = number, 1
            begins[u(number)], sizes[u(number)] = order[u(j)], n
            frequency[u(number)], occurrences[u(number)] = 1, 1
            number += 1
            at += 1
        used[u(post)] = at
        before = max(length, first - 1)
    return number


@compiled
def drop(posts: Any, begin: Any, end: Any, level: Any, levels: Any, counted: Any, state: Any) -> None:
    """Take the n-gram of a run of positions out of the rows of its posts."""
    rows, _, columns, _ = counted
    for j in range(begin, end):
        post = np.int64(posts[u(j)])
        place = u(post * levels + level)
        if state[place] >> _HALF == u(begin):
            columns[u(rows[u(post)]) + (state[place] & _NODE)] = -1
            state[place] = ~u(0)


@compiled
def close_up(rows: Any, used: Any, columns: Any, counts: Any) -> None:
    """Move the rows together, without columns of -1, and set where each begins."""
    to: Any = np.int64(0)
    for row in range(len(used)):
        start = rows[u(row)]
        rows[u(row)] = to
        for i in range(start, used[u(row)]):
            columns[u(to)], counts[u(to)] = columns[u(i)], counts[u(i)]
            to += np.int64(columns[u(i)] >= 0)
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
