"""Cores: those that the process is bound to, and no more threads than that."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from koudai.cores import cores
from koudai.model.fitting import dual
from tests.text.fresh import run

needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")


@needs_affinity
def test_a_process_bound_to_one_core_has_one() -> None:
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
    done = run(f"{code}; from koudai.cores import cores; print(cores())")
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr


def test_without_an_affinity_the_machine_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for counted, expected in ((3, 3), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda counted=counted: counted)
        assert cores() == expected


def test_fits_share_as_many_threads_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, max_workers: int) -> None:
            asked.append(max_workers)
            super().__init__(max_workers)

    monkeypatch.setattr(dual, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(dual, "cores", lambda: 1)
    dual.solve(sp.csr_matrix(np.eye(2)), np.array([0, 1], np.int8), np.ones((2, 2)), logistic=False, seed=0)
    assert asked == [1]


def test_nothing_else_counts_the_cores(root: Path) -> None:
    package = root / "pipeline" / "koudai"
    found = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if re.search(r"cpu_count|sched_getaffinity", path.read_text(encoding="utf-8"))
    ]
    assert found == ["cores.py"]
