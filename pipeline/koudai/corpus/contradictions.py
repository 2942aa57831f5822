"""Contradictions: near-duplicate posts with label 1 and label 0 of the same category.

Promises: all are counted, and the first listed by id; which label is right is not guessed: labels are kept unless the
config says otherwise, and changed in posts to fit on alone. Not every contradiction is an error: one word can decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.corpus import Corpus
from koudai.corpus.labels import UNKNOWN
from koudai.limits import CONTRADICTIONS_LISTED
from koudai.taxonomy import Taxonomy


@dataclass(frozen=True)
class Contradiction:
    """A near-duplicate group with labels 1 and 0 of one category: row indices of the posts with either label.

    Examples
    --------
    >>> import numpy as np
    >>> one = Contradiction(column=0, ones=np.array([0]), zeros=np.array([2, 3]))
    >>> len(one.ones), len(one.zeros)
    (1, 2)
    """

    column: int
    ones: NDArray[np.intp]
    zeros: NDArray[np.intp]


def find_contradictions(
    labels: NDArray[np.int8], groups: NDArray[np.int64], among: NDArray[np.bool_]
) -> list[Contradiction]:
    """Return every contradiction among some posts, in order of categories and of first posts.

    Parameters
    ----------
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown).
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post.
    among : ndarray of bool, shape (n_posts,)
        The posts to look at.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[1], [0], [0], [-1]], dtype=np.int8)
    >>> groups = np.array([0, 0, 2, 2])
    >>> (one,) = find_contradictions(labels, groups, np.ones(4, dtype=bool))
    >>> one.ones.tolist(), one.zeros.tolist()
    ([0], [1])
    """
    found = []
    for column in range(labels.shape[1]):
        says = [np.flatnonzero(among & (labels[:, column] == value)) for value in (1, 0)]
        both = np.intersect1d(groups[says[0]], groups[says[1]])
        if len(both):
            ones, zeros = (_by_group(posts[np.isin(groups[posts], both)], groups) for posts in says)
            parts = [Contradiction(column, *pair) for pair in zip(ones, zeros, strict=True)]
            found += sorted(parts, key=lambda part: min(part.ones[0], part.zeros[0]))
    return found


def _by_group(posts: NDArray[np.intp], groups: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Return the posts of each group, in order of the groups' numbers."""
    ordered = posts[np.argsort(groups[posts], kind="stable")]
    return np.split(ordered, np.flatnonzero(np.diff(groups[ordered])) + 1)


def settle_contradictions(labels: NDArray[np.int8], found: list[Contradiction], policy: str) -> NDArray[np.int8]:
    """Return labels in which contradictions are resolved: ``keep`` leaves them, ``drop`` makes them unknown,
    ``majority`` gives all the label of most posts of the group, and makes them unknown on a tie.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[1], [0], [0]], dtype=np.int8)
    >>> found = find_contradictions(labels, np.zeros(3, dtype=np.int64), np.ones(3, dtype=bool))
    >>> settle_contradictions(labels, found, "majority").ravel().tolist()
    [0, 0, 0]
    >>> settle_contradictions(labels, found, "drop").ravel().tolist()
    [-1, -1, -1]
    """
    if policy == "keep" or not found:
        return labels
    labels = labels.copy()
    for one in found:
        more = UNKNOWN
        if policy == "majority" and len(one.ones) != len(one.zeros):
            more = int(len(one.ones) > len(one.zeros))
        labels[np.concatenate([one.ones, one.zeros]), one.column] = more
    return labels


def count_contradictions(found: list[Contradiction], taxonomy: Taxonomy) -> dict[str, dict[str, int]]:
    """Return the number of contradictory groups and of their posts, for each category that has any.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> found = [Contradiction(column=0, ones=np.array([0]), zeros=np.array([2, 3]))]
    >>> count_contradictions(found, taxonomy) == {taxonomy.keys[0]: {"groups": 1, "posts": 3}}
    True
    """
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        count = counts.setdefault(taxonomy.keys[one.column], {"groups": 0, "posts": 0})
        count["groups"] += 1
        count["posts"] += len(one.ones) + len(one.zeros)
    return counts


def list_contradictions(found: list[Contradiction], corpus: Corpus, taxonomy: Taxonomy) -> list[dict[str, str]]:
    """Return the first contradictions: category, and the first post of those in it and out of it, as ``corpus: id``."""

    def name(post: np.intp) -> str:
        return f"{corpus.source[post]}: {corpus.ids[int(post)]}"

    return [
        {"category": taxonomy.keys[one.column], "in": name(one.ones[0]), "out": name(one.zeros[0])}
        for one in found[: CONTRADICTIONS_LISTED.value]
    ]
