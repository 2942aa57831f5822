"""Sections of an audit config on who else has read the posts: annotators, another taxonomy or model, labelled samples.

Promises: unknown keys are errors, and each table says its layout in one way. Opens no file: whether columns exist and
values are covered is checked when the inputs are read.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from koudai.config.scored import Probability
from koudai.config.source import Quoting, Section


class AnnotationsSection(Section):
    """Labels by several annotators of the same posts: a column per annotator, or a row per label.

    Wide: `columns` are the annotators. Long: `annotator`, `label` and, if named, `category` are columns. `about` is the
    one category of all labels; without either, labels are values of their own. `group` and `cluster` are columns too;
    values of the latter say which posts belong together (of scored posts [cluster] says it, unless it is named). A
    value in `missing` is no label. With `layout`, the file (of doccano the folder) is what that tool exports.

    With `separator` a cell holds any number of categories by their keys, which it says yes of, and no of all others; a
    word in `nothing` says no of all. An empty cell says nothing.

    Beside a model, 1 and yes say that a post is in the category, 0 and no that it is not; other words are named under
    `yes`, and all that are not say no. `epsilon` is how much more often a person may agree with the others better than
    the model does, for the model to be equal: 0.2 for experts, 0.15 for skilled people, 0.1 for crowds.

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
    separator: str = ""
    nothing: tuple[str, ...] = ("none", "无")
    missing: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    epsilon: Probability = 0.1
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
            (
                bool(self.separator and (self.category or self.about or self.layout)),
                "with `separator` the cells themselves name categories: leave out `category`, `about` and `layout`",
            ),
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
