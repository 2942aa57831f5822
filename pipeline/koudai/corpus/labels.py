"""Labels: per post and category 1, 0 or unknown, from what a source's own labels are said to mean.

Promises: silence is not a 0: what no rule speaks of is unknown; every value of a label column is either spoken of or
declared silent, or an error lists it with its count; nothing is merged because it looks alike.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.config.source import Source
from koudai.errors import LabelError, printable
from koudai.registry import did_you_mean
from koudai.taxonomy import Taxonomy

UNKNOWN = -1


def labels_of(source: Source, taxonomy: Taxonomy, fields: dict[str, list[Any]], n: int) -> NDArray[np.int8]:
    """Return the labels that a source's fields give its posts.

    Parameters
    ----------
    source
        Says which column holds labels and what its values mean.
    taxonomy
        Whose categories are labelled.
    fields
        Column name to values, each of length `n`.
    n
        Number of posts.

    Returns
    -------
    ndarray of int8, shape (n, n_categories)
        1, 0 or -1 (unknown), columns in taxonomy order, the tree filled in.

    Raises
    ------
    LabelError
        If a value, a category or a key is not known; lists all of them.
    """
    labels = np.full((n, len(taxonomy.keys)), UNKNOWN, dtype=np.int8)
    if source.columns.labels:
        _from_objects(source, taxonomy, fields[source.columns.labels], labels)
    elif source.columns.label:
        _from_rules(source, taxonomy, fields[source.columns.label], labels)
    return taxonomy.close_labels(labels)


def _from_rules(source: Source, taxonomy: Taxonomy, values: list[Any], labels: NDArray[np.int8]) -> None:
    rules = source.rules(taxonomy.name)
    _require_categories({rule.category for rule in rules}, taxonomy, source)
    spoken = {rule.source for rule in rules} | set(source.silent)
    counts = Counter(str(value) for value in values if value is not None)
    unknown = {value: count for value, count in counts.items() if value not in spoken}
    if unknown:
        raise LabelError(
            what=f"{len(unknown)} label(s) of corpus {source.name!r} have no meaning",
            where=f"column {source.columns.label!r}",
            expected=f"a [[label]] rule, or a place in `silent`, for every value; known: {', '.join(sorted(spoken))}",
            got="\n".join(_unknown(value, count, sorted(spoken)) for value, count in sorted(unknown.items())),
            happened="nothing was trained on",
            todo="correct the labels, or say what they mean in the corpus file",
        )
    column = {key: number for number, key in enumerate(taxonomy.keys)}
    found = np.array([None if value is None else str(value) for value in values], dtype=object)
    for rule in rules:
        labels[found == rule.source, column[rule.category]] = rule.says


def _unknown(value: str, count: int, spoken: list[str]) -> str:
    hint = _near(value, spoken)
    return f"{value!r} ({count} posts)" + (f", {hint}" if hint else "")


def _near(name: str, known: list[str]) -> str | None:
    """Return a hint at the known name that differs only in case, width or white space, or else at the nearest."""
    same = [other for other in known if _folded(other) == _folded(name)]
    return did_you_mean(same[0] if same else name.strip(), known)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _from_objects(source: Source, taxonomy: Taxonomy, values: list[Any], labels: NDArray[np.int8]) -> None:
    column = {key: number for number, key in enumerate(taxonomy.keys)}
    wrong: Counter[str] = Counter()
    for row, value in enumerate(values):
        if not isinstance(value, dict):
            wrong[f"expected an object of category: 1, 0 or null, got {_short(value)}"] += 1
            continue
        for key, says in value.items():
            if key not in column:
                wrong[f"unknown category {_short(key)}, {_near(key, list(column)) or 'none is near'}"] += 1
            elif (written := _written(says)) is None:
                wrong[f"{key}: expected 1, 0 or null, got {_short(says)}"] += 1
            else:
                labels[row, column[key]] = written
    if wrong:
        raise LabelError(
            what=f"labels of corpus {source.name!r} do not fit taxonomy {taxonomy.name!r}",
            where=f"column {source.columns.labels!r}",
            got="\n".join(f"{what} ({count} posts)" for what, count in wrong.most_common(20)),
            happened="nothing was trained on",
            todo="correct the labels",
        )


def _written(says: Any) -> int | None:
    if says is None or says == "":
        return UNKNOWN
    return int(says) if not isinstance(says, bool | float) and says in ("1", "0", 1, 0) else None


def _short(value: Any) -> str:
    return printable(repr(value), limit=60)


def _require_categories(keys: set[str], taxonomy: Taxonomy, source: Source) -> None:
    unknown = sorted(keys - set(taxonomy.keys))
    if unknown:
        raise LabelError(
            what=f"corpus {source.name!r} labels categories that taxonomy {taxonomy.name!r} does not have",
            got=", ".join(unknown),
            expected=", ".join(taxonomy.keys),
            happened="nothing was trained on",
            todo=_near(unknown[0], list(taxonomy.keys)) or "correct the corpus file, or name another taxonomy",
        )
