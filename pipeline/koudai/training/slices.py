"""Slices: the figures of a category on posts of one topic, one length or one script alone.

Promises: every test post with a label is in exactly one slice of each kind (of topics: where its source names one);
what is not defined there, as with posts of one class only, is missing, never 0; n counts the slice's posts.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from koudai.limits import SLICE_TOPICS
from koudai.model.evaluation import MetricValue, SliceValue
from koudai.text.characters.script import script_of
from koudai.training.bootstrap import FEWER_RESAMPLES
from koudai.training.evaluate import evaluate

METRICS = ("precision", "recall", "f1", "average_precision", "auc")
LENGTHS = (20, 50, 140, 280)
"""Ends of the bands, in characters; 140 was the longest post for years."""
OTHER = "other"


def slices_of(texts: list[str], topics: NDArray[np.object_] | None) -> dict[str, NDArray[np.object_]]:
    """Return for each kind of slice the name of the slice that each post is in, ``""`` for none.

    Parameters
    ----------
    texts
        The posts.
    topics : ndarray of object, shape (n_posts,), or None
        As the sources name them; beyond `SLICE_TOPICS` the rarest are one.
    """
    ends = (0, *LENGTHS)
    bands = [f"{low + 1}-{high}" for low, high in zip(ends[:-1], ends[1:], strict=True)] + [f"over {LENGTHS[-1]}"]
    bands[0] = f"up to {LENGTHS[0]}"
    found = {
        "length": np.array(bands, dtype=object)[np.searchsorted(LENGTHS, [len(text) for text in texts])],
        "script": np.array([script_of(text) for text in texts], dtype=object),
    }
    if topics is not None and any(topics):
        counts = Counter(topic for topic in topics if topic)
        kept = set(sorted(counts, key=lambda topic: (-counts[topic], topic))[: SLICE_TOPICS.value])
        named = [topic if topic in kept or not topic else OTHER for topic in topics]
        found["topic"] = np.array(named, dtype=object)
    return found


def describe_slices(
    y: NDArray[np.int8],
    p: NDArray[np.float64],
    groups: NDArray[np.int64],
    slices: dict[str, NDArray[np.object_]],
    *,
    threshold: float,
    seed: int,
) -> tuple[SliceValue, ...]:
    """Return the figures of one category on each slice, the largest slices of a kind first.

    Parameters
    ----------
    y, p, groups, threshold, seed
        As for `koudai.training.evaluate.evaluate`.
    slices
        From `slices_of`, of these posts.
    """
    found = []
    for kind, names in slices.items():
        sizes = Counter(name for name in names if name)
        for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
            rows = names == name
            ones = int((y[rows] == 1).sum())
            if 0 < ones < sizes[name]:
                figures = evaluate(
                    y[rows],
                    p[rows],
                    threshold=threshold,
                    groups=groups[rows],
                    seed=seed,
                    metrics=METRICS,
                    resamples=FEWER_RESAMPLES,
                )
            else:
                figures = [MetricValue(metric, None, sizes[name], None, None) for metric in METRICS]
            found += [SliceValue(**vars(one), kind=kind, name=name, positives=ones) for one in figures]
    return tuple(found)
