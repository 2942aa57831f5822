"""Posts as bytes: the UTF-8 of many posts in one array, as kernels read it.

Promises: conversion is lossless in both directions, lone surrogates and NULs included; the last post is followed by
`PAD` readable bytes, so that a kernel may load several bytes at once. Does not check that given bytes are UTF-8.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.errors import DataError
from koudai.text.arrow import large

if TYPE_CHECKING:
    import pyarrow as pa

PAD = 16


class Utf8(NamedTuple):
    """Posts as one array of bytes.

    Attributes
    ----------
    data : ndarray of uint8
        The bytes of all posts, then at least `PAD` more.
    offsets : ndarray of int64, shape (n_posts + 1,)
        Post ``i`` is ``data[offsets[i]:offsets[i + 1]]``.

    Examples
    --------
    >>> posts = of_texts(["早上好", "ok"])
    >>> posts.posts, posts.offsets.tolist(), posts.part(1, 2).texts()
    (2, [0, 9, 11], ['ok'])
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @property
    def posts(self) -> int:
        """Number of posts."""
        return len(self.offsets) - 1

    def texts(self) -> list[str]:
        """Return the posts as strings."""
        data = self.data[self.offsets[0] : self.offsets[-1]]
        whole = data.tobytes().decode("utf-8", "surrogatepass")
        characters = np.concatenate([np.zeros(1, np.int64), np.cumsum((data & 0xC0) != 0x80)])
        stops = characters[self.offsets - self.offsets[0]].tolist()
        return [whole[start:stop] for start, stop in itertools.pairwise(stops)]

    def part(self, start: int, stop: int) -> Utf8:
        """Return the posts from `start` to `stop` - 1 as a view, without copying."""
        return Utf8(self.data, self.offsets[start : stop + 1])

    def holding(self, characters: str) -> NDArray[np.bool_]:
        """Return which posts hold any of some characters; a mask of shape (n_posts,).

        Examples
        --------
        >>> of_texts(["a < b", "甲＜乙", "甲"]).holding("<＜").tolist()
        [True, True, False]
        """
        begin, end = int(self.offsets[0]), int(self.offsets[-1])
        spelt = [one.encode("utf-8", "surrogatepass") for one in characters]
        found = np.zeros(self.posts, dtype=bool)
        for lead in {one[0] for one in spelt}:
            there = begin + np.flatnonzero(self.data[begin:end] == lead)
            for one in (one for one in spelt if one[0] == lead):
                at = there
                for place, byte in enumerate(one[1:], start=1):
                    at = at[self.data[at + place] == byte]
                found[np.searchsorted(self.offsets, at, side="right") - 1] = True
        return found

    def take(self, kept: NDArray[np.bool_]) -> Utf8:
        """Return a copy of the posts where the mask `kept`, shape (n_posts,), is true."""
        lengths = np.diff(self.offsets)
        data = self.data[self.offsets[0] : self.offsets[-1]][np.repeat(kept, lengths)]
        offsets = np.concatenate([np.zeros(1, np.int64), lengths[kept].cumsum()])
        return Utf8(np.concatenate([data, np.zeros(PAD, np.uint8)]), offsets)


def as_utf8(posts: Utf8 | pa.Array | pa.ChunkedArray | Iterable[str]) -> Utf8:
    """Return posts as bytes, from bytes, Arrow strings or Python strings.

    Examples
    --------
    >>> as_utf8(["早上好", "ok"]).texts()
    ['早上好', 'ok']
    """
    if isinstance(posts, Utf8):
        return posts
    return of_arrow(posts) if hasattr(posts, "type") else of_texts(posts)


def of_texts(texts: Iterable[str]) -> Utf8:
    r"""Return the UTF-8 of strings; a lone surrogate is three bytes, as in CESU-8.

    Examples
    --------
    >>> of_texts(["早", "\ud800"]).offsets.tolist()
    [0, 3, 6]
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
    return Utf8(np.frombuffer(b"".join([*encoded, bytes(PAD)]), np.uint8), offsets)


def of_arrow(posts: pa.Array | pa.ChunkedArray) -> Utf8:
    """Return the UTF-8 of Arrow strings, ``string`` or ``large_string``; a null becomes an empty post.

    Raises
    ------
    DataError
        If `posts` are not Arrow strings.

    Examples
    --------
    >>> from koudai.text.arrow import strings
    >>> of_arrow(strings(["早上好", "ok"])).texts()
    ['早上好', 'ok']
    """
    import pyarrow as pa

    if not isinstance(posts, pa.Array | pa.ChunkedArray):
        raise DataError(what="these are not Arrow strings", expected="a pyarrow array", got=type(posts).__name__)
    parts = [_chunk(chunk) for chunk in (posts.chunks if isinstance(posts, pa.ChunkedArray) else [posts])]
    lengths = [np.diff(offsets) for _, offsets in parts]
    offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
    bodies = [data[offsets[0] : offsets[-1]] for data, offsets in parts]
    return Utf8(np.concatenate([*bodies, np.zeros(PAD, np.uint8)]), offsets)


def _chunk(chunk: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return bytes and offsets of one chunk, as views of its memory."""
    import pyarrow as pa

    if not (pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)):
        raise DataError(what="these are not Arrow strings", expected="string or large_string", got=chunk.type)
    whole = chunk.fill_null(large("").cast(chunk.type)) if chunk.null_count else chunk
    width = np.dtype(np.int32 if pa.types.is_string(whole.type) else np.int64)
    _, offsets, data = whole.buffers()
    if not len(whole) or data is None or not data.size:
        return np.zeros(0, np.uint8), np.zeros(len(whole) + 1, np.int64)
    where = np.frombuffer(offsets, width, count=len(whole) + 1, offset=whole.offset * width.itemsize)
    return np.frombuffer(data, np.uint8), where.astype(np.int64)
