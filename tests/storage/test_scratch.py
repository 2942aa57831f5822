"""What a killed process leaves half written goes; what a living one writes, and what is not koudai's, stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from koudai.storage import durable
from koudai.storage.disk import Disk, claim
from koudai.storage.scratch import clear_scratch
from tests.faults.seam import installed

LEFT = ".plan.json.0a1b2c3d.part"
WRITING = """
import sys
from pathlib import Path
from koudai.storage import durable
class Waiting(durable.Disk):
    def rename(self, old, new):
        print(old.name, flush=True)
        sys.stdin.read()
        super().rename(old, new)
durable.DISK = Waiting()
durable.write_bytes(Path(sys.argv[1]) / "plan.json", b"whole")
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("end", ["goes on", "is killed"])
def test_a_file_goes_with_its_writer_and_not_before(end: str, tmp_path: Path) -> None:
    """The writer waits where the file is whole, closed, and still without its name."""
    (tmp_path / LEFT).write_bytes(b"half")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "pipeline")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WRITING, str(tmp_path)], env=environment, **pipes) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        temporary = writer.stdout.readline().decode().strip()
        clear_scratch(tmp_path, of="plan[.]json")
        assert names(tmp_path) == [temporary]
        writer.kill() if end == "is killed" else writer.stdin.close()
        writer.wait()
    clear_scratch(tmp_path, of="plan[.]json")
    assert names(tmp_path) == ([] if end == "is killed" else ["plan.json"])


def test_only_what_durable_writes_left_goes(tmp_path: Path) -> None:
    strangers = [".b.json.0a1b2c3d.part", ".plan.json.part", ".plan.json.0a1b2c3g.part", "plan.json.0a1b2c3d.part"]
    for name in (LEFT, *strangers):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / ".plan.json.00000000.part").mkdir()
    clear_scratch(tmp_path, of="plan[.]json")
    assert names(tmp_path) == sorted([".plan.json.00000000.part", *strangers])
    clear_scratch(tmp_path / "no such folder", of="plan[.]json")


@pytest.mark.parametrize(("age", "stays"), [(7200, False), (60, True), (-7200, True)])
def test_the_files_of_a_probe_go_once_they_are_old(age: int, stays: bool, tmp_path: Path) -> None:
    probe = tmp_path / ".probe.0a1b2c3d.old.part"
    probe.write_bytes(b"old")
    clear_scratch(tmp_path, of="plan[.]json")
    assert probe.exists()
    with durable.locked(tmp_path):
        now = (tmp_path / durable.LOCK).stat().st_mtime
        os.utime(probe, (now - age, now - age))
        clear_scratch(tmp_path, of="plan[.]json")
    assert probe.exists() == stays


def test_where_there_are_no_locks_nothing_goes_and_writing_goes_on(tmp_path: Path) -> None:
    class NoLocks(Disk):
        def lock(self, handle: int) -> None:
            raise OSError(37, "No locks available")

    (tmp_path / LEFT).write_bytes(b"half")
    with installed(NoLocks()):
        clear_scratch(tmp_path, of="plan[.]json")
        durable.write_bytes(tmp_path / "plan.json", b"whole")
    assert names(tmp_path) == [LEFT, "plan.json"]


@pytest.mark.parametrize("when", ["while it is removed", "after it is gone"])
def test_a_file_taken_before_its_writer_could_claim_it_is_written_under_another_name(when: str, tmp_path: Path) -> None:
    class Taken(Disk):
        def __init__(self) -> None:
            self.taken: list[int] = []

        def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
            handle = super().open(path, flags, mode)
            if path.name.endswith(".part") and not self.taken:
                self.taken.append(super().open(path, os.O_RDWR))
                self.lock(self.taken[0])
                path.unlink()
                if when == "after it is gone":
                    self.close(self.taken[0])
            return handle

    with installed(Taken()):
        durable.write_bytes(tmp_path / "plan.json", b"whole")
    assert (tmp_path / "plan.json").read_bytes() == b"whole"
    assert names(tmp_path) == ["plan.json"]


def test_a_claim_outlives_the_first_handle(tmp_path: Path) -> None:
    disk, path = Disk(), tmp_path / LEFT
    first = disk.open(path, os.O_CREAT | os.O_RDWR)
    second = claim(first)
    disk.close(first)
    clear_scratch(tmp_path, of="plan[.]json")
    assert path.exists()
    assert second is not None
    disk.close(second)
    clear_scratch(tmp_path, of="plan[.]json")
    assert not path.exists()
