"""The only file that writes for keeps: a file koudai writes is the complete old version or the complete new one.

Promises: data goes to a temporary name in the same folder, is flushed to the disk, renamed, and the folder is
flushed; a failure on the way leaves the old file untouched and no temporary file behind. Nothing is ever deleted
that this module did not itself create in the same call. Failures of the disk become `StorageError` with what is
safe and what to do.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import JobLocked, OutputExists, StorageError

_IN_PLACE = "the new content is in place and whole, but a power failure could still undo that"


def sha256_bytes(data: bytes) -> str:
    """Return the hexadecimal sha256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the hexadecimal sha256 of the file at `path`, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_json(value: Any) -> bytes:
    """Return `value` as canonical JSON: sorted keys, UTF-8, no NaN, one trailing newline."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


@contextlib.contextmanager
def storage_errors(path: Path, *, happened: str) -> Iterator[None]:
    """Turn an `OSError` inside the block into a `StorageError` about `path`."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            what=f"the disk refused: {error.strerror or error}",
            where=path,
            happened=happened,
            todo="free space or fix permissions, then run the same command again",
        ) from error


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then make it `path` in one step.

    Raises
    ------
    StorageError
        If the disk refuses; `path` is then as it was before.
    """
    with storage_errors(path, happened="the file at this path is as it was before"):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    with storage_errors(path, happened=_IN_PLACE):
        fsync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    write_with(path, lambda temporary: temporary.write_bytes(data))


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` to `path` as canonical JSON, whole or not at all."""
    write_bytes(path, to_json(value))


def fsync_folder(folder: Path) -> None:
    """Flush the entries of `folder` to the disk, where the system can."""
    flags = getattr(os, "O_DIRECTORY", None)
    if flags is None:
        return
    handle = os.open(folder, os.O_RDONLY | flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def new_folder(path: Path) -> Path:
    """Create `path` as an empty folder, or accept it if it is one already.

    Raises
    ------
    OutputExists
        If something else is there. Nothing is deleted.
    """
    with storage_errors(path, happened="nothing was written"):
        _refuse_occupied(path)
        path.mkdir(parents=True, exist_ok=True)
    return path


def _refuse_occupied(path: Path) -> None:
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise OutputExists(
            what="the output folder is not empty",
            where=path,
            expected="a folder that does not exist yet, or an empty one",
            happened="nothing was written or deleted",
            todo="choose another --out, or move the old folder away",
        )


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write `files` as a new folder that appears whole or not at all.

    Raises
    ------
    OutputExists
        If `folder` holds something already.
    StorageError
        If the disk refuses; nothing is left behind.
    """
    with storage_errors(folder, happened="nothing was written"):
        _refuse_occupied(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        storage_errors(folder, happened="nothing was written"),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part") as name,
    ):
        whole = Path(name) / "whole"
        whole.mkdir()
        for member, data in files.items():
            with (whole / member).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        fsync_folder(whole)
        whole.replace(folder)
    with storage_errors(folder, happened=_IN_PLACE):
        fsync_folder(folder.parent)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` for one process; the lock goes with the process, however it ends.

    Raises
    ------
    JobLocked
        If another process holds it; says which.
    """
    import fcntl

    path = folder / ".lock"
    with storage_errors(path, happened="nothing was written"):
        file = path.open("ab+", buffering=0)
    with file:
        with storage_errors(path, happened="nothing was written"):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise JobLocked(
                    what="another process is working in this folder",
                    where=folder,
                    got=(file.read(200) or b"").decode("utf-8", "replace").strip() or "an unknown process",
                    happened="nothing was written by this one",
                    todo="wait for it to end, or stop it; the lock goes with the process",
                ) from error
            file.truncate(0)
            file.write(f"pid {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
