"""A disk that really is full, for a whole job: one line of error, what is written is whole, and with more room the same
command finishes (J2).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import forked
from tests.faults.jobs import Job, contents
from tests.faults.killer import ROOT
from tests.faults.small_disk import NO_MOUNT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [8, 24, 48])
def test_J2_a_full_disk_ends_a_job_in_one_line_and_with_room_the_same_command_finishes(
    job: Job, bundle: Path, tmp_path: Path, size: int
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = job.command(bundle, disk / "out", "--workers", 2)
    program = ["-m", "tests.faults.small_disk", disk, size, 4096, tmp_path / "kept", tmp_path / "done", *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = forked.run(program, capture_output=True, text=True, env=environment)
    if ran.returncode == NO_MOUNT:
        pytest.skip("this system lets nobody mount a small disk")
    said = ran.stderr
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["5 0"]), said
    assert said.count("StorageError: the disk refused: No space left on device") == 1
    assert "then try again" in said or "then score into the same folder again" in said
    assert "Traceback" not in said
    done = contents(tmp_path / "done")
    assert contents(tmp_path / "kept").items() <= done.items()
    forked.run(["-m", "koudai", *job.command(bundle, tmp_path / "elsewhere")], capture_output=True, check=True)
    assert contents(tmp_path / "elsewhere") == done
