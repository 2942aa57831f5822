"""Readers: files into batches of posts, and everything that is not a post into quarantine with its line and reason.

Promises: every row is a post or is quarantined (``read = posts + quarantined``); ids leave as the text that came in;
no column that names an account passes; memory is bounded by one batch. Text is not changed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.config.source import Columns
from koudai.corpus.reading.files import START, Mark, opened
from koudai.corpus.reading.lines import Lines, Row
from koudai.corpus.reading.locations import Location, Place, located
from koudai.corpus.reading.parquet import record_batches
from koudai.corpus.reading.posts import (
    Judged,
    PostBatch,
    ids_of_batch,
    posts_of_batch,
    posts_of_rows,
    wanted,
    what_is_wrong,
)
from koudai.corpus.reading.rows import LAYOUT_ROWS, json_rows, plain_objects
from koudai.corpus.reading.separated import DELIMITERS, Separated
from koudai.errors import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_BYTES = 8 << 20


def read_posts(
    place: Place,
    *,
    columns: Columns | None = None,
    encoding: str = "utf-8",
    bad_bytes: str = "refuse",
    batch_rows: int = 4096,
    cut_rows: int | None = None,
    batch_bytes: int = _BATCH_BYTES,
    begin: Mark = START,
    keep: tuple[str, ...] = (),
) -> Iterator[PostBatch]:
    """Yield a file's posts in batches of `batch_rows` rows, the last one shorter.

    Parameters
    ----------
    place
        Parquet, CSV, TSV or JSON lines, also gzipped.
    columns
        Which columns hold what; by default ``post_id`` and ``text``.
    encoding, bad_bytes
        As for `koudai.corpus.reading.rows.rows`.
    batch_rows
        Rows per batch. Apart from the file, a batch's boundaries depend on this and the next two alone.
    cut_rows
        Whenever so many rows have been read, a batch ends, however short.
    batch_bytes
        A batch is shorter where its rows take much more than this: so are batches of very long posts.
    begin
        Where the first row is, one of the marks that `read_ids` gives. Lines and cuts are counted from the start of
        the file, as if all of it were read and what is before the mark left out.
    keep
        Columns that go into `PostBatch.kept`, as text.

    Raises
    ------
    ReadError
        If the file as a whole cannot be read, lacks a column, or its first 4,096 rows all lack a field wanted.
    ConfigError
        If a column names accounts.
    """
    path, columns = located(place), columns or Columns()
    names = wanted(columns, keep)
    if path.kind == "parquet":
        yield from record_batches(
            path,
            lambda batch, first: posts_of_batch(batch, first + np.arange(len(batch)), columns, path.name, keep),
            columns=list(dict.fromkeys([*names, *keep])),
            batch_rows=batch_rows,
            batch_bytes=batch_bytes,
            begin=begin,
            cut_rows=cut_rows,
        )
        return
    for _, batch in _of_lines(path, columns, encoding, bad_bytes, keep, batch_rows, cut_rows, batch_bytes, begin):
        yield batch


class Ids(NamedTuple):
    """Ids of posts and the line of each, how many rows they were among, and the marks asked for among those."""

    ids: pa.StringArray
    lines: NDArray[np.int64]
    read: int
    marks: list[Mark]


def read_ids(
    place: Place,
    *,
    columns: Columns,
    encoding: str,
    bad_bytes: str,
    exact: bool,
    batch_rows: int = 65_536,
    mark_rows: int | None = None,
    keep: tuple[str, ...] = (),
) -> Iterator[Ids]:
    """Yield the ids of a file's posts, without keeping a text.

    Parameters
    ----------
    place, columns, encoding, bad_bytes, batch_rows, keep
        As for `read_posts`, which raises the same.
    exact
        Whether rows whose id is right and whose text is not, in a Parquet file, are left out; that needs the texts to
        be read.
    mark_rows
        Rows from one mark to the next; the first is `START`. By default there are none.
    """
    path, names = located(place), wanted(columns, keep)
    before = 0
    if path.kind == "parquet":
        found = (
            ((posts.ids, posts.lines, posts.read) for posts in read_posts(path, columns=columns, keep=keep))
            if exact
            else record_batches(
                path,
                lambda batch, first: ids_of_batch(batch, first, columns.id),
                columns=list(dict.fromkeys([*names, *keep])),
                read=[columns.id],
                batch_rows=batch_rows,
            )
        )
        for some, numbers, read in found:
            marked = range(-(-before // mark_rows) * mark_rows, before + read, mark_rows) if mark_rows else ()
            yield Ids(some, numbers, read, [Mark(row, row, 0) for row in marked])
            before += read
        return
    for mark, posts in _of_lines(path, columns, encoding, bad_bytes, keep, batch_rows, mark_rows):
        begins = mark_rows is not None and mark.row % mark_rows == 0
        yield Ids(posts.ids, posts.lines, posts.read, [mark] if begins else [])


class SeenIds:
    """Remembers ids and where each was first seen, to find the second."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def second(self, post_id: str, place: str) -> str | None:
        """Return where `post_id` was first seen, or None if this is the first time."""
        first = self._first.get(post_id)
        if first is None:
            self._first[post_id] = place
        return first

    def refuse(self, ids: list[str], places: list[str]) -> None:
        """Raise `ReadError` at the first id that was seen before."""
        for post_id, place in zip(ids, places, strict=True):
            first = self.second(post_id, place)
            if first is not None:
                raise twice(post_id, first=first, second=place)


