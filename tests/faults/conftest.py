"""What the faults strike: a small job, its undisturbed result, and a folder where flushing costs nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest

from koudai.model.model import Model
from koudai.scoring import job as jobs
from koudai.scoring import unit
from tests.faults.jobs import Job
from tests.faults.loop import Undisturbed

MEMORY = Path("/dev/shm")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory, where there is one."""
    with tempfile.TemporaryDirectory(prefix="koudai-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def job(model: Model, place: Path) -> Job:
    return Job.small(model, place)


@pytest.fixture
def whole(job: Job, place: Path) -> Undisturbed:
    return Undisturbed.of(job, place / "whole")


@pytest.fixture
def remembered(job: Job, whole: Undisturbed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one job be done again and again without reading and scoring the same posts again: what comes of them depends
    on inputs and model alone, and never calls the disk that is struck; ``test_single.py`` sees to that.
    """
    known: dict[Hashable, Any] = {}

    def once(key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in known:
            known[key] = make()
        return known[key]

    survey, read, score = jobs.take_survey, unit.read_posts, unit.JobWork.block

    def read_once(location: Any, reading: Any, **given: Any) -> Iterator[Any]:
        return iter(once((str(location), *given.values()), lambda: [*read(location, reading, **given)]))

    def score_once(work: Any, piece: unit.Piece) -> Any:
        return once((piece.shard.number, piece.place), lambda: score(work, piece))

    monkeypatch.setattr(jobs, "take_survey", lambda plan, progress: once("survey", lambda: survey(plan, progress)))
    monkeypatch.setattr(unit, "read_posts", read_once)
    monkeypatch.setattr(unit.JobWork, "block", score_once)
