"""Deaths (J8), with simulated workers: whatever kills them, every shard is done once and the killers alone are avoided.

The simulation knows which posts kill and which deaths come from outside;
`koudai.scoring.engines.workers.deaths` does not.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import EngineError, ReadError
from koudai.limits import SHARD_KILLERS, WORKER_DEATHS
from koudai.scoring.engines.workers.crew import Assignment, Crew, Died, Receipts
from koudai.scoring.engines.workers.deaths import survive
from koudai.scoring.unit import JobAddress, Unit

SIZE = 50
JOB = JobAddress("job", "bundle", False)


def rows(unit: Unit) -> tuple[int, int]:
    return unit.first * SIZE, unit.last * SIZE


class Killed(Exception):
    """Stands for the death of a worker."""


class Simulation(Crew):
    """Workers that die under `killers`, and for other reasons: under the same task less often than is held against it.

    A death takes the tasks beside it along, as when the pool of processes breaks.
    """

    def __init__(self, killers: set[int], *, seed: int, share: float = 0.0, window: int = 4, times: int = 1) -> None:
        super().__init__()
        self.killers, self.share, self.window, self.times = killers, share, window, times
        self.random = random.Random(seed)
        self.outside: Counter[Any] = Counter()
        self.begun: dict[int, partial[Any]] = {}
        self.most, self.deaths = 0, 0
        self.committed: dict[int, dict[str, Any]] = {}

    def room(self) -> int:
        return self.window

    def start(self, number: int, task: Any) -> None:
        assert number not in self.begun
        self.begun[number] = task
        self.most = max(self.most, len(self.begun))

    def ended(self) -> tuple[int, Any]:
        number = self.random.choice(sorted(self.begun))
        task = self.begun[number]
        try:
            result = task()
        except Killed:
            self.deaths += 1
            result = Died(self.times)
        del self.begun[number]
        return number, result

    def _submit(self, task: Any) -> Any:
        raise NotImplementedError

    def _result(self, future: Any) -> Any:
        raise NotImplementedError

    def _cancel(self, futures: list[Any]) -> None:
        raise NotImplementedError

    def work(self) -> Assignment:
        return Assignment(JOB, rows, self.committed.get, self.do, self.probe)

    def do(self, job: JobAddress, unit: Unit) -> Receipts:
        """Commit shard by shard; workers die of the posts of one, or before it for other reasons."""
        for shard in range(unit.first, unit.last):
            self.die_at_times(unit._replace(first=shard, last=shard + 1))
            begin, end = shard * SIZE, (shard + 1) * SIZE
            self.touch({*range(begin, end)} - {*unit.avoid})
            self.committed[shard] = {"shard": shard}
        return [self.committed[shard] for shard in range(unit.first, unit.last)]

    def probe(self, job: JobAddress, unit: Unit, begin: int, end: int) -> None:
        self.die_at_times((begin, end))
        first, last = rows(unit)
        assert first <= begin <= end <= last
        self.touch({*range(begin, end)} - {*unit.avoid})

    def die_at_times(self, what: Any) -> None:
        if self.random.random() < self.share and self.outside[what] < WORKER_DEATHS.value - 1:
            self.outside[what] += 1
            raise Killed

    def touch(self, posts: set[int]) -> None:
        if posts & self.killers:
            raise Killed


def cut(shards: int, sizes: list[int]) -> Iterator[Unit]:
    first = 0
    while first < shards:
        last = min(shards, first + sizes[first % len(sizes)])
        yield Unit(0, first, last)
        first = last


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    st.integers(1, 12),
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.sets(st.integers(0, 12 * SIZE - 1), max_size=12),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.integers(1, 6),
    st.integers(0, 1000),
)
def test_J8_every_shard_is_done_once_and_the_killers_alone_are_avoided(
    shards: int, sizes: list[int], killers: set[int], share: float, window: int, seed: int
) -> None:
    crew = Simulation(killers, seed=seed, share=share, window=window)
    found = list(survive(crew, crew.work(), cut(shards, sizes)))
    done = [receipt["shard"] for _, receipts in found for receipt in receipts]
    assert sorted(done) == list(range(shards))
    assert all([one["shard"] for one in receipts] == list(range(u.first, u.last)) for u, receipts in found)
    avoided = sorted(row for unit, _ in found for row in unit.avoid)
    assert avoided == sorted(row for row in killers if row < shards * SIZE)
    assert crew.most <= window


@pytest.mark.parametrize("times", [1, 4])
def test_J8_one_killer_costs_few_deaths(times: int) -> None:
    """A cluster that lets several workers die before it says so is not asked again where once is enough."""
    crew = Simulation({SIZE + 17}, seed=1, times=times)
    (*_, (unit, _)) = survive(crew, crew.work(), [Unit(0, 0, 1), Unit(0, 1, 2)])
    assert unit == Unit(0, 1, 2, (SIZE + 17,))
    halvings = SIZE.bit_length()
    assert crew.deaths <= 1 + halvings + 2 * (WORKER_DEATHS.value if times == 1 else 1)


def test_units_are_taken_only_when_there_is_room() -> None:
    taken = []

    def units() -> Iterator[Unit]:
        for shard in range(100):
            taken.append(shard)
            yield Unit(0, shard, shard + 1)

    crew = Simulation(set(), seed=3, window=5)
    for done, _ in enumerate(survive(crew, crew.work(), units()), 1):
        assert len(taken) <= done + 5


def test_J8_too_many_killers_in_one_shard_end_the_job() -> None:
    crew = Simulation(set(range(0, 2 * (SHARD_KILLERS.value + 1), 2)), seed=1)
    with pytest.raises(EngineError, match=f"more than {SHARD_KILLERS.value} posts of a shard") as caught:
        list(survive(crew, crew.work(), [Unit(2, 0, 1)]))
    assert caught.value.where == "job"
    assert "scoring into the same folder again continues" in str(caught.value)
    assert "rows 1, 3, 5," in str(caught.value)
    assert caught.value.exit_code == 5


def test_J8_as_many_as_the_limit_do_not() -> None:
    killers = set(range(SIZE - SHARD_KILLERS.value, SIZE))
    crew = Simulation(killers, seed=1)
    ((unit, _),) = survive(crew, crew.work(), [Unit(0, 0, 1)])
    assert set(unit.avoid) == killers


def test_J8_workers_that_die_of_nothing_end_the_job() -> None:
    crew = Simulation(set(), seed=1, window=3)
    crew.touch = always_killed  # type: ignore[method-assign]
    with pytest.raises(EngineError, match="whatever they are given"):
        list(survive(crew, crew.work(), cut(8, [2])))
    assert crew.deaths <= 3 + 3 * WORKER_DEATHS.value


def always_killed(posts: set[int]) -> None:
    raise Killed


def test_J8_workers_that_die_of_a_whole_shard_alone_end_the_job() -> None:
    crew = Simulation(set(), seed=1)

    def too_much(posts: set[int]) -> None:
        if len(posts) > SIZE // 2:
            raise Killed

    crew.touch = too_much  # type: ignore[method-assign]
    with pytest.raises(EngineError, match="none of its posts kills one by itself") as caught:
        list(survive(crew, crew.work(), [Unit(0, 3, 4)]))
    assert f"rows {3 * SIZE + 1} to {4 * SIZE} of input 1" in str(caught.value)


def test_J9_an_error_of_the_work_is_raised_as_it_is() -> None:
    crew = Simulation(set(), seed=1)
    work = crew.work()._replace(do=refuse)
    with pytest.raises(ReadError, match="gone"):
        list(survive(crew, work, [Unit(0, 0, 1)]))


def refuse(job: JobAddress, unit: Unit) -> Receipts:
    raise ReadError(what="gone")
