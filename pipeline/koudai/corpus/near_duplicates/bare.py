"""Bare text: what near-duplicates are told by; a post without links, white space, punctuation, case and width.

Promises: total (any string), linear; NFKC, lower case, then letters and digits alone. A post that holds none of these
outside its links is kept as it was written, so that posts of emoji are not all one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.text.characters.assigned import ONE_LATER, is_later, lower, nfkc
from koudai.text.characters.hazards import INVISIBLE
from koudai.text.characters.normalize import STEPS
from koudai.text.utf8 import Utf8

_NOT_TEXT = re.compile(rf"(?:https?://|www\.)[!-~]+|(?:[\W_]|{ONE_LATER})+")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_POINTS = 1 << 21


class Bare(NamedTuple):
    """Bare text of many posts.

    Attributes
    ----------
    codes : ndarray of int32
        Code points.
    starts, stops : ndarray of int64, shape (n_posts,)
        Post ``i`` is ``codes[starts[i]:stops[i]]``.
    """

    codes: NDArray[np.int32]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


def bare_text(text: str) -> str:
    """Return the bare text of one post.

    Examples
    --------
    >>> bare_text("Ｇｏｏｄ！ 看这里：https://example.com 😂")
    'good看这里'
    """
    return _NOT_TEXT.sub("", lower(STEPS["nfkc"](text))) or text


def bare_texts(posts: Utf8) -> Bare:
    """Return the bare text of posts, that of `bare_text`.

    Characters are replaced one by one where that is the same, which it is in all but a few posts; the others go
    through `bare_text`.
    """
    from koudai.corpus.near_duplicates import bare_kernels as kernels

    counts = np.zeros(_POINTS, np.int64)
    kernels.count_points(posts.data, posts.offsets, counts)
    forms, spelled, size = _forms(counts)
    starts, stops = np.zeros(posts.posts, np.int64), np.full(posts.posts, -1, np.int64)
    whole = np.zeros(posts.posts, np.uint8)
    kernels.mark_whole(posts.data, posts.offsets, forms, whole)
    others = [(post, _codes(bare_text(_text(posts, post)))) for post in np.flatnonzero(whole).tolist()]
    codes = np.empty(size + sum(len(other) for _, other in others), np.int32)
    for post, other in others:
        starts[post], stops[post] = size, size + len(other)
        codes[size : stops[post]] = other
        size += len(other)
    bare, words = Bare(codes, starts, stops), (_codes("http"), _codes("://"), _codes("www."))
    kernels.write_bare(posts.data, posts.offsets, forms, spelled, words, bare)
    return bare


def _text(posts: Utf8, post: int) -> str:
    return posts.data[posts.offsets[post] : posts.offsets[post + 1]].tobytes().decode("utf-8", "surrogatepass")


def _codes(text: str) -> NDArray[np.int32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)


def _forms(counts: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """Return what each character that occurs becomes, as kernels read it, and how many characters all become."""
    from koudai.corpus.near_duplicates.bare_kernels import KEPT, KNOWN, PRINTED

    forms = np.zeros(_POINTS, np.int32)
    spelled, size = [0], 0
    for point in np.flatnonzero(counts).tolist():
        form = on_its_own(chr(point)) if point < 0x110000 else ""
        size += int(counts[point]) * max(len(form), 1)
        marked = [
            ord(one)
            | KNOWN
            | (KEPT if one.isalnum() and not is_later(one) else 0)
            | (PRINTED if "!" <= one <= "~" else 0)
            for one in form
        ]
        if len(form) == 1:
            forms[point] = marked[0]
        elif form:
            forms[point] = -len(spelled)
            spelled += [len(form), *marked]
    return forms, np.array(spelled, np.int32), size


def on_its_own(character: str) -> str:
    r"""Return NFKC and lower case of a character if they are the same next to any others that have such; else ``""``.

    None for marks that combine with what stands before them, vowels and final consonants of Hangul written apart, and
    capital sigma, whose small form depends on its place.

    Source: UAX #15, "Unicode normalization forms", section 9 (Detecting Normalization Forms).

    Examples
    --------
    >>> on_its_own("Ａ"), on_its_own("\u0301")
    ('a', '')
    """
    if is_later(character):
        return character
    form = nfkc(character)
    for one in form:
        mark = unicodedata.combining(one) or unicodedata.category(one).startswith("M")
        if (mark or one == "Σ" or "\u1100" <= one <= "\u11ff") and not _INVISIBLE.match(one):
            return ""
    return lower(form)
