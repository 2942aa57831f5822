"""Measuring: several ways of doing a task, timed in turn, round after round, in one process.

Promises: a ratio is taken within a round, where two ways ran one right after the other, and the median of rounds is
reported with the smallest and the largest: what else the machine does then falls on both. Every way runs once before it
is timed. Garbage is collected before each timing, and results are freed after it.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.posts import Posts

LEAST = 0.2
"""Seconds that a timing lasts at least; a quicker way is called several times."""
_LONG = 3.0


@dataclass(frozen=True)
class Way:
    """One way of doing a task: its `name`, the `posts` it is timed on, what does it once, and what it `lacks`."""

    name: str
    posts: Posts
    run: Callable[[], object]
    lacks: str = ""


@dataclass(frozen=True)
class Task:
    """Ways that are compared: `a` and `b` name those that the others are compared with."""

    name: str
    ways: list[Way]
    a: str
    b: str


@dataclass(frozen=True)
class Spread:
    """The median of some figures, with the smallest and the largest."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: list[float]) -> Spread:
        """Return the spread of `values`, which are not empty."""
        return Spread(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Timed:
    """Seconds per call of a way, one figure per round."""

    way: Way
    seconds: tuple[float, ...]

    @property
    def rate(self) -> Spread:
        """Posts per second."""
        return Spread.of([len(self.way.posts) / one for one in self.seconds])

    def against(self, other: Timed) -> Spread:
        """Return how many times as many posts per second this does as `other`, round by round."""
        share = len(self.way.posts) / len(other.way.posts)
        pairs = zip(self.seconds, other.seconds, strict=True)
        return Spread.of([share * theirs / mine for mine, theirs in pairs])


def alternate(ways: list[Way], *, rounds: int, least: float = LEAST) -> dict[str, Timed]:
    """Time each of `ways` once a round, one after another, for `rounds` rounds; by name, those that lack nothing.

    Parameters
    ----------
    ways
        What is timed.
    rounds
        How often each is timed.
    least
        Seconds that each timing lasts at least.
    """
    able = {way.name: way for way in ways if not way.lacks}
    calls = {name: _calls(way.run, least) for name, way in able.items()}
    seconds: dict[str, list[float]] = {name: [] for name in able}
    for _ in range(rounds):
        for name, way in able.items():
            seconds[name].append(_time(way.run, calls[name]))
    return {name: Timed(way, tuple(seconds[name])) for name, way in able.items()}


def _calls(run: Callable[[], object], least: float) -> int:
    """Return how many calls last at least `least` seconds, by the second call: the first may load or compile."""
    first = _time(run, 1)
    return 1 if not least or first > _LONG else max(1, math.ceil(least / _time(run, 1)))


def _time(run: Callable[[], object], calls: int) -> float:
    gc.collect()
    result: Any = None
    begin = time.perf_counter()
    for _ in range(calls):
        result = run()
    took = time.perf_counter() - begin
    del result
    return took / calls
