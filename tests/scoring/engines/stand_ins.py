"""Stand-ins for the work of a job, done in real workers: they write down each call, sleep, raise or kill."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path
from typing import Any

from koudai.errors import ReadError
from koudai.scoring.engines.workers.crew import Assignment, Receipts
from koudai.scoring.unit import JobAddress, Unit

SIZE = 8


def rows(unit: Unit) -> tuple[int, int]:
    return unit.first * SIZE, unit.last * SIZE


def do(job: JobAddress, unit: Unit) -> Receipts:
    """Die of the rows named in ``killers``; else leave a note with the number of this process and return receipts."""
    folder = Path(job.folder)
    begin, end = rows(unit)
    _die_of(folder, begin, end, unit.avoid)
    note = folder / "notes" / f"{unit.first}-{os.getpid()}-{uuid.uuid4().hex}"
    note.write_text("", encoding="utf-8")
    if (folder / "slow").exists():
        time.sleep(float((folder / "slow").read_text(encoding="utf-8")))
    return [{"shard": shard, "avoided": list(unit.avoid)} for shard in range(unit.first, unit.last)]


def probe(job: JobAddress, unit: Unit, begin: int, end: int) -> None:
    _die_of(Path(job.folder), begin, end, unit.avoid)


def refuse(job: JobAddress, unit: Unit) -> Receipts:
    raise ReadError(what="the input is not here", where=Path("posts.csv"), expected=3, got=[1])


def stumble(job: JobAddress, unit: Unit) -> Receipts:
    message = "a mistake in the code"
    raise ZeroDivisionError(message)


def finished(shard: int) -> None:
    """Nothing is there."""


def work_in(folder: Path, *, killers: tuple[int, ...] = (), slow: float = 0.0) -> Any:
    """Return stand-in work that leaves its notes in `folder`; ``conftest.py`` lets engines take it."""
    (folder / "notes").mkdir(parents=True)
    (folder / "killers").write_text(" ".join(map(str, killers)), encoding="utf-8")
    if slow:
        (folder / "slow").write_text(str(slow), encoding="utf-8")
    return Assignment(JobAddress(str(folder), "bundle"), rows, finished, do, probe)


def busy(folder: Path) -> list[int]:
    """Return the processes that have done something, in the order of their notes' names."""
    return [int(path.name.split("-")[1]) for path in sorted((folder / "notes").iterdir())]


def _die_of(folder: Path, begin: int, end: int, avoid: tuple[int, ...]) -> None:
    killers = {int(row) for row in (folder / "killers").read_text(encoding="utf-8").split()}
    if (killers - {*avoid}) & {*range(begin, end)}:
        os.kill(os.getpid(), signal.SIGKILL)
