"""A mount that does not support what a job relies on is refused, and what does not hold is named (J16)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from koudai.errors import StorageError
from koudai.storage import durable
from koudai.storage.disk import Disk
from koudai.storage.mount import require_atomic
from tests.faults.seam import FaultyDisk, PowerFailure, installed

RENAME = "a rename replaces the file that was there"
LOCK = "a second lock on one file is refused"
FLUSH = "the entries of a folder can be flushed"


class KeepsOld(Disk):
    """Renames onto a file that is there, and the file stays."""

    def rename(self, old: Path, new: Path) -> None:
        old.unlink() if new.exists() else old.replace(new)


class Copies(Disk):
    """Renames by copying."""

    def rename(self, old: Path, new: Path) -> None:
        new.write_bytes(old.read_bytes())


class RefusesToReplace(Disk):
    def rename(self, old: Path, new: Path) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


class LocksAll(Disk):
    """Gives every lock to everybody."""

    def lock(self, handle: int) -> None:
        os.fstat(handle)


class NoLocks(Disk):
    def lock(self, handle: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


class NoFlush(Disk):
    """Flushes files and no folders."""

    def fsync(self, handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        super().fsync(handle)


BROKEN = [
    (KeepsOld, RENAME),
    (Copies, RENAME),
    (RefusesToReplace, RENAME),
    (LocksAll, LOCK),
    (NoLocks, LOCK),
    (NoFlush, FLUSH),
]


def test_J16_a_real_disk_passes_and_nothing_is_left(tmp_path: Path) -> None:
    require_atomic(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("disk", "what"), BROKEN)
def test_J16_what_does_not_hold_is_named_and_nothing_is_left(disk: type[Disk], what: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not support what a job relies on") as caught, installed(disk()):
        require_atomic(tmp_path)
    assert caught.value.expected == what
    assert caught.value.exit_code == 5
    assert "`unsafe_fs`" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_J16_without_locks_and_flushes_work_goes_on_if_it_is_told_to(tmp_path: Path) -> None:
    class Poor(NoLocks, NoFlush):
        pass

    with installed(Poor()):
        with pytest.raises(StorageError, match="No locks available"), durable.locked(tmp_path):
            pytest.fail("locked without locks")
        with durable.locked(tmp_path, required=False):
            durable.write_bytes(tmp_path / "a", b"a")
    assert (tmp_path / "a").read_bytes() == b"a"


@pytest.mark.parametrize("how", ["transient", "persistent", "torn", "lost"])
def test_J2_J16_whichever_call_fails_it_is_a_storage_error_or_does_not_matter(how: str, tmp_path: Path) -> None:
    """A full disk is not taken for one that renames badly; only the removal of its own files may fail unsaid."""
    said = []
    for number in range(1, 60):
        place = tmp_path / str(number)
        place.mkdir()
        with installed(FaultyDisk(number, how)) as disk:
            try:
                require_atomic(place)
            except StorageError as error:
                said.append(error.what)
            except PowerFailure:
                said.append("")
        assert [path.name for path in place.iterdir() if not durable.is_scratch(path.name)] == []
        if disk.calls < number:
            break
    assert 20 < number < 50
    assert len(said) >= number - 4
    assert all(what.startswith("the disk refused") or not what for what in said)
