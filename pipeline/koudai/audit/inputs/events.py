"""An event: the days that posts are from before, during or after, and windows of as many days without it.

Promises: days are those of the audit's time zone; a post without a date is in no window; windows do not overlap one
another or the event, lie within the days that there are posts of, and are as long as it. An event that no post is from,
or that all are from, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept_columns import Periods
from koudai.config.columns import EventSection
from koudai.errors import ReadError

MOST_WINDOWS = 60
"""Windows without the event that are looked at: those nearest to it."""
Days = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Event:
    """An event, and when each scored post was written.

    Parameters
    ----------
    first, last
        Its first and its last day, counted from 1970.
    day : ndarray of int64, shape (n_posts,)
        Of each post, counted likewise; `NO_DAY` without a date.
    around
        Days before and after a window that are compared with it; None for all.

    Examples
    --------
    >>> event = Event(10, 12, np.array([3, 9, 10, 12, 13, 20]))
    >>> event.during.tolist(), event.windows()
    ([False, False, True, True, False, False], [(4, 6), (7, 9), (10, 12), (13, 15), (16, 18)])
    """

    first: int
    last: int
    day: Days
    around: int | None = None

    @property
    def name(self) -> str:
        """Its days, in words."""
        return self.told((self.first, self.last))

    @property
    def during(self) -> NDArray[np.bool_]:
        """Which posts are from it; shape (n_posts,)."""
        return np.asarray((self.day >= self.first) & (self.day <= self.last))

    def parts(self) -> Days:
        """Return 0 for posts from before it, 1 from during and 2 from after it, -1 for all others; shape (n_posts,)."""
        near = self._near(self.first, self.last)
        return np.where(self.during, 1, np.where(~near, -1, np.where(self.day < self.first, 0, 2)))

    def window(self, days: tuple[int, int]) -> Days:
        """Return 0 for posts from a window, 1 for those it is compared with, -1 for all others; shape (n_posts,).

        No other window is compared with posts from the event.
        """
        first, last = days
        inside = (self.day >= first) & (self.day <= last)
        others = self._near(first, last) & ~inside
        return np.where(inside, 0, np.where(others if first == self.first else others & ~self.during, 1, -1))

    def windows(self) -> list[tuple[int, int]]:
        """Return first and last days of the event and of the windows beside it, in order of time."""
        length = self.last - self.first + 1
        dated = self.day[self.day != NO_DAY]
        begin, end = int(dated.min()), int(dated.max())
        before = list(range(self.first - length, begin - 1, -length))
        after = list(range(self.last + 1, end - length + 2, length))
        nearest = sorted([*before, *after], key=lambda first: abs(first - self.first))[:MOST_WINDOWS]
        return [(first, first + length - 1) for first in sorted([*nearest, self.first])]

    def told(self, days: tuple[int, int]) -> str:
        """Return the days of a window in words."""
        first, last = (str(np.datetime64(day, "D")) for day in days)
        return first if first == last else f"{first} – {last}"

    def _near(self, first: int, last: int) -> NDArray[np.bool_]:
        """Return which posts have a date, near enough to a window to be compared with it."""
        dated = self.day != NO_DAY
        if self.around is not None:
            dated &= (self.day >= first - self.around) & (self.day <= last + self.around)
        return np.asarray(dated)


NO_DAY = int(np.iinfo(np.int64).min)
"""The day of a post without a date."""


def read_event(section: EventSection, period: Periods) -> Event:
    """Return the event that a section of a config names, with the days of scored posts.

    Raises
    ------
    ReadError
        If no post is from the event, or none from beside it.

    Examples
    --------
    >>> days = np.array(["2021-03-02T10:00", "2021-05-01", "NaT"], dtype="datetime64[s]")
    >>> section = EventSection.model_validate({"from": "2021-03-01", "to": "2021-03-14"})
    >>> read_event(section, Periods("month", days)).parts().tolist()
    [1, 2, -1]
    """
    first, last = (int(np.datetime64(day, "D").astype(np.int64)) for day in (section.first, section.last))
    dated = ~np.isnat(period.date)
    day = np.where(dated, period.date.astype("datetime64[D]").astype(np.int64), NO_DAY)
    event = Event(first, last, day, section.around)
    parts = event.parts()
    if not event.during.any() or not ((parts == 0) | (parts == 2)).any():
        span = period.date[dated].astype("datetime64[D]")
        raise ReadError(
            what="no scored post is from before or after the event"
            if event.during.any()
            else "no scored post is from the event",
            where="[event] from, to",
            expected=f"days between {span.min()} and {span.max()}, which posts are from",
            got=event.name,
            happened="nothing was measured",
            todo="correct the days, or leave [event] out",
        )
    return event
