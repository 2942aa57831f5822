"""Processes: a command run to its end, with its seconds and the memory that it and its children took.

Promises: each process's own high-water mark is read, from ``/proc``, until it ends; where there is no ``/proc``, memory
is None. What a child inherits from the process that measures is not counted. One command is measured at a time.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.posts import ROOT

PYTHON = sys.executable
_PAUSE = 0.1
_PROC = Path("/proc")


@dataclass(frozen=True)
class Ran:
    """A command that ended well: seconds by the clock, megabytes of its largest process and of all together, what it
    printed, and seconds of the processor over all its threads and processes.
    """

    seconds: float
    largest_mb: float | None
    together_mb: float | None
    printed: str
    processor: float


def run(command: list[str | Path], *, environ: dict[str, str] | None = None) -> Ran:
    """Run a command at the project's root and wait for it.

    Raises
    ------
    RuntimeError
        If it ends with another exit code than 0; with what it wrote to standard error.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    before, begin = _processor(), time.perf_counter()
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with child, _watched(child.pid) as marks:
        printed, complaints = child.communicate()
        seconds = time.perf_counter() - begin
    if child.returncode:
        message = f"{' '.join(map(str, command))} ended with {child.returncode}:\n{complaints[-3000:]}"
        raise RuntimeError(message)
    largest, together = marks.get("largest"), marks.get("together")
    return Ran(seconds, largest, together, printed, _processor() - before)


def run_verb(root: Path, *command: str | Path, environ: dict[str, str] | None = None) -> Ran:
    """Run a verb of the koudai of a checkout: by its own ``.venv``, where it has one, else by this Python."""
    own = root / ".venv" / "bin" / "koudai"
    verb: list[str | Path] = [own] if own.exists() else [PYTHON, "-m", "koudai"]
    return run([*verb, *command], environ={"PYTHONPATH": str(root / "pipeline"), **(environ or {})})


@contextlib.contextmanager
def _watched(session: int) -> Iterator[dict[str, float]]:
    """Give a dict in which, after the block, the marks of the processes of `session` are, in megabytes."""
    marks: dict[str, float] = {}
    ended = threading.Event()

    def watch() -> None:
        while True:
            resident = 0.0
            for status in _members(session):
                marks["largest"] = max(marks.get("largest", 0.0), status.get("VmHWM", 0.0))
                resident += status.get("VmRSS", 0.0)
            if resident:
                marks["together"] = max(marks.get("together", 0.0), resident)
            if ended.wait(_PAUSE):
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield marks
    finally:
        ended.set()
        watcher.join()


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _members(session: int) -> list[dict[str, float]]:
    """Return ``VmHWM`` and ``VmRSS`` of every process of a session, in megabytes."""
    found = []
    for folder in _PROC.iterdir() if _PROC.is_dir() else []:
        if not folder.name.isdecimal():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session:
                lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
                pairs = [line.split() for line in lines if line.startswith(("VmHWM:", "VmRSS:"))]
                found.append({pair[0].rstrip(":"): int(pair[1]) / 1024 for pair in pairs})
    return found
