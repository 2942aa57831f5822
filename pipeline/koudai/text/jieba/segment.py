"""Segmentation: posts into words, by jieba's dictionary and algorithm, compiled.

Promises: exactly the tokens of ``jieba.lcut`` with jieba's own dictionary, or with a user dictionary loaded into it, in
time linear in the post, whatever changes other code has made to jieba; jieba itself is not imported and its cache file
never opened (it is a marshal file that others can plant, fxsjy/jieba#686). Threads may share a segmenter; the GIL is
held only to make Python strings. Does not normalise.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.errors import DataError, LimitExceeded
from koudai.limits import CUT_BYTES
from koudai.text.compiled.kernels import kernels
from koudai.text.jieba.lexicon import UserWord, user_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from koudai.text.jieba.tables import Tables
    from koudai.text.utf8 import Utf8

_TOGETHER = 1024
"""Posts that `Segmenter.cut_many` hands to the kernel at once."""
_SPARE = 64


class Segmenter:
    """Cuts posts into words.

    The first use in a process loads the dictionary; the first on a machine builds it and compiles, which takes some
    seconds each and is reported on stderr.

    Parameters
    ----------
    hmm
        Whether runs of characters without dictionary words are segmented by jieba's hidden Markov model.
    user_dict
        Words to add to jieba's, change, or (with freq 0) delete: a file of lines ``word [freq] [tag]``, or such lines
        and `UserWord` entries.
    cache
        Cache folder for the dictionary's arrays; ``koudai`` in the user's cache folder by default.

    Raises
    ------
    ConfigError
        If a line of `user_dict` has another form; gives its number.

    Examples
    --------
    >>> Segmenter().cut("今天下雨，路上堵车")
    ['今天', '下雨', '，', '路上', '堵车']
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

    def spans(self, posts: pa.Array | pa.ChunkedArray | Utf8) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Return the byte offsets of the ends of words, without making Python strings.

        Parameters
        ----------
        posts
            Arrow strings, ``string`` or ``large_string`` (a null is a post without words), or posts as bytes, whole
            or a part: threads may segment parts of the same bytes concurrently.

        Returns
        -------
        offsets : ndarray of int64, shape (n_posts + 1,)
            The words of post ``i`` are ``ends[offsets[i]:offsets[i + 1]]``.
        ends : ndarray of int32, shape (n_words,)
            End of each word as a byte offset in its post; a word begins where the previous one ended, the first at 0.

        Raises
        ------
        DataError
            If `posts` are not strings, or their offsets lie outside their bytes.
        LimitExceeded
            If a post is longer than 2 GB.
        """
        from koudai.text.utf8 import Utf8, of_arrow

        return self._spans(_fixed(posts if isinstance(posts, Utf8) else of_arrow(posts)))

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the sha256 of the dictionary, the user's words included."""
        from koudai.text.jieba.dictionary import dictionary_digest

        return dictionary_digest(self.user_words)[:16]

    @functools.cached_property
    def tables(self) -> Tables:
        """The dictionary as arrays, for kernels."""
        from koudai.text.jieba.dictionary import load

        return load(self.user_words, cache=self.cache)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle: the settings, without the arrays."""
        return {name: value for name, value in self.__dict__.items() if name != "tables"}

    def _cut(self, texts: list[str]) -> list[list[str]]:
        from koudai.text.utf8 import of_texts

        posts = of_texts(texts)
        counts, ends = self._spans(posts)
        _kernels().in_characters(*posts, counts, ends)
        begins, stops = counts.tolist(), ends.tolist()
        words = []
        for number, text in enumerate(texts):
            mine = stops[begins[number] : begins[number + 1]]
            words.append([text[begin:end] for begin, end in zip([0, *mine], mine, strict=False)])
        return words

    def _spans(self, posts: Utf8) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Segment `posts`, made by `of_texts` or `_fixed`."""
        import numpy as np

        data, offsets = posts
        lengths = np.diff(offsets)
        longest, total = int(lengths.max(initial=0)), int(offsets[-1] - offsets[0])
        if longest > CUT_BYTES.value:
            raise LimitExceeded(
                what="a post is too long to be cut",
                expected=f"at most {CUT_BYTES.value:,} bytes",
                got=f"{longest:,} bytes",
                happened="nothing was cut",
            )
        cutting, tables = _kernels(), self.tables
        counts = np.zeros(len(offsets), np.int64)
        ends = np.empty(total // 3 + longest + _SPARE, np.int32)
        room = max(longest, cutting.BATCH) + _SPARE
        post = 0
        while True:
            post = cutting.segment(data, offsets, post, bool(self.hmm), room, tables, (ends, counts))
            if post == len(lengths):
                return counts, ends[: counts[-1]].copy()
            left = int(offsets[-1] - offsets[post])
            ends.resize(int(counts[post]) + max(left // 2, longest) + _SPARE, refcheck=False)


@kernels("koudai.text.jieba.segment_kernels", what="the segmenter")
def _kernels(module: Any) -> None:
    """Call each kernel with one empty post."""
    import numpy as np

    from koudai.text.jieba.tables import EMPTY
    from koudai.text.utf8 import of_texts

    data, offsets = of_texts([""])
    counts, ends = np.zeros(2, np.int64), np.zeros(_SPARE, np.int32)
    module.segment(data, offsets, 0, True, module.BATCH, EMPTY, (ends, counts))
    module.in_characters(data, offsets, counts, ends[:0].copy())


def _fixed(posts: Utf8) -> Utf8:
    """Return `posts` with the array types for which kernels are compiled, without changing arrays that others share.

    These are the types of `of_texts`: read-only bytes (which numba takes for a type of its own) and writable offsets.
    """
    import numpy as np

    from koudai.text.utf8 import Utf8

    data = np.require(posts.data, np.uint8, ["C", "A"]).view(np.ndarray)
    data.flags.writeable = False
    offsets = np.array(posts.offsets, np.int64)
    if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(data) or (offsets[1:] < offsets[:-1]).any():
        raise DataError(
            what="these offsets of posts lie outside their bytes",
            expected=f"one more than there are posts, in order, from 0 to {len(data):,}",
            got=", ".join(map(str, offsets[:5])) + (" …" if len(offsets) > 5 else ""),
            happened="nothing was cut",
        )
    return Utf8(data, offsets)
