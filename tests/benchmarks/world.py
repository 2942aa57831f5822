"""A simulated world: posts whose truth is known, and how often an interval of koudai's holds it.

Promises: a sample depends on the world, the cell and its number alone; what is measured is what the audit itself calls,
and beside it the interval that one would take without a thought. A world is a module of ``tests/benchmarks/worlds``
that names its ``WORLDS``; a new one is one new file.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

import tests.benchmarks.worlds
from koudai.training.intervals import IntervalKind, wilson

WorldKind = IntervalKind | Literal["p-value"]
"""Kind of an interval, or ``p-value``: then what is held is no difference, by a test at 5 %."""
Ends = tuple[float | None, float | None]
BAR = (0.93, 0.97)
AT_MOST_5 = (0.95, 1.0)
"""The bar of a test where there is nothing to find: it finds something in 5 % of samples at most."""
SPREAD = 1.5
LEVEL = 0.05


@dataclass(frozen=True)
class Cell:
    """One setting of a world: what it is called, how many posts or clusters, its parameters, and its bar if it has one.

    A cell without a bar is shown and not asked for: fewer than 100 posts, or the power of a comparison.
    """

    name: str
    n: int
    of: dict[str, Any] = field(default_factory=dict)
    bar: tuple[float, float] | None = BAR


class Sample(NamedTuple):
    """What was drawn: the truth, and what the functions are given."""

    truth: float
    given: Any


@dataclass(frozen=True)
class World:
    """A statistic whose truth is known.

    Parameters
    ----------
    name
        Of the section in ``docs/intervals.md``.
    of
        The statistics it stands for, ``measure.statistic`` or ``evaluation.metric``: all whose interval is that of the
        same function.
    kind
        Of the interval; ``p-value`` of a test, whose interval goes from 0 to 1 where p is above .05.
    about
        What is drawn, and what the truth is, in a sentence or two.
    cells
        The settings.
    draw
        Draws a sample of a cell.
    ends
        The interval, by koudai's own function; None, None where it says that there is none.
    naive, naive_ends
        The alternative, and its interval.
    drawn_as
        What samples are numbered by; its own name if not given. Worlds with the same one draw the same samples.
    together
        The intervals of many samples at once, if that is faster; the same as `ends` of each.
    """

    name: str
    of: tuple[str, ...]
    kind: WorldKind
    about: str
    cells: tuple[Cell, ...]
    draw: Callable[[np.random.Generator, Cell], Sample]
    ends: Callable[[Any], Ends]
    naive: str
    naive_ends: Callable[[Any], Ends]
    drawn_as: str = ""
    together: Callable[[list[Any]], list[Ends]] | None = None


class Found(NamedTuple):
    """Of a cell: samples, how many of them had an interval, and how many intervals held the truth; of both kinds."""

    samples: int
    given: int
    held: int
    naive_given: int
    naive_held: int


def worlds() -> dict[str, World]:
    """Return every world by name, those of each module in order."""
    found = {}
    for module in sorted(pkgutil.iter_modules(tests.benchmarks.worlds.__path__), key=lambda one: one.name):
        for world in importlib.import_module(f"tests.benchmarks.worlds.{module.name}").WORLDS:
            if world.name in found:
                message = f"two worlds are called {world.name!r}"
                raise ValueError(message)
            found[world.name] = world
    return found


def measured(world: World, cell: Cell, samples: int) -> Found:
    """Draw samples of a cell and count how many intervals hold the truth."""
    counts = np.zeros(4, dtype=int)
    of = f"{world.drawn_as or world.name} {cell.name}".encode()
    every = (world.draw(np.random.default_rng([number, *of]), cell) for number in range(samples))
    own: Iterable[tuple[Sample, Ends]] = ((drawn, world.ends(drawn.given)) for drawn in every)
    if world.together is not None:
        kept = list(every)
        own = zip(kept, world.together([drawn.given for drawn in kept]), strict=True)
    for drawn, found in own:
        for at, (low, high) in enumerate((found, world.naive_ends(drawn.given))):
            if low is not None and high is not None:
                counts[2 * at] += 1
                counts[2 * at + 1] += low <= drawn.truth <= high
    return Found(samples, *counts.tolist())


def not_found(p: float) -> Ends:
    """Return the interval that a test stands for: it holds 0 where p is above .05, and nothing where it is not."""
    return (0.0, 1.0) if p > LEVEL else (2.0, 2.0)


def near(generator: np.random.Generator, share: float) -> float:
    """Return a share near `share`: log-uniform, within a factor of `SPREAD`.

    Coverage of a count swings with the share, so that no interval whatever holds 93 to 97 % at every single share (with
    100 posts and a share of 1 %, two or fewer hits have 92.1 %, three or fewer 98.2 %).

    Source: Brown, Cai & DasGupta 2001, "Interval estimation for a binomial proportion".
    """
    return float(share * SPREAD ** generator.uniform(-1, 1))


def monte_carlo(held: int, samples: int) -> Ends:
    """Return the 95 % interval of a coverage: Wilson's over samples."""
    _, low, high = wilson(held, samples)
    return low, high


def misses(found: Found, bar: tuple[float, float]) -> bool:
    """Return whether a coverage is surely outside of the bar: its Monte-Carlo interval lies beyond it."""
    low, high = monte_carlo(found.held, found.given)
    return bool(low is not None and high is not None and (high < bar[0] or low > bar[1]))


def percent(held: int, given: int) -> str:
    """Return a coverage in per cent, ``-`` where there was no interval."""
    return f"{100 * held / given:.1f}" if given and not math.isnan(held) else "-"
