"""Cells of spreadsheets: text that no spreadsheet takes for a formula.

Promises: a text that could begin a formula gets a ``'`` in front, any other stays as it is. For files that people
open; what machines read is never changed.
"""

from __future__ import annotations

import re

from koudai.text.characters.hazards import INVISIBLE, without_surrogates

_FORMULA = re.compile(f"\\A[\\s\x00{INVISIBLE}]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\x00]")
HARMLESS = r"^([0-9A-Za-z\p{Han}]|$)"
"""A regular expression of Arrow's for texts that `guarded` leaves alone without a closer look."""


def guarded(text: str) -> str:
    """Return `text` for a cell of a spreadsheet: with a leading ``'`` if it could be taken for a formula.

    Source: OWASP, "CSV injection"; the full-width forms become ASCII in East Asian versions of spreadsheets.
    """
    text = without_surrogates(text)
    return f"'{text}" if _FORMULA.match(text) else text
