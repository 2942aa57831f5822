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

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.near_duplicates.bare import Bare, bare_texts
from koudai.corpus.near_duplicates.groups import first_of_equals
from koudai.text.utf8 import Utf8

_SHINGLE, _ZERO = 5, ord("0")
_ROWS, _MINIMA = 6, 72
_BANDS = np.concatenate([np.arange(_MINIMA).reshape(-1, _ROWS), np.arange(_MINIMA).reshape(_ROWS, -1).T])
"""The minima of each band; two bands have at most one in common, or none."""
HASHES = 1 + len(_BANDS)
"""Hashes of one post: that of its whole bare text, then one of each band."""
_TOGETHER = 256
"""Posts per round: few enough for their shingles to stay in the processor's cache."""
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
    bare = bare_texts(posts)
    digits = (bare.codes >= _ZERO) & (bare.codes <= _ZERO + 9)
    bare = bare._replace(codes=np.where(digits, np.int32(_ZERO), bare.codes))
    same = first_of_equals(bare)[0]
    first = np.flatnonzero(same == np.arange(posts.posts))
    found = np.empty((posts.posts, HASHES), np.uint64)
    found[first] = _whole(bare, first, key)[:, None]
    long = first[bare.stops[first] - bare.starts[first] >= _SHINGLE]
    for begin in range(0, len(long), _TOGETHER):
        some = long[begin : begin + _TOGETHER]
        found[some, 1:] = _bands(_minima(bare, some, key), key)
    return found[same]


def _whole(bare: Bare, some: NDArray[np.intp], key: bytes) -> NDArray[np.uint64]:
    data = memoryview(np.ascontiguousarray(bare.codes, dtype="<i4").tobytes())
    spans = zip((4 * bare.starts[some]).tolist(), (4 * bare.stops[some]).tolist(), strict=True)
    hashes = b"".join(hashlib.blake2b(data[start:stop], key=key, digest_size=8).digest() for start, stop in spans)
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
