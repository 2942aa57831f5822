"""Sections of an audit config: the scored posts, and the columns and files with what else is known of them.

Promises: unknown keys are errors; outcomes whose names say that the author acted are refused as moderation; a filled
config, read back, is the same config. Opens no file: whether columns exist and values are covered is checked when the
inputs are read.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from koudai.config.source import Quoting, Section, Source
from koudai.config.timezone import TIMEZONE, TimezoneName
from koudai.config.train import TrackSection

BY_THE_AUTHOR = re.compile(
    r"author(?!it|i[sz])|poster|self[\W_]*(?:delet|remov|censor)"
    r"|(?:delet|remov)[a-z]*[\W_]*by[\W_]*(?:the[\W_]*)?(?:user|owner)(?![\W_]*(?:report|complain|flag))"
    r"|作者|發布者|发布者|[发發]帖人|本人|自行|自己[删刪]|自[删刪]|用[户戶][删刪]",
    re.IGNORECASE,
)
"""Matches names of outcomes that are the author's own act."""

Probability = Annotated[float, Field(ge=0, le=1)]


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


class AuditCorpusSection(Section):
    """A labelled corpus of an audit: a name, in ``configs/corpora`` or of a corpus that the model was trained on, or a
    whole `Source`. Only the rows of `splits` are measured, all rows if none is named. `splits` =
    "unseen" takes the rows that the audited model was not fitted on, nor on near-duplicates of: what was held out where
    a corpus without splits was divided by group. It is refused where more than a share `quarantined` of its rows are no
    posts.

    Examples
    --------
    >>> AuditCorpusSection(source="seed", splits=("test",)).splits
    ('test',)
    """

    source: str | Source
    splits: tuple[str, ...] | Literal["unseen"] = ()
    drop: dict[str, tuple[str, ...]] = {}
    quarantined: float = Field(default=0.1, ge=0, le=1)


class PostsSection(Section):
    """A file with the posts that a table of probabilities is about, joined by id; it may hold more posts.

    Examples
    --------
    >>> PostsSection(file="posts.csv").text
    'text'
    """

    file: str
    id: str = "post_id"
    text: str = "text"
    encoding: str = "utf-8"
    quoting: Quoting = None


class TableSection(Section):
    """Probabilities by any model, one row per post, in place of a job and the model that scored.

    `columns` gives the column of each category; by default that of the category's key. `threshold` is one for all
    categories, or one per category (0.5 where none is given). An empty cell, or a value in `missing`, means that the
    model abstains on that category; a post with no other cells is abstained on. The posts are in the column `text`, or
    in the file of [table.posts], or not available. `casebook` is a file with the same columns for the cases of the
    casebook, by their ids. `trained_on` is a file with the ids of the posts that the model was trained on, one in each
    line; `trained_column` is a column of the table that says so with 1 or 0: measures that judge the model leave out
    such posts, and with texts their near-duplicates. An audit is refused if more than a share `quarantined` of the rows
    are no scores, or more than `unscored` of a corpus's labelled posts are not in the table.

    Examples
    --------
    >>> TableSection(name="bert", file="scores.csv", columns={"rumour": "p1"}).threshold
    0.5
    """

    name: str = Field(min_length=1, max_length=100)
    file: str
    id: str = "post_id"
    text: str | None = None
    columns: dict[str, str] = {}
    threshold: Probability | dict[str, Probability] = 0.5
    missing: tuple[str, ...] = ()
    licence: str = ""
    encoding: str = "utf-8"
    quoting: Quoting = None
    posts: PostsSection | None = None
    casebook: str | None = None
    trained_on: str | None = None
    trained_column: str | None = None
    quarantined: float = Field(default=0.1, ge=0, le=1)
    unscored: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _one_thing_in_each_column(self) -> TableSection:
        if self.text is not None and self.posts is not None:
            message = "the posts are in the column `text` or in the file of `posts`, not in both"
            raise ValueError(message)
        known = (self.id, self.text, self.trained_column, *self.columns.values())
        named = [name for name in known if name is not None]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            message = f"two things in the column {', '.join(map(repr, twice))}"
            raise ValueError(message)
        return self


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


