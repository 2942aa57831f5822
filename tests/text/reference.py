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


FOLDER = Path(jieba.__file__).parent


@functools.cache
def own_dictionary(folder: Path = FOLDER) -> tuple[dict[str, int], int]:
    """Return what jieba reads from its own dictionary: counts and their total; not to be changed."""
    with (folder / "dict.txt").open("rb") as file:
        counts, total = jieba.Tokenizer().gen_pfdict(file)
    return counts, total


def tokenizer(folder: Path = FOLDER) -> Any:
    """Return a tokenizer with a dictionary of its own, that of `folder`."""
    made = jieba.Tokenizer()
    counts, made.total = own_dictionary(folder)
    made.FREQ, made.initialized = dict(counts), True
    return made


def small_jieba(folder: Path, *, characters: str, others: int | None = None) -> Path:
    """Make `folder` that of a jieba whose dictionary has the words of these characters alone, and return it.

    With `others` it has every so many-th line of jieba's, too.
    """
    known = set(characters)
    lines = (FOLDER / "dict.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line
        for number, line in enumerate(lines)
        if known.issuperset(line.partition(" ")[0]) or (others and number % others == 0)
    ]
    (folder / "dict.txt").write_text("".join(kept), encoding="utf-8")
    (folder / "finalseg").symlink_to(FOLDER / "finalseg")
    return folder


@functools.cache
def pristine() -> Any:
    """Return a tokenizer that no test changes."""
    return tokenizer()
