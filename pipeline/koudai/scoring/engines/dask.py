"""The dask engine: units on a running Dask cluster.

Promises: a scheduler that does not answer, or begins to and does not go on, is an error within seconds, and so is one
that goes away; workers without koudai, or with another version of it, are one as soon as they are there; a cluster
without workers is told at once, and an error after `WORKERLESS_SECONDS`; leaving cancels what is in flight. Dask itself
gives a task to another worker when one dies; when it gives up (``KilledWorker``), ``workers/deaths.py`` takes over.

Workers need koudai, and the job's folder, the inputs and the bundle under the same paths.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from koudai import __version__
from koudai.errors import EngineError, KoudaiError, UsageError, number_of
from koudai.limits import SCHEDULER_SECONDS, WORKERLESS_SECONDS
from koudai.scoring.engines import Engine, EngineSettings, engine
from koudai.scoring.engines.workers.crew import Crew, Died, Task, cannot_go_on, warn_of_no_workers
from koudai.scoring.engines.workers.deaths import surviving
from koudai.scoring.engines.workers.requirements import require
from koudai.scoring.unit import make_ready

_RETRIES = 1
_PER_THREAD = 3
_PATIENCE = 5.0
_SHOWN = 5
_LOUD = ("distributed.client", "distributed.core", "distributed.comm.tcp")
_START = "start one with `dask scheduler`, and workers with `dask worker ADDRESS`"


@engine("dask")
@contextlib.contextmanager
def dask(settings: EngineSettings) -> Iterator[Engine]:
    """Connect to ``settings.scheduler``.

    Raises
    ------
    UsageError
        If none is given, or Dask is not installed.
    EngineError
        If it does not answer.
    """
    require("distributed", extra="dask", engine="dask")
    if not settings.scheduler:
        raise UsageError(
            what="the dask engine needs the address of a scheduler",
            expected="`scheduler` tcp://HOST:8786",
            todo=_START,
        )
    with _quiet():
        crew = _Dask(_connected(settings.scheduler), settings.scheduler)
        try:
            crew.make_ready(settings)
            yield surviving(crew, settings)
        finally:
            crew.leave()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence Dask's tracebacks of lost connections, which koudai raises as errors of its own."""
    import distributed  # noqa: F401  it sets levels when it is imported

    before = {name: logging.getLogger(name).level for name in _LOUD}
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _connected(address: str) -> Any:
    import asyncio

    from distributed import Client
    from distributed.comm import get_address_host_port

    try:
        socket.create_connection(get_address_host_port(address), timeout=SCHEDULER_SECONDS.value).close()
        # A client that failed to connect closes itself when it is collected, and can block one that is created then;
        # and its own timeout does not bound a handshake that nobody goes on with.
        with ThreadPoolExecutor(1) as aside:  # a notebook has a loop of its own here
            aside.submit(asyncio.run, _answer(address)).result()
        return Client(address, timeout=SCHEDULER_SECONDS.value, set_as_default=False, name="koudai")
    except (OSError, TimeoutError) as error:
        raise EngineError(
            what="no Dask scheduler answers",
            where=address,
            got=str(error).split("\n")[0] or f"nothing within {SCHEDULER_SECONDS.value} seconds",
            happened="nothing was scored",
            todo=_START,
        ) from error
    except (ValueError, TypeError) as error:
        raise UsageError(
            what="this is not the address of a Dask scheduler",
            got=address,
            expected="`scheduler` tcp://HOST:8786",
        ) from error


async def _answer(address: str) -> None:
    """Ask the scheduler who it is; raises `TimeoutError` if it has not said so in time."""
    import asyncio

    await asyncio.wait_for(_identity(address), SCHEDULER_SECONDS.value)


async def _identity(address: str) -> None:
    from distributed import rpc
    from distributed.security import Security

    async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
        await scheduler.identity()


class _Dask(Crew):
    def __init__(self, client: Any, address: str) -> None:
        super().__init__()
        self._client, self._address = client, address
        self._ready: list[Any] = []
        self._workers, self._asked, self._seen = 0, -1e9, time.monotonic()
        self._known: set[str] = set()

    def make_ready(self, settings: EngineSettings) -> None:
        """Let the workers that are there load the model while the inputs are surveyed."""
        bundle = str(settings.bundle.resolve())
        self._ask()
        if not self._workers:
            warn_of_no_workers(self._address, todo=_START)
        with contextlib.suppress(OSError, TimeoutError):
            self._ready = [
                self._client.submit(make_ready, bundle, settings.allow_drift, workers=[worker], pure=False)
                for worker in self._client.nthreads()
            ]

    def room(self) -> int:
        self._ask()
        return max(4, _PER_THREAD * self._workers)

    def leave(self) -> None:
        """Cancel what is in flight and disconnect."""
        self.drop()
        self._client.close(timeout=SCHEDULER_SECONDS.value)

    def _cancel(self, futures: list[Any]) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            if self._client.status == "running":
                self._client.cancel(futures, force=True)

    def _ask(self) -> None:
        """Count threads again, every second at most: clusters grow and shrink."""
        now = time.monotonic()
        if now - self._asked < 1:
            return
        if self._client.status != "running":
            raise self._gone()
        try:
            threads = self._client.nthreads()
            if threads.keys() - self._known:
                self._require_koudai()
                self._known |= threads.keys()
        except (OSError, TimeoutError) as error:
            raise self._gone() from error
        self._workers = sum(threads.values())
        self._asked = time.monotonic()
        if self._workers:
            self._seen = self._asked

    def _require_koudai(self) -> None:
        """Raise `EngineError` unless all workers have this koudai and this Dask."""
        told = self._client.get_versions(packages=["koudai"])
        ours = {"koudai": __version__, "distributed": told["client"]["packages"]["distributed"]}
        unlike = {
            address: f"{name} {packages.get(name) or 'not installed'}"
            for address, found in told["workers"].items()
            for packages in [(found or {}).get("packages", {})]
            for name in ours
            if packages.get(name) != ours[name]
        }
        if unlike:
            raise cannot_go_on(
                what=number_of(len(unlike), "worker has", "workers have") + " not the packages that run here",
                where=self._address,
                expected=", ".join(f"{name} {version}" for name, version in ours.items()),
                got="\n".join(f"{address}: {found}" for address, found in list(unlike.items())[:_SHOWN]),
                todo="install the same versions here and where the workers run",
            )

    def _submit(self, task: Task) -> Any:
        return self._client.submit(task, pure=False, retries=_RETRIES)

    def _result(self, future: Any) -> Any:
        from distributed import KilledWorker

        try:
            while True:
                try:
                    return future.result(timeout=_PATIENCE)
                except TimeoutError:
                    if future.status == "error":
                        raise
                    self._look_after()
        except KilledWorker as error:
            return Died(error.allowed_failures + 1)
        except KoudaiError:
            raise
        except Exception as error:
            if future.status == "cancelled" or self._client.status != "running":
                raise self._gone() from error
            raise

    def _look_after(self) -> None:
        self._ask()
        if time.monotonic() - self._seen > WORKERLESS_SECONDS.value:
            raise cannot_go_on(what="the cluster has no workers", where=self._address, todo=_START)

    def _gone(self) -> EngineError:
        return cannot_go_on(what="the Dask scheduler went away", where=self._address, todo="start it again")
