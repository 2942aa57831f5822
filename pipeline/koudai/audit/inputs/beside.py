"""Tables beside the scores: what others said of the same posts, joined by id and counted both ways.

Promises: cells are the text that was written, ``""`` where there is none; a row that cannot be read is an error, never
a gap; ids that only one side has are counted, and too many of them are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import rows
from koudai.errors import ReadError, ScoresMismatch, printable

_SHOWN = 5
WITHIN = "\n"
"""What stands between the labels of a cell that holds a list."""


def read_table(path: Path, columns: list[str], *, encoding: str = "utf-8") -> dict[str, list[str]]:
    """Return columns of a Parquet, CSV, TSV or JSON lines file.

    Raises
    ------
    ReadError
        If the file or a row of it cannot be read, or a column is not there; names the first rows.
    """
    if not path.is_file():
        raise ReadError(what="no such file", where=path, happened="nothing was measured", todo="check the path")
    found: dict[str, list[str]] = {name: [] for name in columns}
    wrong: list[str] = []
    for row in rows(path, Reading(encoding=encoding), columns=list(dict.fromkeys(columns))):
        if row.wrong is not None:
            wrong.append(f"line {row.line}: {row.wrong}, {printable(row.detail, limit=120)}")
            continue
        for name, cells in found.items():
            cells.append(cell_text(row.fields[name]))
    if wrong:
        more = [f"and {len(wrong) - _SHOWN:,} more"] if len(wrong) > _SHOWN else []
        raise ReadError(
            what=f"{len(wrong):,} row(s) of this table cannot be read",
            where=path,
            got="\n".join(wrong[:_SHOWN] + more),
            happened="nothing was measured",
            todo="correct these rows",
        )
    return found


def cell_text(value: Any) -> str:
    """Return a cell as the text that was written, ``""`` where there is none, the items of a list by lines."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return WITHIN.join(cell_text(one) for one in value)
    return str(value)


@dataclass(frozen=True)
class Joined:
    """Where each scored post stands in a table, and what is only on one side.

    Parameters
    ----------
    place : ndarray of int64, shape (n_posts,)
        Row of the table, -1 where the post is not in it.
    only_scores, only_table
        Ids that only the scores, and only the table have.
    """

    place: NDArray[np.int64]
    only_scores: int
    only_table: int


MORE_MAY_BE_ALLOWED = "name the right file and id column, or allow more with `unmatched` and `unlabelled`"


def join_ids(
    ids: list[str],
    table: list[str],
    *,
    where: object,
    unmatched: float,
    unlabelled: float,
    todo: str = MORE_MAY_BE_ALLOWED,
) -> Joined:
    """Find the scored posts in a table.

    Parameters
    ----------
    ids, table
        Ids of the scored posts, and those of the table's rows.
    where
        The table, for messages.
    unmatched
        Greatest share of the table's ids that no scored post has.
    unlabelled
        Greatest share of the scored posts that are not in the table.
    todo
        What to do where they do not match.

    Raises
    ------
    ReadError
        If an id is twice in the table.
    ScoresMismatch
        If none match, or more than these shares do not; gives both counts and some of the ids.
    """
    row_of: dict[str, int] = {}
    twice = [post_id for row, post_id in enumerate(table) if row_of.setdefault(post_id, row) != row]
    if twice:
        raise ReadError(
            what=f"{len(twice):,} id(s) are twice in this table",
            where=where,
            expected="every post once",
            got=", ".join(map(repr, twice[:_SHOWN])),
            happened="nothing was measured",
            todo="keep one row of each",
        )
    place = np.array([row_of.get(post_id, -1) for post_id in ids], dtype=np.int64)
    lost = int((place < 0).sum())
    strange = len(row_of) - (len(ids) - lost)
    if lost == len(ids) or strange > unmatched * len(row_of) or lost > unlabelled * len(ids):
        known = set(ids)
        raise ScoresMismatch(
            what="the ids of this table are not those of the scored posts",
            where=where,
            expected=f"at most {unmatched:.0%} of its ids unknown to the scores, at most {unlabelled:.0%} of the "
            "scored posts missing from it, and some in both",
            got=f"{strange:,} of its {len(row_of):,} ids are no scored post's: "
            f"{some_ids(one for one in row_of if one not in known)}\n"
            f"{lost:,} of {len(ids):,} scored posts are not in it: {some_ids(one for one in ids if one not in row_of)}",
            happened="nothing was measured",
            todo=todo,
        )
    return Joined(place, lost, strange)


def some_ids(ids: Iterable[str]) -> str:
    """Return the first few ids in words, safe to print."""
    shown = [printable(repr(one), limit=60) for one, _ in zip(ids, range(_SHOWN), strict=False)]
    return ", ".join(shown) or "none"
