"""Durable writes: after any failure, a file is the complete old version or the complete new one.

Promises: data is written to a temporary file in the same folder, flushed to the disk and renamed, and the folder is
flushed; an error on the way leaves the old file as it was and removes the temporary one (a killed process leaves it,
see ``scratch.py``).
A device or a pipe is written into, never replaced (``device.py``); an object in a bucket is put there whole
(``bucket.py``). Deletes nothing that the same call did not create. A
failure of the disk is a `StorageError` that says what is safe and what to do, or an `OSError` where the docstring says
so. Opens, reads, writes, flushes and renames through `DISK`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from koudai.errors import JobLocked, OutputExists, StorageError
from koudai.storage.bucket import JobPath, StorePath
from koudai.storage.device import write_into, written_into
from koudai.storage.disk import CHANGE, FOLDER, NEW, NOT_OFFERED, READ, Disk, claim

DISK = Disk()
LOCK = ".lock"
_IN_PLACE = "the new content is in place and whole, but a power failure could still undo that"
_OLD_OR_NEW = "the object is as it was before, or holds all of the new content"
_SEE_TO = "see that the bucket is there, and that endpoint, region and credentials are right"
_BLOCK = 1 << 20


def sha256_bytes(data: bytes | memoryview) -> str:
    """Return the hexadecimal sha256 of `data`.

    Examples
    --------
    >>> sha256_bytes(b"koudai")[:16]
    'f76632e7e5c3c9f6'
    """
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: JobPath) -> str:
    """Return the hexadecimal sha256 of the file at `path`, read in blocks.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "posts.csv"
    ...     write_bytes(path, b"koudai")
    ...     print(sha256_file(path) == sha256_bytes(b"koudai"))
    True
    """
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def read_bytes(path: JobPath) -> bytes:
    """Return the bytes of the file at `path`; raises `OSError` on failure.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "posts.csv"
    ...     write_bytes(path, b"koudai")
    ...     print(read_bytes(path))
    b'koudai'
    """
    return b"".join(_blocks(path))


def folder_names(folder: JobPath) -> list[str]:
    """Return the names of what is in `folder`, sorted.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("b.csv", "a.csv"):
    ...         write_bytes(Path(folder) / name, b"koudai")
    ...     print(folder_names(Path(folder)))
    ['a.csv', 'b.csv']
    """
    return sorted(folder.names() if isinstance(folder, StorePath) else DISK.names(folder))


def _blocks(path: JobPath) -> Iterator[bytes]:
    if isinstance(path, StorePath):
        yield path.read()
        return
    handle = DISK.open(path, READ)
    try:
        while block := DISK.read(handle, _BLOCK):
            yield block
    finally:
        DISK.close(handle)


def to_json(value: Any) -> bytes:
    """Return `value` as canonical JSON: sorted keys, UTF-8, no NaN, one trailing newline.

    Examples
    --------
    >>> print(to_json({"posts": 3, "name": "口袋"}).decode(), end="")
    {
     "name": "口袋",
     "posts": 3
    }
    """
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


@contextlib.contextmanager
def storage_errors(path: JobPath, *, happened: str) -> Iterator[None]:
    """Turn an `OSError` inside the block into a `StorageError` about `path`.

    Examples
    --------
    >>> try:
    ...     with storage_errors(Path("job"), happened="nothing was written"):
    ...         raise PermissionError(13, "Permission denied")
    ... except StorageError as error:
    ...     print(error.what)
    the disk refused: Permission denied
    """
    try:
        yield
    except OSError as error:
        stored = isinstance(path, StorePath)
        raise StorageError(
            what=f"the {'store' if stored else 'disk'} refused: {error.strerror or error}",
            where=path,
            happened=happened,
            todo=f"{_SEE_TO if stored else 'free space or fix permissions'}, then try again",
        ) from error


def write_with(path: JobPath, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`.

    Raises
    ------
    StorageError
        If the disk fails; `path` is then as it was before.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     write_with(path, lambda temporary: temporary.write_text("post_id,text"))
    ...     print(path.read_text(), folder_names(path.parent))
    post_id,text ['rows.csv']
    """

    def fill(temporary: Path, handle: int) -> None:
        write(temporary)
        DISK.fsync(handle)

    if isinstance(path, StorePath):
        with storage_errors(path, happened=_OLD_OR_NEW), TemporaryDirectory() as folder:
            write(whole := Path(folder) / "whole")
            path.upload(whole)
        return
    _put(path, fill, 0o644)


def write_bytes(path: JobPath, data: bytes | memoryview, *, mode: int = 0o644) -> None:
    """Write `data` to `path` atomically, with the permissions `mode` less the umask.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "new" / "posts.csv"
    ...     write_bytes(path, b"koudai")
    ...     print(path.read_bytes())
    b'koudai'
    """
    if isinstance(path, StorePath):
        with storage_errors(path, happened=_OLD_OR_NEW):
            path.put(data)
        return
    _put(path, lambda _, handle: _write(handle, data), mode, claimed=True)


