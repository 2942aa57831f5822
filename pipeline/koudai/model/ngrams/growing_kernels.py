"""The growing tree of n-grams, built from the words of posts and from the spelling of terms: compiled.

Promises: exact: words are compared by their bytes, and n-grams by prefix and last symbol, never by a hash only; scratch
memory is linear in the longest post. Nodes are numbered from 1; 0 is none. A word n-gram is spelled as in scikit-learn,
its words joined by a space; white space is a word, too, so a spelling is split by jieba's rule that a word contains no
white space unless it is a single one (or CR LF). A spelling that cannot occur in a post gets no node.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.text.compiled.jit import compiled, load

u = np.uint64
_ZERO, _ONE = u(0), u(1)
_MULTIPLIER = u(0x9E3779B97F4A7C15)
_HALF, _BYTE, _TOP = u(32), u(8), u(56)
_LOW = u((1 << 56) - 1)
_NODE = u((1 << 32) - 1)
_LONG = u(0xFF << 56)
_BLANK_SYMBOL = u(0x21)
_BLANK = 32
SHORT = 7
"""Number of bytes of a word that fit into its key."""
NODES, WORDS, EDGES, BYTES = 0, 1, 2, 3


class NgramTree(NamedTuple):
    """All known n-grams as a tree: each is a child of the n-gram without its last symbol.

    The symbol of a word is the node of its unigram; the symbol of a character is its code point plus 1.

    Attributes
    ----------
    words : ndarray of uint64, shape (2 * n_slots,)
        Hash table with linear probing: pairs of a word's key and its entry. An entry is
        ``(feature + 1) << 32 | node``; its upper half is 0 for a node that is not a feature.
    edges : ndarray of uint64, shape (2 * n_slots,)
        Hash table of edges: pairs of ``node << 32 | symbol`` and the entry of the child.
    symbol : ndarray of uint32, shape (n_nodes + 1,)
        The word number of each node that is a word.
    spelled, stops
        The bytes of all words, concatenated, and the end of each.
    size : ndarray of int64, shape (4,)
        Numbers of nodes, words, edges and bytes of words.
    """

    words: NDArray[np.uint64]
    edges: NDArray[np.uint64]
    symbol: NDArray[np.uint32]
    spelled: NDArray[np.uint8]
    stops: NDArray[np.int64]
    size: NDArray[np.int64]


class PlantingScratch(NamedTuple):
    """Scratch memory for one term: its symbols, the nodes of the previous term, the slots on the path to each node,
    and the words of its spelling with their ends.
    """

    symbols: NDArray[np.uint64]
    nodes: NDArray[np.uint64]
    slots: NDArray[np.uint64]
    joined: NDArray[np.uint8]
    ends: NDArray[np.int32]


class CutArrays(NamedTuple):
    """Posts and their words as read-only arrays: see `koudai.model.ngrams.counting.Cut`."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    ends: NDArray[np.int32]
    words: NDArray[np.int64]


