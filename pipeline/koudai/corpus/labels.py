"""Labels: per post and category 1, 0 or unknown, from what a source's own labels are said to mean.

Promises: silence is not a 0: what no rule speaks of is unknown; every label of a label column is either spoken of or
declared silent, or an error lists it with its count; nothing is merged because it looks alike. A post may have several
labels, as a list or joined; rules that contradict each other on it are an error.
"""

from __future__ import annotations

import contextlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.config.source import LabelRule, Source
from koudai.errors import LabelError, number_of
from koudai.registry import did_you_mean
from koudai.strict_json import strict_object
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts.masking import masked_name, masked_value

UNKNOWN = -1
_LISTED = 40
"""Values without a meaning that an error lists; a column with more is hardly one of labels."""
_QUOTED = re.compile(r"""'[^'\\]*'|"(?:[^"\\]|\\.)*\"""")
_LIST = re.compile(rf"\[\s*(?:(?:{_QUOTED.pattern})(?:\s*,\s*(?:{_QUOTED.pattern}))*)?\s*\]", re.DOTALL)


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
    spoken = {rule.value for rule in rules} | set(source.silent)
    several = any(rule.contains is not None for rule in rules)
    found, which = _different(values, lambda value: _labels_in(value, source, spoken, several=several))
    counts: Counter[str] = Counter()
    for labels_found, times in zip(found, np.bincount(which, minlength=len(found)).tolist(), strict=True):
        counts.update({label: times * labels_found.count(label) for label in labels_found})
    unknown = {value: count for value, count in counts.items() if value not in spoken}
    if unknown:
        known = [masked_name(value) for value in sorted(spoken)]
        raise LabelError(
            what=number_of(
                len(unknown), f"label of corpus {source.name!r} has", f"labels of corpus {source.name!r} have"
            )
            + " no meaning",
            where=f"column {source.columns.label!r}",
            expected="a [[label]] rule, or a place in `yes`, `no` or `silent`, for every value; "
            f"known: {', '.join(known)}",
            got="\n".join(
                [_unknown(value, count, known) for value, count in sorted(unknown.items())[:_LISTED]]
                + ([f"and {len(unknown) - _LISTED:,} more"] if len(unknown) > _LISTED else [])
            ),
            happened="nothing was trained on",
            todo=("see that columns.label is the column of labels; " if len(unknown) > _LISTED else "")
            + "correct the labels, or say what they mean in the corpus file"
            + ("" if several else "; of posts with several labels, a list or joined, a rule may say `contains`"),
        )
    for column, key in enumerate(taxonomy.keys):
        _say(labels[:, column], [rule for rule in rules if rule.category == key], found, which, source)


def _different(
    values: list[Any], labels_in: Callable[[Any], tuple[str, ...]]
) -> tuple[list[tuple[str, ...]], NDArray[np.intp]]:
    """Return the different sets of labels that posts have, in the order in which each occurs first, and which of them
    each post has; a value that occurs again is not read again.
    """
    number: dict[tuple[str, ...], int] = {}
    of_text: dict[str, int] = {}
    which = np.empty(len(values), np.intp)
    for row, value in enumerate(values):
        known = of_text.get(value) if isinstance(value, str) else None
        if known is None:
            known = number.setdefault(labels_in(value), len(number))
            if isinstance(value, str):
                of_text[value] = known
        which[row] = known
    return list(number), which


def _labels_in(value: Any, source: Source, spoken: set[str], *, several: bool) -> tuple[str, ...]:
    """Return the labels of a post; of `several`, a text that is not `spoken` of is a list, or some that are joined."""
    if several and isinstance(value, list):
        return tuple(label for label in (label_text(one, spoken) for one in value) if label is not None)
    text = label_text(value, spoken)
    if text is None:
        return ()
    if not several or text in spoken:
        return (text,)
    if (listed := _listed(text)) is not None:
        return tuple(listed)
    return tuple(part for part in map(str.strip, text.split(source.label_separator)) if part)


def _listed(text: str) -> list[str] | None:
    """Return the texts of a list as JSON or Python write one in a cell of CSV; None if it is none."""
    if not _LIST.fullmatch(text.strip()):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = [one.group()[1:-1] for one in _QUOTED.finditer(text)]
    return [str(one) for one in found if one is not None]


