"""What the faults strike: a small job, its undisturbed result, and a folder where flushing costs nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from koudai.model.model import Model
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
