"""The engines by name, what they have in common, and what a crew is told of a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.cores import cores
from koudai.errors import PlanMismatch, UsageError
from koudai.limits import WORKERS
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.engines import ENGINES, EngineSettings
from koudai.scoring.engines.crew import assignment
from koudai.scoring.job import run
from koudai.scoring.survey import take_survey
from koudai.scoring.unit import JobWork, Unit, do
from koudai.storage.durable import sha256_file
from tests.scoring.engines.conftest import Check
from tests.scoring.posts import plan_for, write_posts


def test_the_engines_are_known_by_name() -> None:
    assert ENGINES.names() == ["dask", "local", "processes", "spark"]
    with pytest.raises(UsageError, match="did you mean 'dask'") as caught:
        ENGINES["dusk"]
    assert caught.value.expected == "one of dask, local, processes, spark"


def test_J11_local_by_name_leaves_the_same_bytes(leaves_the_same_bytes: Check, bundle: Path) -> None:
    with ENGINES["local"](EngineSettings(bundle, workers=1)) as engine:
        leaves_the_same_bytes(engine)


@pytest.mark.parametrize("name", ["local", "processes"])
@pytest.mark.parametrize("workers", [0, WORKERS.value + 1])
def test_a_number_of_workers_out_of_range_is_refused(name: str, workers: int) -> None:
    with pytest.raises(UsageError, match="number of workers"), ENGINES[name](EngineSettings(Path(), workers=workers)):
        pass
    assert 1 <= cores() <= WORKERS.value


def test_workers_are_told_where_the_job_lies_and_which_rows_are_whose(
    tmp_path: Path, bundle: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_for(
        model, write_posts(tmp_path / "a.parquet", 23), write_posts(tmp_path / "b.parquet", 9, first=50), size=10
    )
    run(plan, model, tmp_path / "job")
    monkeypatch.chdir(tmp_path)
    told = assignment(
        JobWork(Path("job"), plan, take_survey(plan, Silent()), model), EngineSettings(bundle, allow_drift=True)
    )
    job = tmp_path / "job"
    assert told.job == (str(job), str(bundle), True, sha256_file(job / "job.json"))
    assert [told.rows(Unit(*unit)) for unit in ((0, 0, 1), (0, 2, 3), (0, 1, 3), (1, 3, 4))] == [
        (0, 10),
        (20, 23),
        (10, 23),
        (0, 9),
    ]
    receipt = told.finished(3)
    assert receipt is not None
    assert receipt.totals.read == 9
    (job / "shards" / "000003.parquet").write_bytes(b"")
    assert told.finished(3) is None
    with pytest.raises(PlanMismatch, match="another job"):
        do(told.job._replace(digest="0"), Unit(0, 0, 1))
