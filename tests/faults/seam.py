"""A disk that fails: call N is refused, once or from then on, tears a write, or is the last before the power goes.

A fault is one call that did not do what it was asked. Put in the place of `koudai.storage.durable.DISK` by `installed`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from koudai.storage import durable
from koudai.storage.disk import Disk

WAYS = ("transient", "persistent", "torn", "lost")
ERRORS = (errno.EIO, errno.ENOSPC, errno.EACCES, errno.EMFILE)


class PowerFailure(BaseException):
    """The machine is off: nothing more happens."""


class FaultyDisk(Disk):
    """The real disk until call `number`, counted from 1.

    Parameters
    ----------
    number
        Of the call that fails.
    how
        ``"transient"``: that call alone is refused. ``"persistent"``: and all after it. ``"torn"``: if it writes, half
        is written before it is refused; all after it are refused too. ``"lost"``: it succeeds, then the power goes:
        contents that were not flushed are cut in half, and, for even `number`, names whose folder was not flushed
        are as they were before.
    """

    def __init__(self, number: int, how: str) -> None:
        self.number, self.how, self.calls, self.dead = number, how, 0, False
        self._guard = threading.RLock()
        self._paths: dict[int, Path] = {}
        self._dirty: set[Path] = set()
        self._names: list[tuple[Path, Callable[[], object]]] = []

    @property
    def failed(self) -> bool:
        """Whether it came to the fault."""
        return self.calls >= self.number

    def _call(self, real: Callable[[], Any], *, half: Callable[[], Any] = lambda: None) -> Any:
        with self._guard:
            if self.dead:
                raise PowerFailure
            self.calls += 1
            if self.how == "lost":
                result = real()
                if self.calls == self.number:
                    self._power_failure()
                return result
            if self.calls == self.number or (self.how != "transient" and self.failed):
                if self.how == "torn" and self.calls == self.number:
                    half()
                code = ERRORS[self.calls % len(ERRORS)]
                raise OSError(code, os.strerror(code))
            return real()

    def _power_failure(self) -> None:
        self.dead = True
        for path in self._dirty:
            if path.exists():
                os.truncate(path, path.stat().st_size // 2)
        if self.number % 2 == 0:
            for _, undo in reversed(self._names):
                undo()
        raise PowerFailure

    def _named(self, path: Path, undo: Callable[[], object]) -> None:
        self._names.append((path.parent, undo))

    def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
        def real() -> int:
            new = bool(flags & os.O_CREAT) and not path.exists()
            handle = Disk.open(self, path, flags, mode)
            self._paths[handle] = path
            if new:
                self._named(path, lambda: path.unlink(missing_ok=True))
            return handle

        return int(self._call(real))

    def close(self, handle: int) -> None:
        path = self._paths.pop(handle, None)
        if path is not None:
            Disk.close(self, handle)
        self._call(lambda: None)

    def read(self, handle: int, size: int) -> bytes:
        return bytes(self._call(lambda: Disk.read(self, handle, size)))

    def write(self, handle: int, data: bytes | memoryview) -> int:
        self._dirty.add(self._paths[handle])
        return int(
            self._call(
                lambda: Disk.write(self, handle, data), half=lambda: Disk.write(self, handle, data[: len(data) // 2])
            )
        )

    def truncate(self, handle: int) -> None:
        self._dirty.add(self._paths[handle])
        self._call(lambda: Disk.truncate(self, handle))

    def fsync(self, handle: int) -> None:
        def real() -> None:
            path = self._paths[handle]
            self._dirty.discard(path)
            self._names = [(folder, undo) for folder, undo in self._names if folder != path]

        self._call(real)

    def lock(self, handle: int) -> None:
        self._call(lambda: Disk.lock(self, handle))

    def rename(self, old: Path, new: Path) -> None:
        def real() -> None:
            before, folder = new.read_bytes() if new.is_file() else None, new.is_dir()
            Disk.rename(self, old, new)
            if old in self._dirty:
                self._dirty.discard(old)
                self._dirty.add(new)

            def undo() -> None:
                new.replace(old)
                if folder:
                    new.mkdir()
                if before is not None:
                    new.write_bytes(before)

            self._named(new, undo)

        self._call(real)

    def unlink(self, path: Path) -> None:
        def real() -> None:
            before = path.read_bytes()
            Disk.unlink(self, path)
            self._named(path, lambda: path.write_bytes(before))

        self._call(real)

    def mkdir(self, path: Path) -> None:
        def real() -> None:
            Disk.mkdir(self, path)
            self._named(path, lambda: shutil.rmtree(path, ignore_errors=True))

        self._call(real)

    def rmdir(self, path: Path) -> None:
        def real() -> None:
            Disk.rmdir(self, path)
            self._named(path, path.mkdir)

        self._call(real)

    def names(self, folder: Path) -> list[str]:
        return list(self._call(lambda: Disk.names(self, folder)))

    def end(self) -> None:
        """Close what was left open."""
        for handle in self._paths:
            os.close(handle)
        self._paths.clear()


@contextlib.contextmanager
def installed(disk: Disk) -> Iterator[Disk]:
    """Let koudai's durable writing use `disk`."""
    real, durable.DISK = durable.DISK, disk
    try:
        yield disk
    finally:
        durable.DISK = real
        if isinstance(disk, FaultyDisk):
            disk.end()
