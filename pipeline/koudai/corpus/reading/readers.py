"""Readers: files into batches of posts, and everything that is not a post into quarantine with its line and reason.

Promises: every row is a post or is quarantined (``read = posts + quarantined``); ids leave as the text that came in;
no column that names an account passes; memory is bounded by one batch. Text is not changed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.files import BATCH_BYTES, START, Batching, Mark, open_unzipped
from koudai.corpus.reading.first_rows import FirstRows
from koudai.corpus.reading.ids import RECOVER, ROUNDED, bare_ids, ends_in_zeros
from koudai.corpus.reading.kinds import settled
from koudai.corpus.reading.lines import Lines, Row
from koudai.corpus.reading.locations import COLUMNAR, FROM_THE_START, Location, PathOrLocation
from koudai.corpus.reading.partitions import asked_of_folders, with_columns, without_columns
from koudai.corpus.reading.posts import (
    Judged,
    PostBatch,
    ids_of_batch,
    posts_of_batch,
    posts_of_rows,
    what_is_wrong,
)
from koudai.corpus.reading.reading import DEFAULT_READING, Reading
from koudai.corpus.reading.rows import batches_of, json_rows, plain_objects, rows, separated_of
from koudai.corpus.reading.separated import DELIMITERS
from koudai.errors import ReadError, printable

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 10
_TWICE = (
    "remove one of them, or score with `duplicates` first to keep the first, or with `number_rows` if the posts differ"
)


def read_posts(
    file: PathOrLocation,
    reading: Reading = DEFAULT_READING,
    *,
    batch_rows: int = 4096,
    cut_rows: int | None = None,
    batch_bytes: int = BATCH_BYTES,
    begin: Mark = START,
) -> Iterator[PostBatch]:
    r"""Yield a file's posts in batches of `batch_rows` rows, the last one shorter.

    Parameters
    ----------
    file
        Parquet, CSV, TSV or JSON lines, also gzipped.
    reading
        How it is read.
    batch_rows, batch_bytes, cut_rows, begin
        As `rows`, `bytes`, `cut_rows` and `begin` of `koudai.corpus.reading.files.Batching`; a mark is one of those
        that `read_post_ids` gives.

    Raises
    ------
    ReadError
        If the file as a whole cannot be read, lacks a column, or none of its first rows is a post, see
        `koudai.corpus.reading.first_rows.FirstRows`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "posts.csv"
    ...     _ = path.write_text("post_id,text\n007,今天下雨\n,没有编号\n", encoding="utf-8")
    ...     (batch,) = read_posts(path)
    >>> batch.ids.to_pylist(), batch.texts.texts()
    (['007'], ['今天下雨'])
    >>> [(row.where, row.reason) for row in batch.quarantined]
    [('posts.csv:3', 'bad-id')]
    """
    path = settled(file, reading)
    beside = asked_of_folders(path, reading)
    for _, batch in _batches(
        path, without_columns(reading, beside), Batching(batch_rows, batch_bytes, cut_rows, begin)
    ):
        yield with_columns(batch, reading, beside) if beside else batch


class Ids(NamedTuple):
    """Ids of posts and the line of each, how many rows they were among, and the marks asked for among those."""

    ids: pa.StringArray
    lines: NDArray[np.int64]
    read: int
    marks: list[Mark]


def read_post_ids(
    file: PathOrLocation,
    reading: Reading = DEFAULT_READING,
    *,
    exact: bool,
    batch_rows: int = 65_536,
    mark_rows: int | None = None,
) -> Iterator[Ids]:
    r"""Yield the ids of a file's posts, without keeping a text.

    Parameters
    ----------
    file, reading, batch_rows
        As for `read_posts`, which raises the same.
    exact
        Whether rows whose id is right and whose text is not, in a Parquet file, are left out; that needs the texts to
        be read.
    mark_rows
        Rows from one mark to the next; the first is `START`. By default there are none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "posts.tsv"
    ...     _ = path.write_text("post_id\ttext\n007\t今天下雨\n1e5\t明天放晴\n", encoding="utf-8")
    ...     (found,) = read_post_ids(path, exact=True, mark_rows=2)
    >>> found.ids.to_pylist(), found.lines.tolist(), found.marks
    (['007', '1e5'], [2, 3], [Mark(row=0, line=0, offset=0)])
    """
    path = settled(file, reading)
    reading = without_columns(reading, asked_of_folders(path, reading))
    before = 0
    if path.kind in COLUMNAR and not exact:
        found = batches_of(path)(
            path,
            lambda batch, first: ids_of_batch(batch, first, reading, path.name),
            columns=reading.read,
            read=reading.names[:1],
            batching=Batching(batch_rows),
        )
        for some, numbers, read in found:
            if not before and not len(some):
                _ = any(len(posts.ids) for posts in read_posts(path, reading))
            marked = range(-(-before // mark_rows) * mark_rows, before + read, mark_rows) if mark_rows else ()
            yield Ids(some, numbers, read, [Mark(row, row, 0) for row in marked])
            before += read
        return
    for mark, posts in _batches(path, reading, Batching(batch_rows, cut_rows=mark_rows)):
        begins = mark_rows is not None and before % mark_rows == 0
        before += posts.read
        yield Ids(posts.ids, posts.lines, posts.read, [mark] if begins else [])


class Repeat(NamedTuple):
    """An id that was there before, and ``file:line`` of both."""

    post_id: str
    first: str
    second: str


class SeenIds:
    """Remembers ids and where each was first seen, to find the second.

    Examples
    --------
    >>> seen = SeenIds()
    >>> seen.second("7", "a.csv:2"), seen.second("7", "b.csv:9")
    (None, 'a.csv:2')
    """

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def second(self, post_id: str, where: str) -> str | None:
        """Return ``file:line`` where `post_id` was first seen, or None if this is the first time."""
        first = self._first.get(post_id)
        if first is None:
            self._first[post_id] = where
        return first

    def refuse(self, ids: list[str], file_lines: list[str], *, todo: str = _TWICE) -> None:
        """Raise `ReadError` if any of `ids` was seen before; lists the first few, and `todo` says what to do."""
        repeats = [
            Repeat(post_id, first, where)
            for post_id, where in zip(ids, file_lines, strict=True)
            if (first := self.second(post_id, where)) is not None
        ]
        if repeats:
            one, *others = repeats
            raise twice(one.post_id, first=one.first, second=one.second, others=others, todo=todo)


def twice(
    post_id: str,
    *,
    first: str,
    second: str,
    others: Sequence[Repeat] = (),
    happened: str = "nothing was scored or trained on",
    todo: str = _TWICE,
) -> ReadError:
    """Return the error that an id is there twice, with ``file:line`` of both, and others with it.

    Examples
    --------
    >>> error = twice("7", first="a.csv:2", second="b.csv:9")
    >>> error.where, error.got
    ('b.csv:9', 'first seen at a.csv:2')
    """
    listed = [f"{printable(repr(one.post_id), limit=60)} at {one.second} and {one.first}" for one in others[:_SHOWN]]
    left = [f"and {len(others) - _SHOWN:,} more"] if len(others) > _SHOWN else []
    return ReadError(
        what=f"the id {post_id!r} is there twice" + (f", and so are {len(others):,} others" if others else ""),
        where=second,
        expected="every post once",
        got="\n".join([f"first seen at {first}", *listed, *left]),
        happened=happened,
        todo=f"{RECOVER}: {ROUNDED}" if ends_in_zeros(post_id) else todo,
    )


def _batches(path: Location, reading: Reading, batching: Batching) -> Iterator[tuple[Mark, PostBatch]]:
    """Yield a file's posts in batches, each with the mark where it begins; refuse it if its first rows are no posts."""
    first = FirstRows(path, reading, whole=batching.begin == START)
    for mark, batch in _of_any(path, reading, batching):
        first.see(batch)
        yield mark, batch
    first.end()


