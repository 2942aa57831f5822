"""Engines: what processes the units of a job: threads of this process, other processes, or the workers of a cluster.

Promises: every engine gives the same bytes; the number of units in flight is bounded; the death of a worker process
loses no finished shard (``workers/deaths.py``). An engine is a context manager: requirements and connections are
checked when it is entered, before anything is read or scored, and released when it is left. A new engine is a new file.
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
"""Processes units and yields the receipts of their shards, in any order, as they are finished."""


class EngineSettings(NamedTuple):
    """Settings with which an engine is started.

    Parameters
    ----------
    bundle, allow_drift
        The model that workers load; see `koudai.model.bundle.bundle.load_bundle`.
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
    """The engine of a job, by name, with its settings.

    Parameters
    ----------
    name
        One of `ENGINES`, such as ``"local"``: threads of this process.
    workers
        Threads or processes of this machine, by default one for each core.
    scheduler
        Address of a Dask scheduler.
    master
        URL of a Spark master.

    Raises
    ------
    UsageError
        If an address is given that belongs to another engine.

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
        """Return the context manager of the engine, for jobs of the model in `bundle`."""
        return ENGINES[self.name](EngineSettings(bundle, allow_drift, self.workers, self.scheduler, self.master))


ENGINES: Registry[Callable[[EngineSettings], AbstractContextManager[Engine]]] = Registry(
    "engine", package="koudai.scoring.engines"
)
engine = ENGINES.register
