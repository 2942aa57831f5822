"""Engines: ways to have the units of a job done by processes, here or on a cluster. A new one is a new file here.

Promises: every engine runs the same function, `pipeline.scoring.unit.do`, so all give the same bytes; only so many
units are in flight; the death of a worker loses nothing (``deaths.py``). An engine is a context: what it needs is
checked and connected when it is entered, before anything is scored, and let go of when it is left, whatever happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

from pipeline.registry import Registry
from pipeline.scoring.engines.crew import Receipts, Work
from pipeline.scoring.unit import Unit


class Settings(NamedTuple):
    """What the user says about an engine: `workers` on this machine, the `scheduler` of Dask, the `master` of Spark."""

    workers: int = 1
    scheduler: str | None = None
    master: str | None = None


Run = Callable[[Work, Iterable[Unit]], Iterator[tuple[Unit, Receipts]]]
"""Does all units and yields each with its receipts, in the order in which they end; a unit may come back in parts."""
Engine = Callable[[Settings], AbstractContextManager[Run]]

ENGINES: Registry[Engine] = Registry("engine", package="pipeline.scoring.engines")
engine = ENGINES.register