def label_text(value: Any, known: Collection[str] = ()) -> str | None:
    """Return a label as text; a truth value is ``true`` or ``false``, or spelt with a capital if `known` has only that.

    Examples
    --------
    >>> [label_text(one) for one in ("谣言", True, None)], label_text(True, ["True"])
    (['谣言', 'true', None], 'True')
    """
    if isinstance(value, bool):
        return str(value) if str(value) in known and str(value).lower() not in known else str(value).lower()
    return None if value is None else str(value)


def _say(
    column: NDArray[np.int8],
    rules: list[LabelRule],
    found: list[tuple[str, ...]],
    which: NDArray[np.intp],
    source: Source,
) -> None:
    """Write what `rules` of one category say of posts into its column, given their sets of labels by `_different`."""
    all_of = {(rule.source,): rule.says for rule in rules if rule.source is not None}
    one_of = {rule.contains: rule.says for rule in rules if rule.contains is not None}
    says = [
        {all_of[labels]} if labels in all_of else {one_of[label] for label in labels if label in one_of}
        for labels in found
    ]
    times = np.bincount(which, minlength=len(found)).tolist()
    both = Counter({labels: n for labels, said, n in zip(found, says, times, strict=True) if len(said) > 1})
    if both:
        raise LabelError(
            what=f"the labels of {number_of(both.total(), 'post')} of corpus {source.name!r} contradict each other",
            where=f"column {source.columns.label!r}",
            expected=f"labels that say either 1 or 0 of {rules[0].category!r}",
            got="\n".join(
                f"{masked_name(', '.join(labels))} ({number_of(count, 'post')})"
                for labels, count in both.most_common(20)
            ),
            happened="nothing was trained on",
            todo="let a rule with `source` say what they mean together, or leave out one of the rules with `contains`",
        )
    said_of = np.array([next(iter(said), UNKNOWN) for said in says], np.int8)
    if len(said_of):
        written = said_of[which]
        column[written != UNKNOWN] = written[written != UNKNOWN]


def _unknown(value: str, count: int, spoken: list[str]) -> str:
    hint = _near(value, spoken)
    return f"{masked_name(value)!r} ({number_of(count, 'post')})" + (f", {hint}" if hint else "")


def _near(name: str, known: list[str]) -> str | None:
    """Return a hint at the known name that differs only in case, width or white space, or else at the nearest."""
    same = [other for other in known if _folded(other) == _folded(name)]
    return did_you_mean(same[0] if same else name.strip(), known)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _from_objects(source: Source, taxonomy: Taxonomy, values: list[Any], labels: NDArray[np.int8]) -> None:
    column = {key: number for number, key in enumerate(taxonomy.keys)}
    wrong: Counter[str] = Counter()
    for row, cell in enumerate(values):
        value = _object_in(cell)
        if not isinstance(value, dict):
            wrong[f"expected an object of category: 1, 0 or null, got {masked_value(value)}"] += 1
            continue
        for key, says in value.items():
            if key not in column:
                wrong[f"unknown category {masked_value(key)}, {_near(key, list(column)) or 'none is near'}"] += 1
            elif (written := _written(says)) is None:
                wrong[f"{key}: expected 1, 0 or null, got {masked_value(says)}"] += 1
            else:
                labels[row, column[key]] = written
    if wrong:
        raise LabelError(
            what=f"labels of corpus {source.name!r} do not fit taxonomy {taxonomy.name!r}",
            where=f"column {source.columns.labels!r}",
            got="\n".join(f"{what} ({number_of(count, 'post')})" for what, count in wrong.most_common(20)),
            happened="nothing was trained on",
            todo="correct the labels",
        )


def _object_in(cell: Any) -> Any:
    """Return the object that a cell of CSV holds as JSON; what is none is returned as it is."""
    if isinstance(cell, str) and cell.lstrip().startswith("{"):
        with contextlib.suppress(ValueError):
            return strict_object(cell, numbers=True)
    return cell


def _written(says: Any) -> int | None:
    if says is None or says == "":
        return UNKNOWN
    return int(says) if not isinstance(says, bool | float) and says in ("1", "0", 1, 0) else None


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