def _of_any(path: Location, reading: Reading, batching: Batching) -> Iterator[tuple[Mark, PostBatch]]:
    if path.kind in COLUMNAR:
        yield from batches_of(path)(
            path,
            lambda batch, first: (
                Mark(first - 1, first - 1, 0),
                posts_of_batch(batch, first + np.arange(len(batch)), reading, path.name),
            ),
            columns=reading.read,
            batching=batching,
        )
    elif path.kind in FROM_THE_START:
        yield from _of_rows(path, reading, batching)
    else:
        yield from _of_lines(path, reading, batching)


def _of_rows(path: Location, reading: Reading, batching: Batching) -> Iterator[tuple[Mark, PostBatch]]:
    """Yield a file's posts in batches, each with the mark where it begins, from rows one by one."""
    read = batching.begin.row
    judged = judged_rows(rows(path, reading, begin=batching.begin), reading)
    while (
        batch := posts_of_rows(list(_until(batching.bytes, islice(judged, batching.room(read)))), reading, path.name)
    ).read:
        yield Mark(read, read, 0), batch
        read += batch.read


def _of_lines(path: Location, reading: Reading, batching: Batching) -> Iterator[tuple[Mark, PostBatch]]:
    """Yield a file's posts in batches, each with the mark where it begins."""
    names, begin = reading.names, batching.begin
    with open_unzipped(path) as stream:
        lines = Lines(stream, path, reading)
        separated = None
        if path.kind in DELIMITERS:
            separated = separated_of(lines, reading.read, path.kind, reading, posts=True)
        if begin.row:
            lines.begin(begin)

        def one_by_one(*, whole: bool) -> Iterator[Judged]:
            rows = separated.rows() if separated else json_rows(lines, names, keep=reading.keep, whole=whole)
            return judged_rows(rows, reading)

        numeric = {reading.columns.id, *reading.keep} - {*reading.columns.texts, *reading.fields}
        many = separated.plain() if separated else plain_objects(lines, reading.read, numeric=numeric)
        judged, read = one_by_one(whole=not begin.row), begin.row
        while True:
            room = batching.room(read)
            within = separated.within if separated else None
            mark = Mark(read, lines.number, lines.offset)
            if within is not None:
                mark = Mark(read - within.rows, within.line, within.offset)
            plain = many.take(room, batching.bytes) if many and within is None else None
            if plain is not None:
                if separated is not None and not reading.number_rows:
                    batch = _with_bare_ids(plain.columns, plain.lines, reading, path.name)
                else:
                    batch = posts_of_batch(plain.columns, plain.lines, reading, path.name, is_utf8=True)
                judged = one_by_one(whole=False)
            else:
                batch = posts_of_rows(list(_until(batching.bytes, islice(judged, room))), reading, path.name)
            if not batch.read:
                return
            yield mark if mark.row else START, batch
            read += batch.read


