"""The tree of n-grams: built from terms, enlarged, and packed for lookup.

Promises: enlarging a table keeps its content; every array has the type that kernels are compiled for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from koudai.errors import LimitExceeded
from koudai.limits import NGRAMS
from koudai.text.utf8 import PAD, Utf8, of_texts

if TYPE_CHECKING:
    from koudai.model.ngrams.growing_kernels import NgramTree
    from koudai.model.ngrams.lookup_kernels import Lookup

T = TypeVar("T", bound=np.generic)


def tree_of_stop_words(words: Sequence[str]) -> NgramTree:
    """Return a tree of stop words, which are not features; entries that contain a space are ignored."""
    grams = tree_of_terms(of_texts(word for word in words if " " not in word or word == " "), of_words=True)
    grams.words[1::2] &= np.uint64((1 << 32) - 1)
    return grams


def tree_of_terms(terms: Utf8, *, of_words: bool, grams: NgramTree | None = None) -> NgramTree:
    """Return `grams` with `terms` added as features, numbered in their order."""
    from koudai.model.ngrams.growing_kernels import PlantingScratch, plant

    longest = int(np.diff(terms.offsets).max(initial=1))
    symbols, nodes, slots = (np.empty(longest + 1, np.uint64) for _ in range(3))
    joined, ends = np.zeros(longest + PAD, np.uint8), np.empty(longest + 1, np.int32)
    scratch = PlantingScratch(symbols, nodes, slots, joined, ends)
    grams = grown(grams or _empty(), steps=terms.posts, words=0)
    terms = Utf8(read_only(terms.data), read_only(terms.offsets))
    with np.errstate(over="ignore"):
        term = 0
        while True:
            term = plant(terms, term, of_words, grams, scratch)
            if term == terms.posts:
                break
            grams = grown(grams, steps=longest, words=longest if of_words else 0)
    return grams


def _empty() -> NgramTree:
    from koudai.model.ngrams.growing_kernels import NgramTree

    slots, nodes = 1 << 10, 1 << 9
    return NgramTree(
        words=np.zeros(2 * slots, np.uint64),
        edges=np.zeros(2 * slots, np.uint64),
        symbol=np.zeros(nodes, np.uint32),
        spelled=np.zeros(8 * nodes, np.uint8),
        stops=np.zeros(nodes, np.int64),
        size=np.zeros(4, np.int64),
    )


def grown(grams: NgramTree, *, steps: int, words: int) -> NgramTree:
    """Return a tree with the same content and room for `steps` more nodes and `words` more words."""
    nodes, known, edges, used = (int(size) for size in grams.size)
    return grams._replace(
        words=_rehashed(grams.words, known + words),
        edges=_rehashed(grams.edges, edges + steps),
        symbol=longer(grams.symbol, nodes + words + 2) if words else grams.symbol,
        spelled=longer(grams.spelled, used + words),
        stops=longer(grams.stops, known + words),
    )


def packed(grams: NgramTree, features: int, *, stops: int = 0, order: NDArray[np.int64] | None = None) -> Lookup:
    """Return the n-grams of a tree in the form for lookup; the first `stops` nodes are stop words, not features.

    Features are numbered in their `order` anew, if it is given: ``order[i]`` becomes feature ``i``.
    """
    from koudai.model.ngrams.lookup_kernels import SLOTS, Lookup, pack

    nodes, words, edges, used = (int(size) for size in grams.size)
    if nodes > NGRAMS.value:
        raise LimitExceeded(
            what="a block of features has too many n-grams",
            expected=f"at most {NGRAMS.value:,} {NGRAMS.unit}",
            got=f"{nodes:,}",
            happened="no post was scored",
            todo="train with a larger min_df, or set max_features",
        )
    entries = np.zeros(nodes + 1, np.int64)
    for table in (grams.words, grams.edges):
        found = table[1::2][table[1::2] != 0]
        entries[found & np.uint64((1 << 32) - 1)] = (found >> np.uint64(32)).astype(np.int64)
    entries[1 : stops + 1] = 0
    if order is not None:
        places = np.zeros(features + 1, np.int64)
        places[order + 1] = np.arange(1, features + 1)
        entries = places[entries]
    others = np.flatnonzero(entries == 0)[1:]
    entries[others] = features + 1 + np.arange(len(others))
    renumbered = entries.astype(np.uint32)
    number = np.zeros(features + len(others) + 2, np.uint32)
    of_words = (grams.words[1::2] & np.uint64((1 << 32) - 1)).astype(np.int64)
    number[renumbered[of_words]] = grams.symbol[of_words]
    table = _rehashed(grams.words, words, shrink=True).copy()
    table[1::2] = renumbered[table[1::2] & np.uint64((1 << 32) - 1)]
    first = np.zeros(1 << 16, np.uint32)
    slots = max(SLOTS, 1 << (2 * edges - 1).bit_length())
    with np.errstate(over="ignore"):
        while not pack(grams, renumbered, first, steps := on_cache_lines(slots, np.uint64)):
            slots *= 2
            first[:] = 0
    return Lookup(
        table, number, grams.spelled[:used].copy(), grams.stops[:words].copy(), first, steps, np.array([features])
    )


def _rehashed(table: NDArray[np.uint64], keys: int, *, shrink: bool = False) -> NDArray[np.uint64]:
    """Return a hash table with the content of `table`, its size a power of 2 of at least two slots per key."""
    slots = 1 << max(4, (2 * keys - 1).bit_length())
    if 2 * slots == len(table) or (2 * slots < len(table) and not shrink):
        return table
    from koudai.model.ngrams.growing_kernels import rehash

    new = np.zeros(2 * slots, np.uint64)
    rehash(table, new)
    return new


def longer(array: NDArray[T], room: int) -> NDArray[T]:
    """Return `array` with room for at least `room` elements, padded with zeros, at least doubled if it grows.

    Examples
    --------
    >>> longer(np.array([1, 2]), 3).tolist()
    [1, 2, 0, 0]
    """
    if room <= len(array):
        return array
    new = np.zeros(max(room, 2 * len(array)), array.dtype)
    new[: len(array)] = array
    return new


def on_cache_lines(size: int, kind: type[T]) -> NDArray[T]:
    """Return zeros that begin on a cache line, with room for another line behind them.

    Examples
    --------
    >>> on_cache_lines(3, np.uint64).ctypes.data % 64
    0
    """
    line = 64 // np.dtype(kind).itemsize
    room = np.zeros(size + 2 * line, kind)
    begin = -(room.ctypes.data * line // 64) % line
    return room[begin : begin + size]


def read_only(array: Any) -> NDArray[Any]:
    """Return a read-only view of `array`, contiguous in memory.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