@compiled
def slot(key: Any, table: Any) -> Any:
    """Return the slot at which the search for `key` begins."""
    return (((key ^ key >> _HALF) * _MULTIPLIER) >> _HALF) & u(len(table) // 2 - 1)


@compiled
def find_slot(key: Any, at: Any, table: Any) -> Any:
    """Return the slot of `key`, searched from slot `at` on, or the free slot where it belongs."""
    last = u(len(table) // 2 - 1)
    while table[at + at + _ONE] != _ZERO and table[at + at] != key:
        at = (at + _ONE) & last
    return at


@compiled
def rehash(old: Any, new: Any) -> None:
    """Copy a hash table into an empty one; entries with equal keys stay separate."""
    last = u(len(new) // 2 - 1)
    for i in range(len(old) // 2):
        if old[u(2 * i + 1)] != _ZERO:
            at = slot(old[u(2 * i)], new)
            while new[at + at + _ONE] != _ZERO:
                at = (at + _ONE) & last
            new[at + at] = old[u(2 * i)]
            new[at + at + _ONE] = old[u(2 * i + 1)]


@compiled
def word_key(data: Any, begin: Any, end: Any) -> Any:
    """Return the key of a word: its bytes and their number, or a hash of them if it is long."""
    length = end - begin
    if length <= SHORT:
        bits = u(length) * _BYTE
        return (load(data, begin) & ((_ONE << bits) - _ONE)) | (u(length) << _TOP)
    key = u(length)
    at = begin
    while at + 8 <= end:
        key = (key ^ load(data, at)) * _MULTIPLIER
        key ^= key >> _HALF
        at += 8
    key = (key ^ load(data, end - 8)) * _MULTIPLIER
    key ^= key >> _HALF
    return (key & _LOW) | _LONG


@compiled
def find_word(data: Any, begin: Any, end: Any, key: Any, at: Any, grams: Any) -> Any:
    """Return the slot of a word, searched from slot `at` on, or the free slot where it belongs."""
    table, last = grams.words, u(len(grams.words) // 2 - 1)
    while table[at + at + _ONE] != _ZERO:
        if table[at + at] == key:
            if end - begin <= SHORT:
                return at
            number = np.int64(grams.symbol[table[at + at + _ONE] & _NODE])
            start = grams.stops[u(number - 1)] if number else np.int64(0)
            same = np.int64(grams.stops[u(number)]) - start == end - begin
            i = np.int64(0)
            while same and i < end - begin:
                same = grams.spelled[u(start + i)] == data[u(begin + i)]
                i += 1
            if same:
                return at
        at = (at + _ONE) & last
    return at


@compiled
def add_word(data: Any, begin: Any, end: Any, key: Any, at: Any, grams: Any) -> None:
    """Add a node for a new word, at its slot."""
    size = grams.size
    size[NODES] += 1
    node, number, used = u(size[NODES]), size[WORDS], size[BYTES]
    grams.symbol[node] = number
    for i in range(end - begin):
        grams.spelled[u(used + i)] = data[u(begin + i)]
    grams.stops[u(number)] = used + end - begin
    size[WORDS] += 1
    size[BYTES] += end - begin
    grams.words[at + at] = key
    grams.words[at + at + _ONE] = node


@compiled
def add_words(data: Any, start: Any, ends: Any, first: Any, last: Any, grams: Any, symbols: Any) -> None:
    """As `find_words`, adding a node for every new word."""
    begin = start
    for token in range(first, last):
        end = start + np.int64(ends[u(token)])
        key = word_key(data, begin, end)
        at = find_word(data, begin, end, key, slot(key, grams.words), grams)
        if grams.words[at + at + _ONE] == _ZERO:
            add_word(data, begin, end, key, at, grams)
        symbols[u(token - first)] = grams.words[at + at + _ONE]
        begin = end


@compiled
def is_space(point: Any) -> Any:
    """Return whether a code point is white space, as by ``str.isspace``."""
    if point <= 0x20:
        return 9 <= point <= 13 or point >= 28
    if point < 0x1680:
        return point == 0x85 or point == 0xA0
    return (
        point == 0x1680
        or 0x2000 <= point <= 0x200A
        or point == 0x2028
        or point == 0x2029
        or point == 0x202F
        or point == 0x205F
        or point == 0x3000
    )


@compiled
def points(data: Any, start: Any, stop: Any, symbols: Any) -> Any:
    """Write the symbols of a post's characters, runs of white space as one space; return their number."""
    count, spaces = np.int64(0), np.int64(0)
    at = start
    while at < stop:
        lead = np.int64(data[u(at)])
        width = np.int64(1)
        point = lead
        if lead >= 0xF0:
            width = np.int64(4)
            if at + 4 <= stop:
                point = (lead & 7) << 18 | (np.int64(data[u(at + 1)]) & 63) << 12
                point |= (np.int64(data[u(at + 2)]) & 63) << 6 | np.int64(data[u(at + 3)]) & 63
        elif lead >= 0xE0:
            width = np.int64(3)
            if at + 3 <= stop:
                point = (lead & 15) << 12 | (np.int64(data[u(at + 1)]) & 63) << 6 | np.int64(data[u(at + 2)]) & 63
        elif lead >= 0xC0:
            width = np.int64(2)
            if at + 2 <= stop:
                point = (lead & 31) << 6 | np.int64(data[u(at + 1)]) & 63
        at += width
        if is_space(point):
            spaces += 1
            if spaces > 1:
                symbols[u(count - 1)] = _BLANK_SYMBOL
                continue
        else:
            spaces = np.int64(0)
        symbols[u(count)] = point + 1
        count += 1
    return count


@compiled
def add_step(node: Any, symbol: Any, grams: Any) -> Any:
    """Return the slot of an edge from a node, adding it if there is none."""
    edges, size = grams.edges, grams.size
    key = node << _HALF | symbol & _NODE
    at = find_slot(key, slot(key, edges), edges)
    if edges[at + at + _ONE] == _ZERO:
        size[NODES] += 1
        size[EDGES] += 1
        edges[at + at] = key
        edges[at + at + _ONE] = u(size[NODES])
    return at


@compiled
def space_at(data: Any, at: Any, stop: Any) -> Any:
    """Return the width in bytes of the white space at `at`, CR LF counting as one; 0 if there is none."""
    lead = np.int64(data[u(at)])
    if lead < 0x80:
        if lead == 13 and at + 1 < stop and data[u(at + 1)] == 10:
            return np.int64(2)
        return np.int64(is_space(lead))
    if 0xC0 <= lead < 0xE0 and at + 2 <= stop:
        return np.int64(2) if is_space((lead & 31) << 6 | np.int64(data[u(at + 1)]) & 63) else np.int64(0)
    if 0xE0 <= lead < 0xF0 and at + 3 <= stop:
        point = (lead & 15) << 12 | (np.int64(data[u(at + 1)]) & 63) << 6 | np.int64(data[u(at + 2)]) & 63
        return np.int64(3) if is_space(point) else np.int64(0)
    return np.int64(0)


@compiled
def words_of(data: Any, start: Any, stop: Any, joined: Any, ends: Any) -> Any:
    """Write the words of a spelling without the spaces between, and their ends; return their number, 0 if invalid."""
    count, used, at = np.int64(0), np.int64(0), start
    while at < stop:
        if count:
            if data[u(at)] != _BLANK or at + 1 == stop:
                return np.int64(0)
            at += 1
        width = space_at(data, at, stop)
        while width == 0 and at < stop and space_at(data, at, stop) == 0:
            joined[u(used)] = data[u(at)]
            used += 1
            at += 1
        for _ in range(width):
            joined[u(used)] = data[u(at)]
            used += 1
            at += 1
        ends[u(count)] = used
        count += 1
    return count


@compiled
def plant(terms: Any, term: Any, of_words: Any, grams: Any, scratch: Any) -> Any:
    """Insert terms from `term` on as features, numbered in order, until all are in or a table may be too small for the
    next; return the index of the next term. Edges shared with the previous term are not looked up again.
    """
    data, offsets = terms.data, terms.offsets
    symbols, before, path, same_as = scratch.symbols, scratch.nodes, scratch.slots, np.int64(0)
    joined, ends = scratch.joined, scratch.ends
    while term < len(offsets) - 1:
        start, stop = offsets[u(term)], offsets[u(term + 1)]
        most = stop - start
        new_words = most if of_words else np.int64(0)
        if (
            4 * (grams.size[EDGES] + most) > len(grams.edges)
            or 4 * (grams.size[WORDS] + new_words) > len(grams.words)
            or (of_words and grams.size[NODES] + new_words >= len(grams.symbol))
            or grams.size[WORDS] + new_words > len(grams.stops)
            or grams.size[BYTES] + new_words > len(grams.spelled)
        ):
            return term
        if of_words:
            count = words_of(data, start, stop, joined, ends)
            add_words(joined, np.int64(0), ends, np.int64(0), count, grams, symbols)
        else:
            count = points(data, start, stop, symbols)
            written = np.int64(0)
            for at in range(start, stop):
                written += np.int64(data[u(at)] & 0xC0 != 0x80)
            count *= np.int64(count == written)
        step = np.int64(0)
        while step < min(count, same_as) and symbols[u(step)] & _NODE == before[u(step)]:
            step += 1
        while step < count:
            if step:
                table = grams.words if of_words and step == 1 else grams.edges
                above = table[path[u(step - 1)] * u(2) + _ONE]
                path[u(step)] = add_step(above, symbols[u(step)], grams)
            elif of_words:
                key = word_key(joined, np.int64(0), np.int64(ends[0]))
                path[0] = find_word(joined, np.int64(0), np.int64(ends[0]), key, slot(key, grams.words), grams)
            else:
                path[0] = add_step(u(0), symbols[0], grams)
            before[u(step)] = symbols[u(step)] & _NODE
            step += 1
        if count:
            same_as = count
            table = grams.words if of_words and count == 1 else grams.edges
            entry = path[u(count - 1)] * u(2) + _ONE
            table[entry] = table[entry] & _NODE | u(term + 1) << _HALF
        term += 1
    return term