def _with_bare_ids(columns: pa.RecordBatch, lines: NDArray[np.int64], reading: Reading, file: str) -> PostBatch:
    """Return the posts of a record batch of UTF-8, with what is left out round their ids."""
    at = columns.schema.get_field_index(reading.columns.id)
    ids, changed = bare_ids(columns.column(at))
    if not any(which.any() for which in changed.values()):
        return posts_of_batch(columns, lines, reading, file, is_utf8=True)
    columns = columns.set_column(at, reading.columns.id, ids)
    posts = posts_of_batch(columns, lines, reading, file, is_utf8=True)
    noticed = {notice: int(np.isin(posts.lines, lines[which]).sum()) for notice, which in changed.items()}
    return replace(posts, noticed={notice: count for notice, count in noticed.items() if count})


def judged_rows(rows: Iterator[Row], reading: Reading) -> Iterator[Judged]:
    """Yield each row with what is wrong with it."""
    for row in rows:
        yield row, what_is_wrong(row, reading.columns, numbered=reading.number_rows)


def _until(most: int, judged: Iterator[Judged]) -> Iterator[Judged]:
    """Yield rows until one begins `most` bytes behind the first."""
    end = None
    for row, wrong in judged:
        yield row, wrong
        end = row.offset + most if end is None else end
        if row.offset >= end:
            return
