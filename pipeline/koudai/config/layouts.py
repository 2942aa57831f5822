"""Layouts: the columns of files that known tools write, by the tool's name: id, text, date, and those of accounts.

Promises: a layout names no column of accounts as something to read; one that a table has is found by the columns that
tell it from others. Knows nothing of what is in a file but the names of its columns.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path

from pydantic import Field, model_validator

from koudai.config.load import load_config
from koudai.config.places import bundled, find_named
from koudai.config.source import Columns, Section, Source
from koudai.errors import ConfigError


class StepsWarning(UserWarning):
    """Texts of a layout need a step of normalisation that a model does not take."""


class LayoutColumns(Section):
    """Where a tool writes the id, the text and the date of a post.

    Examples
    --------
    >>> LayoutColumns(id="note_id", text=["title", "desc"], date="time").date
    'time'
    """

    id: str
    text: str | tuple[str, ...]
    date: str


class Layout(Section):
    """How a tool writes posts.

    Parameters
    ----------
    name, title, origin
        The tool.
    known_by
        Columns that tell it from others: a table that has all of them is of this layout.
    columns
        Where the id, the text and the date stand.
    accounts
        Columns about people; they are not read, whatever they are called.
    steps
        Steps of normalisation that its texts need.

    Examples
    --------
    >>> find_layout("mediacrawler-xhs", configs=bundled("configs")).columns.text
    ('title', 'desc')
    """

    name: str
    title: str
    origin: str
    known_by: tuple[str, ...] = Field(min_length=1)
    columns: LayoutColumns
    accounts: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _reads_no_account(self) -> Layout:
        self.refuse_accounts(self.apply(Columns()))
        return self

    def apply(self, columns: Columns) -> Columns:
        """Return columns with those of the layout where none were named.

        Examples
        --------
        >>> layout = find_layout("weibo-crawler", configs=bundled("configs"))
        >>> layout.apply(Columns(id="bid", label="谣言")).model_dump(exclude_defaults=True)
        {'id': 'bid', 'text': '正文', 'label': '谣言', 'date': '日期'}
        """
        named = self.columns.model_dump().items()
        return columns.model_copy(update={name: value for name, value in named if name not in columns.model_fields_set})

    def refuse_accounts(self, columns: Columns, keep: Collection[str] = ()) -> None:
        """Raise `ConfigError` if a column that is to be read is one of accounts."""
        named = {columns.id, *columns.texts, columns.date, columns.label, columns.labels, columns.split, *columns.keep}
        accounts = [name for name in self.accounts if name in named or name in keep]
        if accounts:
            raise ConfigError(
                what=f"column(s) that name accounts are never read: {', '.join(accounts)}",
                where=f"layout {self.name}",
                happened="nothing was read",
                todo="leave them out; koudai measures posts, not people",
            )


def find_layout(name: str, *, configs: Path) -> Layout:
    """Load the layout called `name` from ``configs/layouts``; raises `ConfigError` with the known names.

    Examples
    --------
    >>> find_layout("weiboscope", configs=bundled("configs")).columns.id
    'mid'
    """
    return load_config(Layout, find_named("layouts", name, configs=configs))


def known_layouts() -> list[Layout]:
    """Return the layouts that koudai brings, in order of names.

    Examples
    --------
    >>> "weibo-spider" in [layout.name for layout in known_layouts()]
    True
    """
    found = (bundled("configs") / "layouts").glob("*.toml")
    return [load_config(Layout, path) for path in sorted(found, key=lambda one: one.stem)]


def layout_of(names: Collection[str]) -> Layout | None:
    """Return the layout of a table with columns of these names, or None.

    Examples
    --------
    >>> found = layout_of(["aweme_id", "title", "desc", "create_time"])
    >>> found.name if found else None
    'mediacrawler-douyin'
    """
    fitting = [layout for layout in known_layouts() if set(layout.known_by) <= set(names)]
    return max(fitting, key=lambda layout: len(layout.known_by), default=None)


def warn_of_steps(layout: Layout, steps: Collection[str], *, named: str) -> None:
    """Warn with a `StepsWarning` if texts of a layout need a step of normalisation that is not in `steps`.

    Parameters
    ----------
    layout
        How the texts come.
    steps
        The steps of a model or of a training config.
    named
        What the texts are called in the message.

    Examples
    --------
    >>> warn_of_steps(find_layout("weiboscope", configs=bundled("configs")), [], named="posts")
    """
    missing = [step for step in layout.steps if step not in steps]
    if missing:
        warnings.warn(
            f"{named} hold what text.steps {', '.join(missing)} would take away, and the model goes without",
            StepsWarning,
            stacklevel=2,
        )


def with_layout(source: Source, *, configs: Path) -> Source:
    """Return a source with the columns of the layout that it names; raises `ConfigError` if that is not known, or a
    column is one of accounts there.

    Examples
    --------
    >>> source = Source(name="mine", file="mine.csv", layout="weibo-spider")
    >>> with_layout(source, configs=bundled("configs")).columns.text
    '微博正文'
    """
    if source.layout is None:
        return source
    layout = find_layout(source.layout, configs=configs)
    columns = layout.apply(source.columns)
    layout.refuse_accounts(columns)
    return source.model_copy(update={"columns": columns})
