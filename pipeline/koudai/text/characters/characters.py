"""Character properties as a lookup table for kernels, and posts rewritten by it.

Promises: for every code point, a table agrees with the regular expression or function from which it was
made; every sequence of bytes has an entry in it. Posts that a kernel refuses are rewritten by the equivalent Python
function. Knows nothing of what the properties are for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.errors import DataError
from koudai.text.characters.assigned import LATER
from koudai.text.utf8 import PAD, Utf8

_BLOCK = 64
"""Code points that share all bytes of UTF-8 but the last."""
_PAGES = 1 << 15
"""Blocks that four bytes can name, half of them beyond Unicode."""
_LOW, _TAGS, _SELECTORS = 0x40000, 0xE0000, 0x1000
_PLACES = _LOW + _SELECTORS
"""Planes 0 to 3, and the tags and variation selectors of plane 14: no other character has a property."""
_GROWTH = 8
"""Kernels may lengthen posts by an eighth of their bytes; those that grow more are left to the Python function."""

CharacterMask = NDArray[np.bool_]
"""One bool for each character of `everything`, in its order."""


class CharacterTable(NamedTuple):
    """Properties of each character, as arrays for kernels.

    Attributes
    ----------
    pages : ndarray of int32, shape (32768,)
        Index of the first entry of each block of 64 code points.
    entries : ndarray of uint32
        Bits 0-7: the classes that the character is in. Bits 8-31: the number of the text that replaces it; further
        classes, where none is replaced.
    begins : ndarray of int32, shape (n_texts + 1,)
        Offset of each text in `texts`; text 0 is empty.
    texts : ndarray of uint8
        UTF-8 of the texts, then `PAD` more bytes.
    classes : ndarray of uint8, shape (n_texts,)
        Union of the classes of the text's characters.
    """

    pages: NDArray[np.int32]
    entries: NDArray[np.uint32]
    begins: NDArray[np.int32]
    texts: NDArray[np.uint8]
    classes: NDArray[np.uint8]


@functools.cache
def everything() -> str:
    """Return every character that can have a property."""
    places = np.concatenate([np.arange(_LOW), np.arange(_TAGS, _TAGS + _SELECTORS)])
    return places.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@functools.cache
def letters() -> CharacterMask:
    """Return the mask of letters, digits and ideographs: where ``str.isalnum`` is true by Unicode 14.0."""
    found = np.zeros(_PLACES, np.bool_)
    for match in re.finditer(r"[^\W_]+", everything()):
        found[match.start() : match.end()] = True
    return found & ~within(LATER)


def within(spans: str) -> CharacterMask:
    """Return the mask of the characters in `spans`, the inside of a regular-expression class without escapes.

    Examples
    --------
    >>> int(within("a-cx").sum())
    4
    """
    found = np.zeros(_PLACES, np.bool_)
    for first, last in re.findall("(.)(?:-(.))?", spans, re.DOTALL):
        found[_place(first) : _place(last or first) + 1] = True
    return found


def among(characters: Iterable[str]) -> CharacterMask:
    """Return the mask of `characters`.

    Examples
    --------
    >>> int(among("好的好").sum())
    2
    """
    found = np.zeros(_PLACES, np.bool_)
    found[[_place(character) for character in characters]] = True
    return found


def changed(function: Callable[[str], str], *, left_out: str = "") -> dict[str, str]:
    """Return each character that `function` changes, with its result.

    Parameters
    ----------
    function
        Must change a string if it changes any of its characters on its own, and a character between two NULs as it does
        on its own.
    left_out
        The first and the last of some characters that are not looked at, side by side in Unicode.

    Examples
    --------
    >>> changed(str.lower)["Ａ"]
    'ａ'
    """
    made, looked_at = {}, everything()
    if left_out:
        looked_at = looked_at[: _place(left_out[0])] + looked_at[_place(left_out[1]) + 1 :]
    for wide in _blocks(looked_at, _BLOCK * _BLOCK):
        if function(wide) != wide:
            for block in _blocks(wide, _BLOCK):
                if function(block) != block:
                    changes = function("\0".join(block)).split("\0")
                    if len(changes) != len(block):
                        changes = [function(one) for one in block]
                    made.update({one: after for one, after in zip(block, changes, strict=True) if after != one})
    return made


def character_table(classes: Sequence[CharacterMask], replaced: Mapping[str, str] | None = None) -> CharacterTable:
    """Return the table of classes and replacements.

    Parameters
    ----------
    classes
        At most eight, or 32 if no character is replaced; the first is bit 0.
    replaced
        The text, at most `PAD` bytes of UTF-8, for each character that a kernel is to replace.

    Raises
    ------
    ValueError
        If there are more classes than an entry has bits for.
    """
    replaced = replaced or {}
    room = 8 if replaced else 32
    if len(classes) > room:
        message = f"{len(classes)} classes of characters, and room for {room}"
        raise ValueError(message)
    bits = np.zeros(_PLACES, np.uint32)
    for bit, members in enumerate(classes):
        bits |= members.astype(np.uint32) << np.uint32(bit)
    known = bits.astype(np.uint8).tobytes()
    texts = ["", *sorted(set(replaced.values()))]
    number = {text: place for place, text in enumerate(texts)}
    inside = [functools.reduce(lambda mask, one: mask | known[_place(one)], text, 0) for text in texts]
    bits[[_place(one) for one in replaced]] |= np.array([number[text] << 8 for text in replaced.values()], np.uint32)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    begins = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    data = np.frombuffer(b"".join(encoded) + bytes(PAD), np.uint8)
    return CharacterTable(*_paged(bits.tobytes()), begins, data, np.array(inside, np.uint8))


def run_once(module: Any) -> None:
    """Call each kernel of a module of this folder with no posts."""
    module.run_once(*checked(Utf8(np.zeros(PAD, np.uint8), np.zeros(1, np.int64))), character_table(()))


def checked(posts: Utf8) -> Utf8:
    """Return `posts` with the array types of the kernels.

    Raises
    ------
    DataError
        If the offsets are not ascending and within the bytes, with `PAD` bytes after the last.
    """
    data, offsets = np.ascontiguousarray(posts.data).view(), np.ascontiguousarray(posts.offsets).view()
    if offsets[0] < 0 or offsets[-1] + PAD > len(data) or (np.diff(offsets) < 0).any():
        raise DataError(what="the offsets of posts do not fit their bytes", got=f"{len(data):,} bytes")
    data.flags.writeable = offsets.flags.writeable = False
    return Utf8(data, offsets)


def rewritten(posts: Utf8, kernel: Callable[..., int], function: Callable[[str], str]) -> Utf8:
    """Rewrite posts with a kernel, and those that it refuses with a function.

    Parameters
    ----------
    posts
        Posts.
    kernel
        Takes bytes, offsets, and arrays to write to: the bytes of all posts, the end of each, and the row indices of
        the posts that it refuses, which it leaves empty; returns the number of the latter.
    function
        Rewrites one post as the kernel does.
    """
    data, offsets = checked(posts)
    total = int(offsets[-1] - offsets[0])
    out = np.empty(total + total // _GROWTH + _BLOCK + PAD, np.uint8)
    stops, refused = np.zeros(len(offsets), np.int64), np.empty(len(offsets) - 1, np.int64)
    left = refused[: kernel(data, offsets, out, stops, refused)].tolist()
    if not left:
        out.resize(int(stops[-1]) + PAD, refcheck=False)
        out[-PAD:] = 0
        return Utf8(out, stops)
    pieces, longer, begin = [], np.zeros(len(offsets), np.int64), 0
    for post in left:
        text = data[offsets[post] : offsets[post + 1]].tobytes().decode("utf-8", "surrogatepass")
        piece = np.frombuffer(function(text).encode("utf-8", "surrogatepass"), np.uint8)
        pieces += [out[begin : stops[post]], piece]
        longer[post + 1], begin = len(piece), stops[post]
    pieces += [out[begin : stops[-1]], np.zeros(PAD, np.uint8)]
    return Utf8(np.concatenate(pieces), stops + longer.cumsum())


def _blocks(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _place(character: str) -> int:
    return ord(character) if ord(character) < _LOW else ord(character) - _TAGS + _LOW


def _paged(entries: bytes) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Return the index of each block's first entry, and the entries of the distinct blocks."""
    size = len(entries) // _PLACES * _BLOCK
    begins = {bytes(size): 0}
    found = [begins.setdefault(entries[at : at + size], len(begins) * _BLOCK) for at in range(0, len(entries), size)]
    pages = np.zeros(_PAGES, np.int32)
    low, tags = _LOW // _BLOCK, _TAGS // _BLOCK
    pages[:low] = found[:low]
    pages[tags : tags + _SELECTORS // _BLOCK] = found[low:]
    return pages, np.frombuffer(b"".join(begins), np.uint32)
