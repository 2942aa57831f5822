"""Any order of kills, power failures, refusals, rot and resumes: in the end every row exactly once (J10)."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.faults.jobs import Job, contents, ids
from tests.faults.loop import Undisturbed, finish, strike
from tests.faults.seam import WAYS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("remembered")]

ROTTEN = st.sampled_from(["shards", "receipts", "quarantine", "DONE.json", "places.bin"])


def machine(job: Job, place: Path, whole: Undisturbed) -> type[RuleBasedStateMachine]:
    """Return the machine for a job; its class has the job, for Hypothesis makes it without arguments."""

    class Schedules(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.out = Path(tempfile.mkdtemp(dir=place)) / "out"
            self.rotten = False

        @rule(number=st.integers(1, 160), how=st.sampled_from(WAYS))
        def strike(self, number: int, how: str) -> None:
            if not self.rotten:
                strike(job, self.out, whole, number, how)

        @rule(kind=ROTTEN, seed=st.integers(0, 99))
        def rot(self, kind: str, seed: int) -> None:
            chosen = random.Random(seed)
            found = sorted(path for path in self.out.glob(kind + ("" if "." in kind else "/[!.]*")))
            if found:
                path = chosen.choice(found)
                data = bytearray(path.read_bytes())
                data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
                path.write_bytes(data[: chosen.choice([len(data), len(data) // 2])])
                self.rotten = True

        @rule(workers=st.integers(1, 4))
        def resume(self, workers: int) -> None:
            totals = job.do(self.out, workers=workers)
            assert totals.read == job.rows
            assert whole.finished_in(self.out)
            assert ids(self.out) == whole.ids
            self.rotten = False

        @invariant()
        def what_is_there_is_whole(self) -> None:
            assert self.rotten or contents(self.out).items() <= whole.files.items()

        def teardown(self) -> None:
            finish(job, self.out, whole)
            shutil.rmtree(self.out.parent)

    return Schedules


def test_J10_no_schedule_loses_or_repeats_a_row(job: Job, place: Path, whole: Undisturbed) -> None:
    run_state_machine_as_test(
        machine(job, place, whole),
        settings=settings(derandomize=True, deadline=None, max_examples=60, stateful_step_count=16),
    )
