"""Segmentation: posts into words, by jieba's dictionary and algorithm, compiled.

Promises: exactly the tokens of ``jieba.lcut`` with jieba's own dictionary, or with a user dictionary loaded into it, in
time linear in the post, whatever else in the process has added words to jieba or deleted some; jieba itself is not
imported and its cache file never opened (it is a marshal file that others can plant, fxsjy/jieba#686). Any number of
threads may share a segmenter; cutting holds the GIL only to make Python strings. Does not normalise.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipeline.errors import DataError, LimitExceeded
from pipeline.text.lexicon import UserWord, user_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from pipeline.text.tables import Tables

_LOCK = threading.Lock()
_LARGEST = 2**31 - 64
"""Bytes per post that the kernels can count."""
_TOGETHER = 1024
"""Posts that `Segmenter.cut_many` hands to the kernel at once."""
_SPARE = 64


class Segmenter:
    """Cuts posts into words.

    The first cut in a process loads the dictionary (the first on a machine builds it and compiles, some seconds each,
    and says so).

    Parameters
    ----------
    hmm
        Whether runs of characters that are not in the dictionary are cut by jieba's hidden Markov model.
    user_dict
        Words to add to jieba's, change, or (with freq 0) delete: a file of lines ``word [freq] [tag]``, or such lines
        and `UserWord` entries.
    cache
        Folder to keep the dictionary's arrays in; ``koudai`` in the user's cache folder by default.

    Raises
    ------
    ConfigError
        If a line of `user_dict` is of another form; names the line.
    """

    def __init__(
        self, *, hmm: bool = True, user_dict: Path | Iterable[str | UserWord] | None = None, cache: Path | None = None
    ) -> None:
        self.hmm = hmm
        self.user_words = user_words(user_dict)
        self.cache = cache

    def cut(self, text: str) -> list[str]:
        """Return the words of one post, in order; joined, they are the post."""
        return self._cut([text])[0]

    def cut_many(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the words of each post."""
        together = iter(texts)
        words: list[list[str]] = []
        while batch := list(itertools.islice(together, _TOGETHER)):
            words += self._cut(batch)
        return words

    def spans(self, posts: pa.Array | pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Return where the words of each post end, without making a Python string.

        Parameters
        ----------
        posts
            Arrow strings, ``string`` or ``large_string``; a null is a post without words.

        Returns
        -------
        offsets : ndarray of int64, shape (n_posts + 1,)
            The words of post ``i`` are ``ends[offsets[i]:offsets[i + 1]]``.
        ends : ndarray of int32, shape (n_words,)
            Bytes from the begin of the post to the end of each of its words; a word begins where the last one ended,
            the first at 0.

        Raises
        ------
        DataError
            If `posts` are not strings.
        LimitExceeded
            If a post is longer than 2 GB.
        """
        import numpy as np

        from pipeline.text.utf8 import Utf8

        if isinstance(posts, Utf8):
            view = posts.data.view()
            view.flags.writeable = False
            return self._spans(view, posts.offsets)
        parts = [self._spans(*buffers) for buffers in _buffers(posts)]
        if len(parts) == 1:
            return parts[0]
        counts = [np.diff(offsets) for offsets, _ in parts]
        whole = np.concatenate([np.zeros(1, np.int64), *counts]).cumsum()
        return whole, np.concatenate([np.empty(0, np.int32), *(ends for _, ends in parts)])

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the sha256 of the dictionary, the user's words included."""
        from pipeline.text.dictionary import digest

        return digest(self.user_words)[:16]

    @functools.cached_property
    def tables(self) -> Tables:
        """The dictionary as arrays, for kernels."""
        from pipeline.text.dictionary import load

        return load(self.user_words, cache=self.cache)

    def __getstate__(self) -> dict[str, Any]:
        """Return what makes the segmenter, without the arrays."""
        return {name: value for name, value in self.__dict__.items() if name != "tables"}

    def _cut(self, texts: list[str]) -> list[list[str]]:
        import numpy as np

        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(data) for data in encoded], out=offsets[1:])
        data = np.frombuffer(b"".join(encoded) or b"\0", np.uint8)
        counts, ends = self._spans(data, offsets)
        _kernels().in_characters(data, offsets, counts, ends)
        begins, stops = counts.tolist(), ends.tolist()
        words = []
        for number, text in enumerate(texts):
            mine = stops[begins[number] : begins[number + 1]]
            words.append([text[begin:end] for begin, end in zip([0, *mine], mine, strict=False)])
        return words

    def _spans(
        self, data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Cut the posts ``data[offsets[i]:offsets[i + 1]]``."""
        import numpy as np

        lengths = np.diff(offsets)
        longest, total = int(lengths.max(initial=0)), int(offsets[-1] - offsets[0])
        if longest > _LARGEST:
            raise LimitExceeded(
                what="a post is too long to be cut",
                expected=f"at most {_LARGEST:,} bytes",
                got=f"{longest:,} bytes",
                happened="nothing was cut",
            )
        kernels, tables = _kernels(), self.tables
        counts = np.zeros(len(offsets), np.int64)
        ends = np.empty(total // 3 + longest + _SPARE, np.int32)
        room = max(longest, kernels.BATCH) + _SPARE
        data.flags.writeable = False
        post = 0
        while True:
            post = kernels.segment(data, offsets, post, self.hmm, room, tables, ends, counts)
            if post == len(lengths):
                return counts, ends[: counts[-1]].copy()
            left = int(offsets[-1] - offsets[post])
            ends.resize(int(counts[post]) + max(left // 2, longest) + _SPARE, refcheck=False)


def _kernels() -> ModuleType:
    with _LOCK:
        return _compiled()


@functools.cache
def _compiled() -> ModuleType:
    """Import the kernels and compile them, or load what is compiled already, by cutting nothing."""
    import numpy as np

    from pipeline.text import jit
    from pipeline.text.tables import EMPTY

    with jit.announced("the segmenter"):
        from pipeline.text import segment_kernels

        data = np.zeros(1, np.uint8)
        data.flags.writeable = False
        offsets, ends = np.zeros(2, np.int64), np.zeros(_SPARE, np.int32)
        counts = np.zeros(2, np.int64)
        segment_kernels.segment(data, offsets, 0, True, segment_kernels.BATCH, EMPTY, ends, counts)
        segment_kernels.in_characters(data, offsets, counts, ends[:0].copy())
    return segment_kernels


def _buffers(posts: Any) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]:
    """Yield the bytes and offsets of each chunk, as they lie in memory."""
    import numpy as np
    import pyarrow as pa

    if not isinstance(posts, pa.Array | pa.ChunkedArray):
        raise DataError(what="spans are of Arrow strings", expected="a pyarrow array", got=type(posts).__name__)
    for chunk in posts.chunks if isinstance(posts, pa.ChunkedArray) else [posts]:
        if not (pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)):
            raise DataError(what="spans are of Arrow strings", expected="string or large_string", got=chunk.type)
        whole = chunk.fill_null("") if chunk.null_count else chunk
        width = np.dtype(np.int32 if pa.types.is_string(whole.type) else np.int64)
        _, offsets, data = whole.buffers()
        if not len(whole) or data is None or not data.size:
            yield np.zeros(1, np.uint8), np.zeros(len(whole) + 1, np.int64)
            continue
        where = np.frombuffer(offsets, width, count=len(whole) + 1, offset=whole.offset * width.itemsize)
        yield np.frombuffer(data, np.uint8), where.astype(np.int64)
