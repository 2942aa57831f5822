"""Dates: when posts were written, as their corpus gives it, in one time zone.

Promises: a value is a date, a null, or told with how often it is there: to fit on, what is no date is an error, to look
at, it is counted; both read the same forms. A time that says its zone, or counts seconds, is turned to the time zone
asked for; one that does not is of that zone. Nothing is guessed from the order of day and month, nor from a number that
might count something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.config.timezone import TIMEZONE, zone_of
from koudai.errors import ReadError, number_of
from koudai.text.arrow import as_numpy, strings
from koudai.text.characters.contacts.masking import masked_value

_SHOWN = 10
FORMS = (
    *("2020-01-02T08:30:00+08:00", "2020年1月2日", "2020/1/2", "1577923200", "20200102", "20200102083000"),
    *("Thu Jan 02 08:30:00 +0800 2020", "43832.35"),
)
"""What is read, an example of each form."""
_ZONE = r"(?P<zone>(?:Z|UTC|GMT|CST)?(?:[+-]\d{2}:?\d{2})?)"
_HALF = r"(?P<{}>上午|下午|[AP]M)?"
_CLOCK = r"(\d{1,2})[:时時点點](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d{1,9})?秒?)?)?)?"
_TIME = rf"[ T]*{_HALF.format('before')}\s*{_CLOCK}\s*{_HALF.format('behind')}\s*{_ZONE}"
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:(?P<mark>[-/.])(\d{1,2})(?P=mark)(\d{1,2})|\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號])"
    rf"(?:\s*(?:星期|周|週)[一二三四五六日天])?(?:{_TIME})?",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(\d{4})(?:\s*年\s*(\d{1,2})\s*月|[-/](\d{1,2}))")
_NUMBER = re.compile(r"(\d{1,16})(?:\.(\d{1,9}))?")
_POWER_OF_TEN = re.compile(r"\d(?:\.\d{1,17})?[eE]\+?\d{1,2}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = re.compile(r"(?:\d{1,2}\s+)?[A-Za-z]{3}")
_PLAIN_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?")
_OFFSET = re.compile(r"(Z|UTC|GMT)?(?:([+-])(\d{2}):?(\d{2}))?", re.IGNORECASE)
_SERIAL_DAYS = range(36_526, 54_789)
"""1 January 2000 to 31 December 2049, as spreadsheets count days; as a year and a month these would be impossible."""
_FIRST_YEAR = 1000
"""What is before it is no date, but what stands for one that is missing (``0001-01-01``), or a year cut short."""
_PLAIN = (
    r"^[1-9]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|"
    r"02-(?:0[1-9]|1\d|2[0-8]))(?:[ T](?:[01]\d|2[0-3])(?::[0-5]\d){2})?$"
)
"""A regular expression of Arrow (RE2) for what is read without looking at it in parts; 29 February is not among it."""
_PLAIN_LENGTHS = (10, 19)
_MICROSECONDS, _FROM_2050 = 16, 2_524_608_000
"""Digits of microseconds since 1970, and the second with which 2050 begins: later ones would be ids of posts."""


def dates_of(values: list[Any], *, source: str, column: str, timezone: str = TIMEZONE) -> NDArray[np.datetime64]:
    """Return the values of a date column, which must all be dates or nothing.

    Parameters
    ----------
    values, timezone
        As for `readable_dates`.
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
    >>> dates_of(["2020-01-31T00:30:00Z", None], source="mine", column="date").astype(str).tolist()
    ['2020-01-31T08:30:00', 'NaT']
    """
    found, wrong = readable_dates(values, timezone=timezone)
    if wrong:
        more = f"\nand {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ReadError(
            what=number_of(wrong.total(), f"post of corpus {source!r} has", f"posts of corpus {source!r} have")
            + " a date that cannot be read",
            where=f"column {column!r}",
            expected=f"dates as {', '.join(FORMS)}, or nothing",
            got="\n".join(f"{value} ({number_of(count, 'post')})" for value, count in wrong.most_common(_SHOWN)) + more,
            happened="nothing was trained on",
            todo="correct the column, or leave columns.date out and divide the posts another way",
        )
    return found


def readable_dates(values: list[Any], *, timezone: str = TIMEZONE) -> tuple[NDArray[np.datetime64], Counter[str]]:
    """Return the dates of a column in which several forms may stand, and what is none of them with its counts.

    Parameters
    ----------
    values
        `datetime.datetime`, `datetime.date`, null, numbers, or text in one of `FORMS`: ISO 8601; year, month and day in
        this order with 年月日, ``/``, ``.`` or ``-`` between them, with or without a time and an offset; a year and a
        month, which stand for its first day; the English names of months, as Weibo and mail have them; seconds (9 or 10
        digits), milliseconds (12 or 13) or, before 2050, microseconds (16) since 1970 in UTC; 8, 12 or 14 digits of
        year, month, day, hour, minute and second; days as spreadsheets count them, of the years 2000 to 2049.
        Full-width digits count as digits.
    timezone
        Name of the time zone that times without one are of, and to which all others are turned.

    Returns
    -------
    ndarray of datetime64[s], shape (n_posts,)
        NaT where there is no date.
    Counter
        Values that are none of these, printable and cut.

    Examples
    --------
    >>> found, wrong = readable_dates(["2020年1月31日", "2020/01/31 8:30", "Fri Jan 31 08:30:00 +0800 2020", "昨天"])
    >>> found.astype(str).tolist(), dict(wrong)
    (['2020-01-31T00:00:00', '2020-01-31T08:30:00', '2020-01-31T08:30:00', 'NaT'], {"'昨天'": 1})
    """
    zone = zone_of(timezone)
    keys = values  # texts, each once; of other values the row: equal ones may be of two kinds
    if set(map(type, values)) != {str}:
        keys = [value if isinstance(value, str) else row for row, value in enumerate(values)]
    once = {key: at for at, key in enumerate(dict.fromkeys(keys))}
    place = np.fromiter(map(once.__getitem__, keys), np.int64, len(values))
    posts = np.bincount(place, minlength=len(once)).tolist()
    plain = _plain([key for key in once if isinstance(key, str)])
    found = np.full(len(once), "NaT", dtype="datetime64[s]")
    wrong: Counter[str] = Counter()
    for key, at in once.items():
        value = key if isinstance(key, str) else values[key]
        if value is None or value != value or (isinstance(value, str) and (not value or value.isspace())):
            continue
        try:
            found[at] = plain[key] if key in plain else _since(_FIRST_YEAR, _read(value, zone))
        except (ValueError, OverflowError, OSError):
            wrong[masked_value(value)] += posts[at]
    return found[place], wrong


def _plain(texts: list[str]) -> dict[str, np.datetime64]:
    """Return those of some texts that are a date of ISO 8601 of four digits, two and two, alone or with a time to the
    second and no zone, with what they say: all at once, as other forms cannot be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    likely = [text for text in texts if len(text) in _PLAIN_LENGTHS and text.isascii()]
    every = strings(likely)
    sure = as_numpy(pc.match_substring_regex(every, _PLAIN))
    some = [text for text, one in zip(likely, sure.tolist(), strict=True) if one]
    seconds = as_numpy(strings(some).cast(pa.timestamp("s")).cast(pa.int64()))
    return dict(zip(some, seconds.astype("datetime64[s]"), strict=True))


