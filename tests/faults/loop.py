"""The N-loop: a job in which disk call N fails, for N = 1, 2, 3 … until a run comes through untouched.

After every fault: what has its name is whole, the error is one line for the user, and the same command finishes the
job with every row exactly once and the bytes of an undisturbed run.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from koudai.errors import StorageError
from koudai.storage.disk import Disk
from koudai.storage.durable import is_scratch
from tests.faults.jobs import Job, contents, ids
from tests.faults.seam import FaultyDisk, PowerFailure, installed

FLOORS = {"single": 400, "nested": 1600}
"""Faults that are injected at least: 2,000 in all."""


@dataclass(frozen=True)
class Undisturbed:
    """What a job gives when nothing disturbs it."""

    files: dict[str, bytes]
    ids: list[str]

    @staticmethod
    def of(job: Job, out: Path) -> Undisturbed:
        """Do `job` in `out`, and see that every row is there once."""
        totals = job.do(out)
        found = ids(out)
        assert (totals.read, len(found), len(set(found))) == (job.rows, job.rows, job.rows)
        assert totals.quarantined > 0
        return Undisturbed(contents(out), found)

    def finished_in(self, out: Path) -> bool:
        """Return whether the job in `out` is done, with these bytes."""
        return contents(out) == self.files


def strike(job: Job, out: Path, whole: Undisturbed, number: int, how: str) -> bool:
    """Do `job` in `out` with a fault; return whether it came to it. See that nothing is there but whole files."""
    disk, ended = FaultyDisk(number, how), ""
    with installed(disk):
        try:
            job.do(out)
        except StorageError:
            ended = "refused"
        except PowerFailure:
            ended = "off"
    assert disk.failed or not ended
    assert ended or whole.finished_in(out)
    assert contents(out).items() <= whole.files.items()
    return disk.failed


def finish(job: Job, out: Path, whole: Undisturbed) -> None:
    """Do what is left of `job` in `out`; see that it is what it should be."""
    totals = job.do(out)
    assert totals.read == job.rows
    assert whole.finished_in(out)


def singles(job: Job, place: Path, whole: Undisturbed, how: str) -> Iterator[Path]:
    """Yield the folders that single faults leave, all of them."""
    number, came = 0, True
    while came:
        number += 1
        out = place / f"{how}-{number}"
        came = strike(job, out, whole, number, how)
        if came:
            yield out


@dataclass(frozen=True)
class Call:
    """A disk call, as far as what it leaves if it fails depends on it: which, of what, on what `state_of` says, and
    whether a power failure after it may undo names that count, since no folder was flushed after they changed.
    """

    kind: str
    path: str
    state: str
    undone: bool


class Noting(Disk):
    """The real disk, which notes in `noted` what it is asked for in the folder `out`."""

    CHANGING = ("rename", "unlink", "mkdir", "rmdir")

    def __init__(self, out: Path) -> None:
        self.out, self.noted, self.open_paths = out, list[Call](), dict[int, Path]()
        self.state, self.unflushed = state_of(out), set[Path]()

    def __getattribute__(self, name: str) -> Any:
        real = super().__getattribute__(name)
        return partial(self._note, name, real) if name in vars(Disk) and not name.startswith("_") else real

    def _note(self, kind: str, real: Any, what: Path | int, *given: Any) -> Any:
        path = self.open_paths[what] if isinstance(what, int) else what
        name = re.sub(r"[0-9a-f]{8}(?=\.)", "", os.path.relpath(path, self.out))
        changed = given[0] if kind == "rename" else path
        if kind in self.CHANGING and not is_scratch(changed.name):
            self.unflushed.add(changed.parent)
        elif kind == "fsync":
            self.unflushed.discard(path)
        self.noted.append(Call(kind, name, self.state, bool(self.unflushed)))
        result = real(what, *given)
        if kind == "open":
            self.open_paths[result] = path
        if kind in self.CHANGING:
            self.state = state_of(self.out)
        return result


def calls_of(job: Job, out: Path) -> list[Call]:
    """Do what is left of `job` in `out`; return its disk calls."""
    disk = Noting(out)
    with installed(disk):
        job.do(out)
    return disk.noted


def state_of(out: Path) -> str:
    """Return the names of what counts in `out`, on which a recovery depends: temporary files and the lock do not, and
    what has a name is whole, as `strike` sees.
    """
    found = sorted(
        os.path.relpath(f"{folder}/{name}", out)
        for folder, folders, files in os.walk(out)
        for name in (*folders, *files)
        if not is_scratch(name)
    )
    return "\n".join([str(out.exists()), *found])


def restored(state: Path, out: Path) -> Path:
    """Make `out` the same as `state`."""
    shutil.rmtree(out, ignore_errors=True)
    if state.exists():
        shutil.copytree(state, out)
    return out
