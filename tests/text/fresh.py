"""Code in a fresh process with almost no environment, but the tests' own cache folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from koudai.text.compiled.cache import cache_folder


def run(code: str, *, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `code`, which may read `stdin`; `environ` adds to its environment or replaces what is there."""
    keep = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2] / "pipeline"), "PYTHONUTF8": "1"}
    keep["XDG_CACHE_HOME"] = str(cache_folder().parent)
    return subprocess.run(
        [sys.executable, "-c", code],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**keep, **environ},
        check=False,
    )
