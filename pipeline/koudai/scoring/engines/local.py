"""The local engine: threads of this process score blocks of posts, while the calling thread reads ahead.

Promises: the number of posts in memory is bounded; if blocks fail, the error of the earliest one is raised after the
running blocks have ended, and no further block is started.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from koudai.cores import cores
from koudai.corpus.reading.posts import PostBatch
from koudai.errors import UsageError
from koudai.limits import WORKERS
from koudai.scoring.engines import Engine, EngineSettings, engine
from koudai.scoring.totals import Receipt
from koudai.scoring.unit import JobWork, Unit

_PIECES_PER_WORKER = 4
_BYTES_IN_FLIGHT = 64 << 20


def threads_of(workers: int | None) -> int:
    """Return `workers`, by default one for each core; raises `UsageError` if out of range.

    Examples
    --------
    >>> threads_of(4), threads_of(None) == cores()
    (4, True)
    """
    workers = cores() if workers is None else workers
    if not 1 <= workers <= WORKERS.value:
        raise UsageError(
            what="the number of workers is out of range",
            got=workers,
            expected=f"1 to {WORKERS.value} {WORKERS.unit}",
            todo="`workers`",
        )
    return workers


@engine("local")
@contextlib.contextmanager
def _context(settings: EngineSettings) -> Iterator[Engine]:
    """Yield the engine; raises `UsageError` if the number of threads is out of range."""
    yield local(settings.workers)


def local(workers: int | None = None) -> Engine:
    """Return the engine with `workers` threads, by default one for each core; raises `UsageError` if out of range."""
    threads = threads_of(workers)

    def receipts(work: JobWork, units: Sequence[Unit]) -> Generator[Receipt, None, None]:
        flying: deque[tuple[Future[Receipt | None], PostBatch]] = deque()
        pool = ThreadPoolExecutor(threads, thread_name_prefix="koudai")
        try:
            for unit in _joined(units):
                for piece in work.pieces(unit):
                    flying.append((pool.submit(work.finish, piece), piece.posts))
                    while (
                        len(flying) > _PIECES_PER_WORKER * threads
                        or sum(_size(posts) for _, posts in flying) > _BYTES_IN_FLIGHT
                    ):
                        yield from _landed(flying)
            while flying:
                yield from _landed(flying)
        finally:
            pool.shutdown(cancel_futures=True)

    return receipts


def _joined(units: Sequence[Unit]) -> list[Unit]:
    """Merge consecutive units of a file, so that it is read in one pass."""
    found: list[Unit] = []
    for unit in units:
        last = found[-1] if found else None
        if last and (last.file, last.last) == (unit.file, unit.first):
            found[-1] = last._replace(last=unit.last, avoid=last.avoid + unit.avoid)
        else:
            found.append(unit)
    return found


def _landed(flying: deque[tuple[Future[Receipt | None], PostBatch]]) -> list[Receipt]:
    receipt = flying.popleft()[0].result()
    return [] if receipt is None else [receipt]


def _size(posts: PostBatch) -> int:
    return int(posts.texts.offsets[-1])
