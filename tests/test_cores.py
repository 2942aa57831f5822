"""Cores: those that the process is bound to, and no more threads than that; results and errors in order; joblib's
backends and numbers of jobs are heeded, and change no number.
"""

from __future__ import annotations

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
import scipy.sparse as sp

import koudai.cores
from koudai.config.decide import DecideSection
from koudai.config.train import FeaturesSection, ModelSection, TextSection
from koudai.cores import computed_once, cores, sharing_memory, side_by_side
from koudai.model.fitting import dual
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.counted_posts import CountedPosts
from koudai.training.cross_validation import CrossData
from koudai.training.fit import FitData, fit_categories
from koudai.training.refitting.kept_refits import KeptRefits
from koudai.training.refitting.refit_batches import RefitPosts, Ways
from koudai.training.refitting.refits import refit
from koudai.training.search.objective import FitPart, objective
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
    assert list(side_by_side(lambda item: item * item, range(50))) == [item * item for item in range(50)]
    assert list(side_by_side(abs, [])) == []


def test_two_are_worked_on_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koudai.cores, "cores", lambda: 2)
    both = threading.Barrier(2, timeout=60)
    assert sorted(side_by_side(lambda _: both.wait(), range(2))) == [0, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_an_error_comes_through(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koudai.cores, "cores", lambda: count)
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda item: 1 // item, [1, 0, 2]))


def numbers(n: int = 60) -> bytes:
    """Return what is fitted side by side, as bytes: categories, folds, refits and the value of a trial."""
    random, names = np.random.default_rng(1), ("a", "b")
    y = (random.random((n, 2)) < 0.4).astype(np.int8)
    counts = sp.csr_matrix(random.poisson(0.2 + 0.4 * y[:, [0] * 40]).astype(np.int32))
    features, groups, made = counts.astype(np.float64), np.arange(n), make_classifier("DualLinearSVC", {"C": 0.5})
    data = FitData(features, y, np.ones(n), groups, made, seed=1).dealt(3, 3)
    found = [
        part
        for one in fit_categories(data, names=names, section=DecideSection(folds=3))
        for part in (one.weights, np.array([one.intercept, one.threshold]), one.held_out)
    ]
    counted = CountedPosts((counts,), (np.ones(40),), 1, sublinear_tf=True)
    cross = CrossData(counted, y[:, 0], groups, made, seed=1)
    found.append(cross.decisions(cross.dealt(0)))
    texts = [f"{'停水' * int(one)}{'好' * int(two)}天{number % 7}" for number, (one, two) in enumerate(y)]
    ways = Ways(TextSection(), FeaturesSection(words=(1, 1), chars=(1, 1)), ModelSection(), DecideSection(folds=2))
    refits = refit(RefitPosts(texts, y, groups, ["停水"], names), ways, refits=8, seed=1, kept=KeptRefits(None))
    found += [judged.proba for one in refits for part in one or [] for judged in (part.reference, *part.refits)]
    part = FitPart(texts, y, np.ones(n), groups, names, "", data.folds)
    found.append(np.array(objective(features, part, classifier=made, metric="macro_f1", seed=1)))
    return b"".join(one.tobytes() for one in found)


def test_the_same_bytes_under_every_backend_of_joblib_and_any_number_of_jobs() -> None:
    plain = numbers()
    for backend, jobs in (("sequential", 1), ("threading", 1), ("threading", 2), (None, 2)):
        with joblib.parallel_config(**({"backend": backend} if backend else {}), n_jobs=jobs):
            assert numbers() == plain, (backend, jobs)


@pytest.mark.slow
def test_the_same_bytes_from_processes_of_joblib() -> None:
    """Arrays are mapped from files, as those above a megabyte are by default."""
    plain = numbers()
    with joblib.parallel_config("loky", n_jobs=2, max_nbytes="1K"):
        assert numbers() == plain
        assert len({*side_by_side(lambda _: os.getpid(), range(8)), os.getpid()}) > 1


@pytest.mark.slow
def test_the_same_bytes_from_workers_of_dask() -> None:
    distributed = pytest.importorskip("distributed")
    plain, threads = numbers(), {"n_workers": 2, "threads_per_worker": 1, "processes": False}
    with (
        distributed.LocalCluster(**threads, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        assert numbers() == plain
        named = set(side_by_side(lambda _: distributed.get_worker().name, range(8)))
        assert named <= {one.name for one in cluster.workers.values()}


def test_the_number_of_jobs_bounds_the_threads_and_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4), raising=False)
    for jobs, expected in ((1, 1), (3, 3), (9, 4), (-1, 4), (-2, 3), (-9, 1)):
        with joblib.parallel_config(n_jobs=jobs):
            assert cores() == expected
    with joblib.parallel_config("threading", n_jobs=2):
        assert list(side_by_side(lambda _: cores(), range(3))) == [2, 2, 2]
    with joblib.parallel_config(n_jobs=1):
        assert set(side_by_side(lambda _: threading.get_ident(), range(3))) == {threading.get_ident()}


def test_what_is_computed_once_is_computed_by_one_thread_while_others_wait() -> None:
    both = threading.Barrier(2, timeout=30)
    computed: list[object] = []

    class Posts:
        @computed_once
        def words(self) -> object:
            computed.append(object())
            return computed[-1]

    posts = Posts()

    def ask() -> object:
        both.wait()
        return posts.words

    with ThreadPoolExecutor(2) as pool:
        one, other = (asked.result() for asked in [pool.submit(ask), pool.submit(ask)])
    assert one is other is posts.words
    assert len(computed) == 1
    assert Posts().words is not one


def test_memory_is_shared_under_every_backend_and_the_number_of_jobs_holds_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(koudai.cores, "_there", lambda: 8)
    seen: list[int] = []
    assert list(sharing_memory(lambda _: cores(), [1, 2])) == [8, 8]
    with joblib.parallel_config(n_jobs=2):
        assert list(sharing_memory(lambda _: cores(), [1, 2])) == [2, 2]
    with joblib.parallel_config("loky", n_jobs=2):
        list(sharing_memory(seen.append, [1, 2]))
    assert seen == [1, 2]
