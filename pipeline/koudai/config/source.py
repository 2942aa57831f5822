"""The config of a corpus: the file of its posts, the meaning of its labels, its licence, and how its originals are
fetched and read.

Promises: unknown keys are errors; an original is pinned by repository, commit, path and sha256, or not fetched at all;
values are plain data, never code. Opens no file and no connection.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.parquet")


class Section(BaseModel):
    """Base of all parts of a config: immutable, and refuses unknown keys.

    Examples
    --------
    >>> class Track(Section):
    ...     uri: str = "sqlite:///mlflow.db"
    >>> Track.model_validate({"url": "…"})
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: ...
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


Quoting = Literal["none", "csv", "backslash"] | None
"""What quotes in CSV and TSV are: letters, or what opens and closes cells, doubled or behind a backslash inside; None:
letters in TSV, doubled in CSV."""


Fit = Literal["direct", "proxy", "control"]
"""How well labels stand for a category: labelled for this very thing, for something near it, or saying only what is not
in it."""


def _as_written(value: Any) -> Any:
    """Return one value, or each of several, as text: truth values and numbers as files have them."""
    values = value if isinstance(value, list | tuple) else [value]
    texts = [str(one).lower() if isinstance(one, bool) else str(one) if isinstance(one, int) else one for one in values]
    return tuple(texts)


Values = Annotated[tuple[str, ...], BeforeValidator(_as_written)]
"""Values of a column: one, or a list of several."""


