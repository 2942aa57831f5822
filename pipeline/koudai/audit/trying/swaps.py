"""Swaps: lists of terms that can stand for one another, and a post with one of them replaced by another.

Promises: a term is swapped only where it is a whole word of the post, every time it is there, and only for terms of
its own group; what is not swapped stays as it was written. A damaged list is refused with every problem of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from koudai.errors import ReadError, number_of
from koudai.taxonomy import Bilingual, problems, read_toml


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    use: str = Field(min_length=10)
    why: str = Field(min_length=10)
    not_for: list[str]
    groups: list[list[str]] = Field(min_length=1)


@dataclass(frozen=True)
class SwapList:
    """One list of interchangeable terms.

    Parameters
    ----------
    name
        What frames call it.
    title
        What pages call it.
    use, why
        How it is used, and why a swap should not change a tag.
    not_for
        Categories that turn on what the terms name; with their children they are not measured.
    groups
        Terms of one group stand for one another.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> first = load_swaps(bundled("data/casebook") / "swaps.toml")[0]
    >>> first.covers("no such category"), len(first.groups[0]) >= 2
    (True, True)
    """

    name: str
    title: Bilingual
    use: str
    why: str
    not_for: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]

    def covers(self, category: str) -> bool:
        """Return whether a swap should leave the tag of `category` as it was."""
        return not any(category == key or category.startswith(f"{key}.") for key in self.not_for)

    def swapped(self, words: list[str]) -> Iterator[str]:
        """Yield the post with each listed word in it swapped for each other term of its group, one swap at a time.

        Parameters
        ----------
        words
            The words of the post; joined, they are the post.
        """
        there = set(words)
        for group in self.groups:
            for term in group:
                if term in there:
                    for other in group:
                        if other != term:
                            yield "".join(other if word == term else word for word in words)


def load_swaps(path: Path) -> tuple[SwapList, ...]:
    """Read lists of terms from a TOML file.

    Raises
    ------
    ConfigError
        If the file is missing or is not TOML.
    ReadError
        If a list lacks something, a group has fewer than two terms, or a term is empty, holds white space or is there
        twice.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> len(load_swaps(bundled("data/casebook") / "swaps.toml")) > 1
    True
    """
    found: list[SwapList] = []
    wrong: list[str] = []
    owner: dict[str, str] = {}
    for name, value in read_toml(path).items():
        try:
            entry = _Entry.model_validate(value)
        except ValidationError as error:
            wrong.append(f"{name}: {problems(error)}")
            continue
        for group in entry.groups:
            if len(group) < 2:
                wrong.append(f"{name}: a group of fewer than two terms: {', '.join(group) or '(empty)'}")
            for term in group:
                if "".join(term.split()) != term or not term:
                    wrong.append(f"{name}: {term!r} is not one word")
                if term in owner:
                    wrong.append(f"{name}: {term!r} is also in {owner[term]}")
                owner[term] = name
        groups = tuple(tuple(group) for group in entry.groups)
        title = Bilingual(zh=entry.title_zh, en=entry.title_en)
        found.append(SwapList(name, title, entry.use, entry.why, tuple(entry.not_for), groups))
    if wrong or not found:
        raise ReadError(
            what=number_of(len(wrong), "problem") + " in the lists of swaps" if wrong else "there is no list of swaps",
            where=path,
            expected="tables with title_zh, title_en, use, why, not_for and groups of two or more different words",
            got="\n".join(wrong) or "an empty file",
            happened="nothing was measured",
            todo="correct these lists",
        )
    return tuple(found)
