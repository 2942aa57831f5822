"""Strict JSON: a text parsed as one object, or the reason why it cannot be.

Promises: a number keeps the digits that were written, or is finite; a duplicate key, NaN, Infinity and deep nesting
are refused where the standard reader lets them pass; any text gives an object or a `ValueError`, nothing else.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections import Counter
from typing import Any

from koudai.limits import JSON_DEPTH

_SURROGATE = re.compile("[\ud800-\udfff]")


class NumberText(str):
    """A number, as the digits that were written.

    Examples
    --------
    >>> NumberText("1e400")
    '1e400'
    """

    __slots__ = ()


def strict_object(text: str, *, numbers: bool = False) -> dict[str, Any]:
    """Return the JSON object that `text` is.

    Parameters
    ----------
    text
        All of it.
    numbers
        Whether numbers come as int and finite float; by default each comes as `NumberText`.

    Raises
    ------
    ValueError
        If it is not JSON, not an object, has a key twice or an infinite number, or is nested deeper than JSON_DEPTH.

    Examples
    --------
    >>> strict_object('{"id": 12345678901234567890, "share": 0.10}')
    {'id': '12345678901234567890', 'share': '0.10'}
    >>> strict_object('{"share": 0.10}', numbers=True)
    {'share': 0.1}
    >>> try:
    ...     strict_object('{"id": 1, "id": 2}')
    ... except ValueError as error:
    ...     print(error)
    duplicate key 'id'
    """
    try:
        value = _decoder(numbers=numbers).decode(text)
    except json.JSONDecodeError as error:
        message = f"{error.msg} at character {error.pos + 1}"
        raise ValueError(message) from error
    except RecursionError as error:
        message = _too_deep()
        raise ValueError(message) from error
    if not isinstance(value, dict):
        message = "not a JSON object"
        raise ValueError(message)
    if text.count("{") + text.count("[") > JSON_DEPTH.value and _depth(value) > JSON_DEPTH.value:
        raise ValueError(_too_deep())
    return value


def json_text(value: Any) -> str:
    """Return a value of `strict_object` as JSON in one line, numbers with the digits that were written.

    Examples
    --------
    >>> json_text(strict_object('{"share": 0.10, "word": "口袋"}'))
    '{"share":0.10,"word":"口袋"}'
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(name)}:{json_text(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, NumberText):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@functools.cache
def _decoder(*, numbers: bool) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_unique,
        parse_int=int if numbers else NumberText,
        parse_float=_finite if numbers else NumberText,
        parse_constant=_no_constant,
    )


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


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        message = f"{digits} is not a finite number"
        raise ValueError(message)
    return number


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
