"""A cluster on paper: units of work on many workers, some of which fail and some of which are slow.

Promises: every unit is done, whatever fails; the same cluster and seed give the same figures. What is left out: the
survey before and the last look after, workers that share a machine, and storage that fails.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Cluster:
    """A cluster and what befalls it.

    Parameters
    ----------
    workers
        Of one core each.
    units
        To be done, each a number of shards in a row.
    shards
        Per unit.
    hours_between_failures
        Mean, of one worker; infinite if none ever fails.
    restart
        Seconds until a failed worker is back.
    load
        Seconds that a worker takes to load the model before its first unit.
    slow
        Share of workers that are slower than the others.
    slowness
        How many times as long they take.
    dispatch
        Seconds that the scheduler takes for a unit; it does one after the other.
    bandwidth
        Bytes per second that the storage gives to all workers together.
    bytes_per_shard
        Read and written.
    """

    workers: int
    units: int
    shards: int
    hours_between_failures: float = float("inf")
    restart: float = 60.0
    load: float = 2.0
    slow: float = 0.0
    slowness: float = 4.0
    dispatch: float = 0.001
    bandwidth: float = 10e9
    bytes_per_shard: float = 0.0


@dataclass(frozen=True)
class Simulated:
    """What came of it: `seconds` in all, seconds of all workers at work, loading included, units begun `again`, and how
    long the last hundredth of the units took after all others were done.
    """

    seconds: float
    busy: float
    again: int
    tail: float


def simulate(cluster: Cluster, shard_seconds: NDArray[np.float64], *, seed: int) -> Simulated:
    """Run a cluster on paper.

    A worker that is free is given the next unit, as soon as the scheduler gets to it. A unit takes as long as its
    shards, drawn from `shard_seconds`, longer where the worker is slow, and longer where the storage cannot keep up
    with all workers at once. A worker fails at random moments; of the unit it was at, the shards that have no
    receipt yet are done by whoever is free next, and the worker comes back after `restart` seconds.

    Parameters
    ----------
    cluster
        What there is.
    shard_seconds : ndarray of float64
        Measured times of shards on one core.
    seed
        Of everything random.
    """
    random = np.random.default_rng(seed)
    pace = np.where(random.random(cluster.workers) < cluster.slow, cluster.slowness, 1.0)
    needed = cluster.workers * cluster.bytes_per_shard / float(shard_seconds.mean())
    pace *= max(1.0, needed / cluster.bandwidth)
    mean = cluster.hours_between_failures * 3600
    fails = random.exponential(mean, cluster.workers) if np.isfinite(mean) else np.full(cluster.workers, np.inf)
    waiting = deque(random.choice(shard_seconds, (cluster.units, cluster.shards)))
    events: list[Event] = [Event(0.0, worker, worker, loads=True) for worker in range(cluster.workers)]
    idle: deque[Event] = deque()
    scheduler, busy, again, made = 0.0, 0.0, 0, cluster.workers
    ends: list[float] = []
    while events:
        event = heapq.heappop(events)
        if event.lost is not None:
            waiting.appendleft(event.lost)
        if event.ended:
            ends.append(event.at)
        if event.worker is not None:
            idle.append(event)
        while waiting and idle:
            free, unit = idle.popleft(), waiting.popleft()
            assert free.worker is not None
            scheduler = max(event.at, scheduler) + cluster.dispatch
            begin = scheduler + (cluster.load if free.loads else 0.0)
            done = begin + np.cumsum(unit) * pace[free.worker]
            fail = float(fails[free.worker])
            made += 2
            if done[-1] <= fail:
                busy += float(done[-1]) - scheduler
                heapq.heappush(events, Event(float(done[-1]), made, free.worker, ended=True))
                continue
            fail = max(fail, begin)
            again, busy = again + 1, busy + fail - scheduler
            heapq.heappush(events, Event(fail, made, None, lost=unit[int((done <= fail).sum()) :]))
            heapq.heappush(events, Event(fail + cluster.restart, made + 1, free.worker, loads=True))
            fails[free.worker] = fail + cluster.restart + random.exponential(mean)
    if len(ends) != cluster.units:
        message = f"{cluster.units} units, of which {len(ends)} ended"
        raise RuntimeError(message)
    before = ends[-1 - max(1, len(ends) // 100)] if len(ends) > 1 else 0.0
    return Simulated(ends[-1], busy, again, ends[-1] - before)


class Event(NamedTuple):
    """Something that happens `at` a second: a `worker` is free, a unit has `ended`, the rest of one is `lost`."""

    at: float
    number: int
    worker: int | None
    loads: bool = False
    ended: bool = False
    lost: NDArray[np.float64] | None = None
