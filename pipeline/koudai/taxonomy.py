"""A taxonomy: the ordered categories that posts may be alleged to fall under, and what each is said to mean.

Promises: the order of categories is the order of every column anywhere; a parent is alleged when a child is; the digest
names the taxonomy wherever it was used, and changes when any word of it changes. Holds data only, no code.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from koudai.errors import ConfigError
from koudai.limits import TAXONOMY_DEPTH
from koudai.registry import did_you_mean

KEY_PATTERN = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Frozen):
    """The same words in Chinese and in English.

    Examples
    --------
    >>> Bilingual(zh="谣言", en="rumour").zh
    '谣言'
    """

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Tally(_Frozen):
    """A figure the regulator announced, with the unit it counts; never comparable across units.

    Examples
    --------
    >>> Tally(value=130, unit="accounts", qualifier="over", what=Bilingual(zh="账号", en="accounts")).value
    130
    """

    value: int = Field(gt=0)
    unit: str
    qualifier: str
    what: Bilingual
    shared_with: tuple[str, ...] = ()


class Category(_Frozen):
    """One category: names, the announcement's words in paraphrase, what koudai counts in and out, announced tallies.

    Examples
    --------
    >>> said = Bilingual(zh="谣言", en="rumour")
    >>> Category(key="rumour", name=said, wording=said, counts_in=said, counts_out=said).parent is None
    True
    """

    key: Annotated[str, Field(pattern=KEY_PATTERN)]
    parent: str | None = None
    name: Bilingual
    wording: Bilingual
    counts_in: Bilingual
    counts_out: Bilingual
    terms: tuple[str, ...] = ()
    tallies: tuple[Tally, ...] = ()


class Taxonomy(_Frozen):
    """Ordered categories, any number of them per post, or exactly one where `exclusive`.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> len(taxonomy.keys), taxonomy.exclusive
    (14, False)
    >>> taxonomy["rumour"].name.zh
    '涉嫌造谣传谣'
    >>> taxonomy.column("rumour")
    0
    """

    name: str
    version: int
    exclusive: bool = False
    title: Bilingual
    source: str
    tally: tuple[Tally, ...] = ()
    category: tuple[Category, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_tree(self) -> Taxonomy:
        seen: dict[str, int] = {}
        for category in self.category:
            if category.key in seen:
                message = f"category {category.key!r} is defined twice"
                raise ValueError(message)
            if category.parent is not None and category.parent not in seen:
                message = f"category {category.key!r}: its parent {category.parent!r} must be defined before it"
                raise ValueError(message)
            seen[category.key] = 0 if category.parent is None else seen[category.parent] + 1
            if seen[category.key] > TAXONOMY_DEPTH.value:
                message = f"category {category.key!r} has more than {TAXONOMY_DEPTH.value} {TAXONOMY_DEPTH.unit}"
                raise ValueError(message)
        return self

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Category keys in taxonomy order."""
        return tuple(category.key for category in self.category)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {key: column for column, key in enumerate(self.keys)}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Keys of the categories that are nobody's parent, in taxonomy order."""
        parents = {category.parent for category in self.category}
        return tuple(key for key in self.keys if key not in parents)

    @cached_property
    def parent(self) -> dict[str, str | None]:
        """Each key's parent key, or None."""
        return {category.key: category.parent for category in self.category}

    @cached_property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the sha256 of the taxonomy's canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __getitem__(self, key: str) -> Category:
        """Return the category called `key`; raises `ConfigError` with the nearest known key if there is none."""
        return self.category[self.column(key)]

    def column(self, key: str) -> int:
        """Return the column of the category called `key`; raises `ConfigError` with the nearest known key if there is
        none.
        """
        if key not in self._columns:
            raise ConfigError(
                what=f"taxonomy {self.name!r} has no category {key!r}",
                expected=", ".join(self.keys),
                todo=did_you_mean(key, list(self.keys)),
            )
        return self._columns[key]

    def columns(self, keys: Iterable[str]) -> list[int]:
        """Return the columns of the categories called `keys`, in the order of `keys`.

        Raises
        ------
        ConfigError
            If a key is not one of the taxonomy's; names the nearest that is.
        """
        return [self.column(key) for key in keys]

    def ancestors(self, key: str) -> list[str]:
        """Return the parents of `key`, nearest first."""
        found: list[str] = []
        above = self.parent[key]
        while above is not None:
            found.append(above)
            above = self.parent[above]
        return found

    def close_labels(self, labels: NDArray[np.int8]) -> NDArray[np.int8]:
        """Return labels in which what the tree implies is filled in.

        A child's 1 makes its parent 1; a parent's 0 makes every child 0; a parent whose children are all 0 is 0. In an
        exclusive taxonomy a 1 makes whatever is unknown of the post 0.

        Parameters
        ----------
        labels : ndarray of int8, shape (n_posts, n_categories)
            1, 0 or -1 (unknown), columns in taxonomy order.

        Returns
        -------
        ndarray of int8, shape (n_posts, n_categories)
        """
        closed = labels.copy()
        children = {
            parent: [i for i, key in enumerate(self.keys) if self.parent[key] == parent] for parent in self.keys
        }
        for column in reversed(range(len(self.keys))):
            below = children[self.keys[column]]
            if below:
                unknown = closed[:, column] == -1
                closed[(closed[:, below] == 1).any(axis=1), column] = 1
                closed[unknown & (closed[:, below] == 0).all(axis=1), column] = 0
        for column, key in enumerate(self.keys):
            for child in children[key]:
                closed[(closed[:, column] == 0) & (closed[:, child] == -1), child] = 0
        if self.exclusive:
            closed[(closed == 1).any(axis=1, keepdims=True) & (closed == -1)] = 0
        return closed

    def joint_probabilities(self, proba: NDArray[np.float32], columns: tuple[str, ...]) -> NDArray[np.float32]:
        """Return probabilities, each found on its own, as the taxonomy has them together: those of an exclusive one
        add up to 1, then parents are raised as by `close_probabilities`, which says what is given.
        """
        if self.exclusive:
            total = proba.sum(axis=1, keepdims=True)
            proba = np.divide(proba, total, out=proba.copy(), where=total > 0)
        return self.close_probabilities(proba, columns)

    def close_probabilities(self, proba: NDArray[np.float32], columns: tuple[str, ...]) -> NDArray[np.float32]:
        """Return probabilities in which no parent is less probable than its most probable child.

        Parameters
        ----------
        proba : ndarray of float32, shape (n_posts, n_columns)
        columns
            Keys of the columns of `proba`, a part of the taxonomy in its order.

        Returns
        -------
        ndarray of float32, shape (n_posts, n_columns)
        """
        closed = proba.copy()
        for column in reversed(range(len(columns))):
            for above in self.ancestors(columns[column]):
                if above in columns:
                    parent = columns.index(above)
                    closed[:, parent] = np.maximum(closed[:, parent], closed[:, column])
        return closed


