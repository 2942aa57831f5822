"""Two faults: every disk call of a recovery fails in turn (J3). Two files share the states, for two processes."""

from __future__ import annotations

from pathlib import Path

from tests.faults.jobs import Job
from tests.faults.loop import FLOORS, Undisturbed
from tests.faults.nested import states, strike_recoveries


def test_J3_whichever_call_of_a_recovery_fails_the_same_command_finishes_odd(
    job: Job, place: Path, whole: Undisturbed
) -> None:
    chosen = states(job, place, whole)[1::2]
    assert len(chosen) >= 10
    assert strike_recoveries(job, place, whole, chosen) >= FLOORS["nested"]
