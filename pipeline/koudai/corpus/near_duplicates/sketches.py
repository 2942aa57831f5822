"""Sketches: near-duplicates told by hashes alone, for when the posts that one is compared with are no longer at hand.

Promises: posts whose bare text is the same but for digits have all hashes the same; two posts whose sets of 5-grams
have a Jaccard similarity of s share a band with a probability of about ``1 - (1 - s^6)^24``, which is .95 at .7, the
threshold of near-duplicates, and .0003 at .15. Every digit is hashed as 0, so that no number can be guessed digit by
digit, and no hash is of a single 5-gram, so that none of these can be guessed one by one. The same posts and key give
the same hashes on every machine. Holds no text.

Source: Broder 1997, "On the resemblance and containment of documents" (minima of hashes); Indyk & Motwani 1998,
"Approximate nearest neighbors" (bands).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.near_duplicates.bare import Bare, bare_texts
from koudai.corpus.near_duplicates.groups import first_of_equals
from koudai.text.digests import keyed
from koudai.text.utf8 import Utf8

_SHINGLE, _ZERO = 5, ord("0")
_ROWS, _MINIMA = 6, 72
_BANDS = np.concatenate([np.arange(_MINIMA).reshape(-1, _ROWS), np.arange(_MINIMA).reshape(_ROWS, -1).T])
"""The minima of each band; two bands have at most one in common, or none."""
HASHES = 1 + len(_BANDS)
"""Hashes of one post: that of its whole bare text, then one of each band."""
_TOGETHER = 256
"""Posts per round: few enough for their shingles to stay in the processor's cache."""
_BITS = 20
_REST = np.uint64(64 - _BITS)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def sketch(posts: Utf8, *, key: bytes) -> NDArray[np.uint64]:
    """Return the hashes of posts under a key.

    Parameters
    ----------
    posts
        As read.
    key
        At most 64 bytes; hashes of different keys have nothing in common.

    Returns
    -------
    ndarray of uint64, shape (n_posts, HASHES)
        Two posts are near-duplicates, as well as can be told, if any of their hashes is the same. A post shorter than a
        5-gram has its first hash throughout.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> texts = ["转发这条消息可以领取一百元现金红包", "转发这条消息可以领取一百元现金红包！！", "今天下雨，路上堵车"]
    >>> one, same, other = sketch(of_texts(texts), key=b"salt")
    >>> bool((one == same).all()), bool((one == other).any())
    (True, False)
    """
    same, parts = _sketched(posts, key)
    found = np.empty((posts.posts, HASHES), np.uint64)
    for some, hashes in parts:
        found[some] = hashes
    return found[same]


def all_hashes(posts: Utf8, *, key: bytes) -> NDArray[np.uint64]:
    """Return the hashes that `sketch` gives any of the posts, sorted, each once; shape (n_hashes,).

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> posts = of_texts(["今天下雨，路上堵车", "今天下雨 路上堵车！"])
    >>> bool((all_hashes(posts, key=b"salt") == np.unique(sketch(posts, key=b"salt"))).all())
    True
    """
    same, parts = _sketched(posts, key)
    found, size = np.empty(HASHES * int((same == np.arange(posts.posts)).sum()), np.uint64), 0
    for _, hashes in parts:
        found[size : size + hashes.size] = hashes.ravel()
        size += hashes.size
    found.sort()  # np.unique looks each one up in a table, which takes a hundred times as long
    first = np.append(np.ones(min(size, 1), dtype=bool), found[1:] != found[:-1])
    return np.asarray(found[first])


def recognised(posts: Utf8, hashes: NDArray[np.uint64], *, key: bytes) -> NDArray[np.bool_]:
    """Return which posts have any of the hashes that `sketch` gives them under a key among sorted ones.

    Parameters
    ----------
    posts
        As read.
    hashes : ndarray of uint64, shape (n_hashes,)
    key
        At most 64 bytes.

    Returns
    -------
    ndarray of bool, shape (n_posts,)

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> posts = of_texts(["今天下雨，路上堵车", "明天放晴"])
    >>> recognised(posts, np.unique(sketch(posts.part(0, 1), key=b"salt")), key=b"salt").tolist()
    [True, False]
    """
    begins = np.zeros(1 << _BITS, dtype=bool)  # most hashes begin like none of those asked for
    begins[hashes >> _REST] = True
    known = np.zeros(posts.posts, dtype=bool)
    if not len(hashes):
        return known
    same, parts = _sketched(posts, key)
    for some, found in parts:
        rows, columns = np.nonzero(begins[found >> _REST])
        likely = found[rows, columns]
        at = np.searchsorted(hashes, likely)
        known[some[rows[hashes[at - (at == len(hashes))] == likely]]] = True
    return known[same]


