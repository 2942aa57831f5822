"""The user's cache folder: where koudai keeps what it can build again.

Promises: what koudai makes there only the user can read; a folder that others can write is refused, because what is
kept there is used without another look. Holds nothing that would be missed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return ``koudai`` in ``$XDG_CACHE_HOME`` or ``~/.cache``, by `environ` (that of the process)."""
    environ = os.environ if environ is None else environ
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path(environ.get("HOME") or Path.home()) / ".cache") / "koudai"


def private_folder(folder: Path) -> None:
    """Make `folder`, and the one around it, for this user alone, if they are not there.

    Raises
    ------
    OSError
        If they cannot be made, or others can write into `folder`.
    """
    for made in (folder.parent, folder):
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_others(folder)


def refuse_others(folder: Path) -> None:
    """Raise `PermissionError` if someone else can write into `folder`, or it is not a folder of this user."""
    state = folder.lstat()
    if folder.is_symlink() or state.st_mode & 0o022 or (hasattr(os, "geteuid") and state.st_uid != os.geteuid()):
        message = "others can write there"
        raise PermissionError(message)
