"""Selection: which posts a model is tried out on, in which order, and how many of them at most.

Promises: the order depends on a seed and on what the posts say, not on the order in which they were read; a group of
near-duplicates is sampled whole or not at all; the same generator samples the same groups.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import Labelled


def sorted_rows(labelled: Labelled) -> NDArray[np.intp]:
    """Return the row indices of posts with any known label, sorted by a hash of the post, then source, labels and id.

    Parameters
    ----------
    labelled
        Labelled posts in any order.

    Returns
    -------
    ndarray of intp, shape (n_rows,)

    Examples
    --------
    >>> labels = np.array([[1], [-1]], dtype=np.int8)
    >>> proba, group = np.zeros((2, 1), np.float32), np.array([0, 1])
    >>> posts = Labelled(["a", "b"], ["谣言", "天气"], labels, proba, proba > 0.5, np.array(["x", "x"], object), group)
    >>> sorted_rows(posts).tolist()
    [0]
    """
    rows = np.flatnonzero((labelled.labels >= 0).any(axis=1))
    keys = [
        (text_digest(labelled.texts[i]), str(labelled.source[i]), labelled.labels[i].tobytes(), labelled.ids[i])
        for i in rows
    ]
    return rows[sorted(range(len(rows)), key=keys.__getitem__)]


def sample_groups(group: NDArray[np.int64], most: int, random: np.random.Generator) -> NDArray[np.intp]:
    """Return the row indices of at most `most` posts: all of them if they are no more, else whole random groups.

    Parameters
    ----------
    group : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post.
    most
        Greatest number of posts.
    random
        Generator that the groups are sampled with.

    Examples
    --------
    >>> import numpy as np
    >>> sample_groups(np.array([4, 4, 7]), 3, np.random.default_rng(0)).tolist()
    [0, 1, 2]
    >>> sample_groups(np.array([4, 4, 7, 7]), 3, np.random.default_rng(0)).tolist()
    [0, 1]
    """
    if len(group) <= most:
        return np.arange(len(group))
    number = renumbered(group)
    sizes = np.bincount(number)
    order = random.permutation(len(sizes))
    return np.flatnonzero(np.isin(number, order[np.cumsum(sizes[order]) <= most]))


def renumbered(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return groups numbered from 0 in order of first occurrence, shape (n_posts,).

    Examples
    --------
    >>> import numpy as np
    >>> renumbered(np.array([7, 3, 7, 9])).tolist()
    [0, 1, 0, 2]
    """
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def text_digest(text: str) -> bytes:
    """Return the sha256 of a post; lone surrogates have one too.

    Examples
    --------
    >>> len(text_digest("谣言"))
    32
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