def _put(path: Path, fill: Callable[[Path, int], None], mode: int, *, claimed: bool = False) -> None:
    """Let `fill` write a temporary file and give it its name; it is locked until then if `claimed`."""
    if written_into(path):
        with storage_errors(path, happened="it is no regular file: what was written into it before stays there"):
            write_into(path, fill, DISK)
        return
    with storage_errors(path, happened="the file at this path is as it was before"):
        make_folders(path.parent)
        temporary = _beside(path)
        handle = DISK.open(temporary, NEW, mode)
        second = claim(handle) if claimed else None
        while claimed and second is None:
            DISK.close(handle)
            temporary = _beside(path)
            handle = DISK.open(temporary, NEW, mode)
            second = claim(handle)
        try:
            try:
                fill(temporary, handle)
            finally:
                DISK.close(handle)
            DISK.rename(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                DISK.unlink(temporary)
            raise
        finally:
            if second is not None:
                os.close(second)
    with storage_errors(path, happened=_IN_PLACE):
        fsync_folder(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """Create the file `path` and flush it; on failure raises `OSError`, and may leave a part of `data` there."""
    handle = DISK.open(path, NEW)
    try:
        _write(handle, data)
    finally:
        DISK.close(handle)


def _write(handle: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[DISK.write(handle, rest) :]
    DISK.fsync(handle)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def is_scratch(name: str) -> bool:
    """Return whether `name` is that of a lock or a temporary file of this module.

    Examples
    --------
    >>> from koudai.storage.durable import is_scratch
    >>> [name for name in ("plan.json", ".lock", ".plan.json.0f3a9c21.part") if is_scratch(name)]
    ['.lock', '.plan.json.0f3a9c21.part']
    """
    return name == LOCK or (name.startswith(".") and name.endswith(".part"))


def write_json(path: JobPath, value: Any) -> None:
    """Write `value` to `path` as canonical JSON, atomically.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     write_json(path, {"posts": 3})
    ...     print(path.read_text(), end="")
    {
     "posts": 3
    }
    """
    write_bytes(path, to_json(value))


def fsync_folder(folder: Path) -> None:
    """Flush the entries of `folder` to the disk, if the system supports it; raises `OSError` on failure."""
    if FOLDER is None:
        return
    handle = DISK.open(folder, READ | FOLDER)
    try:
        DISK.fsync(handle)
    except OSError as error:
        if error.errno not in NOT_OFFERED:
            raise
    finally:
        DISK.close(handle)


def make_folders(path: Path) -> None:
    """Create `path` and its missing parents, flushing each new entry; raises `OSError` on failure.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "jobs" / "monday"
    ...     make_folders(path)
    ...     print(path.is_dir())
    True
    """
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        try:
            DISK.mkdir(folder)
        except FileExistsError:
            if not folder.is_dir():
                raise
        fsync_folder(folder.parent)


def new_folder(path: Path) -> Path:
    """Create `path` as an empty folder, or accept an existing empty one.

    Raises
    ------
    OutputExists
        If `path` is anything else. Nothing is deleted.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = new_folder(Path(folder) / "report")
    ...     write_bytes(path / "page.html", b"koudai")
    ...     try:
    ...         new_folder(path)
    ...     except OutputExists as error:
    ...         print(error.what)
    the output folder is not empty
    """
    with storage_errors(path, happened="nothing was written"):
        require_empty(path)
        make_folders(path)
    return path


def require_empty(path: Path) -> None:
    """Raise `OutputExists` if `path` is anything but an empty folder, or nothing."""
    if path.is_symlink() or (path.exists() and (not path.is_dir() or DISK.names(path))):
        raise OutputExists(
            what="the output folder is not empty",
            where=path,
            expected="a folder that does not exist yet, or an empty one",
            happened="nothing was written or deleted",
            todo="choose another `out`, or move the old folder away",
        )


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write `files` as a new folder, atomically: it appears with all of them or not at all.

    Raises
    ------
    OutputExists
        If `folder` holds something already.
    StorageError
        If the disk fails; nothing is left behind.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "bundle"
    ...     write_folder(path, {"model.json": b"{}", "card.md": b"# Model"})
    ...     print(folder_names(path))
    ['card.md', 'model.json']
    """
    with storage_errors(folder, happened="nothing was written"):
        require_empty(folder)
        make_folders(folder.parent)
        whole = _beside(folder)
        DISK.mkdir(whole)
        try:
            for member, data in files.items():
                write_new(whole / member, data)
            fsync_folder(whole)
            DISK.rename(whole, folder)
        except BaseException:
            with contextlib.suppress(OSError):
                for member in DISK.names(whole):
                    DISK.unlink(whole / member)
                DISK.rmdir(whole)
            raise
    with storage_errors(folder, happened=_IN_PLACE):
        fsync_folder(folder.parent)


@contextlib.contextmanager
def locked(folder: Path, *, required: bool = True) -> Iterator[None]:
    """Lock `folder` for this process; the system releases the lock when the process ends, however it ends.

    Parameters
    ----------
    folder
        An existing folder.
    required
        Whether a file system without locks is an error.

    Raises
    ------
    JobLocked
        If another process holds the lock; says which, and since when.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with locked(Path(folder)):
    ...         try:
    ...             with locked(Path(folder)):
    ...                 pass
    ...         except JobLocked as error:
    ...             print(error.what)
    another process is working in this folder
    """
    path = folder / LOCK
    with storage_errors(path, happened="nothing was written"):
        handle = DISK.open(path, CHANGE | os.O_CREAT)
    try:
        with storage_errors(path, happened="nothing was written"):
            try:
                DISK.lock(handle)
            except BlockingIOError as error:
                raise JobLocked(
                    what="another process is working in this folder",
                    where=folder,
                    got=DISK.read(handle, 200).decode("utf-8", "replace").strip() or "an unknown process",
                    happened="nothing was written by this one",
                    todo="wait for it to end, or stop it; the lock goes with the process",
                ) from error
            except OSError as error:
                if required or error.errno not in NOT_OFFERED:
                    raise
            DISK.truncate(handle)
            since = datetime.now(UTC).isoformat(timespec="seconds")
            _write(handle, f"pid {os.getpid()} on {socket.gethostname()} since {since}\n".encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            DISK.close(handle)
