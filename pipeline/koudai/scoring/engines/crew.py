"""The crew: worker processes behind futures, as Dask, Spark and a pool of processes each give them.

Promises: a crew tells the death of a worker (`Died`) from an error of the work, which it raises as it came; waiting for
a task never hangs on a cluster that is gone, since the crew looks after it while it waits.
"""

from __future__ import annotations

import queue
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from koudai.errors import EngineError
from koudai.scoring.engines import EngineSettings
from koudai.scoring.plan import JOB
from koudai.scoring.shard import read_receipt
from koudai.scoring.totals import Receipt
from koudai.scoring.unit import JobAddress, JobWork, Unit, do, probe
from koudai.storage.durable import sha256_file

Receipts = list[Receipt]
Task = Callable[[], Any]
_PAUSE = 0.5


class Assignment(NamedTuple):
    """What is to be done of a job, and where.

    Parameters
    ----------
    job
        Where it and the model lie, for the workers.
    rows
        Says which rows of its input, counted from 0, a unit holds: the first, and the one after the last.
    finished
        Gives the receipt of a shard that is there and whole, else None.
    do, probe
        As in ``unit.py``; both are pickled by name.
    """

    job: JobAddress
    rows: Callable[[Unit], tuple[int, int]]
    finished: Callable[[int], Receipt | None]
    do: Callable[[JobAddress, Unit], Receipts] = do
    probe: Callable[[JobAddress, Unit, int, int], None] = probe


def assignment(work: JobWork, settings: EngineSettings) -> Assignment:
    """Return what workers are told of `work`."""
    folder = work.folder.resolve()
    job = JobAddress(str(folder), str(settings.bundle.resolve()), settings.allow_drift, sha256_file(folder / JOB))
    return Assignment(job, work.rows_of, partial(read_receipt, folder))


class Died(NamedTuple):
    """Instead of a result: so many workers died under the task, one after the other."""

    times: int = 1


class Crew(ABC):
    """Worker processes that are given tasks and give back what became of them, in the order in which they end."""

    def __init__(self) -> None:
        self._flying: dict[int, Any] = {}
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()

    @abstractmethod
    def room(self) -> int:
        """Return how many tasks should be in flight, so that no worker waits for one."""

    def start(self, number: int, task: Task) -> None:
        """Begin a task, which can be pickled; `number` is that of no other in flight."""
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
        """Let go of all that is in flight."""
        futures, self._flying, self._ended = list(self._flying.values()), {}, queue.SimpleQueue()
        if futures:
            self._cancel(futures)

    @abstractmethod
    def _cancel(self, futures: list[Any]) -> None:
        """Begin none of them; stop those that have begun, or wait for them."""

    @abstractmethod
    def _submit(self, task: Task) -> Any:
        """Return a future of the task."""

    @abstractmethod
    def _result(self, future: Any) -> Any:
        """Return the result of a future that ended, or `Died`, or raise what it raised."""

    def _look_after(self) -> None:  # noqa: B027
        """Raise `EngineError` if nothing will ever end."""


def cannot_go_on(*, what: str, where: str, got: object = None, todo: str) -> EngineError:
    """Return the error that ends a job which has begun."""
    return EngineError(
        what=what,
        where=where,
        got=got,
        happened="every shard that has a receipt is safe",
        todo=f"{todo}; scoring into the same folder again continues",
    )
