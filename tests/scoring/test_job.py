"""The job: conservation, the same bytes whatever died, refusing what does not belong."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.errors import JobLocked, JobUnfinished, OutputExists, PlanMismatch, ReadError, ShardDamaged, StorageError
from koudai.model.model import Model
from koudai.scoring.job import run
from koudai.scoring.results import open_job
from koudai.scoring.shard import shard_path
from tests import forked
from tests.scoring.posts import WORDS, contents, plan_for, write_posts


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    return write_posts(tmp_path / "posts.parquet", 450)


def test_P1_read_is_scored_plus_abstained_plus_quarantined(tmp_path: Path, model: Model) -> None:
    lines = [json.dumps({"post_id": str(i), "text": WORDS[i % len(WORDS)]}, ensure_ascii=False) for i in range(50)]
    lines[7], lines[31] = "{broken", json.dumps({"post_id": "31", "text": None})
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    totals = run(plan_for(model, path, size=20), model, tmp_path / "job")
    assert (totals.read, totals.quarantined) == (50, 2)
    assert totals.read == totals.scored + totals.abstained + totals.quarantined
    assert totals.line() == f"read 50 = scored {totals.scored} + abstained {totals.abstained} + quarantined 2"
    assert open_job(tmp_path / "job").totals == totals


def test_scores_come_back_in_input_order_with_their_texts(tmp_path: Path, model: Model, posts: Path) -> None:
    run(plan_for(model, posts), model, tmp_path / "job")
    scores = open_job(tmp_path / "job").scores()
    table = pq.read_table(posts).to_pydict()
    assert scores.ids == table["post_id"]
    assert open_job(tmp_path / "job").texts(scores.ids) == table["text"]
    again, texts = open_job(tmp_path / "job").scores_and_texts()
    assert (again.ids, texts) == (scores.ids, table["text"])
    assert scores.model_digest == model.digest
    assert scores.categories == model.categories


def test_texts_of_many_batches_come_back_in_the_order_that_is_asked_for(tmp_path: Path, model: Model) -> None:
    ids = [f"{number:05}" for number in range(5000)]
    texts = [f"明天停水{number}" for number in range(5000)]
    pq.write_table(pa.table({"post_id": ids, "text": texts}), tmp_path / "many.parquet")
    run(plan_for(model, tmp_path / "many.parquet"), model, tmp_path / "job")
    assert open_job(tmp_path / "job").texts(ids) == texts
    assert open_job(tmp_path / "job").texts(ids[::-7]) == texts[::-7]


def test_output_columns_are_as_documented(tmp_path: Path, model: Model, posts: Path) -> None:
    run(plan_for(model, posts), model, tmp_path / "job")
    schema = pq.read_schema(shard_path(tmp_path / "job", 0))
    assert schema.names == [
        "post_id",
        *(f"p_{key}" for key in model.categories),
        "alleged",
        "abstained",
        "reason",
        "hazards",
    ]
    assert schema.field("p_impersonation").type == pa.float32()
    assert schema.field("alleged").type == pa.list_(pa.string())
    assert schema.metadata[b"koudai.model_digest"].decode() == model.digest


def test_J11_scores_do_not_depend_on_shards_or_order(tmp_path: Path, model: Model, posts: Path) -> None:
    found = []
    shuffled = tmp_path / "shuffled.parquet"
    table = pq.read_table(posts)
    pq.write_table(table.take(random.Random(1).sample(range(len(table)), len(table))), shuffled)
    for number, (path, size) in enumerate(((posts, 1000), (posts, 7), (shuffled, 64))):
        folder = tmp_path / f"job{number}"
        run(plan_for(model, path, size=size), model, folder)
        scores = open_job(folder).scores()
        found.append(
            {i: (p.tobytes(), a.tobytes()) for i, p, a in zip(scores.ids, scores.proba, scores.alleged, strict=True)}
        )
    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_P3_a_job_that_lost_anything_ends_in_the_same_bytes(tmp_path: Path, model: Model, posts: Path) -> None:
    plan = plan_for(model, posts)
    run(plan, model, tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    for name in sorted(expected):
        if name == "job.json":
            continue
        folder = tmp_path / name.replace("/", "_")
        run(plan, model, folder)
        (folder / name).unlink()
        run(plan, model, folder)
        assert contents(folder) == expected, name


def test_J5_a_flipped_bit_is_named_and_made_anew(tmp_path: Path, model: Model, posts: Path) -> None:
    plan, job = plan_for(model, posts), tmp_path / "job"
    run(plan, model, job)
    before = contents(job)
    data = bytearray(shard_path(job, 2).read_bytes())
    data[len(data) // 2] ^= 4
    shard_path(job, 2).write_bytes(data)
    with pytest.raises(ShardDamaged, match=r"000002\.parquet"):
        open_job(job)
    run(plan, model, job)
    assert contents(job) == before


def test_J7_another_model_input_or_shard_size_is_refused(tmp_path: Path, model: Model, posts: Path) -> None:
    job = tmp_path / "job"
    run(plan_for(model, posts), model, job)
    before = contents(job)
    other = write_posts(tmp_path / "other.parquet", 450, seed=2)
    for plan, field in ((plan_for(model, posts, size=50), "shard_size"), (plan_for(model, other), "inputs")):
        with pytest.raises(PlanMismatch, match=f"{field}:"):
            run(plan, model, job)
    assert contents(job) == before


def test_J13_a_folder_that_is_not_a_job_is_left_alone(tmp_path: Path, model: Model, posts: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    with pytest.raises(OutputExists, match=r"notes\.txt"):
        run(plan_for(model, posts), model, tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep me"


def test_J14_an_unfinished_job_says_how_far_it_is(tmp_path: Path, model: Model, posts: Path) -> None:
    job = tmp_path / "job"
    run(plan_for(model, posts), model, job)
    for name in ("receipts/000003.json", "shards/000003.parquet", "DONE.json"):
        (job / name).unlink()
    with pytest.raises(JobUnfinished, match="80 % complete"):
        open_job(job)


def test_I15_input_that_changed_is_refused(tmp_path: Path, model: Model, posts: Path) -> None:
    plan, job = plan_for(model, posts), tmp_path / "job"
    write_posts(posts, 300)
    with pytest.raises(ReadError, match="changed while it was scored"):
        run(plan, model, job)
    assert not (job / "DONE.json").exists()


def test_texts_of_changed_input_are_refused(tmp_path: Path, model: Model, posts: Path) -> None:
    run(plan_for(model, posts), model, tmp_path / "job")
    write_posts(posts, 450, seed=3)
    with pytest.raises(ReadError, match="no longer there"):
        open_job(tmp_path / "job").texts(["00001"])


def test_several_inputs_and_ids_that_repeat_across_them(tmp_path: Path, model: Model, posts: Path) -> None:
    second = write_posts(tmp_path / "b.parquet", 30)
    with pytest.raises(ReadError, match="'00000' is there twice"):
        run(plan_for(model, posts, second), model, tmp_path / "job")
    totals = run(plan_for(model, posts, second, duplicates="first"), model, tmp_path / "job")
    assert (totals.read, totals.quarantined) == (480, 30)
    rows = [json.loads(line) for line in (tmp_path / "job/quarantine/000005.jsonl").read_text().splitlines()]
    assert {row["reason"] for row in rows} == {"duplicate-id"}


def test_nothing_to_score_is_an_error(tmp_path: Path, model: Model) -> None:
    with pytest.raises(ReadError, match="no posts"):
        run(plan_for(model, write_posts(tmp_path / "none.parquet", 0)), model, tmp_path / "job")
    assert not (tmp_path / "job").exists()


def test_a_damaged_plan_is_named(tmp_path: Path, model: Model, posts: Path) -> None:
    run(plan_for(model, posts), model, tmp_path / "job")
    (tmp_path / "job" / "job.json").write_text("{}")
    with pytest.raises(StorageError, match="damaged"):
        open_job(tmp_path / "job")


HOLD = "import sys; from pathlib import Path; from koudai.storage.durable import locked\n"
HOLD += "with locked(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"


@pytest.mark.slow
def test_J6_two_jobs_on_one_folder(tmp_path: Path, model: Model, posts: Path) -> None:
    (tmp_path / "job").mkdir()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with forked.Popen(["-c", HOLD, tmp_path / "job"], **pipes) as other:
        assert other.stdout.readline() == b"\n"
        with pytest.raises(JobLocked, match=f"pid {other.pid}"):
            run(plan_for(model, posts), model, tmp_path / "job")
        other.kill()
    assert run(plan_for(model, posts), model, tmp_path / "job").read == 450
