"""Markdown of cards: words from elsewhere as words, tables, and figures with their intervals.

Promises: no markup in what is shown works; a figure that is not defined is a dash.
"""

from __future__ import annotations

import re
from typing import Any

from koudai.errors import printable

_LONGEST = 600
_MARKUP = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"} | {mark: f"\\{mark}" for mark in "\\`*[]~$"}
)
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def plain(text: object) -> str:
    """Return `text` in one line of Markdown that shows it as it is: no markup works, what is hidden is written out."""
    shown = printable(" ".join(str(text).split()), limit=_LONGEST)
    return _UNDERSCORE.sub(r"\\_", shown.translate(_MARKUP))


def table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return a table; cells stand as they are given."""
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(header), ["---"] * len(header), *rows])


def shown(found: dict[str, Any]) -> str:
    """Return a figure, which has ``value``, ``low`` and ``high``, with its interval where it has one."""
    if found["value"] is None:
        return "-"
    if found["low"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"