def _sketched(
    posts: Utf8, key: bytes
) -> tuple[NDArray[np.int64], Iterator[tuple[NDArray[np.intp], NDArray[np.uint64]]]]:
    """Return for each post the first that is the same but for digits, and the hashes of these, some at a time."""
    bare = bare_texts(posts)
    digits = (bare.codes >= _ZERO) & (bare.codes <= _ZERO + 9)
    bare = bare._replace(codes=np.where(digits, np.int32(_ZERO), bare.codes))
    same = first_of_equals(bare)[0]
    first = np.flatnonzero(same == np.arange(posts.posts))
    whole = _whole(bare, first, key)
    enough = bare.stops[first] - bare.starts[first] >= _SHINGLE

    def parts() -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint64]]]:
        yield first[~enough], np.repeat(whole[~enough, None], HASHES, axis=1)
        long, of_long = first[enough], whole[enough, None]
        for begin in range(0, len(long), _TOGETHER):
            some = slice(begin, begin + _TOGETHER)
            yield long[some], np.concatenate([of_long[some], _bands(_minima(bare, long[some], key), key)], axis=1)

    return same, parts()


def _whole(bare: Bare, some: NDArray[np.intp], key: bytes) -> NDArray[np.uint64]:
    data = memoryview(np.ascontiguousarray(bare.codes, dtype="<i4").tobytes())
    spans = zip((4 * bare.starts[some]).tolist(), (4 * bare.stops[some]).tolist(), strict=True)
    hashed = keyed(key, size=8)
    hashes = b"".join([hashed(data[start:stop]) for start, stop in spans])
    return np.frombuffer(hashes, "<u8").astype(np.uint64)


def _minima(bare: Bare, some: NDArray[np.intp], key: bytes) -> NDArray[np.uint32]:
    """Return the minima of the hashes of each post's shingles, shape (n_minima, n_posts)."""
    windows = bare.stops[some] - bare.starts[some] - _SHINGLE + 1
    firsts = np.cumsum(windows) - windows
    at = np.arange(int(windows.sum())) + np.repeat(bare.starts[some] - firsts, windows)
    hashes = np.full(len(at), _numbers(key, b"shingles", 1)[0])
    for place in range(_SHINGLE):
        hashes = _mixed(hashes, bare.codes[at + place])
    short = (hashes >> np.uint64(32)).astype(np.uint32)
    factors = (_numbers(key, b"minima", _MINIMA) | np.uint64(1)).astype(np.uint32)
    minima, products = np.empty((_MINIMA, len(some)), np.uint32), np.empty_like(short)
    for place, factor in enumerate(factors):
        np.multiply(short, factor, out=products)
        np.minimum.reduceat(products, firsts, out=minima[place])
    return minima


def _bands(minima: NDArray[np.uint32], key: bytes) -> NDArray[np.uint64]:
    """Return a hash of the minima of each band, shape (n_posts, n_bands)."""
    hashes = np.repeat(_numbers(key, b"bands", len(_BANDS))[None], minima.shape[1], axis=0)
    for row in range(_ROWS):
        hashes = _mixed(hashes, minima[_BANDS[:, row]].T)
    return _mixed(hashes, np.zeros(1, np.uint32))


def _mixed(hashes: NDArray[np.uint64], more: NDArray[np.generic]) -> NDArray[np.uint64]:
    hashes = (hashes ^ more.astype(np.uint64)) * _MULTIPLIER
    return hashes ^ (hashes >> _SHIFT)


def _numbers(key: bytes, purpose: bytes, count: int) -> NDArray[np.uint64]:
    return np.frombuffer(hashlib.shake_256(purpose + b"\0" + key).digest(8 * count), "<u8").astype(np.uint64)
