"""Real clusters on loopback: a Dask scheduler with nannies, the settings of a Spark that starts soon, and the processes
of both, to be killed by their number.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.conftest import ROOT

_PATIENCE = 60.0
_SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Options of a Java that compiles less, and starts in half the time."""
_FORKING = {"DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": "forkserver"}
"""Lets a nanny fork its workers from a server that has imported Dask."""


def wait_for(condition: Callable[[], bool], *, seconds: float = _PATIENCE) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            message = "it took too long"
            raise TimeoutError(message)
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Return the processes that `pid` started, and those that they started, and so on."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError, IndexError):
                fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents[int(folder.name)] = int(fields[1])
    found, new = [], {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found += sorted(new)
    return found


def kill(pid: int) -> None:
    """End one process at once, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def end(process: subprocess.Popen[str]) -> None:
    """Ask a process to end, wait, then make it and what it started end."""
    started = children(process.pid)
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in started:
        kill(pid)
    if process.stdout:
        process.stdout.close()


def spark_settings(folder: Path, **settings: str) -> Path:
    """Write a ``spark-defaults.conf``, with dots for the underscores of `settings`, and return its folder."""
    lines = {name.replace("_", "."): value for name, value in settings.items()}
    lines |= dict.fromkeys(("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions"), _SHORT_LIVED)
    lines["spark.python.daemon.module"] = "tests.scoring.engines.daemon"
    text = "".join(f"{name} {value}\n" for name, value in lines.items())
    (folder / "spark-defaults.conf").write_text(text, encoding="utf-8")
    return folder


@contextlib.contextmanager
def dask_scheduler(folder: Path, *, allowed_failures: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a scheduler; give its address and its process."""
    at = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(at)]
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
    process = start([sys.executable, "-m", "distributed.cli.dask_scheduler", *options], folder, settings)
    try:
        wait_for(lambda: at.exists() or process.poll() is not None)
        import json

        wait_for(lambda: at.read_text(encoding="utf-8").endswith("}"))
        yield json.loads(at.read_text(encoding="utf-8"))["address"], process
    finally:
        end(process)


@contextlib.contextmanager
def dask_workers(
    address: str,
    folder: Path,
    *,
    workers: int = 2,
    nannies: bool = True,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[subprocess.Popen[str]]:
    """Start workers, each of one thread; give the process that holds their nannies, or is the only worker if there are
    to be no nannies.
    """
    options = ["--nworkers", str(workers)] if nannies else ["--no-nanny"]
    options += ["--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
    options += ["--memory-limit", "0", "--local-directory", str(folder)]
    process = start(
        [sys.executable, "-m", "distributed.cli.dask_worker", address, *options], folder, {**_FORKING, **settings}
    )
    try:
        yield process
    finally:
        end(process)


def start(command: list[str], folder: Path, settings: dict[str, str]) -> subprocess.Popen[str]:
    """Start a process that finds this checkout; what it says goes into `folder`."""
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            text=True,
        )
