"""Two faults: whatever any fault leaves, every disk call of its recovery fails in turn (J3)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.jobs import Job
from tests.faults.loop import FLOORS, Call, Undisturbed, calls_of, finish, restored, singles, state_of, strike
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
    """Let calls of the recoveries of `chosen` fail, in ways that take turns, and by a power failure too where that may
    undo names: all of them, but only so many of those by which a recovery does the same in the same state as one
    before that `FLOORS` is reached; return how many did.

    What that leaves is finished once for each folder that is not like one before.
    """
    struck, again, finished = set[tuple[Call, bool]](), list[tuple[Path, int, str]](), set[str]()
    out = place / "recovery"

    def strike_at(state: Path, number: int, how: str) -> bool:
        came = strike(job, restored(state, out), whole, number, how)
        if (left := state_of(out)) not in finished:
            finish(job, out, whole)
            finished.add(left)
        return came

    faults = 0
    for turn, state in enumerate(chosen):
        for number, call in enumerate(calls_of(job, restored(state, out)), 1):
            undoing = call.undone and number % 2 == 0
            for how in {WAYS[(number + turn) % len(WAYS)]: None} | ({"lost": None} if undoing else {}):
                key, at = (call, undoing and how == "lost"), (state, number, how)
                if key in struck:
                    again.append(at)
                else:
                    struck.add(key)
                    faults += strike_at(*at)
    random.Random(1).shuffle(again)
    for at in again[: max(0, FLOORS["nested"] - faults)]:
        faults += strike_at(*at)
    return faults


def test_J3_whichever_call_of_a_recovery_fails_the_same_command_finishes(
    job: Job, place: Path, whole: Undisturbed
) -> None:
    chosen = states(job, place, whole)
    assert len(chosen) >= 20
    assert strike_recoveries(job, place, whole, chosen) >= FLOORS["nested"]