def _since(year: int, when: datetime) -> datetime:
    if when.year < year:
        raise ValueError(when)
    return when


def _read(value: Any, zone: tzinfo) -> datetime:
    if isinstance(value, float | Decimal):
        value = f"{Decimal(str(value)):f}"
    if not isinstance(value, str):
        return _local(value, zone)
    text = unicodedata.normalize("NFKC", value[:64]).strip()
    if _POWER_OF_TEN.fullmatch(text):
        text = f"{Decimal(text):f}"
    if number := _NUMBER.fullmatch(text):
        return _counted(number[1], number[2] or "", zone)
    if parts := _YEAR_FIRST.fullmatch(text):
        return _year_first(parts, zone)
    if parts := _MONTH.fullmatch(text):
        return datetime(int(parts[1]), int(parts[2] or parts[3]), 1)
    if _NAMED.match(text):
        return _month_named(text, zone)
    if text.isdigit():
        raise ValueError(text)
    return _local(datetime.fromisoformat(text), zone)


def _counted(digits: str, fraction: str, zone: tzinfo) -> datetime:
    """Return a date of digits alone: counted, or written without marks."""
    n, whole = len(digits), not fraction.strip("0")
    if n in (9, 10):
        return _local(datetime.fromtimestamp(int(digits), UTC), zone)
    if n in (8, 14) and whole:
        return datetime.strptime(digits, "%Y%m%d%H%M%S" if n == 14 else "%Y%m%d")
    if n == 12 and whole and "1990" <= digits[:4] <= "2099" and digits[4:6] <= "12" and digits[8:] < "2400":
        return datetime.strptime(digits, "%Y%m%d%H%M")
    if n in (12, 13) or (n == _MICROSECONDS and int(digits[:10]) < _FROM_2050):
        return _local(datetime.fromtimestamp(int(digits[: -3 if n < _MICROSECONDS else -6]), UTC), zone)
    if n == 5 and int(digits) in _SERIAL_DAYS:
        seconds = round(86_400 * float(f"0.{fraction or 0}"))
        return datetime(1899, 12, 30) + timedelta(days=int(digits), seconds=seconds)
    raise ValueError(digits)