class Columns(Section):
    """Which columns of a file hold what. Everything not named here is never read.

    Where `text` names several columns, the post is what stands in them, in this order, joined by line feeds; what is
    empty is left out.

    Examples
    --------
    >>> Columns(text="content", label="sort")
    Columns(id='post_id', text='content', label='sort', labels=None, split=None, date=None, keep=())
    >>> Columns(text=["title", "desc"]).texts
    ('title', 'desc')
    """

    id: str = "post_id"
    text: str | Annotated[tuple[str, ...], Field(min_length=1)] = "text"
    label: str | None = None
    labels: str | None = None
    split: str | None = None
    date: str | None = None
    keep: tuple[str, ...] = ()

    @field_validator("text")
    @classmethod
    def _one_is_no_list(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return value[0] if len(value) == 1 else value

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that hold the text, in order."""
        return (self.text,) if isinstance(self.text, str) else self.text


class LabelRule(Section):
    """What one label of a source says about one category, why, and how well it fits.

    `source` is all that a post's label is; `contains` one label of a post that may have several, in a list or joined.
    A rule with `taxonomy` holds only in runs of that taxonomy, in which the source's rules without one are ignored.

    Examples
    --------
    >>> rule = LabelRule(source="谣言", category="rumour", says=1, fit="direct", reason="辟谣平台判定为谣言的微博")
    >>> rule.says, rule.taxonomy
    (1, None)
    """

    taxonomy: str | None = None
    source: str | None = None
    contains: str | None = None
    category: str
    says: Literal[0, 1]
    fit: Fit
    reason: str = Field(min_length=2)

    @property
    def value(self) -> str:
        """The label that is spoken of, whether it is all or one of several."""
        return str(self.contains if self.source is None else self.source)

    @model_validator(mode="after")
    def _one_label(self) -> LabelRule:
        if (self.source is None) == (self.contains is None):
            message = (
                "a rule names one label: as `source`, all that a post's label is, or as `contains`, one of several"
            )
            raise ValueError(message)
        return self


class Fetch(Section):
    """How the originals of a corpus are fetched and become its table.

    Parameters
    ----------
    repository, commit
        Owner and name on GitHub, and the 40 hexadecimal digits of the commit.
    parser
        Name of a parser in `koudai.corpus.fetching.originals`.
    checked
        What the parser was checked against, in words.
    encodings
        Tried in this order, each strictly.
    columns
        Column of the table to field of the originals; the values of several fields are joined by blanks.
    own
        By path of an original: columns that only it has; null in the rows of the others.
    each
        By path of an original: constant values of columns in all of its rows.
    values
        By column: values to replace, and by what; other values stay.
    squeeze
        By column: its greatest length in characters, after each run of white space is replaced by one blank.
    numbers
        Columns of numbers.
    needed
        Columns of which a row must have one: rows without any of them are no posts and are left out.
    left_out
        How many rows are left out.

    Examples
    --------
    >>> fetch = Fetch(
    ...     repository="someone/posts",
    ...     commit="0" * 40,
    ...     parser="csv",
    ...     checked="by reading ten rows",
    ...     columns={"text": ("title", "body"), "label": "class"},
    ...     each={"train.csv": {"split": "train"}},
    ... )
    >>> fetch.table
    ('text', 'label', 'split')
    """

    repository: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$")
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    parser: str
    checked: str = Field(min_length=10)
    encodings: tuple[Literal["utf-8", "gb18030"], ...] = ("utf-8",)
    columns: dict[str, str | tuple[str, ...]]
    own: dict[str, dict[str, str | tuple[str, ...]]] = {}
    each: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, str]] = {}
    squeeze: dict[str, int] = {}
    numbers: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    left_out: int = Field(default=0, ge=0)

    @property
    def table(self) -> tuple[str, ...]:
        """The columns of the table after ``post_id``, each once, in the order of this section."""
        own = [name for columns in self.own.values() for name in columns]
        each = [name for columns in self.each.values() for name in columns]
        return tuple(dict.fromkeys([*self.columns, *own, *each]))


class Source(Section):
    """A corpus: its file, the meaning of its columns and labels, and its licence.

    `silent` gives the reason for each label that says nothing about any category; `unknown` the reason why the corpus
    says nothing about the categories that no rule names. `sha256` gives the hash of each original by its path; without
    `fetch` the originals cannot be fetched, and `not_fetched` gives the reason. `file` may be a folder; `files` gives
    one for each value of the split instead, and `file_kind` the kind where their names do not tell. `layout` names the
    tool that wrote them and its columns. With `number_rows` the rows have no id: it is made of file name and line.
    `label_separator` stands between the labels of a post where they are one text, and a rule says `contains`.

    `yes` and `no` are the values of the column of labels that say 1 and 0 of `category`, instead of a rule for each;
    `fit` and `reason` are theirs. `fit` is also that of labels that are objects, category to value (`columns.labels`),
    or such an object as JSON in a cell.

    Examples
    --------
    >>> rule = {"source": "谣言", "category": "rumour", "says": 1, "fit": "direct", "reason": "平台判定为谣言的微博"}
    >>> source = Source(name="mine", file="mine.csv", columns={"label": "sort"}, label=[rule], silent=["其他"])
    >>> [one.category for one in source.rules("cac-2023")], source.silent
    (['rumour'], {'其他': ''})
    >>> short = Source(name="mine", file="mine.csv", columns={"label": "谣言"}, category="rumour", yes="是", no="否")
    >>> [(one.source, one.says) for one in short.rules("cac-2023")]
    [('是', 1), ('否', 0)]
    """

    name: str
    title: str = ""
    kind: Literal["real", "written"] = "real"
    origin: str = ""
    sha256: dict[str, Sha256] = {}
    licence: str = ""
    citation: str = ""
    file: str = ""
    files: dict[str, str] = {}
    file_kind: Literal["csv", "tsv", "jsonl", "json", "parquet", "arrow", "xlsx", "txt"] | None = None
    layout: str | None = None
    rows: int | None = Field(default=None, ge=1)
    encoding: str = "utf-8"
    quoting: Quoting = None
    columns: Columns = Columns()
    number_rows: bool = False
    label_separator: str = Field(default="#", min_length=1)
    silent: dict[str, str] = {}
    unknown: str = ""
    label: tuple[LabelRule, ...] = ()
    category: str | None = None
    yes: Values = ()
    no: Values = ()
    fit: Fit = "direct"
    reason: str = Field(default="labelled for this very thing", min_length=2)
    not_fetched: str = ""
    fetch: Fetch | None = None

    def rules(self, taxonomy: str) -> tuple[LabelRule, ...]:
        """Return the rules that hold in runs of `taxonomy`: those that name it, else those that name none."""
        own = tuple(rule for rule in self.all_rules if rule.taxonomy == taxonomy)
        return own or tuple(rule for rule in self.all_rules if rule.taxonomy is None)

    @property
    def all_rules(self) -> tuple[LabelRule, ...]:
        """The rules of `label`, and those that `yes` and `no` stand for."""
        if self.category is None:
            return self.label
        said = [*((value, 1) for value in self.yes), *((value, 0) for value in self.no)]
        return self.label + tuple(
            LabelRule(source=value, category=self.category, says=says, fit=self.fit, reason=self.reason)
            for value, says in said
        )

    @model_validator(mode="after")
    def _yes_and_no_are_of_a_category(self) -> Source:
        given = [name for name, values in (("yes", self.yes), ("no", self.no)) if values]
        for wrong, message in (
            (bool(given) and self.category is None, f"{' and '.join(given)}: name the `category` that they are about"),
            (bool(given) and self.columns.label is None, f"{' and '.join(given)}: name the column as columns.label"),
            (self.category is not None and len(given) < 2, "`category` goes with `yes` and `no`, values of its labels"),
        ):
            if wrong:
                raise ValueError(message)
        return self

    @field_validator("silent", mode="before")
    @classmethod
    def _bare_names_have_no_reason(cls, value: Any) -> Any:
        bare = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
        return dict.fromkeys(value, "") if bare else value

    @model_validator(mode="after")
    def _posts_are_somewhere(self) -> Source:
        if bool(self.file) == bool(self.files):
            message = "a corpus has its posts in one `file`, or in `files`, one for each value of the split"
            raise ValueError(message)
        if self.files and (self.columns.split or self.fetch):
            message = "files says which posts are of which split, and excludes columns.split and fetch"
            raise ValueError(message)
        if self.file_kind == "txt" and not self.number_rows:
            message = "lines of text have no ids: number_rows = true gives them some"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _one_way_to_label(self) -> Source:
        if self.columns.label and self.columns.labels:
            message = (
                "columns.label and columns.labels exclude each other: one label per post, or one value per category"
            )
            raise ValueError(message)
        if self.columns.label and not (self.all_rules or self.silent):
            message = (
                "columns.label is given but nothing says what its values mean: name a `category`, and which value says "
                "`yes` and which `no`, or write a [[label]] for each"
            )
            raise ValueError(message)
        said: dict[tuple[str | None, str, str], int] = {}
        for rule in self.all_rules:
            silent = rule.taxonomy is None and rule.value in self.silent
            if silent or said.setdefault((rule.taxonomy, rule.value, rule.category), rule.says) != rule.says:
                message = f"label {rule.value!r} says two things about {rule.category!r}"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _originals_are_pinned(self) -> Source:
        if self.fetch is None:
            return self
        for wrong, message in (
            (not self.sha256, "a corpus is fetched only if [sha256] gives the hash of each original"),
            (bool(self.not_fetched), "fetch and not_fetched exclude each other"),
            (not _PLAIN_NAME.fullmatch(self.file), "the file of a fetched corpus is a plain name ending in .parquet"),
            ("text" not in self.fetch.table, "fetch.columns does not say which field is the text"),
            ("post_id" in self.fetch.table, "post_id is numbered by koudai and cannot be fetched"),
        ):
            if wrong:
                raise ValueError(message)
        strange = sorted({*self.fetch.own, *self.fetch.each} - set(self.sha256))
        strange += sorted(
            {*self.fetch.values, *self.fetch.squeeze, *self.fetch.numbers, *self.fetch.needed} - set(self.fetch.table)
        )
        strange += [
            path for path in self.sha256 if path.startswith("/") or not {"", ".", ".."}.isdisjoint(path.split("/"))
        ]
        if strange:
            message = f"neither an original under [sha256] nor a column of the table: {', '.join(strange)}"
            raise ValueError(message)
        return self
