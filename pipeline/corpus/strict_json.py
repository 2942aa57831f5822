"""Strict JSON: one line as the object that was written, or the reason why it is none.

Promises: a number keeps the digits that were written; a duplicate key, NaN, Infinity and deep nesting are refused
where the standard reader lets them pass; any text gives an object or a `ValueError`, nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from pipeline.limits import JSON_DEPTH


class NumberText(str):
    """A number, as the digits that were written."""

    __slots__ = ()


def strict_object(line: str) -> dict[str, Any]:
    """Return the JSON object on a line, its numbers as `NumberText`.

    Raises
    ------
    ValueError
        If it is not JSON, not an object, has a key twice, or is nested deeper than JSON_DEPTH.
    """
    try:
        value = json.loads(
            line,
            object_pairs_hook=_unique,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        message = f"{error.msg} at character {error.pos + 1}"
        raise ValueError(message) from error
    except RecursionError as error:
        message = _too_deep()
        raise ValueError(message) from error
    if not isinstance(value, dict):
        message = "the line is not a JSON object"
        raise ValueError(message)
    if _depth(value) > JSON_DEPTH.value:
        raise ValueError(_too_deep())
    return value


def _too_deep() -> str:
    return f"nested deeper than {JSON_DEPTH.value} levels"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name in fields if counts[name] > 1)
        message = f"duplicate key {twice!r}"
        raise ValueError(message)
    return fields


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return depth
