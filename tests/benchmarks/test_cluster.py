"""The cluster on paper: what a hand would compute, nothing lost whatever fails, and the programs run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks.posts import BUNDLED
from tests.benchmarks.simulation import Cluster, simulate
from tests.benchmarks.test_benchmarks import run

pytestmark = pytest.mark.benchmark

CALM = Cluster(workers=3, units=7, shards=2, load=1.0, dispatch=0.0)
ALIKE = np.array([2.0])


def test_three_workers_do_seven_units_in_three_rounds() -> None:
    """Each unit takes 4 seconds, after 1 for loading: 5, 9, 13."""
    found = simulate(CALM, ALIKE, seed=0)
    assert (found.seconds, found.busy, found.again) == (13.0, 7 * 4.0 + 3 * 1.0, 0)
    assert simulate(replace(CALM, workers=7), ALIKE, seed=0).seconds == 5.0


def test_a_scheduler_that_takes_its_time_is_what_everybody_waits_for() -> None:
    found = simulate(replace(CALM, workers=50, units=50, dispatch=10.0), ALIKE, seed=0)
    assert found.seconds == 50 * 10.0 + 1.0 + 4.0


def test_storage_that_gives_half_of_what_is_needed_makes_everything_twice_as_long() -> None:
    """Three workers read and write 8 bytes in 2 seconds each, 12 a second, of which there are 6."""
    found = simulate(replace(CALM, load=0.0, bytes_per_shard=8, bandwidth=6), ALIKE, seed=0)
    assert found.seconds == 2 * simulate(replace(CALM, load=0.0), ALIKE, seed=0).seconds


def test_slow_workers_take_longer() -> None:
    assert simulate(replace(CALM, slow=1.0, slowness=4.0), ALIKE, seed=0).seconds == 1 + 3 * 16.0


@settings(deadline=None, max_examples=60)
@given(
    workers=st.integers(1, 30),
    units=st.integers(1, 120),
    hours=st.sampled_from([0.002, 0.01, 1.0]),
    seed=st.integers(0, 1000),
)
def test_every_unit_ends_whatever_fails(workers: int, units: int, hours: float, seed: int) -> None:
    cluster = Cluster(workers, units, shards=2, hours_between_failures=hours, restart=5.0, slow=0.1)
    times = np.array([0.5, 1.0, 2.0])
    found = simulate(cluster, times, seed=seed)
    assert found == simulate(cluster, times, seed=seed)
    assert found.seconds * workers >= found.busy - 1e-6
    assert found.busy >= units * 2 * 0.5
    assert 0 <= found.tail <= found.seconds
    assert simulate(replace(cluster, hours_between_failures=float("inf")), times, seed=seed).again == 0


@pytest.mark.parametrize("program", ["killed", "bucket", "cluster"])
def test_the_program_runs_and_writes_what_it_says(program: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("".join(f"<!-- {one} -->\n<!-- /{one} -->\n" for one in ("killed", "bucket", "cluster-words")))
    small = ["--corpus", BUNDLED, "--config", "configs/train/demo.toml", "--posts", "600", "--shard-size", "50"]
    kills = ["--kills", "3", *(["--rounds", "1"] if program == "bucket" else [])]
    few = ["--billions", "0.001", "--workers", "5,20"] if program == "cluster" else kills
    shown = run(program, *small, *few, "--json", tmp_path / "a.json", "--markdown", page).stdout
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    if program == "killed":
        assert [row["kills"] for row in told["rows"]] == [0, told["bars"][0]["got"]]
        assert "killed and begun again" in shown
    elif program == "bucket":
        assert [(row["where"], row["kills"] > 0) for row in told["rows"]] == [
            ("disk", False),
            ("disk", True),
            ("bucket", False),
            ("bucket", True),
        ]
    else:
        assert len(told["rows"]) == 2 * 6
        assert all(row["seconds"] > row["ideal_seconds"] for row in told["rows"])
        assert len(told["measured"]["shard_seconds"]) == 12
    assert "| " in page.read_text(encoding="utf-8")
