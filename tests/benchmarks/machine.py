"""The machine: which core a measurement runs on, and what is written down of where it ran.

Promises: imports nothing that starts threads, so that `one_core` can be called before anything does.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PACKAGES = (
    "cppjieba-py-dat",
    "fasttext-wheel",
    "jieba",
    "jieba-next",
    "jieba-pyfast",
    "joblib",
    "numba",
    "numpy",
    "pyarrow",
    "rjieba",
    "scikit-learn",
    "scipy",
)


def cores() -> tuple[int, ...]:
    """Return the numbers of the cores this thread may run on; ``(0,)`` where the system does not say."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else (0,)


def stay_on(core: int) -> None:
    """Keep this thread, and those it starts, on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def one_core() -> tuple[int, ...]:
    """Keep the process on one core and its libraries at one thread each; return the cores it had before.

    To be called before numpy, pyarrow, numba or scikit-learn are imported: they count cores then.
    """
    had = cores()
    os.environ.update(dict.fromkeys(THREADS, "1"))
    stay_on(had[-1])
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    return had


@contextlib.contextmanager
def every_core(had: tuple[int, ...]) -> Iterator[None]:
    """Let processes that are started within the block have the cores `had` and as many threads as they like."""
    now, limits = cores(), {name: os.environ.pop(name) for name in THREADS if name in os.environ}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, had)
    try:
        yield
    finally:
        stay_on(now[-1])
        os.environ.update(limits)


def describe(had: tuple[int, ...]) -> dict[str, Any]:
    """Return processor, cores, load, Python, versions and the date, as plain data."""
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return {
        "date": datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "processor": _processor(),
        "cores": len(had),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "compiled": os.environ.get("KOUDAI_NO_JIT", "0") in ("", "0"),
        "versions": found,
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
