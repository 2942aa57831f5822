"""The crew: worker processes behind futures, as Dask, Spark and a pool of processes each give them.

Promises: a crew tells the death of a worker (`Died`) from an error of the work, which it raises as it came; waiting for
a task never hangs on a cluster that is gone, since the crew looks after it while it waits.
"""

from __future__ import annotations

import queue
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

from pipeline.errors import EngineError
from pipeline.scoring.unit import Job, Unit, do, probe

Receipts = list[dict[str, Any]]
Task = Callable[[], Any]
_PAUSE = 0.5


class Work(NamedTuple):
    """What is to be done of a job.

    Parameters
    ----------
    job
        Where it lies.
    rows
        Says which rows of its input, counted from 0, a unit of one shard holds: the first, and the one after the last.
    do, probe
        As in ``unit.py``; both are pickled by name.
    """

    job: Job
    rows: Callable[[Unit], tuple[int, int]]
    do: Callable[[Job, Unit], Receipts] = do
    probe: Callable[[Job, Unit, int, int], None] = probe


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
        future.add_done_callback(lambda _: self._ended.put(number))

    def ended(self) -> tuple[int, Any]:
        """Wait for a task to end; return its number and its result, or `Died`. Raises what the task raised."""
        while True:
            try:
                number = self._ended.get(timeout=_PAUSE)
            except queue.Empty:
                self._look_after()
            else:
                return number, self._result(self._flying.pop(number))

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
        todo=f"{todo}; the same command continues",
    )
