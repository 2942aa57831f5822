"""Engines: who does the units of a job, and where: threads here, processes, or the workers of a cluster.

Promises: every engine gives the same bytes; only so many units are in flight; the death of a worker process loses
nothing (``deaths.py``). An engine is a context: what it needs is checked and connected when it is entered, before
anything is read or scored, and let go of when it is left, whatever happened. A new one is a new file here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from koudai.registry import Registry
from koudai.scoring.unit import Unit, Work

Engine = Callable[[Work, Sequence[Unit]], Generator[dict[str, Any], None, None]]
"""Does units and yields the receipts of their shards, in any order, as they come."""


class Settings(NamedTuple):
    """What the user says about engines.

    Parameters
    ----------
    bundle, allow_drift
        What workers load, and how.
    workers
        Threads or processes of this machine, by default one for each core.
    scheduler
        Address of Dask's.
    master
        Of Spark.
    """

    bundle: Path
    allow_drift: bool = False
    workers: int | None = None
    scheduler: str | None = None
    master: str | None = None


ENGINES: Registry[Callable[[Settings], AbstractContextManager[Engine]]] = Registry(
    "engine", package="koudai.scoring.engines"
)
engine = ENGINES.register