class AnnotationsSection(Section):
    """Labels by several annotators of the same posts: a column per annotator, or a row per label.

    Wide: `columns` are the annotators. Long: `annotator`, `label` and, if named, `category` are columns. `about` is the
    one category of all labels; without either, labels are values of their own. `group` and `cluster` are columns too;
    values of the latter say which posts belong together (of scored posts [cluster] says it, unless it is named). A
    value in `missing` is no label. With `layout`, the file (of doccano the folder) is what that tool exports.

    Examples
    --------
    >>> AnnotationsSection(file="people.csv", columns=("zhang", "wang")).id
    'post_id'
    """

    file: str
    layout: Literal["doccano", "label-studio", "potato"] | None = None
    id: str = "post_id"
    columns: tuple[str, ...] = ()
    annotator: str | None = None
    label: str | None = None
    category: str | None = None
    about: str | None = None
    group: str | None = None
    cluster: str | None = None
    missing: tuple[str, ...] = ()
    encoding: str = "utf-8"
    quoting: Quoting = None

    @model_validator(mode="after")
    def _wide_or_long(self) -> AnnotationsSection:
        long = [self.annotator, self.label]
        named = any([self.columns, *long, self.category, self.group, self.cluster])
        for wrong, message in (
            (
                bool(self.layout) and named,
                "`layout` says itself where annotators and labels stand, and knows no groups",
            ),
            (not self.layout and bool(self.columns) == any(long), "name either `columns`, or `annotator` and `label`"),
            (any(long) and not all(long), "`annotator` and `label` go together"),
            (len(self.columns) == 1, "agreement needs at least two columns"),
            (len(set(self.columns)) < len(self.columns), "a column is named twice"),
            (bool(self.columns and self.category), "`category` is a column of the long form; use `about`"),
            (bool(self.category and self.about), "`category` and `about` exclude each other"),
        ):
            if wrong:
                raise ValueError(message)
        return self


class OtherSection(Section):
    """Labels or tags of another taxonomy, or by another model, on the same posts: a column of a file, columns of
    probabilities, or a finished job.

    With `separator` a cell holds several labels. `columns` are probabilities from 0 to 1: a post has the labels whose
    columns reach `threshold`, and is unlabelled if all are empty. An audit is refused if more than a share `unmatched`
    of the file's ids are those of no scored post, or more than `unlabelled` of the scored posts are not in the file.

    Examples
    --------
    >>> OtherSection(name="platform", file="labels.csv", column="label", separator="|").unmatched
    0.05
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    file: str | None = None
    column: str | None = None
    columns: tuple[str, ...] = ()
    threshold: Probability = 0.5
    scores: str | None = None
    id: str = "post_id"
    separator: str = ""
    missing: tuple[str, ...] = ()
    encoding: str = "utf-8"
    quoting: Quoting = None
    unmatched: float = Field(default=0.05, ge=0, le=1)
    unlabelled: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _one_place(self) -> OtherSection:
        if (self.file is None) == (self.scores is None):
            message = "name either `file` with `column` or `columns`, or `scores`"
            raise ValueError(message)
        if (self.file is not None) != (bool(self.column) != bool(self.columns)):
            message = "`file` and either `column` (labels) or `columns` (probabilities) go together"
            raise ValueError(message)
        if len({self.id, *self.columns}) <= len(self.columns):
            message = "a column is named twice"
            raise ValueError(message)
        return self


class SampleSection(Section):
    """A sample of `koudai.api.sample` with its labels: CSV files, one per annotator, or exports of Label Studio. `gold`
    is another, with what was adjudicated of some of its posts, picked by lot.

    With `design` = "srs" there is no manifest: the sheets (CSV, JSON lines or Parquet) hold ids and labels of posts
    drawn at random from all scored ones, each as likely as any other. `columns` are those of labels, by category; by
    default those called as it, or "label:" and the category. `population` is how many posts were drawn from, if not the
    scored ones: prevalence then rests on labels alone. More than a share `unmatched` of ids of no post are refused.

    Examples
    --------
    >>> SampleSection(design="srs", labels=("zhang.csv",), columns={"rumour": "谣言"}).population is None
    True
    """

    manifest: str | None = None
    labels: tuple[str, ...] = Field(min_length=1)
    gold: str | None = None
    design: Literal["stratified", "srs"] = "stratified"
    population: int | None = Field(default=None, ge=1)
    id: str = "post_id"
    columns: dict[str, str] = {}
    encoding: str = "utf-8"
    quoting: Quoting = None
    unmatched: float = Field(default=0.05, ge=0, le=1)

    @model_validator(mode="after")
    def _a_manifest_or_a_design(self) -> SampleSection:
        if (self.manifest is None) == (self.design == "stratified"):
            message = 'name the `manifest` of the sample, or say `design` = "srs" of one that was drawn without koudai'
            raise ValueError(message)
        if self.gold in self.labels:
            message = f"`gold` is no annotator's sheet: {self.gold!r} is among `labels` too"
            raise ValueError(message)
        if self.design == "stratified" and (self.population or self.columns):
            message = '`population` and `columns` go with `design` = "srs" alone; a manifest says them'
            raise ValueError(message)
        return self


class RelabelledSection(Section):
    """A sample of labels by `koudai.api.sample_flagged` that people looked at again: its manifest, and CSV files, one
    per annotator, or exports of Label Studio.

    Examples
    --------
    >>> RelabelledSection(manifest="again.csv.manifest.json", labels=("zhang.csv",)).labels
    ('zhang.csv',)
    """

    manifest: str
    labels: tuple[str, ...] = Field(min_length=1)


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
    cluster: ClusterSection | None = None
    annotations: AnnotationsSection | None = None
    other: tuple[OtherSection, ...] = ()
    sample: SampleSection | None = None
    relabelled: tuple[RelabelledSection, ...] = ()
    multiplicity: MultiplicitySection = MultiplicitySection()
    track: TrackSection = TrackSection(enabled=False)
