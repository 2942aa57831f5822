"""Engines that take stand-in work too, and real jobs: what each engine must make of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.model.model import Model
from koudai.scoring.engines import Engine
from koudai.scoring.engines.workers import deaths
from koudai.scoring.engines.workers.crew import Assignment, assignment
from koudai.scoring.job import run
from koudai.scoring.results import open_job
from koudai.storage.address import address_of
from koudai.storage.bucket import StorePath
from tests.conftest import ROOT
from tests.corpus.reading.objects import Objects
from tests.corpus.reading.workbooks import write_workbook
from tests.scoring.posts import contents, plan_for, stored, write_posts

LETHAL = Path(__file__).with_name("lethal")
Check = Callable[[Engine], None]


def lethal_path() -> str:
    """Return the path of modules of workers that die of some posts."""
    return os.pathsep.join([str(LETHAL), str(ROOT)])


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let engines take an assignment in the place of work."""

    def either(work: Any, settings: Any) -> Assignment:
        return work if isinstance(work, Assignment) else assignment(work, settings)

    monkeypatch.setattr(deaths, "assignment", either)


@pytest.fixture
def forking(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine of processes fork them, so that they die of some posts, from a server that has loaded what they
    need.
    """
    monkeypatch.setenv("KOUDAI_TESTS_READY", str(bundle.resolve()))
    real, context = multiprocessing.get_context, multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scoring.engines.lethal.sitecustomize", "tests.scoring.engines.stand_ins"])
    monkeypatch.setattr(multiprocessing, "get_context", lambda kind=None: context if kind == "spawn" else real(kind))


@pytest.fixture
def leaves_the_same_bytes(tmp_path: Path, bundle: Path, model: Model) -> Check:
    """Return a check that an engine leaves the bytes that threads leave, of inputs of several kinds that share ids,
    with a column that is in the name of their folder.
    """

    def check(engine: Engine) -> None:
        folder = tmp_path / "day=2024-01-01"
        folder.mkdir()
        files = [write_posts(folder / "a.parquet", 230), write_posts(folder / "b.parquet", 120, seed=1, first=200)]
        files += [of_kind(folder / name, first) for name, first in (("c.json", 310), ("d.xlsx", 400), ("e.arrow", 450))]
        plan = plan_for(model, *files, size=25, duplicates="first")
        plan = replace(plan, reading=replace(plan.reading, keep=("day",)))
        totals = run(plan, model, tmp_path / "threads", bundle=bundle)
        assert run(plan, model, tmp_path / "engine", bundle=bundle, engine=engine) == totals
        assert contents(tmp_path / "engine") == contents(tmp_path / "threads")
        assert open_job(tmp_path / "engine").totals == totals

    return check


@pytest.fixture
def leaves_the_same_bytes_in_a_bucket(tmp_path: Path, bundle: Path, model: Model, objects: Objects) -> Check:
    """Return a check that an engine leaves in a bucket what threads leave on a disk."""

    def check(engine: Engine) -> None:
        plan = plan_for(model, write_posts(tmp_path / "in a bucket.parquet", 60), size=10)
        totals = run(plan, model, tmp_path / "in threads")
        out = StorePath(address_of(objects.uri(f"engines/{uuid.uuid4().hex}")))
        assert run(plan, model, out, engine=engine) == totals
        assert stored(out) == contents(tmp_path / "in threads")
        assert open_job(out).totals == totals

    return check


def of_kind(path: Path, first: int) -> Path:
    """Write 60 posts with ids from `first` on into a file of the kind that its name says."""
    table = pq.read_table(write_posts(path, 60, seed=first, first=first))
    rows = table.to_pylist()
    if path.suffix == ".json":
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    elif path.suffix == ".xlsx":
        write_workbook(path, [["post_id", "text"], *([row["post_id"], row["text"]] for row in rows)])
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=16)
    return path


@pytest.fixture
def sets_the_lethal_post_aside(tmp_path: Path, bundle: Path, model: Model) -> Check:
    """Return a check that a post which kills each worker is quarantined, and nothing else is."""

    def check(engine: Engine) -> None:
        table = pq.read_table(write_posts(tmp_path / "posts.parquet", 24))
        texts = table["text"].to_pylist()
        texts[13] += "☠"
        pq.write_table(table.set_column(1, "text", pa.array(texts)), tmp_path / "posts.parquet")
        plan = plan_for(model, tmp_path / "posts.parquet", size=4)
        run(plan, model, tmp_path / "threads", bundle=bundle)
        totals = run(plan, model, tmp_path / "engine", bundle=bundle, engine=engine)
        assert totals.quarantined == 1
        assert totals.read == 24
        assert open_job(tmp_path / "engine").totals == totals
        (aside,) = (tmp_path / "engine" / "quarantine").iterdir()
        row = json.loads(aside.read_text(encoding="utf-8"))
        assert (row["where"], row["reason"]) == ("posts.parquet:14", "worker-died")
        found, wanted = (shards(tmp_path / name) for name in ("engine", "threads"))
        assert [name for name in wanted if found[name] != wanted[name]] == ["000003.parquet"]

    return check


def shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "shards").rglob("*.parquet"))}
