"""Stopped from outside, with several workers: killed at random times (J1) or asked to end (J12), the same command ends
in the same bytes.
"""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.model.model import Model
from koudai.scoring.engines.local import local
from koudai.scoring.job import run
from tests import forked
from tests.scoring.posts import contents, plan_for, write_posts

pytestmark = pytest.mark.slow


def command(bundle: Path, posts: Path, job: Path, workers: int) -> list[str]:
    given = ["score", bundle, posts, "--out", job, "--shard-size", 50, "--workers", workers]
    return ["-m", "koudai", *map(str, given), "--on-bad-bytes", "quarantine", "--duplicates", "first"]


def stopped(command: list[str], job: Path, *, receipts: int, how: signal.Signals) -> int | None:
    """Run `command`, send it `how` once there are so many receipts; return how it ended, None if it was through."""
    child = forked.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < deadline:
        if len(list(job.glob("receipts/*.json"))) >= receipts:
            child.send_signal(how)
            break
        time.sleep(0.001)
    _, said = child.communicate()
    assert b"Traceback" not in said
    return child.returncode or None


@pytest.fixture
def repeating(tmp_path: Path) -> Path:
    """3,000 posts, the last 600 with ids of the first."""
    parts = [pq.read_table(write_posts(tmp_path / "p", n, seed=n)) for n in (2400, 600)]
    pq.write_table(pa.concat_tables(parts), tmp_path / "posts.parquet")
    return tmp_path / "posts.parquet"


def test_J1_killed_at_random_times_it_ends_in_the_same_bytes(
    tmp_path: Path, bundle: Path, model: Model, repeating: Path
) -> None:
    plan = plan_for(model, repeating, size=50, duplicates="first")
    totals = run(plan, model, tmp_path / "whole", bundle=bundle, engine=local(1))
    assert totals.quarantined == 600
    job, workers = tmp_path / "job", 3
    ends = [
        stopped(command(bundle, repeating, job, workers), job, receipts=done, how=signal.SIGKILL)
        for done in (1, 12, 27, 45)
    ]
    killed = ends.count(-signal.SIGKILL)
    assert killed >= 2
    assert len(list(job.rglob("*.part"))) <= killed * workers
    assert contents(job).items() <= contents(tmp_path / "whole").items()
    forked.run(command(bundle, repeating, job, workers), check=True, stdout=subprocess.DEVNULL)
    assert contents(job) == contents(tmp_path / "whole")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_J12_a_signal_ends_it_with_130_and_leaves_nothing_half_written(
    tmp_path: Path, bundle: Path, model: Model, repeating: Path, how: signal.Signals
) -> None:
    run(
        plan_for(model, repeating, size=50, duplicates="first"),
        model,
        tmp_path / "whole",
        bundle=bundle,
        engine=local(1),
    )
    job = tmp_path / "job"
    assert stopped(command(bundle, repeating, job, 2), job, receipts=3, how=how) == 130
    found = contents(job)
    assert "DONE.json" not in found
    assert not list(job.rglob("*.part"))
    assert found.items() <= contents(tmp_path / "whole").items()
