"""The folder of a job: held by another process (J6), begun with something else (J7), not ours (J13), half finished
(J14); and what has no say in the result: workers, shards, order (J11), and the clock.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from koudai import api
from koudai.config.source import Columns
from koudai.errors import JobLocked, JobUnfinished, OutputExists, PlanMismatch, StorageError
from koudai.model.model import Model
from koudai.storage.disk import claim
from tests import forked
from tests.faults.jobs import Job, contents, open_job
from tests.faults.killer import ROOT
from tests.faults.loop import Undisturbed, finish
from tests.faults.seam import installed
from tests.scoring.posts import write_posts
from tests.storage.test_mount import NoLocks

HOLD = "import sys; from pathlib import Path; from koudai.storage.durable import locked\n"
HOLD += "with locked(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"


@pytest.mark.slow
def test_J6_a_second_process_is_told_who_works_there_where_and_since_when(
    job: Job, place: Path, whole: Undisturbed
) -> None:
    out = place / "out"
    out.mkdir()
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with forked.Popen(["-c", HOLD, out], env=environment, **pipes) as holder:
        holder.stdout.readline()
        with pytest.raises(JobLocked) as caught:
            job.do(out)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    year = time.strftime("%Y", time.gmtime())
    assert str(caught.value.got).startswith(f"pid {holder.pid} on {os.uname().nodename} since {year}-")
    assert caught.value.exit_code == 5
    assert contents(out) == {}
    assert (out / ".lock").read_text(encoding="utf-8").startswith(f"pid {holder.pid} ")
    finish(job, out, whole)


CHANGES = {
    "model": lambda job, place: dataclasses.replace(job, model=dataclasses.replace(job.model, digest="0" * 16)),
    "shard_size": lambda job, place: dataclasses.replace(job, shard_size=9),
    "inputs": lambda job, place: dataclasses.replace(job, inputs=job.inputs[:1]),
    "duplicates": lambda job, place: dataclasses.replace(job, duplicates="refuse"),
    "columns.text": lambda job, place: dataclasses.replace(job, reading={"columns": Columns(text="post_id")}),
    "columns.id": lambda job, place: dataclasses.replace(job, reading={"columns": Columns(id="text")}),
    "encoding": lambda job, place: dataclasses.replace(job, reading={"encoding": "gb18030"}),
    "bad_bytes": lambda job, place: dataclasses.replace(job, reading={"bad_bytes": "refuse"}),
}


@pytest.mark.parametrize("finished", [True, False], ids=["finished", "begun"])
@pytest.mark.parametrize("field", CHANGES)
def test_J7_another_plan_is_refused_by_the_field_that_differs(
    job: Job, place: Path, whole: Undisturbed, field: str, finished: bool
) -> None:
    out = place / "whole"
    if not finished:
        (out / "DONE.json").unlink()
        (out / "shards" / "000001.parquet").unlink()
    before = contents(out)
    with pytest.raises(PlanMismatch) as caught:
        CHANGES[field](job, place).do(out)
    assert [line.partition(":")[0] for line in str(caught.value.expected).splitlines()] == [field]
    assert [line.partition(":")[0] for line in str(caught.value.got).splitlines()] == [field]
    assert contents(out) == before
    finish(job, out, whole)


def test_J7_an_input_that_changed_is_named(job: Job, place: Path, whole: Undisturbed) -> None:
    out = place / "whole"
    write_posts(job.inputs[0], 16, seed=9)
    before = contents(out)
    with pytest.raises(PlanMismatch) as caught:
        job.do(out)
    assert job.inputs[0].name in str(caught.value.expected)
    assert job.inputs[1].name not in str(caught.value.expected)
    assert contents(out) == before


@pytest.mark.parametrize("name", ["notes.txt", "shards", ".hidden", "DONE.json"])
def test_J13_a_folder_that_is_not_a_job_is_refused_and_nothing_is_deleted(job: Job, place: Path, name: str) -> None:
    out = place / "out"
    out.mkdir()
    (out / name).mkdir() if name == "shards" else (out / name).write_text("mine", encoding="utf-8")
    before = sorted(path.name for path in out.rglob("*") if path.name != ".lock")
    with pytest.raises(OutputExists, match=name):
        job.do(out)
    assert sorted(path.name for path in out.rglob("*") if path.name != ".lock") == before


def test_J13_what_a_killed_start_leaves_is_ours(job: Job, place: Path, whole: Undisturbed) -> None:
    out = place / "out"
    out.mkdir()
    for name in (".lock", ".job.json.0a1b2c3d.part", ".probe.0a1b2c3d.old.part"):
        (out / name).write_bytes(b"half")
    finish(job, out, whole)


HALF = (
    ".job.json.0a1b2c3d.part",
    ".places.bin.0a1b2c3d.part",
    ".DONE.json.0a1b2c3d.part",
    "shards/.000001.parquet.0a1b2c3d.part",
    "receipts/.000001.json.0a1b2c3d.part",
    "quarantine/.000003.jsonl.0a1b2c3d.part",
)
"""What a killed process may leave in the folder of a job."""


@pytest.mark.parametrize("how", ["resumed", "verified"])
def test_what_killed_processes_left_half_written_goes_and_what_is_not_ours_stays(
    job: Job, place: Path, whole: Undisturbed, how: str
) -> None:
    out = place / "whole"
    mine = out / ".notes.txt.0a1b2c3d.part"
    for name in (*HALF, mine.name):
        (out / name).write_bytes(b"half")
    finish(job, out, whole) if how == "resumed" else api.verify(out)
    assert [path for path in out.rglob("*.part") if path.is_file()] == [mine]
    assert whole.finished_in(out)


def test_what_another_process_is_writing_stays(job: Job, place: Path, whole: Undisturbed) -> None:
    out = place / "whole"
    writing = out / HALF[3]
    handle = os.open(writing, os.O_CREAT | os.O_WRONLY)
    second = claim(handle)
    assert second is not None
    try:
        finish(job, out, whole)
        api.verify(out)
        assert writing.exists()
    finally:
        os.close(handle)
        os.close(second)
    api.verify(out)
    assert not writing.exists()


@pytest.mark.parametrize("left", range(4))
def test_J14_a_job_that_is_not_done_is_not_read_and_says_how_far_it_is(
    job: Job, place: Path, whole: Undisturbed, left: int
) -> None:
    out = place / "whole"
    (out / "DONE.json").unlink()
    for shard in range(left):
        (out / "receipts" / f"{shard:06d}.json").unlink()
        (out / "shards" / f"{shard:06d}.parquet").unlink()
    with pytest.raises(JobUnfinished, match=f"{100 * (4 - left) // 4} %"):
        open_job(out)


def by_id(out: Path) -> dict[str, dict[str, Any]]:
    """Return all scored rows of a job, each under its id."""
    tables = [pq.read_table(path) for path in sorted(out.glob("shards/*.parquet"))]
    return {row["post_id"]: row for table in tables for row in table.to_pylist()}


def test_J11_workers_shards_and_order_have_no_say(place: Path, model: Model) -> None:
    posts = write_posts(place / "posts.parquet", 150)
    table = pq.read_table(posts)
    order = sorted(range(150), key=lambda row: hash((row * 2654435761) % 1009))
    pq.write_table(table.take(order), place / "shuffled.parquet")
    one = Job(model, (posts,), rows=150, shard_size=10_000)
    shuffled = dataclasses.replace(one, inputs=(place / "shuffled.parquet",), shard_size=40)
    jobs = {"one": (one, 1), "tiny": (dataclasses.replace(one, shard_size=1), 8), "shuffled": (shuffled, 3)}
    for name, (job, workers) in jobs.items():
        assert job.do(place / name, workers=workers).read == 150
    expected = by_id(place / "one")
    assert len(expected) == 150
    assert by_id(place / "tiny") == expected
    assert by_id(place / "shuffled") == expected
    one.do(place / "eight", workers=8)
    assert contents(place / "eight") == contents(place / "one")


@pytest.mark.parametrize("jump", [-(10**9), -3600, 3600, 10**9])
def test_P3_a_clock_that_jumps_changes_nothing(
    job: Job, place: Path, whole: Undisturbed, jump: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = place / "out"
    now, steps = time.time, iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: now() + jump * (next(steps) % 2))
    finish(job, out, whole)
    for at, path in enumerate(sorted(path for path in out.rglob("*") if path.is_file())):
        when = max(1, now() + jump * (at % 3))
        os.utime(path, (when, when))
    (out / "DONE.json").unlink()
    (out / "shards" / "000002.parquet").unlink()
    finish(job, out, whole)


def test_J16_a_job_asks_the_file_system_first_and_goes_on_if_told_to(job: Job, place: Path, whole: Undisturbed) -> None:
    out = place / "out"
    with installed(NoLocks()):
        with pytest.raises(StorageError, match="a second lock on one file is refused"):
            job.do(out)
        assert not out.exists()
        assert job.do(out, unsafe_fs=True).read == job.rows
    assert whole.finished_in(out)
