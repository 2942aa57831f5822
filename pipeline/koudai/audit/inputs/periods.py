"""Periods: when the scored posts were written, cut into years, halves, quarters or months.

Promises: every post is in one period or in none; what is no date is counted and told, and too much of it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept import kept_column
from koudai.config.audit import PeriodSection
from koudai.corpus.dates import FORMS, readable_dates
from koudai.errors import ReadError
from koudai.scoring.results import Scores

_SHOWN = 10
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_LETTER = {"half": "H", "quarter": "Q"}


@dataclass(frozen=True)
class Periods:
    """The period of each scored post.

    Parameters
    ----------
    every
        ``"year"``, ``"half"``, ``"quarter"`` or ``"month"``.
    date : ndarray of datetime64[s], shape (n_posts,)
        NaT where there is none.
    unreadable
        Posts whose date could not be read.
    told
        Those values with their counts, in words; ``""`` if there are none.
    """

    every: str
    date: NDArray[np.datetime64]
    unreadable: int = 0
    told: str = ""

    def cut(self, date: NDArray[np.datetime64] | None = None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """Return the periods that occur, in order, and the place of each post among them, -1 without a date.

        Parameters
        ----------
        date
            Of other posts than the scored ones, cut in the same way.
        """
        date = self.date if date is None else date
        months = date.astype("datetime64[M]").astype(np.int64)
        dated = ~np.isnat(date)
        number = np.where(dated, months // _MONTHS[self.every], 0)
        found, place = np.unique(number[dated], return_inverse=True)
        at = np.full(len(date), -1, dtype=np.int64)
        at[dated] = place
        return tuple(self._name(int(one)) for one in found), at

    def _name(self, number: int) -> str:
        year, month = divmod(number * _MONTHS[self.every], 12)
        if self.every == "month":
            return f"{1970 + year:04d}-{month + 1:02d}"
        part = _LETTER.get(self.every)
        return f"{1970 + year:04d}" + (f"{part}{month // _MONTHS[self.every] + 1}" if part else "")


def periods_of(scores: Scores, section: PeriodSection) -> Periods:
    """Return the periods of a job's posts.

    Raises
    ------
    ConfigError
        If the column was not kept.
    ReadError
        If no value is a date, or too many are none.
    """
    values = kept_column(scores, section.column, section="period")
    date, wrong = readable_dates(list(values))
    unreadable = wrong.total()
    shown = [f"{value} ({count:,} posts)" for value, count in wrong.most_common(_SHOWN)]
    told = ", ".join(shown) + (f" and {len(wrong) - _SHOWN:,} more" if len(wrong) > _SHOWN else "")
    if np.isnat(date).all() or unreadable > section.unreadable * len(values):
        raise ReadError(
            what=f"{unreadable:,} of {len(values):,} dates cannot be read",
            where=f"column {section.column!r}",
            expected=f"dates as {', '.join(FORMS)}",
            got=told or "no date at all",
            happened="nothing was measured",
            todo="correct the column, or allow more with period.unreadable",
        )
    return Periods(section.every, date, unreadable, told)
