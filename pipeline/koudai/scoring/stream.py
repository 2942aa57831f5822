"""Streams: posts in, rows out, in the order of the input and as soon as they are scored. Nothing is stored.

Promises: every row read is written, or quarantined with a reason; numbers are those that a job over the same posts
writes; no row waits for another that has not arrived; memory is bounded by a few blocks. Does not look for duplicate
ids, which would need all of them in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.pipe import Pipe, read_pipe
from koudai.corpus.reading.posts import PostBatch, Quarantined, posts_of_rows
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError, UsageError
from koudai.model.model import Model
from koudai.scoring.block import ScoredBlock, block_of, totals_of
from koudai.scoring.engines.local import threads_of
from koudai.scoring.formats import JSONL, header, lines
from koudai.scoring.plan import ScoreSettings, require_keepable
from koudai.scoring.totals import Totals


class Sink(NamedTuple):
    """Where a stream goes: any two callables, such as those of a file and of a list.

    Parameters
    ----------
    write
        Callback for the rows, some at a time, as bytes.
    set_aside
        Callback for the rows that are no posts.

    Examples
    --------
    >>> import io
    >>> file, aside = io.BytesIO(), []
    >>> sink = Sink(write=file.write, set_aside=aside.extend)
    >>> _ = sink.write(b'{"post_id":"1"}')
    >>> file.getvalue()
    b'{"post_id":"1"}'
    """

    write: Callable[[bytes], None]
    set_aside: Callable[[list[Quarantined]], None]


def score_stream(
    model: Model,
    sources: Iterable[Location],
    *,
    reading: Reading,
    sink: Sink,
    settings: ScoreSettings | None = None,
    workers: int | None = None,
) -> Totals:
    """Score posts as they arrive.

    Parameters
    ----------
    model
        A fitted model.
    sources
        Files, and at most one `koudai.corpus.reading.pipe.Pipe`.
    reading
        How they are read.
    sink
        Callbacks for scored and for quarantined rows.
    settings
        Format of the rows and terms of evidence; the other settings are for jobs.
    workers
        Threads; by default one for each core.

    Returns
    -------
    Totals

    Raises
    ------
    UsageError
        If the number of threads is out of range, or duplicate ids were to be found.
    ReadError
        If a source cannot be read; the rows before the error have been written.
    """
    settings = settings or ScoreSettings()
    form, evidence = settings.form or JSONL, settings.evidence
    if settings.duplicates != "refuse":
        raise UsageError(
            what="`duplicates` needs `out`",
            got=settings.duplicates,
            expected="ids are not compared while rows stream through",
        )
    require_keepable(reading)
    threads, totals = threads_of(workers), Totals()
    flying: deque[Future[ScoredBlock]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="koudai")
    begun = False

    def put(block: ScoredBlock) -> None:
        nonlocal begun
        start = b"" if begun else header(block.table.schema, form)
        begun = True
        sink.write(start + lines(block.table, form))
        sink.set_aside(block.aside)
        totals.add(totals_of([block]))

    def take(posts: PostBatch) -> None:
        flying.append(pool.submit(block_of, model, posts, [], evidence=evidence))
        while len(flying) > threads:
            put(flying.popleft().result())

    def land() -> None:
        while flying:
            put(flying.popleft().result())

    try:
        for source in sources:
            if isinstance(source, Pipe):
                read_pipe(source, reading, take=take, pause=land)
                continue
            for posts in read_posts(source, reading):
                take(posts)
        land()
        if not begun:
            put(block_of(model, posts_of_rows([], reading, ""), [], evidence=evidence))
    except ReadError as error:
        land()
        error.happened = f"the {totals.read:,} rows before it were scored or quarantined"
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return totals
