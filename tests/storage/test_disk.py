"""The system's calls: each does what its name says, and raises what the system says."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.storage.disk import CHANGE, NEW, READ, Disk


def test_a_file_is_made_written_read_renamed_and_removed(tmp_path: Path) -> None:
    disk, path = Disk(), tmp_path / "a"
    handle = disk.open(path, NEW, 0o600)
    assert disk.write(handle, b"abc") == 3
    disk.fsync(handle)
    disk.close(handle)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        disk.open(path, NEW)
    handle = disk.open(path, READ)
    assert (disk.read(handle, 2), disk.read(handle, 2), disk.read(handle, 2)) == (b"ab", b"c", b"")
    disk.close(handle)
    handle = disk.open(path, CHANGE)
    disk.truncate(handle)
    disk.close(handle)
    disk.mkdir(tmp_path / "b")
    disk.rename(path, tmp_path / "c")
    assert sorted(disk.names(tmp_path)) == ["b", "c"]
    assert (tmp_path / "c").read_bytes() == b""
    disk.unlink(tmp_path / "c")
    disk.rmdir(tmp_path / "b")
    assert disk.names(tmp_path) == []


def test_a_lock_is_held_by_one_handle(tmp_path: Path) -> None:
    disk = Disk()
    first = disk.open(tmp_path / "a", NEW)
    second = disk.open(tmp_path / "a", CHANGE)
    disk.lock(first)
    with pytest.raises(BlockingIOError):
        disk.lock(second)
    disk.close(first)
    disk.lock(second)
    disk.close(second)
