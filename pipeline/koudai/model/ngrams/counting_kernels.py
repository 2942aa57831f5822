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
from koudai.text.compiled.jit import allocating, compiled
from koudai.text.compiled.lanes import FEW, MANY, SOME, add_few, add_many, add_some

u = np.uint64
_LOGS = 64
_NODE = u((1 << 32) - 1)


class CountingScratch(NamedTuple):
    """Scratch memory: symbols of a post, then 0; keys and begins of its n-grams, slots of its words, features found;
    then the distinct features and their values.
    """

    symbols: NDArray[np.uint64]
    places: NDArray[np.int64]
    keys: NDArray[np.uint64]
    slots: NDArray[np.uint64]
    found: NDArray[np.int64]
    items: NDArray[np.int64]
    values: NDArray[np.float64]


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
    return CountingScratch(
        np.empty(room + 1, np.uint64),
        np.empty(room, np.int64),
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room * levels + 1, np.int64),
        np.empty(room * levels + 1, np.int64),
        np.empty(room * levels, np.float64),
    )


@compiled
def distinct(total: Any, scratch: Any, marks: Any) -> Any:
    """Write the distinct features found, and add to `marks` how often each is; return their number."""
    found, items = scratch.found, scratch.items
    different = np.int64(0)
    for i in range(total):
        one = u(found[u(i)])
        before = marks[one]
        marks[one] = before + 1
        items[u(different)] = one
        different += np.int64(before == 0)
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
def known_ngrams(posts: Any, post: Any, kind: Any, known: Any, scratch: Any, marks: Any, rows: Any) -> Any:
    """Write the distinct features of one post, and add to `marks` how often each is; return their number."""
    data, offsets, ends, words = posts
    start, stop = offsets[u(post)], offsets[u(post + 1)]
    if kind.of_words:
        first, last = words[u(post)], words[u(post + 1)]
        find_words(data, start, ends, first, last, known, scratch)
        count = without_stops(last - first, kind, scratch.symbols) if kind.stops else last - first
    else:
        count = points(data, start, stop, scratch.symbols)
    return distinct(find_ngrams(count, kind.of_words, kind.low, kind.high, known, scratch, marks, rows), scratch, marks)


@allocating
def scratch_of(posts: Any, kind: Any) -> Any:
    """Return scratch memory for the longest of some posts."""
    offsets, room = posts.offsets, np.int64(1)
    for i in range(len(offsets) - 1):
        room = max(room, offsets[u(i + 1)] - offsets[u(i)])
    return scratch_for(room, kind.high - kind.low + 1)


@allocating
def count_posts(posts: Any, post: Any, kind: Any, known: Any, marks: Any, nothing: Any, rows: Any, out: Any) -> Any:
    """Count the features of posts from `post` on, until all are counted or the arrays may be too small for the next;
    return the index of the next post. `out` are columns and counts; `marks` are a 0 for each feature,
    and left so; `nothing` stands for the rows of weights.
    """
    return count_into(posts, post, kind, known, marks, scratch_of(posts, kind), nothing, rows, out)


@compiled
def count_into(
    posts: Any, post: Any, kind: Any, known: Any, marks: Any, scratch: Any, nothing: Any, rows: Any, out: Any
) -> Any:
    """As `count_posts`."""
    offsets, words = posts.offsets, posts.words
    columns, counts = out
    levels = kind.high - kind.low + 1
    used = rows[u(post)]
    while post < len(offsets) - 1:
        most = words[u(post + 1)] - words[u(post)] if kind.of_words else offsets[u(post + 1)] - offsets[u(post)]
        if used + most * levels > len(columns):
            return post
        different = known_ngrams(posts, post, kind, known, scratch, marks, nothing)
        for i in range(different):
            one = u(scratch.items[u(i)])
            columns[u(used)] = one
            counts[u(used)] = marks[one]
            marks[one] = 0
            used += 1
        post += 1
        rows[u(post)] = used
    return post


@compiled
def weigh(different: Any, scratch: Any, marks: Any, logs: Any, sublinear: Any, idf: Any) -> Any:
    """Write the weights of the distinct features, set their marks back to 0, and return the sum of the squares."""
    items, values = scratch.items, scratch.values
    squares = 0.0
    for i in range(different):
        one = u(items[u(i)])
        count = np.int64(marks[one])
        marks[one] = 0
        value = logs[u(count if count < _LOGS else 0)]
        if count >= _LOGS:
            value = 1.0 + np.log(np.float64(count)) if sublinear else np.float64(count)
        value *= idf[one, u(0)]
        values[u(i)] = value
        squares += value * value
    return squares


@compiled
def add_up(different: Any, scratch: Any, rows: Any, categories: Any, sums: Any) -> None:
    """Write the sums of weighed rows, one for each category, and perhaps something beyond them."""
    items, values = scratch.items, scratch.values
    for at in range(len(sums)):
        sums[u(at)] = 0.0
    column: Any = np.int64(0)
    while column < categories:
        if categories - column > 2 * SOME:
            add_many(items, values, different, rows, sums, column)
            column += MANY
        elif categories - column > FEW:
            add_some(items, values, different, rows, sums, column)
            column += SOME
        else:
            add_few(items, values, different, rows, sums, column)
            column += FEW


@allocating
def decide_posts(posts: Any, kind: Any, known: Any, marks: Any, sublinear: Any, rows: Any, out: Any) -> None:
    """Add the contributions of a block's features to ``out[:, :-1]``, the decisions; the last column counts features.

    A term's weight is its (sublinear) count times idf, and those of a post are divided by their l2 norm. Of `rows`,
    row ``i`` of the second holds the weights of feature ``i`` from its third column on; the first two are its idf,
    which the first, the same memory as float64, shows in its first column. `marks` are as for `count_posts`.
    """
    categories, logs = out.shape[1] - 1, np.ones(_LOGS, np.float64)
    for count in range(2, _LOGS):
        logs[count] = 1.0 + np.log(np.float64(count)) if sublinear else np.float64(count)
    sums = np.empty(categories + MANY, np.float64)
    decide_into(posts, kind, known, marks, scratch_of(posts, kind), (logs, sublinear), rows, sums, out)


@compiled
def decide_into(
    posts: Any, kind: Any, known: Any, marks: Any, scratch: Any, how: Any, rows: Any, sums: Any, out: Any
) -> None:
    """As `decide_posts`, given the weights of small counts and room for sums."""
    logs, sublinear = how
    idf, weights = rows
    categories = out.shape[1] - 1
    for post in range(len(posts.offsets) - 1):
        different = known_ngrams(posts, post, kind, known, scratch, marks, weights)
        if different:
            norm = np.sqrt(weigh(different, scratch, marks, logs, sublinear, idf))
            add_up(different, scratch, weights, categories, sums)
            for column in range(categories):
                out[u(post), u(column)] += sums[u(column)] / norm
            out[u(post), u(categories)] += different
