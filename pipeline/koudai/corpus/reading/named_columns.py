"""Columns that a file must have, by name: what is said of one that is missing, or there twice.

Promises: all that are missing are named at once, each with the nearest that is there; where the columns are those of a
known tool, its layout is named. What the first line of separated values is instead of a header: that is ``headers.py``.
"""

from __future__ import annotations

from collections.abc import Collection

from koudai.config.layouts import layout_of
from koudai.errors import ReadError
from koudai.registry import did_you_mean
from koudai.text.characters.contacts.masking import masked_name


def require_columns(columns: list[str], present: list[str], where: object) -> None:
    """Raise `ReadError` unless each of `columns` is `present` exactly once.

    Examples
    --------
    >>> require_columns(["post_id"], ["post_id", "text"], "posts.csv")
    """
    twice = [name for name in columns if present.count(name) > 1]
    if twice:
        raise ReadError(
            what="columns share a name",
            where=where,
            got=", ".join(twice),
            happened="nothing of this file was read",
            todo="rename all but one of them",
        )
    missing = [name for name in columns if name not in present]
    if missing:
        hints = [hint for name in missing if (hint := did_you_mean(name, present))]
        raise ReadError(
            what=f"column(s) missing: {', '.join(missing)}",
            where=where,
            expected=", ".join(columns),
            got=", ".join(present) if layout_of(present) else masked_name(", ".join(present)),
            happened="nothing of this file was read",
            todo=layout_hint(present)
            + "name the columns in the section of the config that names this file, or those of posts to be scored with "
            "`id_column`, `text_column` and `keep`; rows without an id can be numbered with `number_rows`"
            + (f" ({'; '.join(hints)})" if hints else ""),
        )


def layout_hint(present: Collection[str]) -> str:
    """Return what to do about columns that are missing where those that are there are of a known layout, or ``""``.

    Examples
    --------
    >>> layout_hint(["微博id", "微博正文"])
    'these are columns of weibo-spider: give its `layout`, weibo-spider; or '
    """
    layout = layout_of(present)
    return "" if layout is None else f"these are columns of {layout.name}: give its `layout`, {layout.name}; or "
