"""The packed tree of n-grams, and lookup of the words and n-grams of posts in it: compiled.

Promises: exact, as the tree it is packed from: the bucket of an entry gives one half of its key and the entry stores
the other, so different keys never match. Each pass over a post asks for the memory that the next one needs, so that
accesses overlap, and guesses no branch.
Nodes are numbered from 1, features first, in their order; 0 is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.model.ngrams.growing_kernels import SHORT, slot, word_key
from koudai.text.compiled.jit import compiled, prefetch
from koudai.text.compiled.lanes import BUCKET, among

u = np.uint64
_ZERO, _ONE = u(0), u(1)
_HALF = u(24)
_NODE = u((1 << 24) - 1)
_WIDE = u((1 << 32) - 1)
_KEY = u((1 << 48) - 1)
_MULTIPLIER = u(0x9E3779B97F4B)
_AWAY, _FURTHEST = u(3), u(7)
_BUCKET, _WITHIN = u(BUCKET), u(3)
SLOTS = 1 << 14
"""Fewest slots of a packed table: the upper bits of a key's place that its entry need not hold."""


class Lookup(NamedTuple):
    """A vocabulary in the form for lookup.

    Attributes
    ----------
    words : ndarray of uint64, shape (2 * n_slots,)
        Hash table: pairs of a word's key and its node, as in `koudai.model.ngrams.growing_kernels.NgramTree`.
    number, spelled, stops
        The word number of each node, the bytes of all words, and the end of each.
    first : ndarray of uint32, shape (2 ** 16,)
        Node of each character of the Basic Multilingual Plane.
    edges : ndarray of uint64, shape (n_slots,)
        Hash table of edges, in buckets of 8 entries. A key, ``node << 24 | symbol``, is multiplied modulo 2 ** 48; its
        upper bits give the bucket where the search begins; an entry has its lower bits, then 3 bits for the distance
        from that bucket, then 24 bits for the child node. 0 is an empty slot; a bucket is filled from the front.
    features : ndarray of int64, shape (1,)
        Nodes up to this number are features.
    """

    words: NDArray[np.uint64]
    number: NDArray[np.uint32]
    spelled: NDArray[np.uint8]
    stops: NDArray[np.int64]
    first: NDArray[np.uint32]
    edges: NDArray[np.uint64]
    features: NDArray[np.int64]


@compiled
def bits_of(edges: Any) -> Any:
    """Return the number of lower bits of a key that entries store."""
    left, buckets = u(48), u(len(edges)) >> _WITHIN
    while buckets > _ONE:
        buckets >>= _ONE
        left -= _ONE
    return left


@compiled
def mixed(node: Any, symbol: Any) -> Any:
    """Return the mixed key of an edge; the mapping is one-to-one."""
    return ((node << _HALF | (symbol ^ node)) * _MULTIPLIER) & _KEY


@compiled
def step(key: Any, left: Any, edges: Any) -> Any:
    """Return the child node of an edge, 0 if there is none."""
    at = (key >> left) << _WITHIN
    wanted = (key & ((_ONE << left) - _ONE)) << _AWAY
    last = u(len(edges) - 1)
    node = among(edges, at, wanted)
    while np.int64(node == _ZERO) & np.int64(edges[at + _BUCKET - _ONE] != _ZERO):
        at = (at + _BUCKET) & last
        wanted += _ONE
        node = among(edges, at, wanted)
    return node


