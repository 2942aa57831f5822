"""What is written rots: every file of a finished job, flipped, cut or gone; verify names it, the same command and
verify --repair make it anew (J5).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from koudai.errors import JobUnfinished, ShardDamaged, StorageError
from koudai.progress import Silent
from koudai.scoring.job import repair
from koudai.scoring.results import open_job
from tests.faults.jobs import Job, contents
from tests.faults.loop import Undisturbed, finish

MADE_ANEW = ["shards/000001.parquet", "receipts/000002.json", "quarantine/000002.jsonl", "places.bin", "DONE.json"]


def flip(path: Path, chosen: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
    path.write_bytes(data)


def cut(path: Path, chosen: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: chosen.randrange(path.stat().st_size)])


def lose(path: Path, chosen: random.Random) -> None:
    path.unlink()


def fill(path: Path, chosen: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


WAYS = [flip, flip, flip, flip, cut, cut, lose, fill]


def named(told: StorageError, file: str) -> bool:
    """Return whether the error says which file, or by its number which shard, is damaged."""
    return file.rpartition("/")[2].partition(".")[0] in str(told)


@pytest.mark.parametrize("file", MADE_ANEW)
@pytest.mark.parametrize("way", range(len(WAYS)))
def test_J5_what_rots_is_named_and_made_anew(job: Job, place: Path, whole: Undisturbed, file: str, way: int) -> None:
    out = place / "whole"
    rot: Callable[[Path, random.Random], None] = WAYS[way]
    rot(out / file, random.Random(way))
    assert contents(out) != whole.files
    with pytest.raises(StorageError) as caught:
        open_job(out)
    assert rot is lose or named(caught.value, file)
    assert not contents(out).items() - whole.files.items() or rot is not lose
    finish(job, out, whole)
    assert open_job(out).totals.read == job.rows


@pytest.mark.parametrize("file", MADE_ANEW)
def test_J5_repair_makes_it_anew_too(job: Job, bundle: Path, place: Path, whole: Undisturbed, file: str) -> None:
    out = place / "whole"
    flip(out / file, random.Random(1))
    assert repair(out, bundle=bundle, allow_drift=False, progress=Silent()) == open_job(out).totals
    assert whole.finished_in(out)


@pytest.mark.parametrize("seed", range(25))
def test_J5_a_plan_that_rots_is_refused_and_nothing_is_touched(
    job: Job, bundle: Path, place: Path, whole: Undisturbed, seed: int
) -> None:
    out = place / "whole"
    flip(out / "job.json", random.Random(seed))
    before = contents(out)
    for work in (
        lambda: open_job(out),
        lambda: job.do(out),
        lambda: repair(out, bundle=bundle, allow_drift=False, progress=Silent()),
    ):
        with pytest.raises(StorageError):
            work()
        assert contents(out) == before


@pytest.mark.parametrize("seed", range(4))
def test_J5_several_at_once(job: Job, place: Path, whole: Undisturbed, seed: int) -> None:
    out, chosen = place / "whole", random.Random(seed)
    for file in chosen.sample([name for name in whole.files if name != "job.json"], 5):
        chosen.choice(WAYS)(out / file, chosen)
    with pytest.raises((ShardDamaged, JobUnfinished, StorageError)):
        open_job(out)
    finish(job, out, whole)


def test_J5_without_a_plan_it_is_no_job(job: Job, place: Path, whole: Undisturbed) -> None:
    out = place / "whole"
    (out / "job.json").unlink()
    before = contents(out)
    with pytest.raises(StorageError, match="not the folder of a job"):
        open_job(out)
    with pytest.raises(StorageError, match="not a job"):
        job.do(out)
    assert contents(out) == before
    shutil.rmtree(out)
    finish(job, out, whole)
