"""The operating system's calls by which koudai keeps files and trusts them, one method for each.

Promises: nothing but these calls; whatever is written for keeps, and whatever is read to decide whether it can be
trusted, goes through them. What is done with them stands in ``durable.py``.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)
FOLDER = getattr(os, "O_DIRECTORY", None)
"""The flag that opens a folder, None where folders cannot be opened."""
NEW, READ, CHANGE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, os.O_RDONLY | _BINARY, os.O_RDWR | _BINARY
NOT_OFFERED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.ENOTTY}
"""What a system says that has no such call, or a file system that does not offer it."""


class Disk:
    """The calls as the system offers them. Each raises `OSError` if the system refuses.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> disk = Disk()
    >>> with TemporaryDirectory() as folder:
    ...     handle = disk.open(Path(folder) / "a", NEW)
    ...     print(disk.write(handle, b"koudai"))
    ...     disk.close(handle)
    ...     print(disk.names(Path(folder)))
    6
    ['a']
    """

    def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
        """Open the file at `path` and return its handle."""
        return os.open(path, flags, mode)

    def read(self, handle: int, size: int) -> bytes:
        """Return up to `size` bytes, none at the end of the file."""
        return os.read(handle, size)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        """Write `data`, or the front of it; return how many bytes were written."""
        return os.write(handle, data)

    def truncate(self, handle: int) -> None:
        """Make the file empty."""
        os.ftruncate(handle, 0)

    def fsync(self, handle: int) -> None:
        """Flush a file, or the entries of a folder, to the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close a file."""
        os.close(handle)

    def lock(self, handle: int) -> None:
        """Lock a file for its handle; raises `BlockingIOError` if another handle holds it."""
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def rename(self, old: Path, new: Path) -> None:
        """Make what is at `old` be at `new`, in the place of what was there."""
        old.replace(new)

    def unlink(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def mkdir(self, path: Path) -> None:
        """Make a folder."""
        path.mkdir()

    def rmdir(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, in no order."""
        return [path.name for path in folder.iterdir()]
