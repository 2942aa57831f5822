"""What the faults strike: a small job, its undisturbed result, and a folder where flushing costs nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from koudai.model.model import Model
from koudai.scoring import job as jobs
from koudai.scoring import plan, unit
from koudai.storage import signed
from tests.faults import jobs as struck
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
    """Let one job be done again and again without planning it, reading and scoring the same posts, or checking the
    same signatures again: what comes of them depends on inputs, model and bytes alone, and never calls the disk that is
    struck; ``test_single.py`` sees to that.
    """
    known: dict[Hashable, Any] = {}

    def once(key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in known:
            known[key] = make()
        return known[key]

    survey, read, score = jobs.take_survey, unit.read_posts, unit.JobWork.block
    plan_of, value_of = struck.make_plan, signed.signed_value

    def read_once(location: Any, reading: Any, **given: Any) -> Iterator[Any]:
        return iter(once((str(location), *given.values()), lambda: [*read(location, reading, **given)]))

    def score_once(work: Any, piece: unit.Piece) -> Any:
        return once((piece.shard.number, piece.place), lambda: score(work, piece))

    def plan_once(inputs: Sequence[Path], **given: Any) -> Any:
        return once(("plan", *inputs, repr(given)), lambda: plan_of(inputs, **given))

    def value_once(data: bytes) -> Any:
        return json.loads(once(("signed", data), lambda: json.dumps(value_of(data))))

    monkeypatch.setattr(struck, "make_plan", plan_once)
    monkeypatch.setattr(signed, "signed_value", value_once)
    monkeypatch.setattr(plan, "signed_value", value_once)
    monkeypatch.setattr(jobs, "take_survey", lambda of, progress: once("survey", lambda: survey(of, progress)))
    monkeypatch.setattr(unit, "read_posts", read_once)
    monkeypatch.setattr(unit.JobWork, "block", score_once)
