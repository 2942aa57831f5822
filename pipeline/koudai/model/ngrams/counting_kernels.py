"""Counts of n-grams in posts, and decisions of a linear model computed from them directly: compiled.

Promises: the counts of scikit-learn's ``CountVectorizer`` for the same tokens; the numbers of a post depend only on
that post and are summed in a fixed order, whatever the other posts and the number of threads; no bytes outside a post
are interpreted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.model.ngrams.growing_kernels import points
from koudai.model.ngrams.lookup_kernels import find_ngrams, find_words
from koudai.text.compiled.jit import allocating, compiled, prefetch

u = np.uint64
_AHEAD, _LOGS = 16, 64
_SPREAD = u(0x9E3779B1)
_NODE = u((1 << 32) - 1)


class CountingScratch(NamedTuple):
    """Scratch memory: symbols of a post, nodes and positions of its n-grams, keys and slots to look up, features found;
    then the distinct features, their counts, and a hash table of their indices.
    """

    symbols: NDArray[np.uint64]
    nodes: NDArray[np.uint64]
    places: NDArray[np.int64]
    keys: NDArray[np.uint64]
    slots: NDArray[np.uint64]
    found: NDArray[np.int64]
    items: NDArray[np.int64]
    counts: NDArray[np.int64]
    table: NDArray[np.int32]


class Kind(NamedTuple):
    """The kind of n-grams: of words or of characters, of `low` to `high` symbols; the words of the `stops` nodes after
    node `features` are removed first.
    """

    of_words: bool
    low: int
    high: int
    stops: int
    features: int


@allocating
def scratch_for(room: Any, levels: Any) -> Any:
    """Return scratch memory for posts of at most `room` symbols."""
    size = np.int64(64)
    while size < 2 * room * levels:
        size *= 2
    return CountingScratch(
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room, np.int64),
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room * levels, np.int64),
        np.zeros(room * levels + _AHEAD, np.int64),
        np.empty(room * levels, np.int64),
        np.empty(size, np.int32),
    )


@compiled
def distinct(total: Any, scratch: Any) -> Any:
    """Write the distinct features found and their counts; return their number."""
    found, items, counts, table = scratch.found, scratch.items, scratch.counts, scratch.table
    size = np.int64(64)
    while size < 2 * total:
        size *= 2
    for i in range(size):
        table[u(i)] = 0
    last = u(size - 1)
    different = np.int64(0)
    for i in range(total):
        one = found[u(i)]
        at = ((u(one) * _SPREAD) >> u(12)) & last
        while True:
            place = np.int64(table[at])
            if place == 0:
                items[u(different)] = one
                counts[u(different)] = 1
                different += 1
                table[at] = different
                break
            if items[u(place - 1)] == one:
                counts[u(place - 1)] += 1
                break
            at = (at + u(1)) & last
    return different


@compiled
def without_stops(count: Any, kind: Any, symbols: Any) -> Any:
    """Remove stop words from the symbols; return the number of symbols left."""
    kept = np.int64(0)
    for i in range(count):
        symbols[u(kept)] = symbols[u(i)]
        kept += np.int64((symbols[u(i)] & _NODE) - u(1) - u(kind.features) >= u(kind.stops))
    return kept


@compiled
def known_ngrams(posts: Any, post: Any, kind: Any, known: Any, scratch: Any) -> Any:
    """Write the distinct features of one post and their counts; return their number."""
    data, offsets, ends, words = posts
    start, stop = offsets[u(post)], offsets[u(post + 1)]
    if kind.of_words:
        first, last = words[u(post)], words[u(post + 1)]
        find_words(data, start, ends, first, last, known, scratch)
        count = without_stops(last - first, kind, scratch.symbols) if kind.stops else last - first
    else:
        count = points(data, start, stop, scratch.symbols)
    return distinct(find_ngrams(count, kind.of_words, kind.low, kind.high, known, scratch), scratch)


@allocating
def count_posts(posts: Any, post: Any, kind: Any, known: Any, rows: Any, columns: Any, counts: Any) -> Any:
    """Count the features of posts from `post` on, until all are counted or the arrays may be too small for the next;
    return the index of the next post.
    """
    offsets, words = posts.offsets, posts.words
    room, levels = np.int64(1), kind.high - kind.low + 1
    for i in range(len(offsets) - 1):
        room = max(room, offsets[u(i + 1)] - offsets[u(i)])
    scratch = scratch_for(room, levels)
    used = rows[u(post)]
    while post < len(offsets) - 1:
        most = words[u(post + 1)] - words[u(post)] if kind.of_words else offsets[u(post + 1)] - offsets[u(post)]
        if used + most * levels > len(columns):
            return post
        different = known_ngrams(posts, post, kind, known, scratch)
        for i in range(different):
            columns[u(used)] = scratch.items[u(i)]
            counts[u(used)] = scratch.counts[u(i)]
            used += 1
        post += 1
        rows[u(post)] = used
    return post


@allocating
def decide_posts(posts: Any, kind: Any, known: Any, sublinear: Any, rows: Any, idf: Any, out: Any) -> None:
    """Add the contributions of a block's features to ``out[:, :-1]``, the decisions; the last column counts features.

    A term's weight is its (sublinear) count times idf, and those of a post are divided by their l2 norm. Row ``i`` of
    `rows` holds the weights of feature ``i`` from its third column on; the first two are its idf, which `idf`, the same
    memory as float64, shows in its first column.
    """
    offsets = posts.offsets
    room, levels = np.int64(1), kind.high - kind.low + 1
    for i in range(len(offsets) - 1):
        room = max(room, offsets[u(i + 1)] - offsets[u(i)])
    scratch = scratch_for(room, levels)
    categories, width = out.shape[1] - 1, u(rows.shape[1])
    sums, logs = np.empty(categories, np.float64), np.ones(_LOGS, np.float64)
    for count in range(2, _LOGS):
        logs[count] = 1.0 + np.log(np.float64(count)) if sublinear else np.float64(count)
    for post in range(len(offsets) - 1):
        different = known_ngrams(posts, post, kind, known, scratch)
        for i in range(min(_AHEAD, different)):
            prefetch(rows, u(scratch.items[u(i)]) * width)
        for column in range(categories):
            sums[u(column)] = 0.0
        squares = 0.0
        for i in range(different):
            prefetch(rows, u(scratch.items[u(i + _AHEAD)]) * width)
            one = u(scratch.items[u(i)])
            count = scratch.counts[u(i)]
            if count < _LOGS:
                value = logs[u(count)]
            else:
                value = 1.0 + np.log(np.float64(count)) if sublinear else np.float64(count)
            value *= idf[one, u(0)]
            squares += value * value
            for column in range(categories):
                sums[u(column)] += value * rows[one, u(column + 2)]
        if different:
            norm = np.sqrt(squares)
            for column in range(categories):
                out[u(post), u(column)] += sums[u(column)] / norm
            out[u(post), u(categories)] += different
