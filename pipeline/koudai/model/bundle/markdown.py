"""Markdown of cards: escaped text, tables, and figures with their intervals.

Promises: markup in escaped text has no effect; an undefined figure is a dash.
"""

from __future__ import annotations

import re
from typing import Protocol

from koudai.errors import printable

_LONGEST = 600
_MARKUP = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"} | {mark: f"\\{mark}" for mark in "\\`*[]~$"}
)
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def plain(text: object) -> str:
    """Return `text` escaped as one line of Markdown; control characters are written out.

    Examples
    --------
    >>> plain("a | <b>")
    'a &#124; &lt;b&gt;'
    """
    shown = printable(" ".join(str(text).split()), limit=_LONGEST)
    return _UNDERSCORE.sub(r"\\_", shown.translate(_MARKUP))


def markdown_table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return a table; cells are not escaped.

    Examples
    --------
    >>> print(markdown_table(("category", "n"), [["rumour", "12"]]))
    | category | n |
    | --- | --- |
    | rumour | 12 |
    """
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(header), ["---"] * len(header), *rows])


class _WithInterval(Protocol):
    """A value with the ends of its interval, each None where undefined."""

    @property
    def value(self) -> float | None: ...

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...


def with_interval(found: _WithInterval) -> str:
    """Return a figure with its interval, if it has one.

    Examples
    --------
    >>> from koudai.model.evaluation import MetricValue
    >>> with_interval(MetricValue("f1", 0.8, 120, 0.75, 0.84))
    '0.800 [0.750, 0.840]'
    """
    if found.value is None:
        return "-"
    if found.low is None:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
