"""Slices: the figures of a category on the posts of one topic, one length band or one script.

Promises: every labelled test post is in exactly one slice of each kind (in a topic only if its source names one);
figures that are undefined there, such as with one class only, are None, never 0; n is the number of posts in the slice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from koudai.limits import SLICE_TOPICS
from koudai.model.evaluation import MetricValue, SliceValue
from koudai.text.characters.contacts.masking import masked_name
from koudai.text.characters.script import script_of
from koudai.training.evaluate import evaluate

METRICS = ("precision", "recall", "f1", "average_precision", "auc")
LENGTHS = (20, 50, 140, 280)
"""Upper ends of the length bands, in characters; 140 was the limit of a microblog post for years."""
OTHER = "other"


def slices_of(texts: Sequence[str], topics: NDArray[np.object_] | None) -> dict[str, NDArray[np.object_]]:
    """Return the slice name of each post for each kind of slice, ``""`` for none.

    Parameters
    ----------
    texts
        The posts.
    topics : ndarray of object, shape (n_posts,), or None
        As the sources name them; contacts in them are masked, and beyond the `SLICE_TOPICS` most frequent, topics are
        merged into `OTHER`.

    Examples
    --------
    >>> {kind: names.tolist() for kind, names in slices_of(["口袋"], None).items()}
    {'length': ['up to 20'], 'script': ['shared']}
    """
    ends = (0, *LENGTHS)
    bands = [f"{low + 1}-{high}" for low, high in zip(ends[:-1], ends[1:], strict=True)] + [f"over {LENGTHS[-1]}"]
    bands[0] = f"up to {LENGTHS[0]}"
    found = {
        "length": np.array(bands, dtype=object)[np.searchsorted(LENGTHS, [len(text) for text in texts])],
        "script": np.array([script_of(text) for text in texts], dtype=object),
    }
    if topics is not None and any(topics):
        shown = {topic: masked_name(topic) for topic in set(topics) if topic}
        topics = np.array([shown.get(topic, "") for topic in topics], dtype=object)
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
) -> tuple[SliceValue, ...]:
    """Return the figures of one category on each slice, largest slices of each kind first.

    Parameters
    ----------
    y, p, groups, threshold
        As for `koudai.training.evaluate.evaluate`.
    slices
        From `slices_of`, for the same posts.

    Examples
    --------
    >>> y, p = np.array([1, 0, 1], np.int8), np.array([0.9, 0.2, 0.8])
    >>> slices = {"script": np.array(["simplified"] * 3, object)}
    >>> found = describe_slices(y, p, np.arange(3), slices, threshold=0.5)
    >>> found[0].metric, found[0].value, found[0].name, found[0].positives
    ('precision', 1.0, 'simplified', 2)
    """
    found = []
    for kind, names in slices.items():
        sizes = Counter(name for name in names if name)
        for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
            rows = names == name
            ones = int((y[rows] == 1).sum())
            if 0 < ones < sizes[name]:
                figures = evaluate(y[rows], p[rows], threshold=threshold, groups=groups[rows], metrics=METRICS)
            else:
                figures = [MetricValue(metric, None, sizes[name], None, None) for metric in METRICS]
            found += [SliceValue(**vars(one), kind=kind, name=name, positives=ones) for one in figures]
    return tuple(found)
