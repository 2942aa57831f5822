"""Digests: hashes of many posts, one for each, as numbers that are in the order of their bytes.

Promises: the digest of a post is that of its UTF-8, whatever stands beside it; a lone surrogate is three bytes. Reads
the bytes where they lie and makes no strings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from koudai.text.utf8 import Utf8

Hashed = Callable[[memoryview], bytes]
_WORD = 8


def keyed(key: bytes, *, size: int) -> Hashed:
    """Return what hashes bytes under a key, by BLAKE2b, to digests of `size` bytes.

    Examples
    --------
    >>> keyed(b"salt", size=16)(memoryview(b"")) == hashlib.blake2b(key=b"salt", digest_size=16).digest()
    True
    """
    begun = hashlib.blake2b(key=key, digest_size=size)

    def hashed(data: memoryview) -> bytes:
        one = begun.copy()
        one.update(data)
        return one.digest()

    return hashed


def digests_of(posts: Utf8, hashed: Hashed) -> NDArray[np.uint64]:
    """Return the digest of each post.

    Parameters
    ----------
    posts
        Posts.
    hashed
        Gives digests of some whole number of words of 8 bytes, all of the same length.

    Returns
    -------
    ndarray of uint64, shape (n_posts, n_words)
        Big-endian words: rows in lexicographic order are digests in the order of their bytes.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> digests_of(of_texts(["谣言", "谣言", "天气"]), keyed(b"", size=16)).shape
    (3, 2)
    """
    data, words = posts.data.data, len(hashed(memoryview(b""))) // _WORD
    found = b"".join([hashed(data[start:stop]) for start, stop in pairwise(posts.offsets.tolist())])
    return np.frombuffer(found, ">u8").reshape(posts.posts, words).astype(np.uint64)


def in_order(digests: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the posts in the order of the bytes of their digests; equal ones stay in their order.

    Examples
    --------
    >>> in_order(np.array([[7, 1], [2, 9], [7, 0]], np.uint64)).tolist()
    [1, 2, 0]
    """
    return np.lexsort(digests.T[::-1])
