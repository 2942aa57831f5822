"""Cores: those that the process is bound to, and no more threads than that; results and errors in order."""

from __future__ import annotations

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import koudai.cores
from koudai.cores import cores, in_threads
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


@pytest.mark.parametrize("count", [1, 2, 4])
def test_results_keep_their_order_whatever_ends_first(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koudai.cores, "cores", lambda: count)
    assert list(in_threads(lambda item: item * item, range(50))) == [item * item for item in range(50)]
    assert list(in_threads(abs, [])) == []


def test_two_are_worked_on_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koudai.cores, "cores", lambda: 2)
    both = threading.Barrier(2, timeout=60)
    assert sorted(in_threads(lambda _: both.wait(), range(2))) == [0, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_an_error_comes_through(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koudai.cores, "cores", lambda: count)
    with pytest.raises(ZeroDivisionError):
        list(in_threads(lambda item: 1 // item, [1, 0, 2]))
