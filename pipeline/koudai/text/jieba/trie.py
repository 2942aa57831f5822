"""A lexicon as a trie in arrays: the transition from a prefix to the next character is one table lookup.

Promises: depends on the lexicon and the hidden Markov model alone, so that all machines build the same bytes. The
layout is a double array (Aoe 1989): the transition from a node by a character is ``table[base of node + code of
character]`` and holds, in 8 bytes, that code (another code there belongs to another node), the index of the word's
weight (0: no word), and the base of the next node (0: none). No two nodes have the same base. Common characters have
small codes and common nodes small bases, so that frequent lookups are close together in memory.

Source: Aoe, An efficient digital search algorithm by using a double-array structure, IEEE TSE 15(9), 1989.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import log
from typing import NamedTuple

import numpy as np

from koudai.text.jieba.double_array import BASE_BITS, place, too_many
from koudai.text.jieba.lexicon import HAN, LATIN, Lexicon
from koudai.text.jieba.tables import FIRST_HAN, LAST_HAN, Array, Tables

ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARKS = ".%+#&_-"
LAST_DIGIT_CODE, LAST_ALNUM_CODE, FIRST_HAN_CODE = 10, len(ALNUM), len(ALNUM) + len(MARKS) + 1
WEIGHT_SHIFT, BASE_SHIFT = 15, 63 - BASE_BITS
LABELS, WEIGHTS = (1 << WEIGHT_SHIFT) - 1, (1 << BASE_SHIFT - WEIGHT_SHIFT) - 1
_NEVER = -3.14e100
_STATES = ("B", "E", "M", "S")
_STEPS = (("E", "B"), ("S", "B"), ("B", "E"), ("M", "E"), ("B", "M"), ("M", "M"), ("E", "S"), ("S", "S"))


class Chain(NamedTuple):
    """jieba's hidden Markov model, as its modules hold it."""

    start: Mapping[str, float]
    change: Mapping[str, Mapping[str, float]]
    emit: Mapping[str, Mapping[str, float]]


def build(lexicon: Lexicon, *, chain: Chain) -> Tables:
    """Return `lexicon` and `chain` as arrays.

    Raises
    ------
    ConfigError
        If the words are too many for the layout (16 million steps).
    """
    inside = re.compile(f"[{HAN}{LATIN}]+").fullmatch
    marks = (word[:end] for word in lexicon.split for end in range(1, len(word) + 1))
    words = sorted({word for word in lexicon.freq if inside(word)} | {word for word in marks if inside(word)})
    counts = [lexicon.freq.get(word, 0) for word in words]
    forced = np.fromiter((word in lexicon.split for word in words), bool, len(words))
    length = np.fromiter(map(len, words), np.int64, len(words))
    letters = np.frombuffer("".join(words).encode("utf-32-le"), "<u4").astype(np.int64)
    likely = np.array(counts, np.float64)
    codes = _codes(letters, np.repeat(likely, length))
    last = _code_of(codes, letters[np.cumsum(length) - 1])
    weights, weight, split = _weights(counts, forced, total=lexicon.total)
    parent = _parents(length)
    base, size = place(parent, last, likely=_likelihood(parent, length, likely), n_codes=int(codes.max()))
    table = np.zeros(size, np.int64)
    inner = parent >= 0
    table[base[parent[inner]] + last[inner]] = last[inner] | weight[inner] << WEIGHT_SHIFT | base[inner] << BASE_SHIFT
    first_base = np.zeros(int(codes.max()) + 1, np.int32)
    first_base[last[~inner]] = base[~inner]
    single = np.full(len(first_base), -log(lexicon.total))
    worded = ~inner & np.isfinite(weights[weight])
    single[last[worded]] = weights[weight[worded]]
    single[last[~inner & ~worded & (base > 0)]] = -np.inf
    return Tables(
        codes=codes.astype(np.uint16),
        base=first_base,
        single=single,
        table=table,
        weights=weights,
        emit=_emit(codes, chain, n_codes=int(codes.max())),
        chain=_chain(chain),
        split=np.array([split], np.int64),
    )


def _codes(letters: Array, likely: Array) -> Array:
    """Return the code of every character: fixed for ASCII, then the Chinese ones, most frequent first."""
    codes = np.zeros(128 + LAST_HAN - FIRST_HAN + 1, np.int64)
    codes[[ord(character) for character in ALNUM + MARKS]] = np.arange(1, FIRST_HAN_CODE)
    han = letters >= FIRST_HAN
    likelihood = np.bincount(letters[han] - FIRST_HAN, weights=likely[han], minlength=LAST_HAN - FIRST_HAN + 1)
    codes[128 + np.argsort(-likelihood, kind="stable")] = FIRST_HAN_CODE + np.arange(len(likelihood))
    return codes


def _code_of(codes: Array, letters: Array) -> Array:
    found: Array = codes[np.where(letters < 128, letters, letters - FIRST_HAN + 128)]
    return found


def _weights(counts: list[int], forced: Array, *, total: int) -> tuple[Array, Array, int]:
    """Return the distinct weights, the index of each word's weight, and the index of the first one of split words."""
    used: dict[tuple[bool, int], int] = {(False, 0): 0}
    for key in zip(forced.tolist(), counts, strict=True):
        used[key] = used.get(key, 0) + 1
    plain = sorted((key for key in used if not key[0] and key[1]), key=lambda key: (-used[key] * key[1], key))
    order = [(False, 0), *plain, *sorted(key for key in used if key[0])]
    if len(order) > WEIGHTS:
        raise too_many(len(order), WEIGHTS, "different counts")
    place = {key: index for index, key in enumerate(order)}
    log_total = log(total)
    weights = np.array([log(count) - log_total if count else -np.inf for _, count in order])
    weight = np.fromiter((place[key] for key in zip(forced.tolist(), counts, strict=True)), np.int64, len(counts))
    return weights, weight, 1 + len(plain)


def _parents(length: Array) -> Array:
    """Return for each word of a sorted list with all prefixes the index of its longest proper prefix; -1 for none."""
    parent = np.full(len(length), -1, np.int64)
    above = np.flatnonzero(length == 1)
    for depth in range(2, int(length.max(initial=1)) + 1):
        here = np.flatnonzero(length == depth)
        parent[here] = above[np.searchsorted(above, here) - 1]
        above = here
    return parent


def _likelihood(parent: Array, length: Array, likely: Array) -> Array:
    """Return for each prefix the sum of the counts of all words with it."""
    whole = likely.copy()
    for depth in range(int(length.max(initial=1)), 1, -1):
        here = np.flatnonzero(length == depth)
        np.add.at(whole, parent[here], whole[here])
    return whole


def _emit(codes: Array, chain: Chain, *, n_codes: int) -> Array:
    emit = np.full((n_codes + 1, 4), _NEVER)
    for column, state in enumerate(_STATES):
        for character, value in chain.emit[state].items():
            if FIRST_HAN <= ord(character) <= LAST_HAN:
                emit[codes[128 + ord(character) - FIRST_HAN], column] = value
    return emit


def _chain(chain: Chain) -> Array:
    starts = [chain.start[state] for state in _STATES]
    steps = [chain.change[old].get(new, _NEVER) for old, new in _STEPS]
    return np.array([*starts, *steps], np.float64)
