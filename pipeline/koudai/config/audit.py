"""The config of an audit: its name, seed and measures, and a section for each of its inputs.

Promises: unknown keys are errors; a filled config, read back, is the same config. Opens no file: whether columns exist
and values are covered is checked when the inputs are read.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from koudai.config.columns import (
    ClusterSection,
    DomainSection,
    EventSection,
    GroupSection,
    OutcomeSection,
    PeriodSection,
    RegressionSection,
)
from koudai.config.people import AnnotationsSection, OtherSection, RelabelledSection, SampleSection
from koudai.config.plan import PlanSection
from koudai.config.scored import AuditCorpusSection, TableSection
from koudai.config.source import Section
from koudai.config.timezone import TIMEZONE, TimezoneName
from koudai.config.train import TrackSection
from koudai.config.wording import WordingSection


class AuditRunSection(Section):
    """Name, seed, taxonomy and measures (all of them unless listed) of an audit, and the time zone of dates.

    The taxonomy of an audit of a model is the model's, unless another is named; that of a table has to be. Times
    without a zone are of `timezone`, all others are turned to it.

    A share over every post of a job has no interval, since nothing is inferred from it. With `superpopulation` = true
    the posts are taken for a sample of more posts like them, and it has one.

    Where a licence forbids quotes, or words would name people, `posts_per_category` = 0 quotes no post and `words` =
    false shows no word of one: the report then holds figures alone.

    `announced` says that the posts are those that the taxonomy's announced figures are about; these are shown then.

    Examples
    --------
    >>> AuditRunSection(name="a", taxonomy="cac-2023").posts_per_category
    9
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    seed: int = Field(default=20230310, ge=0, lt=2**31)
    taxonomy: str | None = None
    measures: tuple[str, ...] = ()
    timezone: TimezoneName = TIMEZONE
    posts_per_category: int = Field(default=9, ge=0, le=50)
    words: bool = True
    redact: bool = True
    announced: bool = False
    superpopulation: bool = False


class MultiplicitySection(Section):
    """Number of refits, and how much worse than its reference a refit in the Rashomon set may be.

    Parameters
    ----------
    refits
        Number of refits over all four splits, beside a reference for each.
    epsilon
        Deficits in F1 beyond which a paired test leaves a refit out; each defines a set with figures of its own.
    posts
        Most labelled posts that are used, drawn by whole near-duplicate groups.
    scored
        Most scored posts that are judged.

    Examples
    --------
    >>> MultiplicitySection(refits=20).epsilon
    (0.01, 0.05)
    """

    refits: int = Field(default=100, ge=2, le=1000)
    epsilon: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = (0.01, 0.05)
    posts: int = Field(default=10_000, ge=10)
    scored: int = Field(default=2000, ge=0)


class AuditConfig(Section):
    """All inputs and settings of an audit; `model` and `scores` may be given beside it.

    Examples
    --------
    >>> AuditConfig(run=AuditRunSection(name="a", taxonomy="cac-2023"), model="bundle", scores="job").corpus
    ()
    """

    run: AuditRunSection
    model: str | None = None
    scores: str | None = None
    table: TableSection | None = None
    corpus: tuple[AuditCorpusSection, ...] = ()
    casebook: str | None = None
    outcome: OutcomeSection | None = None
    period: PeriodSection | None = None
    group: GroupSection | None = None
    domain: tuple[DomainSection, ...] = ()
    event: EventSection | None = None
    regression: RegressionSection | None = None
    cluster: ClusterSection | None = None
    annotations: AnnotationsSection | None = None
    other: tuple[OtherSection, ...] = ()
    wording: tuple[WordingSection, ...] = ()
    sample: SampleSection | None = None
    relabelled: tuple[RelabelledSection, ...] = ()
    multiplicity: MultiplicitySection = MultiplicitySection()
    plan: PlanSection | None = None
    track: TrackSection = TrackSection(enabled=False)

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """Columns beside the scores that sections name: a job has to have kept them, a table to hold them."""
        named = [one.column for one in (self.outcome, self.period, self.group) if one is not None]
        named += [column for one in self.domain for column in one.columns]
        if self.regression is not None:
            named += [*self.regression.levels, *self.regression.numbers]
        if self.cluster is not None and self.cluster.file is None:
            named.append(str(self.cluster.column or self.cluster.day))
        return tuple(dict.fromkeys(named))

    @model_validator(mode="after")
    def _sections_agree(self) -> AuditConfig:
        lacking = self.period is None
        parts = [(one.columns, one.by_period) for one in self.domain]
        for wrong, message in (
            (lacking and any(one.by_period for one in self.domain), "`by_period` of [[domain]] needs [period]"),
            (
                lacking and self.regression is not None and self.regression.by_period,
                "`by_period` of [regression] needs [period]",
            ),
            (len(set(parts)) < len(parts), "two [[domain]] name the same parts: each would be told twice"),
            (lacking and self.event is not None, "[event] needs [period], which names the column with dates"),
        ):
            if wrong:
                raise ValueError(message)
        return self


SHOWN_WHOLE = ("run", "corpus", "casebook", "outcome", "period", "group", "domain", "event", "regression")
"""Sections that figures turn on and that tell neither places on this machine nor people: reports show them whole."""
