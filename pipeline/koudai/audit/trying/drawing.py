"""Drawing: labelled posts in an order of their own, and at most so many of them, by whole near-duplicate groups.

Promises: what is fitted on depends on what the posts say and not on the order in which they were read; a group is
drawn whole or not at all; the same generator draws the same groups.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.given import Labelled


def ordered(labelled: Labelled) -> NDArray[np.intp]:
    """Return the places of posts with any known label, sorted by a hash of the post, then by source, labels and id."""
    rows = np.flatnonzero((labelled.labels >= 0).any(axis=1))
    by = [
        (digest(labelled.texts[i]), str(labelled.source[i]), labelled.labels[i].tobytes(), labelled.ids[i])
        for i in rows
    ]
    return rows[sorted(range(len(rows)), key=by.__getitem__)]


def drawn(group: NDArray[np.int64], most: int, random: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of at most `most` posts, all of them if they are no more, else of groups drawn at random."""
    if len(group) <= most:
        return np.arange(len(group))
    place = renumbered(group)
    sizes = np.bincount(place)
    order = random.permutation(len(sizes))
    return np.flatnonzero(np.isin(place, order[np.cumsum(sizes[order]) <= most]))


def renumbered(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return groups numbered from 0 in the order in which they occur."""
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[place].astype(np.int64)


def digest(text: str) -> bytes:
    """Return a hash of a post, whatever characters it is made of."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
