"""Temporary files that a killed process left behind: told from those that a living one writes, and removed.

Promises: `koudai.storage.durable.write_bytes` holds a lock on its temporary file until that has its name, so one that
can be locked has no writer; the system releases the lock when the process ends, however it ends. Where a file system
has no locks nothing is removed. Looks only at names that it is asked for; what cannot be removed stays, without error.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

from koudai.storage import durable
from koudai.storage.disk import CHANGE

_PROBE_SECONDS = 3600
"""How old the file of a probe must be: nothing can lock it, and to probe a file system takes milliseconds."""


def clear_scratch(folder: Path, *, of: str) -> None:
    """Remove the temporary files in `folder` whose writers have ended, and what older probes left there.

    Parameters
    ----------
    folder
        If there is none, nothing is done.
    of
        Regular expression of the names of the files that are written there by `koudai.storage.durable.write_bytes`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     for left in (".a.json.0a1b2c3d.part", ".b.csv.0a1b2c3d.part"):
    ...         durable.write_bytes(Path(name) / left, b"half")
    ...     clear_scratch(Path(name), of="[a-z]+[.]json")
    ...     print(durable.folder_names(Path(name)))
    ['.b.csv.0a1b2c3d.part']
    """
    written = re.compile(rf"[.](?:{of})[.][0-9a-f]{{8}}[.]part")
    with contextlib.suppress(OSError):
        names = durable.folder_names(folder)
        _remove(folder / name for name in names if written.fullmatch(name) or _old_probe(folder, name))


def _old_probe(folder: Path, name: str) -> bool:
    """Return whether `name` is of a probe that began long before the lock of `folder` was last taken."""
    if not re.fullmatch(r"[.]probe[.][0-9a-f]{8}[.](old|new)[.]part", name):
        return False
    with contextlib.suppress(OSError):
        age = (folder / durable.LOCK).stat().st_mtime - (folder / name).stat().st_mtime
        return age > _PROBE_SECONDS
    return False


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            handle = durable.DISK.open(path, CHANGE)
            try:
                durable.DISK.lock(handle)
                durable.DISK.unlink(path)
            finally:
                durable.DISK.close(handle)
