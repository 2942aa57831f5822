"""jieba as it comes, for comparison: its own dictionary without its cache, and nothing that another test added."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jieba
    import jieba.finalseg


@functools.cache
def own_dictionary() -> tuple[dict[str, int], int]:
    """Return what jieba reads from its own dictionary: counts and their total; not to be changed."""
    with (Path(jieba.__file__).parent / "dict.txt").open("rb") as file:
        counts, total = jieba.Tokenizer().gen_pfdict(file)
    return counts, total


def tokenizer() -> Any:
    """Return a tokenizer with a dictionary of its own."""
    made = jieba.Tokenizer()
    counts, made.total = own_dictionary()
    made.FREQ, made.initialized = dict(counts), True
    return made


@functools.cache
def pristine() -> Any:
    """Return a tokenizer that no test changes."""
    return tokenizer()
