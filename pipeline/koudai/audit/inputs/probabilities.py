"""Probabilities as others write them: a cell of a table into a number from 0 to 1, into silence, or refused.

Promises: what is not plainly a number from 0 to 1 is never taken for one: no NaN, no infinity, no percentage, no
truth value, no digits of other scripts; an empty cell is silence, which is not 0.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from numbers import Real
from typing import Any

from koudai.errors import printable

SILENT = float("nan")
"""Where nothing is said."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def probability(value: Any, *, missing: Collection[str] = ()) -> float:
    """Return what a cell says.

    Parameters
    ----------
    value
        As `koudai.corpus.reading.rows.rows` gives it: text, the digits of a number, a float, or None.
    missing
        What is written where nothing is said.

    Returns
    -------
    float
        0 to 1, or `SILENT` for an empty cell and what is in `missing`.

    Raises
    ------
    ValueError
        If it is anything else, in words that follow the column's name.
    """
    if value is None:
        return SILENT
    text = value.strip() if isinstance(value, str) else None
    if text is not None and (not text or text in missing):
        return SILENT
    a_number = _NUMBER.fullmatch(text) if text is not None else isinstance(value, Real | Decimal)
    a_number = a_number and not isinstance(value, bool)
    number = float(value if text is None else text) if a_number else SILENT
    if not 0 <= number <= 1:
        message = f"{printable(repr(value), limit=60)} is no number from 0 to 1"
        raise ValueError(message)
    return number