@compiled
def pack(grams: Any, renumbered: Any, first: Any, edges: Any) -> Any:
    """Fill `first` and `edges` with the edges of `grams`; return whether each fitted near the bucket of its key."""
    left, last = bits_of(edges), u(len(edges) - 1)
    for i in range(len(grams.edges) // 2):
        if grams.edges[u(2 * i + 1)] == _ZERO:
            continue
        before, old = grams.edges[u(2 * i)], grams.edges[u(2 * i + 1)] & _WIDE
        parent, symbol, node = before >> u(32), before & _WIDE, u(renumbered[old])
        if grams.size[1]:
            symbol = u(renumbered[symbol])
        if parent == _ZERO and symbol <= u(len(first)):
            first[symbol - _ONE] = node
            continue
        key = mixed(u(renumbered[parent]), symbol)
        at, away = (key >> left) << _WITHIN, _ZERO
        while edges[at + _BUCKET - _ONE] != _ZERO:
            at = (at + _BUCKET) & last
            away += _ONE
        if away > _FURTHEST:
            return False
        while edges[at] != _ZERO:
            at += _ONE
        edges[at] = ((key & ((_ONE << left) - _ONE)) << _AWAY | away) << _HALF | node
    return True


@compiled
def find_words(data: Any, start: Any, ends: Any, first: Any, last: Any, known: Any, scratch: Any) -> None:
    """Write the nodes of the words that end at ``ends[first:last]``, offsets from `start`; 0 for unknown words."""
    keys, slots, symbols, table = scratch.keys, scratch.slots, scratch.symbols, known.words
    furthest = u(len(table) // 2 - 1)
    begin = start
    for token in range(first, last):
        end = start + np.int64(ends[u(token)])
        key = word_key(data, begin, end)
        at = slot(key, table)
        prefetch(table, at + at)
        keys[u(token - first)] = key
        slots[u(token - first)] = at
        begin = end
    begin = start
    for token in range(first, last):
        end = start + np.int64(ends[u(token)])
        key, at = keys[u(token - first)], slots[u(token - first)]
        node = table[at + at + _ONE]
        while node != _ZERO and (table[at + at] != key or not is_spelled(data, begin, end, node, known)):
            at = (at + _ONE) & furthest
            node = table[at + at + _ONE]
        symbols[u(token - first)] = node
        begin = end


@compiled
def is_spelled(data: Any, begin: Any, end: Any, node: Any, known: Any) -> Any:
    """Return whether a word with the key of a node is the node's word; the key of a short word is unique."""
    length = end - begin
    if length <= SHORT:
        return True
    number = np.int64(known.number[node])
    start = known.stops[u(number - 1)] if number else np.int64(0)
    same = np.int64(known.stops[u(number)]) - start == length
    i = np.int64(0)
    while same and i < length:
        same = known.spelled[u(start + i)] == data[u(begin + i)]
        i += 1
    return same


@compiled
def find_ngrams(count: Any, of_words: Any, low: Any, high: Any, known: Any, scratch: Any, marks: Any, rows: Any) -> Any:
    """Write the features of all n-grams of `low` to `high` symbols, and ask for their `marks` and `rows`; return their
    number.
    """
    symbols, places, keys, found = scratch.symbols, scratch.places, scratch.keys, scratch.found
    edges, left, features, furthest = known.edges, bits_of(known.edges), u(known.features[0]), u(len(known.first))
    total, alive = np.int64(0), np.int64(0)
    symbols[u(count)] = _ZERO
    wanted, width = np.int64(low == 1), u(rows.shape[1])
    for i in range(count):
        symbol, following = symbols[u(i)], symbols[u(i + 1)]
        node = symbol
        if not of_words:
            node = u(known.first[symbol - _ONE]) if symbol <= furthest else step(mixed(_ZERO, symbol), left, edges)
        feature = u(np.int64(node - _ONE < features))
        found[u(total)] = np.int64(node) - 1
        row = (node - feature) * feature
        prefetch(marks, row)
        prefetch(rows, row * width)
        total += np.int64(feature) & wanted
        key = mixed(node, following)
        prefetch(edges, (key >> left) << _WITHIN)
        keys[u(alive)] = key
        places[u(alive)] = i
        alive += np.int64(node != _ZERO) & np.int64(following != _ZERO)
    for n in range(2, high + 1):
        ready, alive = alive, np.int64(0)
        wanted, last = np.int64(n >= low), n == high
        for k in range(ready):
            node, place = step(keys[u(k)], left, edges), places[u(k)]
            feature = u(np.int64(node - _ONE < features))
            found[u(total)] = np.int64(node) - 1
            row = (node - feature) * feature
            prefetch(marks, row)
            prefetch(rows, row * width)
            total += np.int64(feature) & wanted
            if not last:
                following = symbols[u(place + n)]
                key = mixed(node, following)
                prefetch(edges, (key >> left) << _WITHIN)
                keys[u(alive)] = key
                places[u(alive)] = place
                alive += np.int64(node != _ZERO) & np.int64(following != _ZERO)
    return total
