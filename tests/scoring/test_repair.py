"""Repair: what is broken is made anew by the job's own plan, and nothing else is touched (J5)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from koudai.errors import PlanMismatch, UsageError
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.job import repair, run
from koudai.scoring.results import open_job
from tests.scoring.posts import contents, plan_for, write_posts


@pytest.fixture
def job(tmp_path: Path, model: Model, bundle: Path) -> Path:
    shutil.copytree(bundle, tmp_path / "bundle")
    plan = plan_for(model, write_posts(tmp_path / "a.parquet", 95), size=20)
    run(plan, model, tmp_path / "job", bundle=tmp_path / "bundle")
    return tmp_path / "job"


@pytest.mark.parametrize("name", ["shards/000001.parquet", "receipts/000003.json", "DONE.json", "places.bin"])
@pytest.mark.parametrize("lost", [True, False])
def test_J5_what_is_lost_or_flipped_is_made_anew(job: Path, name: str, lost: bool) -> None:
    before = contents(job)
    if lost:
        (job / name).unlink()
    else:
        data = bytearray((job / name).read_bytes())
        data[len(data) // 3] ^= 8
        (job / name).write_bytes(data)
    totals = repair(job, bundle=None, allow_drift=False, progress=Silent())
    assert contents(job) == before
    assert open_job(job).totals == totals


def test_J7_repair_with_another_model_or_input_is_refused(tmp_path: Path, job: Path) -> None:
    (job / "shards" / "000001.parquet").unlink()
    before = contents(job)
    write_posts(tmp_path / "a.parquet", 95, seed=9)
    with pytest.raises(PlanMismatch, match="inputs"):
        repair(job, bundle=None, allow_drift=False, progress=Silent())
    assert contents(job) == before


def test_a_job_that_does_not_know_its_model_asks_for_it(tmp_path: Path, model: Model, bundle: Path) -> None:
    plan = plan_for(model, write_posts(tmp_path / "a.parquet", 30), size=20)
    run(plan, model, tmp_path / "job")
    (tmp_path / "job" / "shards" / "000001.parquet").unlink()
    with pytest.raises(UsageError, match="does not record the folder of its model"):
        repair(tmp_path / "job", bundle=None, allow_drift=False, progress=Silent())
    assert repair(tmp_path / "job", bundle=bundle, allow_drift=False, progress=Silent()).read == 30
