"""Posts as bytes: the UTF-8 of many posts in one array, as kernels read it.

Promises: conversion is lossless in both directions, lone surrogates and NULs included; the last post is followed by
`PAD` readable bytes, so that a kernel may load several bytes at once. Does not check that given bytes are UTF-8.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from koudai.errors import DataError
from koudai.text.arrow import large

if TYPE_CHECKING:
    import pyarrow as pa

PAD = 16
_TOGETHER = 4096
"""Posts that are copied, or that `LazyTexts` makes strings of, at once."""


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
        whole = self.data[self.offsets[0] : self.offsets[-1]].tobytes().decode("utf-8", "surrogatepass")
        stops = [0, *np.cumsum(self.lengths()).tolist()]
        return [whole[start:stop] for start, stop in itertools.pairwise(stops)]

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of characters of each post, shape (n_posts,).

        Examples
        --------
        >>> of_texts(["早上好", "", "ok"]).lengths().tolist()
        [3, 0, 2]
        """
        begins = (self.data[self.offsets[0] : self.offsets[-1]] & 0xC0) != 0x80
        lengths = np.zeros(self.posts, np.int64)
        there = np.flatnonzero(np.diff(self.offsets))
        lengths[there] = np.add.reduceat(begins, self.offsets[there] - self.offsets[0], dtype=np.int64)
        return lengths

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

    def among(self, texts: Iterable[str]) -> NDArray[np.bool_]:
        """Return which posts are one of some texts; a mask of shape (n_posts,).

        Examples
        --------
        >>> of_texts(["甲", "乙", "甲"]).among(["甲", "丙"]).tolist()
        [True, False, True]
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = pa.array([text.encode("utf-8", "surrogatepass") for text in texts], pa.large_binary())
        offsets, data = (pa.py_buffer(np.ascontiguousarray(one)) for one in (self.offsets, self.data))
        found = pc.is_in(pa.LargeBinaryArray.from_buffers(pa.large_binary(), self.posts, [None, offsets, data]), wanted)
        mask: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
        return mask

    def take(self, kept: NDArray[np.bool_]) -> Utf8:
        """Return a copy of the posts where the mask `kept`, shape (n_posts,), is true."""
        lengths = np.diff(self.offsets)
        data = self.data[self.offsets[0] : self.offsets[-1]][np.repeat(kept, lengths)]
        offsets = np.concatenate([np.zeros(1, np.int64), lengths[kept].cumsum()])
        return Utf8(np.concatenate([data, np.zeros(PAD, np.uint8)]), offsets)

    def rows(self, rows: NDArray[np.intp]) -> Utf8:
        """Return a copy of the posts at some row indices, in their order.

        Examples
        --------
        >>> of_texts(["甲", "乙", "丙"]).rows(np.array([2, 0])).texts()
        ['丙', '甲']
        """
        begins = self.offsets[rows]
        offsets = np.concatenate([np.zeros(1, np.int64), (self.offsets[rows + 1] - begins).cumsum()])
        data = np.zeros(int(offsets[-1]) + PAD, np.uint8)
        for start in range(0, len(rows), _TOGETHER):
            some = offsets[start : start + _TOGETHER + 1]
            at = np.arange(some[0], some[-1])
            at += np.repeat(begins[start : start + _TOGETHER] - some[:-1], np.diff(some))
            data[some[0] : some[-1]] = self.data[at]
        return Utf8(data, offsets)


class LazyTexts(Sequence[str]):
    """Posts as a sequence of strings that are made as they are asked for, from the bytes of all of them.

    Where bytes are asked for (`as_utf8`, `of_texts`), nothing is copied; a sequence of a million posts of 28 characters
    takes a third of the memory of their strings.

    Parameters
    ----------
    utf8
        The posts.

    Examples
    --------
    >>> texts = LazyTexts.of(["早上好", "ok", "晚安"])
    >>> texts, texts[1], list(texts[1:]), texts.rows(np.array([2])) == ["晚安"]
    (['早上好', 'ok', '晚安'], 'ok', ['ok', '晚安'], True)
    """

    def __init__(self, utf8: Utf8) -> None:
        self.utf8 = utf8

    @classmethod
    def of(cls, texts: LazyTexts | Iterable[str]) -> LazyTexts:
        """Return `texts` as such a sequence."""
        return texts if isinstance(texts, LazyTexts) else cls(of_texts(texts))

    def __len__(self) -> int:
        return self.utf8.posts

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> LazyTexts: ...

    def __getitem__(self, place: int | slice) -> str | LazyTexts:
        if not isinstance(place, slice):
            row = range(len(self))[place]
            begin, end = self.utf8.offsets[row : row + 2].tolist()
            return self.utf8.data[begin:end].tobytes().decode("utf-8", "surrogatepass")
        start, stop, step = place.indices(len(self))
        if step == 1:
            return LazyTexts(self.utf8.part(start, max(start, stop)))
        return self.rows(np.arange(start, stop, step))

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _TOGETHER):
            yield from self.utf8.part(start, min(start + _TOGETHER, len(self))).texts()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str) or len(self) != len(other):
            return False
        return all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    def rows(self, rows: NDArray[np.intp]) -> LazyTexts:
        """Return the posts at some row indices, in their order."""
        return LazyTexts(self.utf8.rows(rows))


def as_utf8(posts: Utf8 | LazyTexts | pa.Array | pa.ChunkedArray | Iterable[str]) -> Utf8:
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
    if isinstance(texts, LazyTexts):
        return texts.utf8
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
    return Utf8(np.frombuffer(b"".join([*encoded, bytes(PAD)]), np.uint8), offsets)


def joined(parts: Sequence[Utf8]) -> Utf8:
    """Return the posts of all `parts`, one after another.

    Examples
    --------
    >>> joined([of_texts(["甲"]), of_texts(["乙", "丙"]).part(1, 2)]).texts()
    ['甲', '丙']
    """
    lengths = [np.diff(one.offsets) for one in parts]
    bodies = [one.data[one.offsets[0] : one.offsets[-1]] for one in parts]
    offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
    return Utf8(np.concatenate([*bodies, np.zeros(PAD, np.uint8)]), offsets)


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
