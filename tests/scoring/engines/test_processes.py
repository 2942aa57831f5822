"""The processes engine: real processes, one of them killed, a post that kills, and none left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from koudai.errors import ReadError
from koudai.scoring.engines import ENGINES, EngineSettings
from koudai.scoring.unit import Unit
from tests import forked
from tests.conftest import ROOT
from tests.scoring.engines.clusters import children, kill, wait_for
from tests.scoring.engines.conftest import Check
from tests.scoring.engines.stand_ins import SIZE, busy, refuse, stumble, work_in

BUNDLE = Path("bundle")
UNITS = [Unit(0, shard, shard + 1) for shard in range(12)]
SETTINGS = EngineSettings(BUNDLE, workers=2)


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
def test_J8_one_of_two_processes_is_killed_midway(tmp_path: Path) -> None:
    work, done, killed = work_in(tmp_path / "job", slow=0.1), [], None
    with ENGINES["processes"](SETTINGS) as run:
        for receipt in run(work, UNITS):
            done.append(receipt["shard"])
            assert receipt["avoided"] == []
            if killed is None:
                killed = busy(tmp_path / "job")[-1]
                assert killed in children(os.getpid())
                kill(killed)
    assert sorted(done) == list(range(12))
    assert not {*busy(tmp_path / "job")} & {*children(os.getpid())}


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
def test_J8_a_post_that_kills_its_process_each_time_is_avoided(tmp_path: Path) -> None:
    killers = [SIZE * 2 + 3]
    work = work_in(tmp_path / "job", killers=killers)
    with ENGINES["processes"](SETTINGS) as run:
        found = list(run(work, [Unit(0, 0, 2), Unit(0, 2, 4)]))
    assert sorted((one["shard"], one["avoided"]) for one in found) == [(0, []), (1, []), (2, killers), (3, [])]


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
def test_J8_a_post_that_kills_a_real_job_is_set_aside(bundle: Path, sets_the_lethal_post_aside: Check) -> None:
    with ENGINES["processes"](SETTINGS._replace(bundle=bundle)) as engine:
        sets_the_lethal_post_aside(engine)


@pytest.mark.slow
def test_J11_it_leaves_the_same_bytes_as_threads_on_a_disk_and_in_a_bucket(
    bundle: Path, leaves_the_same_bytes: Check, leaves_the_same_bytes_in_a_bucket: Check
) -> None:
    with ENGINES["processes"](SETTINGS._replace(bundle=bundle)) as engine:
        leaves_the_same_bytes(engine)
        leaves_the_same_bytes_in_a_bucket(engine)


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
def test_an_error_of_a_process_arrives_as_it_was(tmp_path: Path) -> None:
    work = work_in(tmp_path / "job")
    with ENGINES["processes"](SETTINGS) as run, pytest.raises(ReadError, match="the input is not here") as caught:
        list(run(work._replace(do=refuse), UNITS))
    assert caught.value.where == "posts.csv"
    with ENGINES["processes"](SETTINGS) as run, pytest.raises(ZeroDivisionError, match="a mistake"):
        list(run(work._replace(do=stumble), UNITS))


@pytest.mark.slow
@pytest.mark.usefixtures("forking")
def test_J12_leaving_begins_nothing_more(tmp_path: Path) -> None:
    work = work_in(tmp_path / "job", slow=0.3)
    with ENGINES["processes"](SETTINGS) as run:
        next(run(work, UNITS))
    assert len(busy(tmp_path / "job")) <= 6
    assert not {*busy(tmp_path / "job")} & {*children(os.getpid())}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_J1_killed_itself_it_leaves_no_process_behind(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from koudai.scoring.engines import ENGINES, EngineSettings
from koudai.scoring.engines.workers import deaths
from koudai.scoring.unit import Unit
from tests.scoring.engines.stand_ins import work_in
deaths.assignment = lambda work, settings: work
if __name__ == "__main__":
    work = work_in(Path({str(tmp_path / "job")!r}), slow=0.2)
    with ENGINES["processes"](EngineSettings(Path("bundle"), workers=2)) as run:
        list(run(work, [Unit(0, shard, shard + 1) for shard in range(1000)]))
"""
    script = tmp_path / "job.py"
    script.write_text(code, encoding="utf-8")
    job = forked.Popen([script], env={**os.environ, "PYTHONPATH": str(ROOT)})
    wait_for(lambda: (tmp_path / "job" / "notes").exists() and len({*busy(tmp_path / "job")}) == 2)
    started = children(job.pid)
    assert {*busy(tmp_path / "job")} <= {*started}
    job.send_signal(signal.SIGKILL)
    job.wait()
    begin = time.monotonic()
    wait_for(lambda: not [pid for pid in started if Path(f"/proc/{pid}").exists()], seconds=20)
    assert time.monotonic() - begin < 20
