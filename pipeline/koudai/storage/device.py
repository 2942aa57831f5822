"""What is at a path and is no regular file: devices, pipes and sockets, which a rename would destroy.

Promises: a character device, a pipe, and a file that a process holds open (``/dev/stdout``) are written into, once the
content is whole; a block device and a socket are refused by name; none of them is ever replaced. Regular files, folders
and links to them are left to ``durable.py``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from koudai.errors import StorageError
from koudai.storage.disk import NEW, NOT_OFFERED, READ, Disk

_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOCTTY", 0)
_BLOCK = 1 << 20
_PROCESSES = Path("/proc")
"""Where the system shows the open files of a process as links."""


def written_into(path: Path) -> bool:
    """Return whether content goes into what is at `path`, rather than into a new file in its place.

    Parameters
    ----------
    path
        Links are followed.

    Raises
    ------
    StorageError
        If it is a block device or a socket.

    Examples
    --------
    >>> written_into(Path(os.devnull)), written_into(Path("no-such-file"))
    (True, False)
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
        return True
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return path.is_symlink() and _open_in_a_process(path)
    raise StorageError(
        what=f"a {'block device' if stat.S_ISBLK(mode) else 'socket'} is not written to",
        where=path,
        expected="a file, or nothing yet",
        happened="nothing was written",
        todo="name a file",
    )


def _open_in_a_process(link: Path) -> bool:
    beside = link.parent.resolve()
    return any(_PROCESSES in place.parents for place in (beside / link.name, beside / link.readlink()))


def write_into(path: Path, fill: Callable[[Path, int], None], disk: Disk) -> None:
    """Let `fill` write a temporary file, then write its content into what is at `path`; raises `OSError`.

    Parameters
    ----------
    path
        For which `written_into` holds.
    fill
        Callback: the temporary file and a handle of it.
    disk
        The calls of the system.
    """
    with TemporaryDirectory() as folder:
        temporary = Path(folder) / "whole"
        handle = disk.open(temporary, NEW)
        try:
            fill(temporary, handle)
        finally:
            disk.close(handle)
        source, target = disk.open(temporary, READ), disk.open(path, _APPEND)
        try:
            while block := disk.read(source, _BLOCK):
                rest = memoryview(block)
                while rest:
                    rest = rest[disk.write(target, rest) :]
            try:
                disk.fsync(target)
            except OSError as error:
                if error.errno not in NOT_OFFERED:
                    raise
        finally:
            disk.close(source)
            disk.close(target)
