"""Near-duplicates: groups of posts that say nearly the same, so that no group stands on both sides of a split.

Promises: two posts are joined if the Jaccard similarity of their character 5-grams, computed exactly, reaches the
threshold; candidates come from MinHash with locality-sensitive hashing, so a pair near the threshold may be missed,
none is joined wrongly. Posts shorter than a shingle are joined only if they are the same. The result depends on no
seed of the process and not on the order of posts.

Source: Broder 1997, "On the resemblance and containment of documents".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.text.normalize import STEPS

SHINGLE = 5
THRESHOLD = 0.7
_PERMUTATIONS = 128
_BANDS = 32
_NOT_TEXT = re.compile(r"(?:https?://|www\.)[!-~]+|[\W_]+")


def near_duplicate_groups(
    texts: list[str], *, threshold: float = THRESHOLD, advance: Callable[[int], None] = lambda posts: None
) -> NDArray[np.int64]:
    """Return for each post the position of the first post of its group.

    Parameters
    ----------
    texts
        Posts as read; compared without links, white space, punctuation, case and width.
    threshold
        Smallest Jaccard similarity of character 5-grams that joins two posts.
    advance
        Called with a number of posts as they are done.

    Returns
    -------
    ndarray of int64, shape (n_posts,)
        Equal numbers are one group.
    """
    from rensa import RMinHash

    parent = np.arange(len(texts), dtype=np.int64)
    exact: dict[str, int] = {}
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    shingles: dict[int, frozenset[str]] = {}
    rows = _PERMUTATIONS // _BANDS
    for i, text in enumerate(texts):
        advance(1)
        bare = _NOT_TEXT.sub("", STEPS["nfkc"](text).lower()) or text
        first = exact.setdefault(bare, i)
        if first != i:
            parent[i] = first
            continue
        if len(bare) < SHINGLE:
            continue
        grams = frozenset(bare[k : k + SHINGLE] for k in range(len(bare) - SHINGLE + 1))
        shingles[i] = grams
        minhash = RMinHash(num_perm=_PERMUTATIONS, seed=1)
        minhash.update(sorted(grams))
        digest = np.array(minhash.digest(), dtype=np.uint32).reshape(_BANDS, rows)
        for band in range(_BANDS):
            buckets[band, digest[band].tobytes()].append(i)
    compared: set[tuple[int, int]] = set()
    for members in buckets.values():
        for place, a in enumerate(members):
            for b in members[place + 1 :]:
                if (a, b) not in compared and _root(parent, a) != _root(parent, b):
                    compared.add((a, b))
                    shared = len(shingles[a] & shingles[b])
                    if shared >= threshold * (len(shingles[a]) + len(shingles[b]) - shared):
                        low, high = sorted((_root(parent, a), _root(parent, b)))
                        parent[high] = low
    return np.array([_root(parent, i) for i in range(len(texts))], dtype=np.int64)


def _root(parent: NDArray[np.int64], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = int(parent[i])
    return i
