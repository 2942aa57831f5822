"""A disk that really is full, for a whole job: one line of error, what is written is whole, and with more room the same
command finishes (J2).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.faults.jobs import Job, contents
from tests.faults.killer import ROOT

pytestmark = pytest.mark.slow

SMALL = "mount -t tmpfs -o size={size}k koudai {disk}"
SCRIPT = """
cd {disk} || exit 9
{python} -m koudai {command} 2> {said}; echo $? > {code}
cp -r {disk}/out {kept} 2> /dev/null
mount -o remount,size=4m {disk}
{python} -m koudai {command} 2>> {said}; echo $? >> {code}
cp -r {disk}/out {done}
"""


@pytest.mark.parametrize("size", [8, 24, 48])
def test_J2_a_full_disk_ends_a_job_in_one_line_and_with_room_the_same_command_finishes(
    job: Job, bundle: Path, tmp_path: Path, size: int
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = SMALL.format(size=size, disk=disk)
    front = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*front, mount], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    files = {name: tmp_path / name for name in ("said", "code", "kept", "done")}
    command = " ".join([*job.command(bundle, disk / "out", "--workers", 2)])
    script = SCRIPT.format(disk=disk, python=sys.executable, command=command, **files)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([*front, f"{mount}\n{script}"], capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    said = files["said"].read_text(encoding="utf-8")
    assert files["code"].read_text(encoding="utf-8").split() == ["5", "0"]
    assert said.count("StorageError: the disk refused: No space left on device") == 1
    assert "then try again" in said or "then score into the same folder again" in said
    assert "Traceback" not in said
    done = contents(files["done"])
    assert contents(files["kept"]).items() <= done.items()
    forked.run(["-m", "koudai", *job.command(bundle, tmp_path / "elsewhere")], capture_output=True, check=True)
    assert contents(tmp_path / "elsewhere") == done
