"""Workers: the same bytes however many there are (J11), the first error told, nothing begun after it, and the same
bytes in the end (J1, J2, J9, J12); only so many posts are read ahead (P5).
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from koudai.errors import StorageError, UsageError
from koudai.limits import WORKERS
from koudai.model.model import Model
from koudai.progress import Advance
from koudai.scoring import unit
from koudai.scoring.engines import local as module
from koudai.scoring.engines.local import local, threads_of
from koudai.scoring.job import run
from koudai.scoring.plan import Plan, read_job
from koudai.scoring.results import open_job
from tests import forked
from tests.scoring.posts import WORDS, contents, plan_for, write_posts


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    """Two Parquet files that share ids, and JSON lines with ids of both and rows that are no posts."""
    files = [write_posts(tmp_path / "a.parquet", 230), write_posts(tmp_path / "b.parquet", 120, seed=1, first=200)]
    lines = [json.dumps({"post_id": f"{i:05d}", "text": WORDS[i % len(WORDS)]}) for i in range(280, 360)]
    lines[5], lines[40], lines[70] = "{", json.dumps({"post_id": "", "text": "好"}), json.dumps({"post_id": "x"})
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return [*files, path]


@pytest.fixture
def plan(model: Model, inputs: list[Path]) -> Plan:
    return plan_for(model, *inputs, size=25, duplicates="first")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 4, 7])
@pytest.mark.parametrize("block_rows", [4, 25, 4096])
def test_J11_folders_are_identical_whatever_the_workers_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model, plan: Plan, workers: int, block_rows: int
) -> None:
    one = run(plan, model, tmp_path / "one", engine=local(1))
    monkeypatch.setattr(unit, "_BLOCK_ROWS", block_rows)
    assert run(plan, model, tmp_path / "many", engine=local(workers)) == one
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
    assert open_job(tmp_path / "many").totals == one


def test_I7_the_first_of_an_id_is_kept_and_the_others_name_it(tmp_path: Path, model: Model, plan: Plan) -> None:
    totals = run(plan, model, tmp_path / "job", engine=local(3))
    aside = [
        json.loads(line)
        for path in sorted((tmp_path / "job" / "quarantine").iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    repeats = {row["where"]: row["detail"] for row in aside if row["reason"] == "duplicate-id"}
    expected = {f"b.parquet:{n}": f"first seen at a.parquet:{200 + n}" for n in range(1, 31)}
    lines = [n for n in range(1, 41) if n not in (6, 41)]
    expected |= {f"c.jsonl:{n}": f"first seen at b.parquet:{80 + n}" for n in lines}
    assert repeats == expected
    assert totals.quarantined == len(expected) + 3
    assert totals.read == 230 + 120 + 80


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_J1_I7_what_was_lost_is_made_again_with_the_same_firsts(
    tmp_path: Path, model: Model, inputs: list[Path], plan: Plan, seed: int
) -> None:
    """Also by a plan that was read back, which does not know what repeats."""
    run(plan, model, tmp_path / "whole")
    job, chosen = tmp_path / "job", random.Random(seed)
    run(plan, model, job, engine=local(2))
    for path in [path for path in sorted(job.rglob("*")) if path.is_file() and path.name != "job.json"]:
        if chosen.random() < 0.4:
            path.unlink()
    again = read_job(job).plan if seed % 2 else plan_for(model, *inputs, size=25, duplicates="first")
    assert again == plan
    run(again, model, job, engine=local(1 + seed))
    assert contents(job) == contents(tmp_path / "whole")


class Unlucky(Exception):
    """Raised by a worker."""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("where", ["block_of", "commit"])
def test_J9_the_first_error_of_a_worker_ends_the_job_and_the_same_command_resumes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model, plan: Plan, where: str, workers: int
) -> None:
    run(plan, model, tmp_path / "whole")
    real, calls, lock = getattr(unit, where), [], threading.Lock()

    def sometimes(*given: Any, **named: Any) -> Any:
        with lock:
            calls.append(given)
            number = len(calls)
        if number > 6:
            raise Unlucky(number)
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(unit, where, sometimes)
        with pytest.raises(Unlucky):
            run(plan, model, tmp_path / "job", engine=local(workers))
    assert len(calls) <= 7 + (module._PIECES_PER_WORKER + 1) * workers
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("koudai")]
    found = contents(tmp_path / "job")
    assert "DONE.json" not in found
    assert len([name for name in found if name.startswith("receipts")]) <= 6
    assert not list((tmp_path / "job").rglob("*.part"))
    run(plan, model, tmp_path / "job", engine=local(workers))
    assert contents(tmp_path / "job") == contents(tmp_path / "whole")


def test_J9_after_an_error_nothing_more_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model, plan: Plan
) -> None:
    real, begun = unit.block_of, []

    def sometimes(model: Model, posts: Any, *given: Any, **named: Any) -> Any:
        begun.append(posts.file_lines[0])
        if begun[-1] == "a.parquet:26":
            raise Unlucky
        time.sleep(0.2 if len(begun) > 2 else 0)
        return real(model, posts, *given, **named)

    monkeypatch.setattr(unit, "block_of", sometimes)
    with pytest.raises(Unlucky):
        run(plan, model, tmp_path / "job", engine=local(2))
    assert len(begun) <= 2 + 2 * 2


def test_J9_of_several_errors_the_one_of_the_earliest_posts_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model, plan: Plan
) -> None:
    def never(model: Model, posts: Any, *given: Any, **named: Any) -> Any:
        first = posts.file_lines[0]
        time.sleep(0.05 if first == "a.parquet:1" else 0)
        raise Unlucky(first)

    monkeypatch.setattr(unit, "block_of", never)
    with pytest.raises(Unlucky, match=r"a\.parquet:1$"):
        run(plan, model, tmp_path / "job", engine=local(3))


@pytest.mark.slow
def test_J2_a_disk_that_refuses_one_shard_is_a_storage_error_and_the_others_are_safe(
    tmp_path: Path, model: Model, plan: Plan
) -> None:
    run(plan, model, tmp_path / "whole")
    (tmp_path / "job" / "shards" / "000004.parquet").mkdir(parents=True)
    for name in ("job.json", "places.bin"):
        (tmp_path / "job" / name).write_bytes((tmp_path / "whole" / name).read_bytes())
    with pytest.raises(StorageError, match="disk refused") as caught:
        run(plan, model, tmp_path / "job", engine=local(2))
    safe = len(list((tmp_path / "job" / "receipts").iterdir()))
    shards = len(list((tmp_path / "whole" / "receipts").iterdir()))
    assert f"{shards} shards are safe in {tmp_path / 'job'}" in caught.value.message()
    assert 0 < safe < shards
    (tmp_path / "job" / "shards" / "000004.parquet").rmdir()
    run(plan, model, tmp_path / "job", engine=local(2))
    assert contents(tmp_path / "job") == contents(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize(("in_flight", "most"), [(1 << 30, 4 * 2 + 1), (1, 2)])
def test_P5_posts_are_read_only_so_far_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model, plan: Plan, in_flight: int, most: int
) -> None:
    reader, scorer, begun, ended = unit.read_posts, unit.block_of, [0], [0]
    ahead = []

    def read(*given: Any, **named: Any) -> Iterator[Any]:
        for posts in reader(*given, **named):
            begun[0] += 1
            ahead.append(begun[0] - ended[0])
            yield posts

    def slowly(*given: Any, **named: Any) -> Any:
        time.sleep(0.002)
        found = scorer(*given, **named)
        ended[0] += 1
        return found

    monkeypatch.setattr(unit, "_BLOCK_ROWS", 5)
    monkeypatch.setattr(module, "_BYTES_IN_FLIGHT", in_flight)
    monkeypatch.setattr(unit, "read_posts", read)
    monkeypatch.setattr(unit, "block_of", slowly)
    run(plan, model, tmp_path / "job", engine=local(2))
    assert sum(begun) == len(ahead) > 80
    assert max(ahead) <= most


@pytest.mark.parametrize("workers", [0, -1, WORKERS.value + 1])
def test_a_number_of_workers_that_makes_no_sense_is_refused(workers: int) -> None:
    with pytest.raises(UsageError, match="number of workers") as caught:
        local(workers)
    assert str(WORKERS.value) in str(caught.value.expected)


@pytest.mark.slow
def test_by_default_there_is_a_worker_for_each_core_of_the_process() -> None:
    command = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
    command += "from koudai.scoring.engines.local import threads_of; print(threads_of(None))"
    found = forked.run(["-c", command], check=True, capture_output=True, text=True)
    assert (threads_of(None), found.stdout) == (len(os.sched_getaffinity(0)), "1\n")


class Interrupted:
    """Ctrl-C while the job is under way: raised where Python raises it, in the main thread."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        steps: list[int] = []

        def advance(done: int, told: object = None) -> None:
            steps.append(done)
            if name == "scoring" and len(steps) == 5:
                raise KeyboardInterrupt

        return nullcontext(advance)


def test_J12_an_interrupt_leaves_whole_shards_and_no_thread(tmp_path: Path, model: Model, plan: Plan) -> None:
    run(plan, model, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(plan, model, tmp_path / "job", engine=local(3), progress=Interrupted())
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("koudai")]
    found, whole = contents(tmp_path / "job"), contents(tmp_path / "whole")
    assert 0 < len(found) < len(whole)
    assert found.items() <= whole.items()
    assert not list((tmp_path / "job").rglob("*.part"))
    run(plan, model, tmp_path / "job", engine=local(2))
    assert contents(tmp_path / "job") == whole
