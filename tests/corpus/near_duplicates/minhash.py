"""Near-duplicates another way, slowly: MinHash by rensa, bands in a dictionary, all pairs of a bucket compared exactly.

What `near_duplicate_groups` was before; it may miss pairs near the threshold and takes time quadratic in a template.
"""

from __future__ import annotations

import functools
from collections import defaultdict

import numpy as np
from rensa import RMinHash

from koudai.corpus.near_duplicates.bare import bare_text
from koudai.corpus.near_duplicates.groups_kernels import SHINGLE

PERMUTATIONS = 128
BANDS = 32


@functools.lru_cache(maxsize=50_000)
def shingles_of(bare: str) -> frozenset[str]:
    return frozenset(bare[k : k + SHINGLE] for k in range(len(bare) - SHINGLE + 1))


def minhash_groups(texts: list[str], *, threshold: float = 0.7) -> list[int]:
    """Return for each text the first of its group."""
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    exact: dict[str, int] = {}
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    shingles: dict[int, frozenset[str]] = {}
    for i, text in enumerate(texts):
        bare = bare_text(text)
        parent[i] = exact.setdefault(bare, i)
        if parent[i] != i or len(bare) < SHINGLE:
            continue
        shingles[i] = shingles_of(bare)
        minhash = RMinHash(num_perm=PERMUTATIONS, seed=1)
        minhash.update(sorted(shingles[i]))
        for band, part in enumerate(np.array(minhash.digest(), dtype=np.uint32).reshape(BANDS, -1)):
            buckets[band, part.tobytes()].append(i)
    for members in buckets.values():
        for place, a in enumerate(members):
            for b in members[place + 1 :]:
                low, high = sorted((root(a), root(b)))
                if low != high:
                    shared = len(shingles[a] & shingles[b])
                    if shared >= threshold * (len(shingles[a]) + len(shingles[b]) - shared):
                        parent[high] = low
    return [root(i) for i in range(len(texts))]