def twice(
    post_id: str,
    *,
    first: str,
    second: str,
    happened: str = "nothing was scored or trained on",
    todo: str = "remove one of them, or let `koudai score --duplicates first` keep the first",
) -> ReadError:
    """Return the error that an id is there twice, with both places."""
    return ReadError(
        what=f"the id {post_id!r} is there twice",
        where=second,
        expected="every post once",
        got=f"first seen at {first}",
        happened=happened,
        todo=todo,
    )


def _of_lines(
    path: Location,
    columns: Columns,
    encoding: str,
    bad_bytes: str,
    keep: tuple[str, ...],
    batch_rows: int,
    cut_rows: int | None,
    batch_bytes: int = _BATCH_BYTES,
    begin: Mark = START,
) -> Iterator[tuple[Mark, PostBatch]]:
    """Yield a file's posts in batches, each with the place where it begins."""
    names = wanted(columns, keep)
    together = list(dict.fromkeys([*names, *keep]))
    with opened(path) as stream:
        lines = Lines(stream, path, encoding=encoding, bad_bytes=bad_bytes)
        separated = None
        if path.kind in DELIMITERS:
            separated = Separated(lines, together, delimiter=DELIMITERS[path.kind])
        if begin.row:
            lines.begin(begin)

        def one_by_one(*, whole: bool) -> Iterator[Judged]:
            rows = separated.rows() if separated else json_rows(lines, names, keep=keep, whole=whole)
            return judged_rows(rows, names, columns, path, whole=whole)

        numeric = {columns.id, *keep} - set(names[1:])
        many = separated.plain() if separated else plain_objects(lines, together, numeric=numeric)
        judged, read = one_by_one(whole=not begin.row), begin.row
        while True:
            left = min(batch_rows, cut_rows - read % cut_rows) if cut_rows else batch_rows
            mark = Mark(read, lines.number, lines.offset) if read else START
            plain = many.take(left, batch_bytes) if many else None
            if plain is not None:
                batch = posts_of_batch(plain.columns, plain.lines, columns, path.name, keep)
                judged = one_by_one(whole=False)
            else:
                batch = posts_of_rows(list(_until(batch_bytes, islice(judged, left))), columns, path.name, keep)
            if not batch.read:
                return
            yield mark, batch
            read += batch.read


def judged_rows(
    rows: Iterator[Row], names: list[str], columns: Columns, path: Location, *, whole: bool
) -> Iterator[Judged]:
    """Yield each row with what is wrong with it; refuse a whole file whose rows all lack a field."""
    read, lacking = 0 if whole else LAYOUT_ROWS, ""
    for row in rows:
        if read < LAYOUT_ROWS:
            lacking = row.detail if row.wrong == "missing-field" and (lacking or not read) else ""
            read += 1
            if lacking and read == LAYOUT_ROWS:
                raise _unknown_layout(path, names, read=read, lacking=lacking)
        yield row, what_is_wrong(row, columns)
    if lacking:
        raise _unknown_layout(path, names, read=read, lacking=lacking)


def _until(most: int, judged: Iterator[Judged]) -> Iterator[Judged]:
    """Yield rows until one begins `most` bytes behind the first."""
    end = None
    for row, wrong in judged:
        yield row, wrong
        end = row.offset + most if end is None else end
        if row.offset >= end:
            return


def _unknown_layout(path: Location, wanted: list[str], *, read: int, lacking: str) -> ReadError:
    return ReadError(
        what=f"none of the first {read} rows has the fields wanted",
        where=path,
        expected=", ".join(wanted),
        got=lacking,
        happened="nothing was scored or trained on",
        todo="name the fields with --id-column and --text-column, or under [corpus.source.columns]",
    )
