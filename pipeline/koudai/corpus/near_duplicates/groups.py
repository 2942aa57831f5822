"""Near-duplicates: groups of posts that say nearly the same, so that no group stands on both sides of a split.

Promises: two posts are joined if the Jaccard similarity of their character 5-grams, computed exactly, reaches the
threshold, and two are in one group only if a chain of such pairs leads from one to the other. Posts shorter than a
5-gram are joined only if they are the same. Time and memory grow with the text, also where many posts are made from
one template: there a rare 5-gram leads to `SHINGLE_POSTS` posts and no more, and a post is compared with
`POST_COMPARISONS` others and no more, so that a pair may be missed; none is joined wrongly. One kind of template takes
more: 50,000, 100,000, … 800,000 messages that differ in the digits of a one-time password alone took 0.6, 2, 7, 21 and
59 s of processor time. The result depends on no seed of the process and not on the order of posts.

Source: as in `groups_kernels`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.near_duplicates.bare import Bare, bare_texts
from koudai.limits import POST_COMPARISONS, SHINGLE_POSTS
from koudai.text.compiled.kernels import kernels
from koudai.text.utf8 import Utf8, as_utf8, of_texts

if TYPE_CHECKING:
    from koudai.corpus.near_duplicates.groups_kernels import Index, Scratch

THRESHOLD = 0.7
_TOGETHER = 8192
_MOST_COUNTED = 27


def near_duplicate_groups(
    texts: Sequence[str] | Utf8, *, threshold: float = THRESHOLD, advance: Callable[[int], None] = lambda posts: None
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

    Examples
    --------
    >>> texts = ["转发这条消息可以领取一百元现金红包", "转发这条消息可以领取一百元现金红包！！", "今天下雨，路上堵车"]
    >>> near_duplicate_groups(texts).tolist()
    [0, 0, 2]
    """
    return _groups(as_utf8(texts), threshold, advance)[1]


def groups_of_both(posts: Utf8) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what `identical_groups` and `near_duplicate_groups` return, in little more time than the latter.

    Examples
    --------
    >>> identical, near = groups_of_both(of_texts(["今天下雨。", "今天 下雨", "明天下雨"]))
    >>> identical.tolist(), near.tolist()
    ([0, 0, 2], [0, 0, 2])
    """
    return _groups(posts, THRESHOLD, lambda posts: None)


def identical_groups(posts: Utf8) -> NDArray[np.int64]:
    """Return for each post the position of the first one that is the same without links, white space, punctuation,
    case and width; an array of shape (n_posts,).

    Examples
    --------
    >>> identical_groups(of_texts(["今天下雨。", "今天 下雨", "明天下雨"])).tolist()
    [0, 0, 2]
    """
    return first_of_equals(bare_texts(posts))[0]


@kernels("koudai.corpus.near_duplicates.groups_kernels", what="the search for near-duplicates")
def _kernels(_: Any) -> None:
    """Group two posts."""
    _groups(of_texts(["公园里人很多", "公园里人很少"]), THRESHOLD, lambda posts: None)


@np.errstate(over="ignore")  # hashes wrap around
def first_of_equals(bare: Bare) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the position of the first post that is the same as each, and the hash of each; shapes (n_posts,).

    Examples
    --------
    >>> first_of_equals(bare_texts(of_texts(["今天下雨。", "今天 下雨", "明天下雨"])))[0].tolist()
    [0, 0, 2]
    """
    kernels = _kernels()
    n = len(bare.starts)
    first, hashes = np.empty(n, np.int64), np.empty(n, np.uint64)
    kernels.hash_posts(*bare, hashes)
    kernels.first_of_equals(*bare, hashes, np.full(_room(n), -1, np.int32), first)
    return first, hashes


@np.errstate(over="ignore")  # hashes wrap around
def _groups(
    posts: Utf8, threshold: float, advance: Callable[[int], None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the position of the first identical post of each, and of the first of its near-duplicate group."""
    kernels = _kernels()
    bare = bare_texts(posts)
    parent, hashes = first_of_equals(bare)
    identical = parent.copy()
    windows = np.maximum(bare.stops - bare.starts - kernels.SHINGLE + 1, 0)
    different = np.flatnonzero((parent == np.arange(posts.posts)) & (windows > 0))
    advance(posts.posts - len(different))

    scratch = _scratch(int(windows.max(initial=0)))
    counts = np.zeros(min(_room(int(windows[different].sum())), 1 << _MOST_COUNTED), np.uint8)
    kernels.count_shingles(*bare, different, counts, scratch.hashes)
    shared = np.empty(len(different), np.int32)
    kernels.count_shared(bare, different, threshold, counts, scratch, shared)
    scratch.stamp[:] = -1
    left, entries = different[shared > 0], int(shared.sum())
    advance(len(different) - len(left))

    index = _index(entries)
    groups = (parent, np.zeros(posts.posts, np.int32), np.full(posts.posts, -1, np.int32))
    limits = (threshold, SHINGLE_POSTS.value, POST_COMPARISONS.value)
    order = left[np.argsort(hashes[left], kind="stable")]
    for begin in range(0, len(order), _TOGETHER):
        part = order[begin : begin + _TOGETHER]
        kernels.join_similar(bare, part, limits, counts, groups, index, scratch)
        advance(len(part))
    kernels.settle_groups(parent)
    return identical, parent


def _room(n: int) -> int:
    """Return the power of two that holds `n` things in at most half its places."""
    return 1 << max(4, (2 * n - 1).bit_length())


def _scratch(windows: int) -> Scratch:
    from koudai.corpus.near_duplicates.groups_kernels import Scratch

    room = _room(windows)
    return Scratch(
        first=np.empty(room, np.int64),
        stamp=np.full(room, -1, np.int32),
        met=np.empty(room, np.int32),
        hashes=np.empty(room, np.uint64),
        keys=np.empty(room, np.uint64),
    )


def _index(entries: int) -> Index:
    from koudai.corpus.near_duplicates.groups_kernels import Index

    places = _room(entries)
    return Index(
        keys=np.zeros(places, np.uint64),
        heads=np.empty(places, np.int32),
        sizes=np.zeros(places, np.int32),
        posts=np.empty(entries, np.int32),
        places=np.empty(entries, np.int32),
        nexts=np.empty(entries, np.int32),
        used=np.zeros(1, np.int64),
    )
