"""The engines by name, what they have in common, and what a crew is told of a job."""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.cores import cores
from koudai.errors import PlanMismatch, UsageError
from koudai.limits import WORKERS
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring import engines
from koudai.scoring.engines import ENGINES, EngineSettings
from koudai.scoring.engines.workers.crew import assignment
from koudai.scoring.job import run
from koudai.scoring.shard import shard_path
from koudai.scoring.survey import take_survey
from koudai.scoring.unit import JobWork, Unit, do
from koudai.storage.durable import sha256_file
from koudai.text.characters.normalize import Normalizer
from tests.model.tiny import EVALUATION, STEPS, tiny_model, tiny_posts
from tests.scoring.engines.conftest import Check
from tests.scoring.posts import plan_for, write_posts


def test_the_engines_are_known_by_name() -> None:
    """Each file is one engine, called as its file; what they have in common stands in folders."""
    files = [found.name for found in pkgutil.iter_modules(engines.__path__) if not found.ispkg]
    assert ENGINES.names() == files
    assert {"dask", "local", "processes", "spark"} <= set(files)
    with pytest.raises(UsageError, match="did you mean 'dask'") as caught:
        ENGINES["dusk"]
    assert caught.value.expected == f"one of {', '.join(files)}"


@pytest.mark.slow
def test_J11_local_by_name_leaves_the_same_bytes(leaves_the_same_bytes: Check, bundle: Path) -> None:
    with ENGINES["local"](EngineSettings(bundle, workers=1)) as engine:
        leaves_the_same_bytes(engine)


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
@pytest.mark.parametrize("name", ["local", "processes"])
def test_markup_is_resolved_and_flagged_alike_by_engines(name: str, tmp_path: Path) -> None:
    """Scored by a bundle with the step html, marked posts have the scores of plain ones."""
    tiny = replace(tiny_model(), normalizer=Normalizer(("html", *STEPS)))
    save_bundle(tiny, tmp_path / "b", card="", evaluation=EVALUATION)
    model = load_bundle(tmp_path / "b")
    plain = tiny_posts()[0][:40]
    marked = [f"<p style='a:b'>{text[:4]}<b>{text[4:]}</b></p>&nbsp;" for text in plain]
    parts = []
    for kind, texts in (("plain", plain), ("marked", marked)):
        ids = [f"{number:02d}" for number in range(len(texts))]
        pq.write_table(pa.table({"post_id": ids, "text": texts}), tmp_path / f"{kind}.parquet")
        plan = plan_for(model, tmp_path / f"{kind}.parquet", size=15)
        with ENGINES[name](EngineSettings(tmp_path / "b", workers=2)) as engine:
            run(plan, model, tmp_path / kind, bundle=tmp_path / "b", engine=engine)
        parts.append(pa.concat_tables(pq.read_table(shard_path(tmp_path / kind, number)) for number in range(3)))
    scored, flagged = (part.drop_columns(["hazards"]) for part in parts)
    assert scored.equals(flagged)
    assert [part["hazards"].to_pylist() for part in parts] == [[[]] * 40, [["markup"]] * 40]


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
    assert told.job[:4] == (str(job), str(bundle), True, sha256_file(job / "job.json"))
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
