"""The disk: the operating system's calls that durable writes and the verification of files need, one method for each.

Promises: each method is one call and does nothing else, so that tests can make any of them fail. In which order they
are called, and what their errors mean, stands in ``durable.py``. `claim` says who writes a temporary file, for
``scratch.py``; writing does not depend on it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)
FOLDER = getattr(os, "O_DIRECTORY", None)
"""The flag that opens a folder, None on systems that cannot open one."""
NEW, READ, CHANGE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, os.O_RDONLY | _BINARY, os.O_RDWR | _BINARY
NOT_OFFERED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.ENOTTY}
"""What a system says that has no such call, or a file system that does not offer it."""


class Disk:
    """The system's calls. Each raises `OSError` if it fails.

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
        """Return up to `size` bytes, ``b""`` at the end of the file."""
        return os.read(handle, size)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        """Write `data`, or its first bytes; return the number of bytes written."""
        return os.write(handle, data)

    def truncate(self, handle: int) -> None:
        """Truncate a file to length 0."""
        os.ftruncate(handle, 0)

    def fsync(self, handle: int) -> None:
        """Flush a file, or the entries of a folder, to the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close a file."""
        os.close(handle)

    def lock(self, handle: int) -> None:
        """Lock a file exclusively; raises `BlockingIOError` if another handle holds the lock."""
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def rename(self, old: Path, new: Path) -> None:
        """Rename `old` to `new`, replacing what is there."""
        old.replace(new)

    def unlink(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def mkdir(self, path: Path) -> None:
        """Create a folder."""
        path.mkdir()

    def rmdir(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, in arbitrary order."""
        return [path.name for path in folder.iterdir()]


def claim(handle: int) -> int | None:
    """Lock the temporary file just created as `handle` until the handle that is returned is closed, too.

    Returns
    -------
    int or None
        A second handle; None if another process was removing the file as one without a writer.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     second = claim(file.fileno())
    ...     print(second is None)
    ...     os.close(second)
    False
    """
    import fcntl

    second = os.dup(handle)
    try:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(second)
        return None
    except OSError:  # a file system without locks, where nobody removes it either
        return second
    if os.fstat(second).st_nlink:
        return second
    os.close(second)
    return None
