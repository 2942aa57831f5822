"""Learning n-grams: all n-grams of some posts, their document frequencies, and their counts per post.

Promises: the vocabulary of scikit-learn's ``CountVectorizer``, for words with jieba's tokens, sorted by code point; no
Python string is made per post. Scratch memory is linear in the size of the posts, whatever their content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.errors import LimitExceeded
from koudai.limits import LEARNT_NGRAMS
from koudai.model.ngrams.counting import CHARS, WORDS, cut, sort_rows
from koudai.model.ngrams.growing import grown, read_only, tree_of_stop_words
from koudai.text.compiled.kernels import kernels
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import PAD, Utf8, of_arrow, of_texts

if TYPE_CHECKING:
    import scipy.sparse as sp

    from koudai.model.ngrams.learning_kernels import SortedPlaces, SymbolArrays

_PART = 4096
"""Posts read between two progress updates."""
_POINTS = (1 << 21) + 1
"""Number of values of a code point of four bytes plus 1, and 0."""


class Symbols(NamedTuple):
    """Posts as sequences of numbered symbols.

    Attributes
    ----------
    symbols : ndarray of uint32
        The words or characters of each post, numbered from 1 in code point order, followed by a 0.
    stops : ndarray of int64, shape (n_posts,)
        Index of the 0 that ends each post.
    spelled
        Spelling of each symbol, that of symbol 1 first.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> Symbols(np.array([1, 0], np.uint32), np.array([1]), of_texts(["口"])).spelled.texts()
    ['口']
    """

    symbols: NDArray[np.uint32]
    stops: NDArray[np.int64]
    spelled: Utf8


@dataclass(frozen=True)
class LearntNgrams:
    """The n-grams of some posts, sorted by code point.

    Parameters
    ----------
    found
        Number of n-grams, those included that too few posts hold.
    frequency : ndarray of int64, shape (n_ngrams,)
        Document frequency of each n-gram.
    occurrences : ndarray of int64, shape (n_ngrams,)
        Total number of occurrences of each n-gram.
    """

    found: int
    frequency: NDArray[np.int64]
    occurrences: NDArray[np.int64]
    _joined: bool
    _read: Symbols
    _begins: NDArray[np.uint32]
    _sizes: NDArray[np.int32]
    _counted: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]
    _turn: NDArray[np.int64] | None = None

    @property
    def posts(self) -> int:
        """Number of posts."""
        return len(self._counted[2]) - 1

    def terms(self, numbers: NDArray[np.int64]) -> Utf8:
        """Return the spelling of some n-grams; words of an n-gram are joined by a space."""
        kept = numbers if self._turn is None else self._turn[numbers]
        from koudai.model.ngrams.learning_kernels import Spelling

        spelling = Spelling(self._read.symbols, *map(read_only, self._read.spelled))
        told = self._begins[kept], self._sizes[kept], spelling
        offsets = np.zeros(len(kept) + 1, np.int64)
        _run("spell", *told, self._joined, False, offsets, np.empty(0, np.uint8))
        out = np.empty(int(offsets[-1]) + PAD, np.uint8)
        _run("spell", *told, self._joined, True, offsets, out)
        return Utf8(out, offsets)

    def counts(self, numbers: NDArray[np.int64]) -> sp.csr_matrix:
        """Return the counts in each post of some n-grams, given in ascending order.

        Returns
        -------
        csr matrix of int32, shape (n_posts, len(numbers))
            Indices sorted. If all are asked for, its arrays are this object's own.
        """
        from scipy.sparse import csr_matrix

        counts, columns, rows = self._counted
        if self._turn is not None or len(numbers) < len(self.frequency):
            kept = numbers if self._turn is None else self._turn[numbers]
            column = np.full(len(self.frequency), -1, np.int32)
            column[kept] = np.arange(len(kept), dtype=np.int32)
            columns = column[columns]
            chosen = columns >= 0
            rows = np.concatenate([np.zeros(1, np.int64), np.cumsum(chosen)])[rows]
            columns, counts = columns[chosen], counts[chosen]
            if self._turn is not None:
                sort_rows(rows, columns, counts)
        return csr_matrix((counts, columns, rows), shape=(self.posts, len(numbers)))


def learn(
    posts: Utf8,
    *,
    kind: str,
    ngrams: tuple[int, int],
    segmenter: Segmenter | None,
    stop_words: Sequence[str] = (),
    fewest: int = 1,
    advance: Callable[[int], None] = lambda posts: None,
) -> LearntNgrams:
    """Learn the n-grams of posts.

    Parameters
    ----------
    posts
        Posts, lower-cased by the caller if wanted.
    kind, ngrams
        ``"words"`` or ``"chars"``, smallest and largest n.
    segmenter
        Word segmenter; not needed for characters.
    stop_words
        Words that are left out before n-grams are made.
    fewest
        Number of posts that an n-gram has to be in; others are not kept.
    advance
        Progress callback: newly read posts.

    Raises
    ------
    LimitExceeded
        If there are more symbols or n-grams than can be numbered.

    Examples
    --------
    >>> found = learn(of_texts(["口袋", "口袋里"]), kind=CHARS, ngrams=(1, 2), segmenter=None)
    >>> found.terms(np.arange(len(found.frequency))).texts(), found.frequency.tolist()
    (['口', '口袋', '袋', '袋里', '里'], [2, 2, 2, 1, 1])
    """
    from koudai.model.ngrams.learning_kernels import FoundNgrams, SymbolArrays

    read = symbols_of(posts, kind=kind, segmenter=segmenter, stop_words=stop_words, advance=advance)
    lengths = np.diff(read.stops, prepend=-1)
    _limited(len(read.symbols))
    high = min(ngrams[1], int(lengths.max(initial=1)) - 1)
    low = min(ngrams[0], high + 1)
    owner = np.repeat(np.arange(posts.posts, dtype=np.uint32), lengths)
    arrays = SymbolArrays(read.symbols, owner, read.stops)
    room = np.zeros(posts.posts + 1, np.int64)
    order, places, found = _sorted(arrays, read.spelled.posts, (low, high, fewest), room[1:])
    _limited(found)
    del arrays, owner
    most = found if fewest <= 1 else min(found, len(order) * (high - low + 1) // 2)
    begins, sizes = np.empty(most, np.uint32), np.empty(most, np.int32)
    frequency, occurrences = np.empty(most, np.int64), np.empty(most, np.int64)
    rows = np.cumsum(room)
    used, columns, counts = rows[:-1].copy(), np.empty(rows[-1], np.int32), np.empty(rows[-1], np.int32)
    written = FoundNgrams(begins, sizes, frequency, occurrences)
    kept = int(_run("measure", order, places, (low, high, fewest), written, (rows, used, columns, counts)))
    _run("close_up", rows, used, columns, counts)
    for of_ngrams in written:
        of_ngrams.resize(kept, refcheck=False)
    for of_posts in (columns, counts):
        of_posts.resize(rows[-1], refcheck=False)
    learnt = LearntNgrams(found, frequency, occurrences, kind == WORDS, read, begins, sizes, (counts, columns, rows))
    if kind == WORDS and high > 1 and _both_line_ends(read.spelled):
        turn = _by_code_point(_arrow(learnt.terms(np.arange(kept))))
        return replace(learnt, frequency=frequency[turn], occurrences=occurrences[turn], _turn=turn)
    return learnt


def symbols_of(
    posts: Utf8,
    *,
    kind: str,
    segmenter: Segmenter | None,
    stop_words: Sequence[str] = (),
    advance: Callable[[int], None] = lambda posts: None,
) -> Symbols:
    """Return the words or characters of posts as numbered symbols; parameters as for `learn`."""
    return _words(posts, segmenter, stop_words, advance) if kind == WORDS else _characters(posts, advance)


def _characters(posts: Utf8, advance: Callable[[int], None]) -> Symbols:
    """Read posts as characters; runs of white space become one space."""
    parts, known = [], np.zeros(_POINTS, np.bool_)
    for some in _parts(posts):
        symbols = np.empty(int(some.offsets[-1] - some.offsets[0]) + some.posts, np.uint32)
        stops = np.empty(some.posts, np.int64)
        _run("read_characters", read_only(some.data), read_only(some.offsets), symbols, stops, known)
        parts.append((symbols[: stops[-1] + 1].copy(), stops))
        advance(some.posts)
    symbols, stops = _joined(parts)
    points = np.flatnonzero(known)
    number = np.zeros(int(points.max(initial=0)) + 1, np.uint32)
    number[points] = np.arange(1, len(points) + 1)
    return Symbols(number[symbols], stops, of_texts(chr(point - 1) for point in points.tolist()))


def _words(
    posts: Utf8, segmenter: Segmenter | None, stop_words: Sequence[str], advance: Callable[[int], None]
) -> Symbols:
    """Read posts as words."""
    from koudai.model.ngrams.growing_kernels import CutArrays

    grams = tree_of_stop_words(stop_words)
    left_out = int(grams.size[0])
    parts = []
    for some in _parts(posts):
        _, words, ends = cut(some, segmenter)
        symbols, stops = np.empty(len(ends) + some.posts, np.uint32), np.empty(some.posts, np.int64)
        told = CutArrays(*map(read_only, (some.data, some.offsets, ends, words)))
        post = 0
        while (post := int(_run("read_words", told, post, left_out, grams, symbols, stops))) < some.posts:
            most = int(some.offsets[post + 1] - some.offsets[post])
            grams = grown(grams, steps=0, words=most)
        parts.append((symbols[: stops[-1] + 1].copy(), stops))
        advance(some.posts)
    symbols, stops = _joined(parts)
    known = int(grams.size[1])
    words = _arrow(Utf8(grams.spelled, np.concatenate([np.zeros(1, np.int64), grams.stops[:known]])))
    order = _by_code_point(words)
    number = np.zeros(known + 1, np.uint32)
    number[order + 1] = np.arange(1, known + 1)
    return Symbols(number[symbols], stops, of_arrow(words.take(order)))


def _parts(posts: Utf8) -> Iterator[Utf8]:
    return (posts.part(start, start + _PART) for start in range(0, posts.posts, _PART))


def _joined(parts: list[tuple[NDArray[np.uint32], NDArray[np.int64]]]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Concatenate the symbols and stops of all parts."""
    begins = np.cumsum([0, *(len(symbols) for symbols, _ in parts)])
    stops = [mine + begin for (_, mine), begin in zip(parts, begins, strict=False)]
    empty = np.empty(0, np.uint32), np.empty(0, np.int64)
    return np.concatenate([empty[0], *(symbols for symbols, _ in parts)]), np.concatenate([empty[1], *stops])


