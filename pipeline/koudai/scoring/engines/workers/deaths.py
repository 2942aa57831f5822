"""Deaths of workers: a unit whose worker died is retried, then bisected until the posts that crash workers are found.

Promises: a worker lost for a reason of its own costs a retry and nothing else; a post that crashes its worker each time
is quarantined as ``worker-died``, and the rest of its shard is scored; if workers die under tasks without posts, the
job ends with an error that says so. The number of units in flight is bounded.

A task whose worker died beside other tasks may not be the cause, so it is retried alone, with nothing else in flight.
The shards of a unit are committed in order, so the first one without a receipt is the one at which the worker died.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, takewhile
from typing import Any

from koudai.limits import SHARD_KILLERS, WORKER_DEATHS
from koudai.scoring.engines import Engine, EngineSettings
from koudai.scoring.engines.workers.crew import Assignment, Crew, Died, Receipts, Task, assignment, cannot_go_on
from koudai.scoring.totals import Receipt
from koudai.scoring.unit import JobWork, Unit

_ROUNDS = 3


def surviving(crew: Crew, settings: EngineSettings) -> Engine:
    """Return the engine whose units `crew` processes."""

    def receipts(work: JobWork, units: Sequence[Unit]) -> Generator[Receipt, None, None]:
        with contextlib.closing(survive(crew, assignment(work, settings), units)) as done:
            for _, some in done:
                yield from some

    return receipts


def survive(crew: Crew, work: Assignment, units: Iterable[Unit]) -> Generator[tuple[Unit, Receipts], None, None]:
    """Process units; cancels those in flight if it is closed early.

    Parameters
    ----------
    crew
        Has nothing in flight.
    work, units
        The job and its units, which are taken from the iterable only when the crew has room for them.

    Yields
    ------
    unit, receipts
        In the order in which they end. A unit under which workers died may be yielded in parts, with the rows to
        `avoid`.

    Raises
    ------
    EngineError
        If workers die under any task, or the cluster is gone.
    """
    waiting, numbers = iter(units), count()
    flying: dict[int, Unit] = {}
    suspects: list[Unit] = []
    try:
        while True:
            while not suspects and len(flying) < crew.room() and (unit := next(waiting, None)) is not None:
                number = next(numbers)
                flying[number] = unit
                crew.start(number, partial(work.do, work.job, unit))
            if flying:
                number, result = crew.ended()
                unit = flying.pop(number)
                if isinstance(result, Died):
                    suspects.append(unit)
                else:
                    yield unit, result
            elif suspects:
                yield from _Alone(crew, work, numbers).done(suspects.pop(0))
            else:
                return
    finally:
        crew.drop()


class _Alone:
    """Runs tasks one at a time, so that no other task can have caused the death of a worker."""

    def __init__(self, crew: Crew, work: Assignment, numbers: Iterator[int]) -> None:
        self._crew = crew
        self._work = work
        self._numbers = numbers

    def done(self, unit: Unit) -> Iterator[tuple[Unit, Receipts]]:
        died = 0
        while unit.first < unit.last:
            shards = range(unit.first, unit.last)
            whole = [receipt for receipt in takewhile(bool, map(self._work.finished, shards)) if receipt]
            if whole:
                yield unit._replace(last=unit.first + len(whole)), whole
                unit, died = unit._replace(first=unit.first + len(whole)), 0
            elif died >= WORKER_DEATHS.value:
                yield self._without_killers(unit._replace(last=unit.first + 1))
                unit, died = unit._replace(first=unit.first + 1), 0
            else:
                receipts = self._once(self._do(unit))
                if not isinstance(receipts, Died):
                    yield unit, receipts
                    return
                died += receipts.times

    def _without_killers(self, unit: Unit) -> tuple[Unit, Receipts]:
        begin, end = self._work.rows(unit)
        if isinstance(self._tried(self._probe(unit, begin, begin)), Died):
            raise cannot_go_on(
                what="workers die whatever they are given",
                where=self._work.job.folder,
                got=f"{WORKER_DEATHS.value} deaths in a row under a task without posts",
                todo="look into their logs: they may lack memory or a library",
            )
        for _ in range(_ROUNDS):
            for row in self._killers(unit, begin, end):
                unit = unit._replace(avoid=tuple(sorted({*unit.avoid, row})))
                if len(unit.avoid) > SHARD_KILLERS.value:
                    raise cannot_go_on(
                        what=f"more than {SHARD_KILLERS.value} {SHARD_KILLERS.unit}",
                        where=self._work.job.folder,
                        got=f"rows {', '.join(str(row + 1) for row in unit.avoid)} of input {unit.file + 1}",
                        todo="look into the workers' logs: they may lack memory or a library",
                    )
            receipts = self._tried(self._do(unit))
            if not isinstance(receipts, Died):
                return unit, receipts
        raise cannot_go_on(
            what="workers die under a shard, though none of its posts kills one by itself",
            where=self._work.job.folder,
            got=f"rows {begin + 1} to {end} of input {unit.file + 1}",
            todo="give each worker more memory, or fewer threads",
        )

    def _killers(self, unit: Unit, begin: int, end: int) -> Iterator[int]:
        """Yield the rows from `begin` to `end` - 1 that crash workers, of which there is at least one."""
        if end - begin == 1:
            if begin not in unit.avoid and isinstance(self._tried(self._probe(unit, begin, end)), Died):
                yield begin
            return
        middle = (begin + end) // 2
        left = isinstance(self._once(self._probe(unit, begin, middle)), Died)
        if left:
            yield from self._killers(unit, begin, middle)
        if not left or isinstance(self._once(self._probe(unit, middle, end)), Died):
            yield from self._killers(unit, middle, end)

    def _tried(self, task: Task) -> Any:
        """Return the result, or `Died` after `WORKER_DEATHS` deaths under the task."""
        died = 0
        while died < WORKER_DEATHS.value:
            result = self._once(task)
            if not isinstance(result, Died):
                return result
            died += result.times
        return Died(died)

    def _once(self, task: Task) -> Any:
        self._crew.start(next(self._numbers), task)
        return self._crew.ended()[1]

    def _do(self, unit: Unit) -> Task:
        return partial(self._work.do, self._work.job, unit)

    def _probe(self, unit: Unit, begin: int, end: int) -> Task:
        return partial(self._work.probe, self._work.job, unit, begin, end)
