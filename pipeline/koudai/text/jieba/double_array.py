"""Placement of the nodes of a trie in a double array: a base for each node, such that no two children share a cell.

Promises: the child of a node by code ``c`` is in the cell base + ``c``; no two children share a cell, no two nodes a
base, and no base is 0. Nodes with many children are placed before the others, both by falling count, each at the lowest
base that fits; a search that takes long skips the lowest free cells from then on.
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
    """Return a base for every node, 0 for leaves, and the number of cells.

    Parameters
    ----------
    parent, label : ndarray of int64, shape (n_nodes,)
        The parent of each node (-1: none), and the code of its character.
    likely : ndarray of float64, shape (n_nodes,)
        Count of each node; those with larger counts are placed earlier.
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
    """There are not enough cells."""


def _bases(families: list[Array], room: int) -> list[int]:
    """Return a base for each list of child labels within `room` cells; the lists with many labels come first."""
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
    """Return the first base from `start` on at which the cells of all `labels` are free."""
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
    """Return the first base that fits for each list of few labels."""
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
    """Return for each cell the first free cell from there on, or the number of cells."""
    places = np.append(np.where(free == 1, np.arange(len(free)), len(free)), len(free))
    following: list[int] = np.minimum.accumulate(places[::-1])[::-1].tolist()
    return following


def _next(following: list[int], place: int) -> int:
    """Return the first free cell from `place` on, with path compression."""
    while following[place] != place:
        following[place] = following[following[place]]
        place = following[place]
    return place


def too_many(got: int, most: int, what: str) -> ConfigError:
    """Return the error for `got` of `what` where fewer than `most` fit."""
    return ConfigError(
        what="the user dictionary is too large",
        expected=f"fewer than {most:,} {what}, jieba's own included",
        got=f"{got:,}",
        happened="no word of this user dictionary is in use",
        todo="leave out words that the posts do not hold",
    )
