"""Two faults: whatever any fault leaves, every disk call of its recovery fails in turn (J3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.jobs import Job
from tests.faults.loop import FLOORS, Undisturbed, finish, restored, singles, state_of, strike
from tests.faults.seam import WAYS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("remembered")]


def states(job: Job, place: Path, whole: Undisturbed) -> list[Path]:
    """Return the folders that single faults leave, one of each that are alike: their recoveries are too."""
    found: dict[str, Path] = {}
    for how in WAYS:
        for left in singles(job, place, whole, how):
            found.setdefault(state_of(left), left)
    return list(found.values())


def strike_recoveries(job: Job, place: Path, whole: Undisturbed, chosen: list[Path]) -> int:
    """Let every call of the recovery of each of `chosen` fail, in ways that take turns; return how many did.

    What that leaves is finished once for each folder that is not like one before.
    """
    faults, finished = 0, set[str]()
    out = place / "recovery"
    for turn, state in enumerate(chosen):
        number, came = 0, True
        while came:
            number += 1
            came = strike(job, restored(state, out), whole, number, WAYS[(number + turn) % len(WAYS)])
            if (left := state_of(out)) not in finished:
                finish(job, out, whole)
                finished.add(left)
            faults += came
    return faults


def test_J3_whichever_call_of_a_recovery_fails_the_same_command_finishes(
    job: Job, place: Path, whole: Undisturbed
) -> None:
    chosen = states(job, place, whole)
    assert len(chosen) >= 20
    assert strike_recoveries(job, place, whole, chosen) >= FLOORS["nested"]
