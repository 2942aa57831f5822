"""Units: any cut into them gives the same bytes, rows to avoid are quarantined, changed inputs refused (I15, J8)."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.posts import PostBatch, Quarantined
from koudai.errors import InputChanged, PlanMismatch
from koudai.model.model import Model
from koudai.scoring import job as jobs
from koudai.scoring import unit as module
from koudai.scoring.block import ScoredBlock
from koudai.scoring.job import run, units
from koudai.scoring.plan import read_job
from koudai.scoring.shard import quarantine_path
from koudai.scoring.survey import Job
from koudai.scoring.unit import JobAddress, Unit, do, probe, work_on
from koudai.storage.signed import write_signed
from tests.scoring.posts import WORDS, contents, plan_for, write_posts


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, model: Model, bundle: Path) -> Path:
    """A finished job of two inputs with 7 and 4 shards of 30 rows, some of which are no posts."""
    folder = tmp_path_factory.mktemp("units")
    lines = [json.dumps({"post_id": f"x{n}", "text": WORDS[n % len(WORDS)]}) for n in range(115)]
    lines[3], lines[50] = "{", json.dumps({"post_id": "", "text": "好"})
    (folder / "b.jsonl").write_text("\n".join(lines), encoding="utf-8")
    plan = plan_for(model, write_posts(folder / "a.parquet", 200), folder / "b.jsonl", size=30)
    run(plan, model, folder / "job", bundle=bundle)
    return folder


def begun(whole: Path, folder: Path) -> Path:
    """Return a copy of the job in which nothing is done yet."""
    folder.mkdir(parents=True)
    for name in ("job.json", "places.bin"):
        shutil.copy(whole / "job" / name, folder / name)
    return folder


def results(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in contents(folder).items() if "/" in name}


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=15)
@given(cuts=st.sets(st.integers(1, 10)), order=st.randoms(use_true_random=False))
def test_J11_any_units_in_any_order_leave_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, bundle: Path, whole: Path, cuts: set[int], order: object
) -> None:
    folder = begun(whole, tmp_path_factory.mktemp("cut") / "job")
    edges = sorted({0, 7, 11} | cuts)
    found = [Unit(int(first >= 7), first, last) for first, last in zip(edges, edges[1:], strict=False)]
    order.shuffle(found)  # type: ignore[attr-defined]
    for one in found:
        receipts = do(JobAddress(str(folder), str(bundle)), one)
        assert len(receipts) == one.last - one.first
    assert results(folder) == results(whole / "job")


def test_jobs_and_units_survive_pickling(bundle: Path, whole: Path) -> None:
    job, one = JobAddress(str(whole / "job"), str(bundle)), Unit(1, 7, 9, avoid=(3,))
    assert pickle.loads(pickle.dumps((job, one))) == (job, one)


def test_units_cover_what_is_left_and_only_that(monkeypatch: pytest.MonkeyPatch, whole: Path) -> None:
    plan, survey = read_job(whole / "job").plan, Job.load(whole / "job").survey
    left = [0, 1, 2, 3, 4, 6, 7, 8, 10]
    assert [(one.first, one.last) for one in units(plan, survey, left)] == [(shard, shard + 1) for shard in left]
    monkeypatch.setattr(jobs, "_MANY_UNITS", 1)
    found = units(plan, survey, left)
    assert [(one.file, one.first, one.last) for one in found] == [
        (0, 0, 4),
        (0, 4, 5),
        (0, 6, 7),
        (1, 7, 9),
        (1, 10, 11),
    ]
    assert all(one.seen == plan.inputs[one.file].location.seen() for one in found)


@pytest.mark.parametrize(("rows", "places"), [((0, 29), ["1", "4", "30"]), ((3, 4), ["4", "5"])])
def test_J8_rows_to_be_avoided_are_set_aside_and_the_rest_is_scored(
    tmp_path: Path, bundle: Path, whole: Path, rows: tuple[int, ...], places: list[str]
) -> None:
    """Row 3 is no post to begin with: it stays what it is."""
    folder = begun(whole, tmp_path / "job")
    (receipt,) = do(JobAddress(str(folder), str(bundle)), Unit(1, 7, 8, avoid=rows))
    aside = [json.loads(line) for line in quarantine_path(folder, 7).read_text(encoding="utf-8").splitlines()]
    assert [row["where"] for row in aside] == [f"b.jsonl:{place}" for place in places]
    assert {row["reason"] for row in aside if row["where"] != "b.jsonl:4"} == {"worker-died"}
    assert receipt.totals.read == 30
    assert receipt.totals.quarantined == len(places)


@contextlib.contextmanager
def noting(seen: list[str]) -> Iterator[None]:
    """Note the places of the posts that are scored."""
    real = module.block_of

    def noted(model: Model, posts: PostBatch, aside: list[Quarantined], *, evidence: int) -> ScoredBlock:
        seen.extend(posts.file_lines)
        return real(model, posts, aside, evidence=evidence)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "block_of", noted)
        yield


@settings(derandomize=True, deadline=None, max_examples=20)
@given(begin=st.integers(0, 60), size=st.integers(0, 40))
def test_J8_a_probe_scores_just_those_rows_and_writes_nothing(
    tmp_path_factory: pytest.TempPathFactory, bundle: Path, whole: Path, begin: int, size: int
) -> None:
    folder = begun(whole, tmp_path_factory.mktemp("probe") / "job")
    seen: list[str] = []
    with noting(seen):
        probe(JobAddress(str(folder), str(bundle)), Unit(0, 1, 3), 30 + begin, 30 + begin + size)
    assert seen == [f"a.parquet:{row + 1}" for row in range(30 + begin, min(30 + begin + size, 90))]
    assert results(folder) == {}


def test_J8_a_probe_counts_rows_that_are_avoided_already(tmp_path: Path, bundle: Path, whole: Path) -> None:
    """Row 3 is no post, and workers died of 1 and 5: all others up to 10 are tried."""
    folder = begun(whole, tmp_path / "job")
    seen: list[str] = []
    with noting(seen):
        probe(JobAddress(str(folder), str(bundle)), Unit(1, 7, 9, avoid=(1, 5)), 0, 10)
    assert seen == [f"b.jsonl:{row + 1}" for row in (0, 2, 4, 6, 7, 8, 9)]


@pytest.mark.parametrize("change", ["append", "truncate", "touch"])
def test_I15_an_input_that_is_written_to_during_the_job_is_refused(
    tmp_path: Path, model: Model, bundle: Path, change: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"post_id": str(n), "text": "好"}) + "\n" for n in range(90)), encoding="utf-8")
    run(plan_for(model, path, size=30), model, tmp_path / "whole", bundle=bundle)
    folder = tmp_path / "job"
    folder.mkdir()
    for name in ("job.json", "places.bin"):
        shutil.copy(tmp_path / "whole" / name, folder / name)
    job, seen = JobAddress(str(folder), str(bundle)), read_job(folder).plan.inputs[0].location.seen()
    do(job, Unit(0, 0, 1, seen=seen))
    if change == "append":
        with path.open("a", encoding="utf-8") as file:
            file.write('{"post_id": "new", "text": "新"}\n')
    elif change == "truncate":
        os.truncate(path, path.stat().st_size - 40)
    else:
        os.utime(path, ns=(0, seen.mtime_ns + 10**9))
    with pytest.raises(InputChanged, match="changed while it was scored"):
        do(job, Unit(0, 2, 3, seen=seen))
    found = results(folder)
    assert sorted(found) == ["receipts/000000.json", "shards/000000.parquet"]
    assert found.items() <= results(tmp_path / "whole").items()


def test_J7_a_worker_refuses_a_bundle_that_is_not_the_jobs(tmp_path: Path, whole: Path, bundle: Path) -> None:
    folder = begun(whole, tmp_path / "job")
    told = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    write_signed(folder / "job.json", {**told, "model": "0" * 16})
    with pytest.raises(PlanMismatch, match="not the model of the job"):
        work_on(JobAddress(str(folder), str(bundle)))
