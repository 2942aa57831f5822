"""Sections of an audit config on what is audited: labelled corpora, and a table of probabilities with its posts.

Promises: unknown keys are errors, and a column holds one thing. Opens no file: whether columns exist and values are
covered is checked when the inputs are read.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from koudai.config.source import Quoting, Section, Source

Probability = Annotated[float, Field(ge=0, le=1)]


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
