"""The terms with the largest contributions to a tag, selected from a post's features: compiled.

Promises: one pass over a post's features for each tag; ties go to the term that is first in the vocabulary; the result
for a pair of post and category does not depend on the other pairs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.text.compiled.jit import compiled, prefetch

u = np.uint64
_AHEAD = 16


class PostFeatures(NamedTuple):
    """Features and values of posts in compressed rows: those of post ``i`` are ``starts[i]:starts[i + 1]``."""

    starts: NDArray[np.int64]
    features: NDArray[np.int32]
    values: NDArray[np.float64]


class Strongest(NamedTuple):
    """Output: a fixed number of slots per tag for features and contributions, and the number of slots in use."""

    features: NDArray[np.int64]
    added: NDArray[np.float64]
    counts: NDArray[np.int64]


@compiled
def strongest(rows: Any, weights: Any, slope: Any, posts: Any, categories: Any, most: Any, out: Any) -> None:
    """Write for each pair of ``posts[k]`` and ``categories[k]`` the features with the largest positive contributions to
    the log-odds, at most `most`, to `out` from index ``k * most`` on, and their number to ``out.counts[k]``.
    """
    starts, features, values = rows.starts, rows.features, rows.values
    terms, added, counts = out.features, out.added, out.counts
    width = u(weights.shape[1])
    for k in range(len(posts)):
        post, category, first = posts[u(k)], u(categories[u(k)]), np.int64(k) * most
        begin, end = starts[u(post)], starts[u(post + 1)]
        kept = np.int64(0)
        for i in range(begin, end):
            prefetch(weights, u(features[u(min(i + _AHEAD, end - 1))]) * width + category)
            value = values[u(i)] * np.float64(weights[u(features[u(i)]), category]) * slope[category]
            if value <= 0.0 or (kept == most and value <= added[u(first + most - 1)]):
                continue
            kept = min(kept + 1, most)
            place = first + kept - 1
            while place > first and added[u(place - 1)] < value:
                added[u(place)] = added[u(place - 1)]
                terms[u(place)] = terms[u(place - 1)]
                place -= 1
            added[u(place)] = value
            terms[u(place)] = features[u(i)]
        counts[u(k)] = kept
