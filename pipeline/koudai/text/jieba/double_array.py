"""Where each node of a trie lies in a double array: a base for each, such that no two children share a place.

Promises: the child by code ``c`` of a node lies at its base plus ``c``; no two children lie at one place, no two nodes
have one base, no base is 0. Nodes of many children are placed first, then the likely ones, both as low as they fit; a
search that takes long gives up the lowest places rather than the user's time.
"""

from __future__ import annotations

import numpy as np

from koudai.errors import ConfigError
from koudai.limits import DICTIONARY_STEPS
from koudai.text.jieba.tables import Array

BASE_BITS = DICTIONARY_STEPS.value.bit_length() - 1
"""Bits of a base."""
_BUSH = 4
"""Nodes with more children than this are placed before all others."""
_TRIES = 50
_WINDOW = 1 << 11


def place(parent: Array, label: Array, *, likely: Array, n_codes: int) -> tuple[Array, int]:
    """Return a base for every node, 0 for leaves, and how many places they take.

    Parameters
    ----------
    parent, label : ndarray of int64, shape (n_nodes,)
        Which node each one is a child of (-1: of none), and the code of its character.
    likely : ndarray of float64, shape (n_nodes,)
        The likelier a node, the earlier it is placed among those of its size.
    n_codes
        The largest code.

    Raises
    ------
    ConfigError
        If the nodes do not fit.
    """
    children = np.flatnonzero(parent >= 0)
    children = children[np.lexsort((label[children], parent[children]))]
    nodes, begin, degree = np.unique(parent[children], return_index=True, return_counts=True)
    labels = np.split(label[children], begin[1:])
    order = np.lexsort((nodes, -likely[nodes], degree <= _BUSH))
    room = 2 * len(children) + 4 * (n_codes + _WINDOW)
    while True:
        try:
            placed = _bases([labels[which] for which in order], room)
            break
        except _Full:
            room *= 2
        if room >> BASE_BITS + 1:
            raise too_many(room, 1 << BASE_BITS, "steps")
    bases = np.zeros(len(parent), np.int64)
    bases[nodes[order]] = placed
    size = int(bases.max(initial=0)) + n_codes + 1
    if size >> BASE_BITS:
        raise too_many(size, 1 << BASE_BITS, "steps")
    return bases, size


class _Full(Exception):
    """The places are not enough."""


def _bases(families: list[Array], room: int) -> list[int]:
    """Return a base for each family of labels within `room` places, the large families being first in the list."""
    free, fresh = np.ones(room, np.uint8), np.ones(room, np.uint8)
    free[0] = fresh[0] = 0
    reached = dict.fromkeys(range(BASE_BITS), 1)
    bases: list[int] = []
    for labels in families:
        if len(labels) <= _BUSH:
            break
        size = len(labels).bit_length()
        base = _bush(free, fresh, labels, start=reached[size])
        reached[size] = max(reached[size], base - _WINDOW)
        free[base + labels] = 0
        fresh[base] = 0
        bases.append(base)
    return bases + _twigs(free, fresh, [labels.tolist() for labels in families[len(bases) :]])


def _bush(free: Array, fresh: Array, labels: Array, *, start: int) -> int:
    """Return the first base from `start` on at which all `labels` fall on free places."""
    while start + labels[-1] + _WINDOW < len(free):
        fits = fresh[start : start + _WINDOW] & free[start + labels[0] : start + labels[0] + _WINDOW]
        for label in labels[1:4]:
            fits &= free[start + label : start + label + _WINDOW]
        candidates = np.flatnonzero(fits) + start
        for label in labels[4:]:
            candidates = candidates[free[candidates + label] == 1]
            if not len(candidates):
                break
        if len(candidates):
            return int(candidates[0])
        start += _WINDOW
    raise _Full


def _twigs(free_places: Array, fresh_bases: Array, families: list[list[int]]) -> list[int]:
    """Return the first base where it fits for each family of few labels."""
    fresh, following, last = bytearray(fresh_bases), _following(free_places), len(free_places) - 1
    reached = [0] * (_BUSH + 1)
    bases = []
    for label, *others in families:
        hole = max(label, reached[len(others)])
        begin = tried = 0
        while True:
            hole = _next(following, hole + 1)
            begin, tried = begin or hole, tried + 1
            base = hole - label
            if base + (others[-1] if others else label) > last:
                raise _Full
            if fresh[base] and all(following[base + other] == base + other for other in others):
                break
        if tried > _TRIES:
            reached[len(others)] = begin + (hole - begin) // 2
        bases.append(base)
        fresh[base] = 0
        for place in (hole, *(base + other for other in others)):
            following[place] = place + 1
    return bases


def _following(free: Array) -> list[int]:
    """Return for each place the first free one from there on, and the end for the end."""
    places = np.append(np.where(free == 1, np.arange(len(free)), len(free)), len(free))
    following: list[int] = np.minimum.accumulate(places[::-1])[::-1].tolist()
    return following


def _next(following: list[int], place: int) -> int:
    """Return the first free place from `place` on, and shorten the way to it for the next time."""
    while following[place] != place:
        following[place] = following[following[place]]
        place = following[place]
    return place


def too_many(got: int, most: int, what: str) -> ConfigError:
    """Return the error that there are `got` of `what`, where fewer than `most` fit."""
    return ConfigError(
        what="the user dictionary is too large",
        expected=f"fewer than {most:,} {what}, jieba's own included",
        got=f"{got:,}",
        happened="no word of this user dictionary is in use",
        todo="leave out words that the posts do not hold",
    )
