"""Streams: posts in, rows out, in the order of the input and as soon as they are scored. Nothing is kept.

Promises: every row read is written, or set aside with a reason; numbers are those that a job over the same posts
writes; no row waits for another that has not arrived; memory is bounded by a few blocks. Ids are not compared: that
would take all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.pipe import Pipe, read_pipe
from koudai.corpus.reading.posts import PostBatch, Quarantined, posts_of_rows
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from koudai.model.evidence import check_terms
from koudai.model.model import Model
from koudai.scoring.block import Block, block_of, tally
from koudai.scoring.engines.local import threads_of
from koudai.scoring.formats import check_format, header, lines
from koudai.scoring.plan import require_keepable
from koudai.scoring.totals import Totals


def score_stream(
    model: Model,
    sources: Iterable[Location],
    reading: Reading,
    *,
    write: Callable[[bytes], None],
    set_aside: Callable[[list[Quarantined]], None],
    how: str = "jsonl",
    evidence: int = 0,
    workers: int | None = None,
) -> Totals:
    """Score posts as they come.

    Parameters
    ----------
    model
        A fitted model.
    sources
        Files, and at most one `koudai.corpus.reading.pipe.Pipe`.
    reading
        How they are read.
    write
        Is given the rows, some at a time.
    set_aside
        Is given the rows that are no posts.
    how
        As for `koudai.scoring.formats.lines`.
    evidence
        Terms for each tag.
    workers
        Threads; by default one for each core.

    Raises
    ------
    UsageError
        If a setting is out of range.
    ReadError
        If a source cannot be read; what was read before has been written.
    """
    check_format(how)
    check_terms(evidence)
    require_keepable(reading)
    threads, totals = threads_of(workers), Totals()
    flying: deque[Future[Block]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="koudai")
    begun = False

    def put(block: Block) -> None:
        nonlocal begun
        start = b"" if begun else header(block.table.schema, how)
        begun = True
        write(start + lines(block.table, how))
        set_aside(block.aside)
        totals.add(tally([block]))

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
        error.happened = f"the {totals.read:,} rows before it were scored and written"
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return totals
