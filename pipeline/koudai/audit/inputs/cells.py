"""Cells of a table: what one says, as the text that was written or as a probability.

Promises: text is never rewritten, ``""`` where there is none; nothing is taken for a probability but a number from 0
to 1; an empty cell is a missing probability, which is not 0.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from numbers import Real
from typing import Any

from koudai.text.characters.contacts.masking import masked_value

WITHIN = "\n"
"""Separates the labels of a cell that holds a list."""
MISSING = float("nan")
"""A probability that is not given."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def cell_text(value: Any) -> str:
    """Return a cell as the text that was written, ``""`` where there is none, the items of a list separated by
    `WITHIN`.

    Examples
    --------
    >>> [cell_text(one) for one in ("007", 1.0, 2.5, True, None)]
    ['007', '1', '2.5', 'true', '']
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return WITHIN.join(cell_text(one) for one in value)
    return str(value)


def probability(value: Any, *, missing: Collection[str] = ()) -> float:
    """Return the probability that a cell holds.

    Nothing is taken for one but a number from 0 to 1: no NaN, infinity, percentage, truth value, or digits of other
    scripts.

    Parameters
    ----------
    value
        As `koudai.corpus.reading.rows.rows` gives it: text, the digits of a number, a float, or None.
    missing
        Values that mean that no probability is given.

    Returns
    -------
    float
        0 to 1, or `MISSING` for an empty cell and what is in `missing`.

    Raises
    ------
    ValueError
        If it is anything else, in words that follow the column's name.

    Examples
    --------
    >>> probability(" 0.25 "), probability("NA", missing=["NA"])
    (0.25, nan)
    """
    if value is None:
        return MISSING
    text = value.strip() if isinstance(value, str) else None
    if text is not None and (not text or text in missing):
        return MISSING
    a_number = _NUMBER.fullmatch(text) if text is not None else isinstance(value, Real | Decimal)
    a_number = a_number and not isinstance(value, bool)
    number = float(value if text is None else text) if a_number else MISSING
    if not 0 <= number <= 1:
        message = f"{masked_value(value)} is no number from 0 to 1"
        raise ValueError(message)
    return number
