"""Code in a fresh process with almost no environment, but the tests' own cache folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from koudai.text.compiled.cache import cache_folder
from tests import forked


def run(code: str, *, stdin: str = "", warm: bool = False, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `code`, which may read `stdin`; `environ` adds to its environment or replaces what is there.

    If `warm`, the process is forked from one that has imported everything (``tests/forked.py``).
    """
    keep = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2] / "pipeline"), "PYTHONUTF8": "1"}
    keep["XDG_CACHE_HOME"] = str(cache_folder().parent)
    given: dict[str, Any] = {"input": stdin, "capture_output": True, "text": True, "encoding": "utf-8"}
    given["env"] = {**keep, **environ}
    if warm:
        return forked.run(["-c", code], **given)
    return subprocess.run([sys.executable, "-c", code], check=False, **given)
