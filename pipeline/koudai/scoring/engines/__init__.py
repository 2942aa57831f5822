"""Engines: who does the units of a job, and where: threads here, processes, or the workers of a cluster.

Promises: every engine gives the same bytes; only so many units are in flight; the death of a worker process loses
nothing (``deaths.py``). An engine is a context: what it needs is checked and connected when it is entered, before
anything is read or scored, and let go of when it is left, whatever happened. A new one is a new file here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from koudai.errors import UsageError
from koudai.registry import Registry
from koudai.scoring.totals import Receipt
from koudai.scoring.unit import JobWork, Unit

Engine = Callable[[JobWork, Sequence[Unit]], Generator[Receipt, None, None]]
"""Does units and yields the receipts of their shards, in any order, as they come."""


class EngineSettings(NamedTuple):
    """What an engine is started with.

    Parameters
    ----------
    bundle, allow_drift
        What workers load, and how.
    workers, scheduler, master
        As for `EngineChoice`.
    """

    bundle: Path
    allow_drift: bool = False
    workers: int | None = None
    scheduler: str | None = None
    master: str | None = None


@dataclass(frozen=True)
class EngineChoice:
    """Which engine does a job.

    Parameters
    ----------
    name
        ``"local"`` (threads), ``"processes"``, ``"dask"`` or ``"spark"``.
    workers
        Threads or processes of this machine, by default one for each core.
    scheduler
        Address of Dask's scheduler.
    master
        URL of Spark's master.

    Raises
    ------
    UsageError
        If an address is given and the engine has no use for it.

    Examples
    --------
    >>> EngineChoice("dask", scheduler="tcp://127.0.0.1:8786").name
    'dask'
    """

    name: str = "local"
    workers: int | None = None
    scheduler: str | None = None
    master: str | None = None

    def __post_init__(self) -> None:
        for setting, value, of in (("scheduler", self.scheduler, "dask"), ("master", self.master, "spark")):
            if value is not None and self.name != of:
                raise UsageError(what=f"`{setting}` goes with `engine` {of}", got=f"the engine {self.name}")

    def start(self, bundle: Path, *, allow_drift: bool = False) -> AbstractContextManager[Engine]:
        """Return the context of the engine, for jobs of the model in `bundle`."""
        return ENGINES[self.name](EngineSettings(bundle, allow_drift, self.workers, self.scheduler, self.master))


ENGINES: Registry[Callable[[EngineSettings], AbstractContextManager[Engine]]] = Registry(
    "engine", package="koudai.scoring.engines"
)
engine = ENGINES.register