def load_taxonomy(path: str | os.PathLike[str]) -> Taxonomy:
    """Read a taxonomy from a TOML file.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML, or does not describe a taxonomy; lists every problem.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> load_taxonomy(bundled("configs") / "taxonomies" / "cac-2023.toml").name
    'cac-2023'
    """
    return parse_taxonomy(read_toml(Path(path)), where=path)


def parse_taxonomy(value: dict[str, Any], *, where: object) -> Taxonomy:
    """Build a taxonomy from plain data, e.g. what a bundle stores; `where` names its origin in errors.

    Examples
    --------
    >>> said = {"zh": "谣言", "en": "rumour"}
    >>> one = {"key": "rumour", "name": said, "wording": said, "counts_in": said, "counts_out": said}
    >>> plain = {"name": "one", "version": 1, "title": said, "source": "an example", "category": [one]}
    >>> parse_taxonomy(plain, where="an example").keys
    ('rumour',)
    >>> try:
    ...     parse_taxonomy(plain | {"category": [one, one]}, where="an example")
    ... except ConfigError as error:
    ...     print(error.got)
    file: category 'rumour' is defined twice
    """
    try:
        return Taxonomy.model_validate(value)
    except ValidationError as error:
        raise ConfigError(what="this is not a taxonomy", where=where, got=problems(error)) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises `ConfigError` naming the file and line if it cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "own.toml"
    ...     _ = path.write_text("name = 'own'")
    ...     print(read_toml(path))
    {'name': 'own'}
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(what="no such file", where=path.resolve(), todo="check the path") from error
    except (ValueError, RecursionError) as error:  # bytes that are not UTF-8, and integers of 5,000 digits, included
        raise ConfigError(what="this is not TOML", where=path, got=error, todo="fix that line and try again") from error
    except OSError as error:
        raise ConfigError(what="this file cannot be read", where=path, got=error.strerror) from error


def problems(error: ValidationError) -> str:
    """Return every problem of a pydantic error, one per line, as ``section.field: what is wrong``.

    Examples
    --------
    >>> try:
    ...     Bilingual(zh="", en="rumour")
    ... except ValidationError as error:
    ...     print(problems(error))
    zh: String should have at least 1 character (got '')
    """
    lines = []
    items = error.errors(include_url=False)
    places = [item["loc"] for item in items]
    for item in items:
        depth = len(item["loc"])
        if item["type"] == "too_short" and any(len(one) > depth and one[:depth] == item["loc"] for one in places):
            continue  # it is short of those that are wrong themselves
        place = ".".join(str(part) for part in item["loc"]) or "file"
        got = "" if isinstance(item.get("input"), dict) else f" (got {item.get('input')!r})"
        lines.append(f"{place}: {item['msg'].removeprefix('Value error, ')}{got}")
    return "\n".join(lines)
