"""Dates: when posts were written, as their corpus gives it.

Promises: a value is a date, a null, or told with how often it is there: to fit on, dates are of ISO 8601 and anything
else is an error; to look at, other unmistakable forms are read too and the rest is counted. Nothing is guessed from the
order of day and month. Times with an offset are turned to UTC; times without are taken as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ReadError, printable

_SHOWN = 10
FORMS = ("2020-01-02T08:30:00+08:00", "2020年1月2日", "2020/1/2", "1577923200", "20200102")
"""What `readable_dates` reads, an example of each form."""
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:(?P<mark>[-/.])(\d{1,2})(?P=mark)(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号號])"
    r"(?:[ T]*(\d{1,2})[:时時点點](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d{1,9})?秒?)?)?)?)?"
)
_SECONDS = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{12,13})")


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

    Examples
    --------
    >>> dates_of(["2020-01-31T08:30:00+08:00", None], source="mine", column="date").astype(str).tolist()
    ['2020-01-31T00:30:00', 'NaT']
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


def readable_dates(values: list[Any]) -> tuple[NDArray[np.datetime64], Counter[str]]:
    """Return the dates of a column in which several forms may stand, and what is none of them with its counts.

    Parameters
    ----------
    values
        As for `dates_of`, or text in one of `FORMS`: ISO 8601; year, month and day in this order with 年月日, ``/``,
        ``.`` or ``-`` between them, with or without a time; seconds (9 or 10 digits) or milliseconds (12 or 13) since
        1970, in UTC; eight digits. Full-width digits count as digits.

    Returns
    -------
    ndarray of datetime64[s], shape (n_posts,)
        NaT where there is no date.
    Counter
        Values that are none of these, printable and cut.

    Examples
    --------
    >>> found, wrong = readable_dates(["2020年1月31日", "2020/01/31 8:30", "昨天"])
    >>> found.astype(str).tolist(), dict(wrong)
    (['2020-01-31T00:00:00', '2020-01-31T08:30:00', 'NaT'], {"'昨天'": 1})
    """
    found = np.full(len(values), "NaT", dtype="datetime64[s]")
    wrong: Counter[str] = Counter()
    for row, value in enumerate(values):
        if value is None or value == "" or (isinstance(value, str) and value.isspace()):
            continue
        try:
            found[row] = _read(value)
        except (ValueError, OverflowError, OSError):
            wrong[printable(repr(value), limit=60)] += 1
    return found, wrong


def _read(value: Any) -> datetime:
    if not isinstance(value, str):
        return _written(value)
    text = unicodedata.normalize("NFKC", value[:64]).strip()
    if counted := _SECONDS.fullmatch(text):
        seconds, thousandths = counted.groups()
        return datetime.fromtimestamp(int(seconds or thousandths[:-3]), UTC).replace(tzinfo=None)
    if parts := _YEAR_FIRST.fullmatch(text):
        year, _, *rest = parts.groups()
        month_day = [part for part in rest[:4] if part is not None]
        hour, minute, second = (int(part or 0) for part in rest[4:])
        month, day = map(int, month_day)
        return datetime(int(year), month, day, hour, minute, second)
    return _written(text)


def _written(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    message = "not a date"
    raise ValueError(message)
