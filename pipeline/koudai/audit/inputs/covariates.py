"""Covariates: what a category is regressed on, known of every scored post: values of kept columns, numbers, the period.

Promises: a column with one value, or a number that never varies, is refused, as nothing can be told of it; a value is
compared with the most frequent one; a post that lacks a value, or whose number cannot be read, takes no part.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept_columns import Periods, read_kept_values
from koudai.config.columns import RegressionSection
from koudai.errors import ConfigError, ReadError
from koudai.scoring.results import Scores
from koudai.text.characters.contacts.masking import masked_value

MOST_LEVELS = 30
"""Values that a column of levels may have."""
PERIOD = "period"
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Levels:
    """A covariate that names something.

    Parameters
    ----------
    name
        Of the column.
    values
        The most frequent first: what others are compared with.
    number : ndarray of int64, shape (n_posts,)
        Index of each post's value, -1 of a post without one.

    Examples
    --------
    >>> Levels("platform", ("weibo", "wechat"), np.array([0, 1, -1])).values[0]
    'weibo'
    """

    name: str
    values: tuple[str, ...]
    number: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Covariates:
    """What a category is regressed on.

    Parameters
    ----------
    levels
        Covariates that name something.
    numbers
        Covariates that count something, by name; shape (n_posts,), NaN where there is none.

    Examples
    --------
    >>> one = Covariates((Levels("platform", ("weibo", "wechat"), np.array([0, 1, -1])),), {"length": np.ones(3)})
    >>> one.told, one.known.tolist()
    ('platform, length', [True, True, False])
    """

    levels: tuple[Levels, ...]
    numbers: dict[str, Floats]

    @property
    def told(self) -> str:
        """Their names."""
        return ", ".join([*(one.name for one in self.levels), *self.numbers])

    @property
    def known(self) -> NDArray[np.bool_]:
        """Posts that lack none of them; shape (n_posts,)."""
        parts = [*(one.number >= 0 for one in self.levels), *map(np.isfinite, self.numbers.values())]
        return np.asarray(np.logical_and.reduce(parts))


def read_covariates(scores: Scores, section: RegressionSection, period: Periods | None) -> Covariates:
    """Return the covariates that a section of a config names.

    Parameters
    ----------
    scores
        A job's or table's, with kept columns.
    section
        Of the config.
    period
        The periods of the same posts.

    Raises
    ------
    ConfigError
        If a column was not kept, has one value or too many, or a number does not vary.
    ReadError
        If most cells of a column of numbers are none, or every post lacks something.

    Examples
    --------
    >>> from koudai.scoring.totals import Totals
    >>> proba = np.zeros((3, 1), dtype=np.float32)
    >>> kept = {"platform": ["weibo", "wechat", "weibo"], "length": ["12", "40", "?"]}
    >>> scores = Scores(["a", "b", "c"], ("c",), proba, proba > 0.5, np.zeros(3, bool), "d", Totals(), kept)
    >>> read_covariates(scores, RegressionSection(levels=("platform",), numbers=("length",)), None).numbers
    {'length': array([12., 40., nan])}
    """
    levels = tuple(_levels(scores, column) for column in section.levels)
    numbers = {column: _numbers(scores, column) for column in section.numbers}
    if section.by_period and period is not None:
        _, place = period.cut()
        numbers[PERIOD] = np.where(place < 0, np.nan, (period.times - period.times[0])[place].astype(np.float64))
    found = Covariates(levels, numbers)
    if not found.known.any():
        raise ReadError(
            what="no post has a value of every covariate",
            where="[regression]",
            got=found.told,
            happened="nothing was measured",
            todo="leave one of them out",
        )
    for one in levels:
        values = len(np.unique(one.number[found.known]))
        if values < 2:
            _refuse(one.name, "it has one value", masked_value(one.values[int(one.number[found.known][0])]))
    for name, number in numbers.items():
        if len(np.unique(number[found.known])) < 2:
            _refuse(name, "it is the same number everywhere", f"{number[found.known][0]:g}")
    return found


def _refuse(name: str, why: str, got: str) -> None:
    raise ConfigError(
        what=f"nothing can be regressed on {name!r}: {why}",
        where="[regression]",
        expected="two values or more, among posts that lack no covariate",
        got=got,
        happened="nothing was measured",
        todo="leave it out",
    )


def _levels(scores: Scores, column: str) -> Levels:
    values = read_kept_values(scores, column, section="regression")
    counts = Counter(filter(None, values))
    if len(counts) > MOST_LEVELS:
        raise ConfigError(
            what=f"column {column!r} has too many values to compare each with one",
            where="[regression] levels",
            expected=f"at most {MOST_LEVELS}",
            got=f"{len(counts):,}",
            happened="nothing was measured",
            todo="name it under `numbers` if it is one, or a column with fewer values",
        )
    names = tuple(sorted(counts, key=lambda value: (-counts[value], value)))
    place = {value: at for at, value in enumerate(names)}
    return Levels(column, names, np.fromiter((place.get(value, -1) for value in values), np.int64, len(values)))


def _numbers(scores: Scores, column: str) -> Floats:
    values = read_kept_values(scores, column, section="regression")
    found = np.array([_number(value) for value in values])
    wrong = [value for value, number in zip(values, found.tolist(), strict=True) if value and math.isnan(number)]
    if 2 * len(wrong) > len(values):
        raise ReadError(
            what=f"most cells of column {column!r} are no numbers",
            where="[regression] numbers",
            got=", ".join(masked_value(value) for value in wrong[:3]),
            happened="nothing was measured",
            todo="name it under `levels` if its values are names",
        )
    return found


def _number(value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan
