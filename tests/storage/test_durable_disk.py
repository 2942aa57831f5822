"""Durable writing against real disks and real processes: too large, full, read-only, and folders that others hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from koudai.errors import JobLocked, StorageError
from koudai.storage.durable import locked

OLD = b"old\n"
REAL = """
import resource, sys
from pathlib import Path
from koudai.storage.durable import locked, write_bytes, write_folder
from koudai.errors import StorageError
here, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
def lock():
    with locked(here):
        print("locked")
for work in (
    lambda: write_bytes(here / "file", b"n" * 100_000),
    lambda: write_folder(here / "bundle", {"one": b"n" * 100, "two": b"n" * 100_000}),
    lambda: lock() if limit == 0 else None,
):
    try:
        work()
    except StorageError as error:
        print(str(error).splitlines()[0])
print(sorted(path.name for path in here.iterdir()), (here / "file").read_bytes())
"""


def real(place: Path, *, limit: int = 0, before: tuple[str, ...] = ()) -> list[str]:
    command = [sys.executable, "-c", REAL, str(place), str(limit)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "pipeline")}
    done = subprocess.run([*before, *command], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_J2_a_real_limit_on_file_sizes_is_a_storage_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    told = "StorageError: the disk refused: File too large"
    assert real(tmp_path, limit=50_000) == [told, told, "['file'] b'old\\n'"]


def in_a_small_disk(place: Path, then: str = "true") -> tuple[str, ...]:
    """Return the front of a command that runs its rest with a disk of 64 KiB at `place`; skip if that is forbidden."""
    script = f'mount -t tmpfs -o size=64k koudai "{place}" && printf "old\\n" > "{place}/file" && {then} && exec "$@"'
    front = ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    try:
        allowed = subprocess.run([*front, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("this system lets nobody mount a small disk")
    return front


def test_J2_a_real_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    told = "StorageError: the disk refused: No space left on device"
    found = real(tmp_path, before=in_a_small_disk(tmp_path))
    assert found == [told, told, "locked", "['.lock', 'file'] b'old\\n'"]


def test_J2_a_disk_without_a_byte_left_cannot_be_locked(tmp_path: Path) -> None:
    told = "StorageError: the disk refused: No space left on device"
    fill = f'{{ cat /dev/zero > "{tmp_path}/zeros" 2>/dev/null || true; }}'
    found = real(tmp_path, before=in_a_small_disk(tmp_path, fill))
    assert found == [told, told, told, "['.lock', 'file', 'zeros'] b'old\\n'"]


def test_J2_a_real_read_only_disk_is_a_storage_error(tmp_path: Path) -> None:
    told = "StorageError: the disk refused: Read-only file system"
    found = real(tmp_path, before=in_a_small_disk(tmp_path, f'mount -o remount,ro "{tmp_path}"'))
    assert found == [told, told, told, "['file'] b'old\\n'"]


HOLD = """
import sys
from pathlib import Path
from koudai.storage.durable import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_J6_a_folder_held_by_another_process_is_refused_until_that_ends(end: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "pipeline")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], env=environment, **pipes) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        for _ in range(2):
            with pytest.raises(JobLocked) as caught, locked(tmp_path):
                pytest.fail("the lock was given twice")
            message = str(caught.value)
            assert caught.value.exit_code == 5
            assert f"pid {holder.pid} on " in message
            assert "nothing was written by this one" in message
            assert str(tmp_path) in message
        holder.kill() if end == "kill" else holder.stdin.close()
        holder.wait()
    with locked(tmp_path):
        assert f"pid {os.getpid()} on " in (tmp_path / ".lock").read_text(encoding="utf-8")
    with locked(tmp_path):
        pass


def test_J6_the_lock_goes_when_the_work_fails_and_errors_inside_are_not_renamed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locked(tmp_path):
        (tmp_path / "nothing").read_bytes()
    with locked(tmp_path):
        pass


def test_J6_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"), locked(tmp_path / "no"):
        pytest.fail("locked nothing")


def test_J6_a_lock_file_with_hostile_content_is_shown_safely(tmp_path: Path) -> None:
    with locked(tmp_path):
        (tmp_path / ".lock").write_bytes(b"\x1b[2J\xff" * 10_000)
        with pytest.raises(JobLocked) as caught, locked(tmp_path):
            pytest.fail("the lock was given twice")
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 2000
