"""One fault: every disk call of a job fails in turn, in four ways (J2, J4)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.jobs import Job
from tests.faults.loop import FLOORS, Undisturbed, finish, singles
from tests.faults.seam import WAYS, FaultyDisk, installed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("remembered")]


@pytest.mark.parametrize("how", WAYS)
def test_J2_J4_whichever_disk_call_fails_the_same_command_finishes(
    job: Job, place: Path, whole: Undisturbed, how: str
) -> None:
    faults = 0
    for left in singles(job, place, whole, how):
        finish(job, left, whole)
        shutil.rmtree(left)
        faults += 1
    assert faults >= FLOORS["single"] // len(WAYS)


def test_what_is_remembered_calls_the_disk_never(job: Job, place: Path, request: pytest.FixtureRequest) -> None:
    """A job calls it as often when everything is remembered as when it is done for the first time, or without."""
    calls = []
    for number in range(3):
        disk = FaultyDisk(10**9, "transient")
        if number == 2:
            request.getfixturevalue("monkeypatch").undo()
        with installed(disk):
            job.do(place / f"{number}")
        calls.append(disk.calls)
    assert len({*calls}) == 1