def _year_first(parts: re.Match[str], zone: tzinfo) -> datetime:
    year, _, *rest = parts.groups()
    month, day = (int(part) for part in rest[:4] if part is not None)
    before, *clock, behind, offset = rest[4:]
    hour, minute, second = (int(part or 0) for part in clock)
    half = (before or behind or "").upper()
    if half in ("下午", "PM") and hour < 12:
        hour += 12
    elif half in ("上午", "AM") and hour >= 12:
        hour = hour - 12 if hour == 12 else 24
    return _in_zone(datetime(int(year), month, day, hour, minute, second), offset or "", zone)


def _month_named(text: str, zone: tzinfo) -> datetime:
    """Return a date whose month has its English name, in whatever order its parts stand: no two can be confused."""
    month = day = year = None
    clock, offset = (0, 0, 0), ""
    for part in text.partition("(")[0].replace(",", " ").split():
        if part.lower() in _MONTHS and month is None:
            month = 1 + _MONTHS.index(part.lower())
        elif part.lower() in _WEEKDAYS:
            continue
        elif found := _PLAIN_CLOCK.fullmatch(part):
            clock = (int(found[1]), int(found[2]), int(found[3] or 0))
        elif part.isdigit() and len(part) == 4 and year is None:
            year = int(part)
        elif part.isdigit() and len(part) <= 2 and day is None:
            day = int(part)
        else:
            offset = offset + part if not offset else f"{offset} {part}"
    if month is None or day is None or year is None:
        raise ValueError(text)
    return _in_zone(datetime(year, month, day, *clock), offset, zone)


def _in_zone(when: datetime, offset: str, zone: tzinfo) -> datetime:
    """Return a time that is followed by an offset, or the name of a zone that only one can have, as one of `zone`."""
    if not offset or offset.upper() == when.replace(tzinfo=zone).tzname():
        return when
    found = _OFFSET.fullmatch(offset)
    if found is None:
        raise ValueError(offset)
    span = timedelta(hours=int(found[3] or 0), minutes=int(found[4] or 0))
    return _local(when.replace(tzinfo=timezone(-span if found[2] == "-" else span)), zone)


def _local(value: Any, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    message = "not a date"
    raise ValueError(message)
