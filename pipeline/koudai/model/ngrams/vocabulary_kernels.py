"""N-grams from their spelling and back to it, compiled.

Promises: a word n-gram is spelled as scikit-learn spells it, its words joined by a blank; white space is a word too, so
the spelling is taken apart by jieba's rule that a word holds none unless it is one white space (or CR LF). A spelling
that no post can hold gets no node.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.model.ngrams.ngram_kernels import (
    BYTES,
    EDGES,
    NODES,
    WORDS,
    add_step,
    add_words,
    find_word,
    is_space,
    points,
    slot,
    word_key,
)
from koudai.text.compiled.jit import compiled

u = np.uint64
_ONE, _HALF = u(1), u(32)
_NODE = u((1 << 32) - 1)
_BLANK = 32


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
    """Write the words of a spelling without the blanks between, and their ends; return how many, 0 if it is none."""
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
def plant(data: Any, offsets: Any, term: Any, of_words: Any, grams: Any, work: Any, joined: Any, ends: Any) -> Any:
    """Make terms from `term` on features, numbered as they come, until all are or some table might not hold the next;
    return the term to go on with. Steps that a term shares with the one before are not looked up again.
    """
    symbols, before, path, same_as = work.symbols, work.nodes, work.slots, np.int64(0)
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
            add_words(joined, np.int64(0), ends, np.int64(0), count, grams, work)
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
