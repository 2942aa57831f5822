"""Dates: when posts were written, as their corpus gives it.

Promises: a value is a date of ISO 8601, a null, or an error that lists what it is and how often; nothing is guessed
from the order of day and month. Times with an offset are turned to UTC; times without are taken as they stand.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ReadError, printable

_SHOWN = 10


def dates_of(values: list[Any], *, source: str, column: str) -> NDArray[np.datetime64]:
    """Return the values of a date column.

    Parameters
    ----------
    values
        Text, `datetime.datetime`, `datetime.date`, null or ``""``.
    source, column
        Of the corpus, for messages.

    Returns
    -------
    ndarray of datetime64[s], shape (n_posts,)
        NaT where there is no date.

    Raises
    ------
    ReadError
        If a value is none of these.
    """
    found = np.full(len(values), "NaT", dtype="datetime64[s]")
    wrong: Counter[str] = Counter()
    for row, value in enumerate(values):
        if value is None or value == "":
            continue
        try:
            found[row] = _written(value)
        except (ValueError, OverflowError):
            wrong[printable(repr(value), limit=60)] += 1
    if wrong:
        more = f"\nand {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ReadError(
            what=f"{sum(wrong.values())} posts of corpus {source!r} have a date that cannot be read",
            where=f"column {column!r}",
            expected="dates as 2020-01-31, 2020-01-31 08:30 or 2020-01-31T08:30:00+08:00, or nothing",
            got="\n".join(f"{value} ({count} posts)" for value, count in wrong.most_common(_SHOWN)) + more,
            happened="nothing was trained on",
            todo="correct the column, or leave columns.date out and divide the posts another way",
        )
    return found


def _written(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    message = "not a date"
    raise ValueError(message)
