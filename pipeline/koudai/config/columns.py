"""Sections of an audit config on what else is known of each scored post: its outcome, date, group, domain and cluster.

Promises: outcomes whose names say that the author acted are refused as moderation; a value has one meaning or name.
Opens no file: whether columns exist and values are covered is checked when the inputs are read.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from koudai.config.source import Quoting, Section

BY_THE_AUTHOR = re.compile(
    r"author(?!it|i[sz])|poster|self[\W_]*(?:delet|remov|censor)"
    r"|(?:delet|remov)[a-z]*[\W_]*by[\W_]*(?:the[\W_]*)?(?:user|owner)(?![\W_]*(?:report|complain|flag))"
    r"|作者|發布者|发布者|[发發]帖人|本人|自行|自己[删刪]|自[删刪]|用[户戶][删刪]",
    re.IGNORECASE,
)
"""Matches names of outcomes that are the author's own act."""


_CROSSED = 2


class OutcomeSection(Section):
    """The kept column with the outcome of each post, and the meaning of its values.

    `removed` and `kept` are decisions of the platform; `silent` gives the reason for each value that says nothing about
    moderation. What the author took down is always silent.

    Examples
    --------
    >>> OutcomeSection(column="fate", removed=("gone",), silent=("author_deleted",)).silent
    {'author_deleted': ''}
    """

    column: str
    removed: tuple[str, ...] = Field(min_length=1)
    kept: tuple[str, ...] = ()
    silent: dict[str, str] = {}

    @field_validator("silent", mode="before")
    @classmethod
    def _bare_names_have_no_reason(cls, value: Any) -> Any:
        bare = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
        return dict.fromkeys(value, "") if bare else value

    @model_validator(mode="after")
    def _never_the_authors_own(self) -> OutcomeSection:
        own = [value for value in (*self.removed, *self.kept) if BY_THE_AUTHOR.search(value)]
        if own:
            message = f"what an author took down is no moderation: put {', '.join(map(repr, own))} under `silent`"
            raise ValueError(message)
        said = [*self.removed, *self.kept, *self.silent]
        twice = sorted({value for value in said if said.count(value) > 1})
        if twice:
            message = f"two meanings for {', '.join(map(repr, twice))}"
            raise ValueError(message)
        return self


class PeriodSection(Section):
    """The kept column with the date of each post, and the length of a period.

    An audit is refused if more than a share `unreadable` of the values are no dates.

    Examples
    --------
    >>> PeriodSection(column="created_at", every="quarter").unreadable
    0.1
    """

    column: str
    every: Literal["year", "half", "quarter", "month"] = "year"
    unreadable: float = Field(default=0.1, ge=0, le=1)


class GroupSection(Section):
    """The kept column that figures are given by: a platform, a topic, an event.

    `called` puts several values under one name; a value without a name stands for itself.

    Examples
    --------
    >>> GroupSection(column="topic", called={"money": ("stocks", "finance")}).called["money"]
    ('stocks', 'finance')
    """

    column: str
    called: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _one_name_each(self) -> GroupSection:
        named = [value for values in self.called.values() for value in values]
        twice = sorted({value for value in named if named.count(value) > 1})
        if twice or not all(self.called):
            message = f"two names for {', '.join(map(repr, twice))}" if twice else "a name is empty"
            raise ValueError(message)
        return self


class DomainSection(Section):
    """Kept columns by whose values a sample is told apart: one, two that are crossed, or one and the periods.

    Each value is a domain of posts, or each pair of values; a post that lacks one is in none. Differences are those
    from all other posts, or, with `against`, from one domain: a value, or the values of both columns, or of the column
    and a period.

    Examples
    --------
    >>> DomainSection(columns=("platform",), against=("weibo",)).by_period
    False
    """

    columns: tuple[str, ...] = Field(min_length=1, max_length=2)
    by_period: bool = False
    against: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _two_at_most(self) -> DomainSection:
        parts = len(self.columns) + self.by_period
        for wrong, message in (
            (len(set(self.columns)) < len(self.columns), "a column is named twice"),
            (parts > _CROSSED, "two are crossed at most: leave one column out, or `by_period`"),
            (bool(self.against) and len(self.against) != parts, "`against` names one value of each column"),
        ):
            if wrong:
                raise ValueError(message)
        return self


class EventSection(Section):
    """The days of an event, both included, by the dates of [period]: posts are from before, during or after it.

    With `around`, so many days before and after the event are looked at; without it, all.

    Examples
    --------
    >>> EventSection.model_validate({"from": "2021-03-01", "to": "2021-03-14"}).days
    14
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, serialize_by_alias=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    around: int | None = Field(default=None, ge=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @model_validator(mode="after")
    def _in_order(self) -> EventSection:
        if self.last < self.first:
            message = "`to` is a day before `from`"
            raise ValueError(message)
        return self


class RegressionSection(Section):
    """Covariates of a regression of each category on what is known of the posts: kept columns and the date.

    `levels` are columns whose values are compared with the most frequent one, `numbers` columns of numbers; with
    `by_period` the period is a number, too. A post that lacks one takes no part.

    Examples
    --------
    >>> RegressionSection(levels=("platform",), by_period=True).numbers
    ()
    """

    levels: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    by_period: bool = False

    @model_validator(mode="after")
    def _some(self) -> RegressionSection:
        named = [*self.levels, *self.numbers]
        for wrong, message in (
            (not named and not self.by_period, "name columns as `levels` or `numbers`, or set `by_period`"),
            (len(set(named)) < len(named), "a column is named twice"),
        ):
            if wrong:
                raise ValueError(message)
        return self


class ClusterSection(Section):
    """What posts that belong together share: the unit of every interval. Near-duplicates where this is left out.

    One of `column` (values are clusters, such as events), `day` (a column with dates, cut to days) and `account` (a
    column of accounts, hashed as it is read with a salt that is kept nowhere). It is a kept column, or one of `file`,
    joined by `id`; accounts are never kept, so that `account` needs a file. A post without a value stands alone.

    Examples
    --------
    >>> ClusterSection(column="event").account is None
    True
    """

    column: str | None = None
    day: str | None = None
    account: str | None = None
    file: str | None = None
    id: str = "post_id"
    encoding: str = "utf-8"
    quoting: Quoting = None

    @model_validator(mode="after")
    def _one_unit(self) -> ClusterSection:
        if sum(one is not None for one in (self.column, self.day, self.account)) != 1:
            message = "name one of `column`, `day` and `account`"
            raise ValueError(message)
        if self.account is not None and self.file is None:
            message = "`account` needs the `file` that holds it: no job keeps accounts"
            raise ValueError(message)
        return self
