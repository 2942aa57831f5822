"""Tables by id: the one way in which labels, annotations, probabilities and posts of a file are read and joined.

Promises: ids and cells are as they were written; a row that cannot be read is refused or quarantined with its line,
never skipped; an id that is there twice is refused with both lines; ids that only one side has are counted both ways,
and too many of them are refused. Does not know what the cells mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.cells import MISSING, cell_text, probability
from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.posts import Quarantined, set_aside, what_is_wrong
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import rows
from koudai.errors import ReadError, ScoresMismatch, number_of, printable
from koudai.progress import Advance
from koudai.text.characters.contacts.masking import masked_name

MORE_MAY_BE_ALLOWED = "name the right file and id column, or allow more with `unmatched` and `unlabelled`"
_SHOWN = 5
_EVERY = 4096


@dataclass(frozen=True)
class Joined:
    """Which row of a table each scored post has, and how many ids are only on one side.

    Parameters
    ----------
    row : ndarray of int64, shape (n_posts,)
        Row index, -1 where the post is not in the table.
    only_scores, only_table
        Ids that only the scores, and only the table have.

    Examples
    --------
    >>> Joined(np.array([1, -1]), only_scores=1, only_table=0).row >= 0
    array([ True, False])
    """

    row: NDArray[np.int64]
    only_scores: int
    only_table: int


@dataclass(frozen=True, eq=False)
class IdTable:
    """Columns of a file by id.

    Parameters
    ----------
    ids
        One for each row, as written.
    cells
        By column, what `koudai.corpus.reading.rows.rows` gives: text, a number, None, a list.
    lines
        Line of each row (row number in a Parquet file), counted from 1.
    source
        The file, for messages.
    quarantined
        Rows that could not be read or were quarantined.

    Examples
    --------
    >>> table = IdTable(["7", "8"], {"label": ["a", None]}, [2, 3], Path("t.csv"))
    >>> table.texts("label")
    ['a', '']
    >>> table.join(["8", "9"], unmatched=0.5, unlabelled=0.5)
    Joined(row=array([ 1, -1]), only_scores=1, only_table=1)
    """

    ids: list[str]
    cells: dict[str, list[Any]]
    lines: Sequence[int]
    source: Path
    quarantined: tuple[Quarantined, ...] = ()

    def texts(self, column: str) -> list[str]:
        """Return a column as text, ``""`` where there is nothing; see `cell_text`."""
        return [cell_text(cell) for cell in self.cells[column]]

    def probabilities(
        self, columns: Collection[str], *, missing: Collection[str] = ()
    ) -> tuple[NDArray[np.float64], dict[int, str]]:
        """Return columns as numbers from 0 to 1, and what is wrong with the rows that hold anything else.

        Parameters
        ----------
        columns
            Which.
        missing
            Values that mean that no probability is given.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_columns)
            `MISSING` where nothing is given, and where a cell is no probability.
        dict
            By row index, the first column of the row that is no probability, and why.
        """
        proba = np.full((len(self.ids), len(columns)), MISSING)
        wrong: dict[int, str] = {}
        for column, name in enumerate(columns):
            values = proba[:, column]
            for row, cell in enumerate(self.cells[name]):
                try:
                    values[row] = probability(cell, missing=missing)
                except ValueError as error:
                    wrong.setdefault(row, f"{printable(name, limit=60)}: {error}")
        return proba, wrong

    def without(self, wrong: dict[int, str], *, reason: str) -> tuple[IdTable, NDArray[np.intp]]:
        """Return the table without some rows, which are quarantined, and the indices of the rows that are left.

        Parameters
        ----------
        wrong
            By row index, what is wrong with it.
        reason
            In one word.
        """
        left = np.array([row for row in range(len(self.ids)) if row not in wrong], dtype=np.intp)
        if not wrong:
            return self, left
        aside = [
            set_aside(
                Row(self.lines[row], {name: cells[row] for name, cells in self.cells.items()}),
                (reason, detail),
                self.source.name,
            )
            for row, detail in wrong.items()
        ]
        kept = left.tolist()
        table = replace(
            self,
            ids=[self.ids[row] for row in kept],
            cells={name: [cells[row] for row in kept] for name, cells in self.cells.items()},
            lines=[self.lines[row] for row in kept],
            quarantined=tuple(sorted([*self.quarantined, *aside], key=lambda one: one.line)),
        )
        return table, left

    def require_distinct(self) -> None:
        """Raise `ReadError` if an id is there twice; names the first such ids with both lines."""
        first: dict[str, int] = {}
        twice = [(one, first[one], row) for row, one in enumerate(self.ids) if first.setdefault(one, row) != row]
        if twice:
            name = self.source.name
            raise ReadError(
                what=number_of(len(twice), "id is", "ids are") + " twice in this table",
                where=self.source,
                expected="every post once",
                got="\n".join(
                    f"{printable(repr(one), limit=60)} at {name}:{self.lines[a]} and {name}:{self.lines[b]}"
                    for one, a, b in twice[:_SHOWN]
                ),
                happened="nothing was measured",
                todo="keep one row of each post",
            )

    def join(self, ids: list[str], *, unmatched: float, unlabelled: float, todo: str = MORE_MAY_BE_ALLOWED) -> Joined:
        """Find the scored posts in the table.

        Parameters
        ----------
        ids
            Of the scored posts.
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
        self.require_distinct()
        row = row_indices(ids, self.ids)
        only_scores = int((row < 0).sum())
        only_table = len(self.ids) - (len(ids) - only_scores)
        few = only_table <= unmatched * len(self.ids) and only_scores <= unlabelled * len(ids)
        if only_scores == len(ids) or not few:
            known, there = set(ids), set(self.ids)
            raise ScoresMismatch(
                what="the ids of this table are not those of the scored posts",
                where=self.source,
                expected=f"at most {unmatched:.0%} of its ids unknown to the scores, at most {unlabelled:.0%} of the "
                "scored posts missing from it, and some in both",
                got=f"{only_table:,} of its {len(self.ids):,} ids are no scored post's: "
                f"{some_ids(one for one in self.ids if one not in known)}\n"
                f"{only_scores:,} of {len(ids):,} scored posts are not in it: "
                f"{some_ids(one for one in ids if one not in there)}",
                happened="nothing was measured",
                todo=todo,
            )
        return Joined(row, only_scores, only_table)


