"""A mount: whether the file system of a folder supports what durable writes rely on.

Promises: tries atomic replacement, exclusive locks and flushing of folders with two small files, and removes them; the
error names all that is not supported. Some network file systems have no locks, cannot flush a folder, or replace a file
in two steps. Does not test whether flushed data survives a power failure.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

from koudai.errors import StorageError
from koudai.storage import durable
from koudai.storage.disk import CHANGE, FOLDER, NOT_OFFERED, READ

_OLD, _NEW = b"old\n", b"new\n"


def require_atomic(folder: Path) -> None:
    """Check that on the file system of `folder` a rename replaces a file, locks exclude, and folders can be flushed.

    Also flushes the entry of `folder` in its parent, if the parent can be read.

    Raises
    ------
    StorageError
        If one of these is not supported, naming it, or if the disk fails for another reason, such as being full.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     require_atomic(Path(folder))
    ...     print(list(Path(folder).iterdir()))
    []
    """
    token = secrets.token_hex(4)
    old, new = folder / f".probe.{token}.old.part", folder / f".probe.{token}.new.part"
    with durable.storage_errors(folder, happened="nothing was written"):
        try:
            durable.write_new(old, _OLD)
            durable.write_new(new, _NEW)
            trials: tuple[tuple[str, Callable[[], bool]], ...] = (
                ("a rename replaces the file that was there", lambda: _replaces(new, old)),
                ("a second lock on one file is refused", lambda: _excludes(old)),
                ("the entries of a folder can be flushed", lambda: _flushes(folder)),
            )
            broken = [what for what, holds in trials if not _holds(holds)]
        finally:
            for path in (old, new):
                with contextlib.suppress(OSError):
                    durable.DISK.unlink(path)
    if broken:
        raise StorageError(
            what="this file system does not support what a job relies on",
            where=folder,
            expected="; ".join(broken),
            happened="nothing was written",
            todo="choose a folder on a local disk, or give `unsafe_fs` and check the result with `api.verify`",
        )


def _holds(trial: Callable[[], bool]) -> bool:
    try:
        return trial()
    except OSError as error:
        if error.errno in NOT_OFFERED:
            return False
        raise


def _replaces(new: Path, old: Path) -> bool:
    durable.DISK.rename(new, old)
    return durable.read_bytes(old) == _NEW and new.name not in durable.DISK.names(old.parent)


def _excludes(path: Path) -> bool:
    first = durable.DISK.open(path, CHANGE)
    try:
        durable.DISK.lock(first)
        second = durable.DISK.open(path, CHANGE)
        try:
            durable.DISK.lock(second)
        except BlockingIOError:
            return True
        finally:
            durable.DISK.close(second)
        return False
    finally:
        durable.DISK.close(first)


def _flushes(folder: Path) -> bool:
    with contextlib.suppress(PermissionError):
        durable.fsync_folder(folder.parent)
    if FOLDER is None:
        return True
    handle = durable.DISK.open(folder, READ | FOLDER)
    try:
        durable.DISK.fsync(handle)
    finally:
        durable.DISK.close(handle)
    return True
