"""Folders that are made once a run, and kernels that are compiled once, whichever of the worker processes is first.

Promises: `once` makes a folder at most once in all workers of a run, holds back those that need it meanwhile, and makes
it again if making it failed. Whoever gets such a folder must not change it. `compiled_once` does the same for each
kernel, whose machine code the others then load; tests of compiling start processes of their own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from koudai.text.compiled.jit import switched_off


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder `name` of this run, which `make` fills the first time."""
    base = factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "once"
    shared.mkdir(exist_ok=True)
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def compiled_once(locks: Path) -> None:
    """Let no two processes compile one kernel at a time; `locks` is the folder of one empty file a kernel.

    A kernel holds its lock while those that it calls are compiled, and these never call it: nobody waits in a circle.
    """
    if switched_off():
        return
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    compile_it = Dispatcher.compile
    locks.mkdir(parents=True, exist_ok=True)

    def alone(kernel: Any, signature: Any) -> Any:
        with global_compiler_lock, (locks / f"{kernel.__module__}.{kernel.__qualname__}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                return compile_it(kernel, signature)
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)

    Dispatcher.compile = alone
