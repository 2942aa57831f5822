"""Time zones by name: the one in which times without a zone are read and all others are counted.

Promises: a name is one of the IANA database, or an offset; the default needs no database. Knows no dates: that is
``koudai.corpus.dates``.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

TIMEZONE = "Asia/Shanghai"
"""Unless a config says otherwise: crawlers of Chinese platforms write the time of China without saying so."""
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def zone_of(name: str) -> tzinfo:
    """Return the time zone of a name, as ``"Asia/Shanghai"``, ``"UTC"`` or ``"+08:00"``.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> [datetime(2024, 1, 1, tzinfo=UTC).astimezone(zone_of(name)).hour for name in ("Asia/Shanghai", "-05:00")]
    [8, 19]
    """
    if name == "UTC":
        return UTC
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-span if sign == "-" else span)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        if name == TIMEZONE:
            return timezone(timedelta(hours=8), "CST")
        message = f"there is no time zone {name!r}: expected a name as Asia/Shanghai or UTC, or an offset as +08:00"
        raise ValueError(message) from error


def _known(name: str) -> str:
    zone_of(name)
    return name


TimezoneName = Annotated[str, AfterValidator(_known)]
"""The name of a time zone, in a config."""
