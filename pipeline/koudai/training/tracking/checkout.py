"""The checkout: the git commit of the code that runs, and whether there are uncommitted changes.

Promises: gives "not a checkout" for an installed package, also if it is installed inside another repository; gives
"unknown" with the reason if git fails; changes nothing, starts no file monitor, never raises. Changes are looked for in
the package and in the configs and posts that come with it, new files included.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from koudai.errors import printable

NOT_A_CHECKOUT = "not a checkout"
COMMIT, DIRTY = "koudai.git.commit", "koudai.git.dirty"
_BROUGHT = ("configs", "data/seed", "data/casebook")
_SECONDS = 10


def code_state(package: Path | None = None) -> dict[str, str]:
    """Return the tags that identify the code.

    Parameters
    ----------
    package
        Folder of the code; by default koudai's own.

    Returns
    -------
    dict
        ``koudai.git.commit``: 40 or 64 hexadecimal digits, ``not a checkout``, or ``unknown: `` and the reason; beside
        a commit also ``koudai.git.dirty``: ``yes`` or ``no``.
    """
    package = package or Path(__file__).resolve().parents[2]
    if not any((folder / ".git").exists() for folder in package.parents):
        return {COMMIT: NOT_A_CHECKOUT}
    try:
        if not _git(package, "ls-files", "--", "."):
            return {COMMIT: NOT_A_CHECKOUT}
        commit = _git(package, "rev-parse", "--verify", "HEAD").strip()
        brought = [str(package.parents[1] / name) for name in _BROUGHT if (package.parents[1] / name).exists()]
        changed = _git(package, "status", "--porcelain", "--untracked-files=normal", "--", ".", *brought)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or b""
        reason = said.decode("utf-8", "replace").split("\n")[0] or type(error).__name__
        return {COMMIT: f"unknown: {printable(reason, limit=200)}"}
    return {COMMIT: commit, DIRTY: "yes" if changed.strip() else "no"}


def _git(package: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(package), *arguments]
    found = subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=True)
    return found.stdout.decode("utf-8", "replace")
