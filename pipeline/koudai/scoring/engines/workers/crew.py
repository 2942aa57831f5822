"""The crew: one interface to the worker processes of Dask, Spark and process pools, all of which return futures.

Promises: the death of a worker (`Died`) is told apart from an error of the task, which is raised unchanged; waiting for
a task does not hang on a cluster that is gone, since its state is checked while waiting.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from koudai import __version__
from koudai.errors import EngineError, KoudaiError
from koudai.limits import WORKERLESS_SECONDS
from koudai.scoring.engines import EngineSettings
from koudai.scoring.plan import JOB
from koudai.scoring.shard import read_receipt
from koudai.scoring.totals import Receipt
from koudai.scoring.unit import JobAddress, JobWork, Unit, do, probe
from koudai.storage.address import SCHEME, environment_options
from koudai.storage.durable import sha256_file

Receipts = list[Receipt]
Task = Callable[[], Any]
_PAUSE = 0.5
_STORE = (
    "a worker is given the endpoint and the region of the process that runs the job; credentials it takes from its own "
    "environment"
)


class Assignment(NamedTuple):
    """A job as workers are given it, with what the crew itself asks of it.

    Parameters
    ----------
    job
        Paths of the job and its model, for the workers.
    rows
        Returns the range of rows of its input, counted from 0, that a unit holds: first row, and last row + 1.
    finished
        Returns the receipt of a finished shard, else None.
    do, probe
        As in ``unit.py``; pickled by name.
    """

    job: JobAddress
    rows: Callable[[Unit], tuple[int, int]]
    finished: Callable[[int], Receipt | None]
    do: Callable[[JobAddress, Unit], Receipts] = do
    probe: Callable[[JobAddress, Unit, int, int], None] = probe


def assignment(work: JobWork, settings: EngineSettings) -> Assignment:
    """Return the assignment for the workers of a job."""
    folder = work.folder.resolve()
    job = JobAddress(
        str(folder),
        str(settings.bundle.resolve()),
        settings.allow_drift,
        sha256_file(folder / JOB),
        tuple(environment_options().items()),
        __version__,
    )
    whole = Assignment(job, work.rows_of, partial(read_receipt, folder))
    return whole._replace(do=do_there, probe=probe_there) if settings.scheduler or settings.master else whole


def do_there(job: JobAddress, unit: Unit) -> Receipts:
    """Process a unit on another machine."""
    with _said_where(job):
        return do(job, unit)


def probe_there(job: JobAddress, unit: Unit, begin: int, end: int) -> None:
    """Score rows on another machine without writing."""
    with _said_where(job):
        probe(job, unit, begin, end)


@contextlib.contextmanager
def _said_where(job: JobAddress) -> Iterator[None]:
    """Let errors name the machine that they come from; raises `EngineError` if it has another koudai."""
    here = f"on worker {socket.gethostname()}, process {os.getpid()}"
    if job.version != __version__:
        raise cannot_go_on(
            what="a worker has another version of koudai",
            where=here,
            expected=job.version,
            got=__version__,
            todo="install the same version here and where the workers run",
        )
    try:
        yield
    except KoudaiError as error:
        error.where = here if error.where is None else f"{error.where} ({here})"
        if SCHEME in str(error.where):
            error.todo = f"{error.todo or 'try again'}; {_STORE}"
        raise


class Died(NamedTuple):
    """Returned instead of a result: the number of workers that died, one after another, while they ran the task."""

    times: int = 1


class Crew(ABC):
    """Worker processes that run tasks; results are returned in the order in which tasks end."""

    def __init__(self) -> None:
        self._flying: dict[int, Any] = {}
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()

    @abstractmethod
    def room(self) -> int:
        """Return the number of tasks in flight that keeps all workers busy."""

    def start(self, number: int, task: Task) -> None:
        """Submit a task that can be pickled, under a number that is unique among those in flight."""
        future = self._flying[number] = self._submit(task)
        future.add_done_callback(lambda _, ended=self._ended: ended.put(number))

    def ended(self) -> tuple[int, Any]:
        """Wait for a task to end; return its number and its result, or `Died`. Raises what the task raised."""
        while True:
            try:
                number = self._ended.get(timeout=_PAUSE)
            except queue.Empty:
                self._look_after()
            else:
                return number, self._result(self._flying.pop(number))

    def drop(self) -> None:
        """Cancel all tasks in flight."""
        futures, self._flying, self._ended = list(self._flying.values()), {}, queue.SimpleQueue()
        if futures:
            self._cancel(futures)

    @abstractmethod
    def _cancel(self, futures: list[Any]) -> None:
        """Cancel those that have not begun; stop the others, or wait for them."""

    @abstractmethod
    def _submit(self, task: Task) -> Any:
        """Return a future of the task."""

    @abstractmethod
    def _result(self, future: Any) -> Any:
        """Return the result of a finished future, or `Died`, or raise its error."""

    def _look_after(self) -> None:  # noqa: B027
        """Raise `EngineError` if no task can end any more."""


class WorkerlessWarning(UserWarning):
    """A cluster has no workers yet."""


def warn_of_no_workers(where: str, *, todo: str) -> None:
    """Warn with a `WorkerlessWarning` that nothing happens until workers come."""
    warnings.warn(
        f"{where}: the cluster has no workers yet; the job waits up to {WORKERLESS_SECONDS.value} seconds: {todo}",
        WorkerlessWarning,
        stacklevel=2,
    )


def cannot_go_on(*, what: str, where: str, expected: object = None, got: object = None, todo: str) -> EngineError:
    """Return the error for an engine that fails during a job."""
    return EngineError(
        what=what,
        where=where,
        expected=expected,
        got=got,
        happened="every shard that has a receipt is safe",
        todo=f"{todo}; scoring into the same folder again continues",
    )
