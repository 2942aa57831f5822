"""Kept columns: what a job or table copied beside its scores, and what the values mean: outcomes, periods, groups.

Promises: a column that was not kept is refused with those that were; a null is ``""``; every outcome has a meaning that
the config gives it, or an error lists it with its count; what the author took down is recorded and is never moderation;
a value that is no date is counted, and too many of them are refused; a post whose value is in no named group keeps its
value, and a group without posts is refused.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.config.columns import GroupSection, OutcomeSection, PeriodSection
from koudai.config.timezone import TIMEZONE
from koudai.corpus.dates import FORMS, readable_dates
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.errors import ConfigError, LabelError, ReadError, number_of
from koudai.registry import did_you_mean
from koudai.scoring.results import Scores
from koudai.text.characters.contacts.masking import masked_name, masked_value

REMOVED, KEPT, SILENT, UNRECORDED = 1, 0, 2, -1
_SHOWN_VALUES, _SHOWN_DATES = 20, 10
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_LETTER = {"half": "H", "quarter": "Q"}


def read_kept_values(scores: Scores, column: str, *, section: str) -> list[str]:
    """Return a kept column, one value per scored post.

    Parameters
    ----------
    scores
        A job's.
    column
        Its name.
    section
        Of the config that names it, for messages.

    Raises
    ------
    ConfigError
        If the job did not keep it, or it is the name of a column of accounts.

    Examples
    --------
    >>> from koudai.scoring.totals import Totals
    >>> proba = np.zeros((2, 1), dtype=np.float32)
    >>> scores = Scores(
    ...     ["a", "b"], ("rumour",), proba, proba > 0.5, np.zeros(2, bool), "d", Totals(), {"topic": ["water", None]}
    ... )
    >>> read_kept_values(scores, "topic", section="group")
    ['water', '']
    """
    refuse_accounts((column,))
    if column not in scores.kept:
        raise ConfigError(
            what=f"the scores keep no column {column!r}",
            where=f"[{section}] column",
            expected=", ".join(scores.kept) or "a job that keeps columns",
            happened="nothing was measured",
            todo=did_you_mean(column, list(scores.kept)) or f"score again and keep column {column!r}",
        )
    return ["" if value is None else value for value in scores.kept[column]]


@dataclass(frozen=True)
class Outcomes:
    """What came of each scored post.

    Parameters
    ----------
    value : ndarray of object, shape (n_posts,)
        As recorded, ``""`` where nothing is.
    fate : ndarray of int8, shape (n_posts,)
        `REMOVED` or `KEPT` by the platform, `SILENT` where the value says nothing of moderation, `UNRECORDED`.
    silent
        Each value that says nothing of moderation, with the reason.

    Examples
    --------
    >>> value, fate = np.array(["gone", ""], dtype=object), np.array([REMOVED, UNRECORDED], dtype=np.int8)
    >>> Outcomes(value, fate, silent={}).recorded.tolist()
    [True, False]
    """

    value: NDArray[np.object_]
    fate: NDArray[np.int8]
    silent: dict[str, str]

    @property
    def recorded(self) -> NDArray[np.bool_]:
        """Whether anything is recorded of each post; shape (n_posts,)."""
        return np.asarray(self.fate != UNRECORDED)


def read_outcomes(scores: Scores, section: OutcomeSection) -> Outcomes:
    """Return the outcomes that a job kept.

    Raises
    ------
    ConfigError
        If the column was not kept.
    LabelError
        If a value has no meaning in `section`, or nothing at all is recorded.

    Examples
    --------
    >>> from koudai.scoring.totals import Totals
    >>> proba = np.zeros((2, 1), dtype=np.float32)
    >>> kept = {"fate": ["gone", None], "day": ["2020年1月2日", "?"]}
    >>> scores = Scores(["a", "b"], ("rumour",), proba, proba > 0.5, np.zeros(2, bool), "d", Totals(), kept)
    >>> read_outcomes(scores, OutcomeSection(column="fate", removed=("gone",))).recorded.tolist()
    [True, False]
    """
    values = read_kept_values(scores, section.column, section="outcome")
    meaning = {
        "": UNRECORDED,
        **dict.fromkeys(section.removed, REMOVED),
        **dict.fromkeys(section.kept, KEPT),
        **dict.fromkeys(section.silent, SILENT),
    }
    counts = Counter(values)
    unknown = {value: count for value, count in counts.items() if value not in meaning}
    if unknown or not counts.keys() - {""}:
        known = [masked_name(value) for value in sorted(meaning.keys() - {""})]
        raise LabelError(
            what=number_of(len(unknown), "outcome has", "outcomes have") + " no meaning"
            if unknown
            else "no outcome is recorded of any post",
            where=f"column {section.column!r}",
            expected=f"values under `removed`, `kept` or `silent`; known: {', '.join(known)}",
            got="\n".join(
                f"{masked_value(value)} ({number_of(count, 'post')})"
                + (f", {hint}" if (hint := did_you_mean(value.strip(), known)) else "")
                for value, count in sorted(unknown.items(), key=lambda item: (-item[1], item[0]))[:20]
            )
            or None,
            happened="nothing was measured",
            todo="say under [outcome] what each means; what an author took down goes under `silent`",
        )
    return Outcomes(
        value=np.array(values, dtype=object),
        fate=np.array([meaning[value] for value in values], dtype=np.int8),
        silent=section.silent,
    )


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

    Examples
    --------
    >>> days = np.array(["2020-02-01", "2019-11-30", "NaT"], dtype="datetime64[s]")
    >>> names, index = Periods("half", days).cut()
    >>> names, index.tolist()
    (('2019H2', '2020H1'), [1, 0, -1])
    """

    every: str
    date: NDArray[np.datetime64]
    unreadable: int = 0
    told: str = ""

    def cut(self, date: NDArray[np.datetime64] | None = None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """Return the periods that occur, in order, and the index of each post's period, -1 without a date.

        Parameters
        ----------
        date
            Of other posts than the scored ones, cut in the same way.
        """
        date = self.date if date is None else date
        dated = ~np.isnat(date)
        found, inverse = np.unique(self._numbers(date[dated]), return_inverse=True)
        index = np.full(len(date), -1, dtype=np.int64)
        index[dated] = inverse
        return tuple(self._name(int(one)) for one in found), index

    @property
    def times(self) -> NDArray[np.int64]:
        """When each period that occurs is, in the order of `cut`, counted in periods: those of a gap are counted too.

        Examples
        --------
        >>> Periods("month", np.array(["1970-03-01", "1970-01-31"], dtype="datetime64[s]")).times.tolist()
        [0, 2]
        """
        return np.unique(self._numbers(self.date[~np.isnat(self.date)]))

    def _numbers(self, date: NDArray[np.datetime64]) -> NDArray[np.int64]:
        return date.astype("datetime64[M]").astype(np.int64) // _MONTHS[self.every]

    def _name(self, number: int) -> str:
        year, month = divmod(number * _MONTHS[self.every], 12)
        if self.every == "month":
            return f"{1970 + year:04d}-{month + 1:02d}"
        part = _LETTER.get(self.every)
        return f"{1970 + year:04d}" + (f"{part}{month // _MONTHS[self.every] + 1}" if part else "")


def read_periods(scores: Scores, section: PeriodSection, *, timezone: str = TIMEZONE) -> Periods:
    """Return the periods of a job's posts, in a time zone; see `koudai.corpus.dates.readable_dates`.

    Raises
    ------
    ConfigError
        If the column was not kept.
    ReadError
        If no value is a date, or too many are none.

    Examples
    --------
    >>> from koudai.scoring.totals import Totals
    >>> proba = np.zeros((2, 1), dtype=np.float32)
    >>> kept = {"fate": ["gone", None], "day": ["2020年1月2日", "?"]}
    >>> scores = Scores(["a", "b"], ("rumour",), proba, proba > 0.5, np.zeros(2, bool), "d", Totals(), kept)
    >>> read_periods(scores, PeriodSection(column="day", unreadable=0.5)).cut()[0]
    ('2020',)
    """
    values = read_kept_values(scores, section.column, section="period")
    date, wrong = readable_dates(list(values), timezone=timezone)
    unreadable = wrong.total()
    shown = [f"{value} ({number_of(count, 'post')})" for value, count in wrong.most_common(_SHOWN_DATES)]
    told = ", ".join(shown) + (f" and {len(wrong) - _SHOWN_DATES:,} more" if len(wrong) > _SHOWN_DATES else "")
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


def read_groups(scores: Scores, section: GroupSection) -> NDArray[np.object_]:
    """Return what each scored post belongs to, ``""`` where that is not said; shape (n_posts,).

    Raises
    ------
    ConfigError
        If the column was not kept.
    LabelError
        If `section` gives a name to values of which no post has any.

    Examples
    --------
    >>> from koudai.scoring.totals import Totals
    >>> proba = np.zeros((2, 1), dtype=np.float32)
    >>> kept = {"fate": ["gone", None], "day": ["2020年1月2日", "?"]}
    >>> scores = Scores(["a", "b"], ("rumour",), proba, proba > 0.5, np.zeros(2, bool), "d", Totals(), kept)
    >>> read_groups(scores, GroupSection(column="fate", called={"removed": ("gone",)})).tolist()
    ['removed', '']
    """
    values = read_kept_values(scores, section.column, section="group")
    name_of = {value: name for name, some in section.called.items() for value in some}
    seen = set(values)
    absent = {name: some for name, some in section.called.items() if seen.isdisjoint(some)}
    if absent:
        known = [masked_name(value) for value in sorted(seen - {""})]
        raise LabelError(
            what=number_of(len(absent), "group holds", "groups hold") + " no scored post",
            where=f"[group.called], column {section.column!r}",
            expected=", ".join(masked_value(value) for value in known[:_SHOWN_VALUES]) or "a column with values",
            got="\n".join(
                f"{masked_value(name)}: "
                + ", ".join(
                    masked_value(value) + (f", {hint}" if (hint := did_you_mean(value, known)) else "")
                    for value in some[:_SHOWN_VALUES]
                )
                for name, some in list(absent.items())[:_SHOWN_VALUES]
            ),
            happened="nothing was measured",
            todo="correct these values, leave the group out, or score its posts too",
        )
    return np.array([name_of.get(value, value) for value in values], dtype=object)
