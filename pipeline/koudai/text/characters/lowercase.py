"""Lower case of many posts as bytes, compiled.

Promises: what ``str.lower`` gives for each post, by the Unicode data of this Python. A capital sigma at the end of a
word has a lower case of its own: posts that hold one are left to ``str.lower`` itself.
"""

from __future__ import annotations

import functools
from typing import Any

from koudai.text.characters import characters
from koudai.text.characters.characters import CharacterTable
from koudai.text.compiled.kernels import kernels
from koudai.text.utf8 import Utf8

_CAPITAL, _SIGMA = 1, 2


def lowercase(posts: Utf8) -> Utf8:
    """Return the posts in lower case.

    Raises
    ------
    DataError
        If the offsets of the posts do not fit their bytes.
    """
    kernel, table = _kernels().rewrite_all, _table()
    return characters.rewritten(posts, lambda *given: kernel(*given, _CAPITAL, _SIGMA, table), str.lower)


@kernels("koudai.text.characters.characters_kernels", what="the kernels of characters")
def _kernels(module: Any) -> None:
    """Run each on no post."""
    characters.run_once(module)


@functools.cache
def _table() -> CharacterTable:
    lower = characters.changed(str.lower)
    return characters.table([characters.among(lower), characters.among("\u03a3")], lower)