def _sorted(
    read: SymbolArrays, different: int, how: tuple[int, int, int], room: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], SortedPlaces, int]:
    """Return the positions of all symbols, sorted by the `high` symbols from there on within the post, with what
    `arrange` tells of them, and the number of n-grams; `different` is the number of distinct symbols.
    """
    from koudai.model.ngrams.learning_kernels import SortedPlaces

    low, high, fewest = how
    order = np.flatnonzero(read.symbols).astype(np.uint32)
    bits = max(1, different.bit_length())
    take = min(high - 1, 64 // bits)
    _sort_behind(read, order, 1 + take, high, bits)
    of_symbol = np.bincount(read.symbols, minlength=different + 1)
    of_symbol[0] = 0
    stops, by_first = np.cumsum(of_symbol) - of_symbol, np.empty_like(order)
    _run("gather", read.symbols, order, stops, by_first)
    places = SortedPlaces(order, *(np.empty(len(order), np.int32) for _ in range(2)))
    found = int(_run("arrange", read, by_first, stops, (low, high, take, bits, fewest), places, room))
    return by_first, places, found


def _sort_behind(read: SymbolArrays, order: NDArray[np.uint32], first: int, high: int, bits: int) -> None:
    """Sort positions by the symbols from the one `first` behind on up to `high`, the last ones first."""
    if first >= high:
        return
    keys, spare_keys, spare = np.empty(len(order), np.uint64), np.empty(len(order), np.uint64), np.empty_like(order)
    skip, given = high, order
    while skip > first:
        take = min(skip - first, 64 // bits)
        skip -= take
        _run("write_keys", read, order, skip, take, bits, keys)
        if _run("sort", keys, order, spare_keys, spare, bits * take):
            order, spare = spare, order
    if order is not given:
        given[:] = order


def _arrow(terms: Utf8) -> Any:
    """Return terms as an Arrow array."""
    import pyarrow as pa

    return pa.LargeStringArray.from_buffers(terms.posts, pa.py_buffer(terms.offsets), pa.py_buffer(terms.data))


def _by_code_point(terms: Any) -> NDArray[np.int64]:
    """Return the order in which Arrow strings are sorted by their bytes."""
    import pyarrow.compute as pc

    order: NDArray[np.int64] = pc.array_sort_indices(terms).to_numpy().astype(np.int64)
    return order


def _both_line_ends(words: Utf8) -> bool:
    """Return whether CR and CR LF are both words: only then does the order of n-grams differ from that of their words,
    as no other character before the space that joins words can be the second character of a word.
    """
    begins, sizes = words.offsets[:-1], np.diff(words.offsets)
    of_cr = words.data[begins] == 13
    return bool(np.any(of_cr & (sizes == 1)) and np.any(of_cr & (sizes == 2)))


def _limited(number: int) -> None:
    if number > LEARNT_NGRAMS.value:
        raise LimitExceeded(
            what="there are too many n-grams to learn",
            expected=f"at most {LEARNT_NGRAMS.value:,} {LEARNT_NGRAMS.unit}",
            got=f"{number:,}",
            happened="nothing was learnt",
            todo="learn from fewer posts, or from shorter n-grams",
        )


def _run(name: str, *arguments: Any) -> Any:
    with np.errstate(over="ignore"):
        return getattr(_kernels(), name)(*arguments)


@kernels("koudai.model.ngrams.learning_kernels", what="the learning of n-grams")
def _kernels(_: Any) -> None:
    """Learn from one post."""
    for kind in (WORDS, CHARS):
        learnt = learn(of_texts(["a"]), kind=kind, ngrams=(1, 2), segmenter=None)
        learnt.counts(np.arange(len(learnt.frequency)))
        learnt.terms(np.arange(len(learnt.frequency)))
