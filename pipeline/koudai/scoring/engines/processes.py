"""The processes engine: units in processes of this machine, each of which loads the model once.

Promises: the death of one process, for lack of memory or because of a post, costs at most the units in flight; the
processes end when the one that started them ends, however it ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from koudai.scoring.engines import Engine, EngineSettings, engine
from koudai.scoring.engines.local import threads_of
from koudai.scoring.engines.workers.crew import Crew, Died, Task
from koudai.scoring.engines.workers.deaths import surviving
from koudai.scoring.unit import make_ready

_PER_WORKER = 2


@engine("processes")
@contextlib.contextmanager
def processes(settings: EngineSettings) -> Iterator[Engine]:
    """Give ``settings.workers`` processes, which load the model while the inputs are surveyed.

    Raises
    ------
    UsageError
        If that is out of range.
    """
    crew = _Processes(threads_of(settings.workers))
    try:
        crew.make_ready(settings)
        yield surviving(crew, settings)
    finally:
        crew.leave()


class _Processes(Crew):
    def __init__(self, workers: int) -> None:
        super().__init__()
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def make_ready(self, settings: EngineSettings) -> None:
        """Start the processes and let each load the model."""
        for _ in range(self._workers):
            self._begun().submit(make_ready, str(settings.bundle.resolve()), settings.allow_drift)

    def room(self) -> int:
        return _PER_WORKER * self._workers

    def leave(self) -> None:
        """Drop what has not begun, and wait for what has."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _cancel(self, futures: list[Future[Any]]) -> None:
        for future in futures:
            future.cancel()
        wait(futures)

    def _submit(self, task: Task) -> Future[Any]:
        try:
            return self._begun().submit(task)
        except BrokenProcessPool:
            self.leave()
            return self._begun().submit(task)

    def _result(self, future: Future[Any]) -> Any:
        try:
            return future.result()
        except BrokenProcessPool:
            return Died()

    def _begun(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin)
        return self._pool


def _begin() -> None:
    """Ignore Ctrl-C, which the parent process handles, and end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="koudai-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