def read_id_table(
    path: Path, reading: Reading, columns: Sequence[str] = (), *, advance: Advance = lambda steps, told=None: None
) -> IdTable:
    """Read columns of a Parquet, CSV, TSV or JSON lines file by id.

    Parameters
    ----------
    path
        The file.
    reading
        How it is read: its id column; ``keep``, columns that single JSON lines may lack; encoding; and with
        ``bad_bytes="quarantine"`` rows that are not posts are quarantined, with any other value they are refused.
    columns
        Columns that every row must have. Posts are judged by their text only if the reading's text column is one.
    advance
        Progress callback: rows read.

    Raises
    ------
    ReadError
        If the file or a row of it cannot be read, or a column is not there; names the first rows.

    Examples
    --------
    >>> import tempfile
    >>> from koudai.config.source import Columns
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "t.jsonl"
    ...     _ = path.write_text('{"id": "007", "label": "a"}', encoding="utf-8")
    ...     table = read_id_table(path, Reading(columns=Columns(id="id")), ["label"])
    >>> table.ids, table.texts("label"), table.lines
    (['007'], ['a'], [1])
    """
    if not path.is_file():
        raise ReadError(what="no such file", where=path, happened="nothing was measured", todo="check the path")
    post, tolerant = reading.columns, reading.bad_bytes == "quarantine"
    required = list(dict.fromkeys([post.id, *columns]))
    table = IdTable([], {name: [] for name in dict.fromkeys([*required, *reading.keep])}, [], path)
    lines: list[int] = []
    aside: list[Quarantined] = []
    unreadable: list[str] = []
    for number, row in enumerate(rows(path, reading, columns=required), 1):
        if not tolerant:
            wrong = None if row.wrong is None else (row.wrong, row.detail)
        else:
            no_text = dict.fromkeys(post.texts, "")
            wrong = what_is_wrong(row._replace(fields=no_text | row.fields), post)
        if wrong is None:
            lines.append(row.line)
            for name, cells in table.cells.items():
                cells.append(row.fields.get(name))
        elif tolerant:
            aside.append(set_aside(row, wrong, path.name))
        else:
            unreadable.append(f"line {row.line}: {wrong[0]}, {printable(masked_name(wrong[1]), limit=120)}")
        if number % _EVERY == 0:
            advance(_EVERY)
    if unreadable:
        more = [f"and {len(unreadable) - _SHOWN:,} more"] if len(unreadable) > _SHOWN else []
        raise ReadError(
            what=number_of(len(unreadable), "row") + " of this table cannot be read",
            where=path,
            got="\n".join(unreadable[:_SHOWN] + more),
            happened="nothing was measured",
            todo="correct these rows",
        )
    return replace(table, ids=table.texts(post.id), lines=lines, quarantined=tuple(aside))


def row_indices(ids: Sequence[str], among: Sequence[str]) -> NDArray[np.int64]:
    """Return the index that each of `ids` has in `among`, -1 where it is not there; shape (n_ids,).

    Examples
    --------
    >>> row_indices(["b", "x"], ["a", "b"]).tolist()
    [1, -1]
    """
    row_of = dict.fromkeys(ids, -1)
    row_of |= {one: row for row, one in enumerate(among) if one in row_of}
    return np.fromiter(map(row_of.__getitem__, ids), np.int64, len(ids))


def some_ids(ids: Iterable[str]) -> str:
    """Return the first few ids in words, safe to print.

    Examples
    --------
    >>> some_ids(["a", "b"]), some_ids([])
    ("'a', 'b'", 'none')
    """
    shown = [printable(repr(one), limit=60) for one, _ in zip(ids, range(_SHOWN), strict=False)]
    return ", ".join(shown) or "none"
