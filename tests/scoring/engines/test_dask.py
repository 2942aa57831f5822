"""The dask engine against a real scheduler and two real worker processes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from koudai import __version__
from koudai.errors import EngineError, ModelError, ReadError, StorageError, UsageError
from koudai.limits import Limit
from koudai.model.model import Model
from koudai.scoring.engines import ENGINES, EngineSettings
from koudai.scoring.engines import dask as module
from koudai.scoring.engines.workers.crew import WorkerlessWarning, do_there
from koudai.scoring.job import run as run_job
from koudai.scoring.unit import JobAddress, Unit
from koudai.storage.address import environment_options
from koudai.storage.bucket import job_path
from tests.corpus.reading.objects import KEYS, Objects
from tests.scoring.engines.clusters import children, dask_scheduler, dask_workers, kill
from tests.scoring.engines.conftest import Check, lethal_path
from tests.scoring.engines.stand_ins import busy, refuse, stumble, work_in
from tests.scoring.posts import contents, plan_for, stored, write_posts

pytestmark = pytest.mark.slow

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'koudai[dask]'")
BUNDLE = Path("bundle")
UNITS = [Unit(0, shard, shard + 1) for shard in range(12)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a scheduler with two workers, which gives a task up at the first death; and their nannies."""
    folder = tmp_path_factory.mktemp("dask")
    settings = {"PYTHONPATH": lethal_path(), "KOUDAI_TESTS_READY": str(bundle.resolve()), **KEYS}
    with dask_scheduler(folder) as (address, _), dask_workers(address, folder, settings=settings) as nannies:
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, nannies


@pytest.fixture(scope="module")
def deserted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSettings]:
    """A scheduler without workers."""
    with dask_scheduler(tmp_path_factory.mktemp("deserted")) as (address, _):
        yield EngineSettings(BUNDLE, scheduler=address)


@pytest.fixture
def settings(cluster: tuple[str, subprocess.Popen[str]]) -> EngineSettings:
    return EngineSettings(BUNDLE, scheduler=cluster[0])


@contextlib.contextmanager
def warns_of_no_workers() -> Iterator[None]:
    with pytest.warns(WorkerlessWarning, match="no workers yet; the job waits up to 300 seconds"):
        yield


def test_J8_one_of_two_workers_is_killed_midway(
    cluster: tuple[str, subprocess.Popen[str]], settings: EngineSettings, tmp_path: Path
) -> None:
    work, done, killed = work_in(tmp_path / "job", slow=0.1), [], None
    with ENGINES["dask"](settings) as run:
        for receipt in run(work, UNITS):
            done.append(receipt["shard"])
            assert receipt["avoided"] == []
            if killed is None:
                killed = busy(tmp_path / "job")[-1]
                assert killed in children(cluster[1].pid)
                kill(killed)
    assert sorted(done) == list(range(12))


def test_J8_a_post_that_kills_a_real_job_is_set_aside(
    settings: EngineSettings, bundle: Path, sets_the_lethal_post_aside: Check
) -> None:
    with ENGINES["dask"](settings._replace(bundle=bundle)) as engine:
        sets_the_lethal_post_aside(engine)


def test_J11_it_leaves_the_same_bytes_as_threads(
    settings: EngineSettings, bundle: Path, leaves_the_same_bytes: Check
) -> None:
    with ENGINES["dask"](settings._replace(bundle=bundle)) as engine:
        leaves_the_same_bytes(engine)


def test_an_error_of_a_worker_arrives_as_it_was(settings: EngineSettings, tmp_path: Path) -> None:
    work = work_in(tmp_path / "job")
    with ENGINES["dask"](settings) as run, pytest.raises(ReadError, match="the input is not here") as caught:
        list(run(work._replace(do=refuse), UNITS))
    assert caught.value.where == "posts.csv"
    with ENGINES["dask"](settings) as run, pytest.raises(ZeroDivisionError, match="a mistake"):
        list(run(work._replace(do=stumble), UNITS))


def test_J7_workers_do_not_take_a_former_job_of_the_folder_for_this_one(
    settings: EngineSettings, bundle: Path, model: Model, tmp_path: Path
) -> None:
    """The folder was deleted by hand, and another job began there while the cluster lived on."""
    for n in (30, 50):
        plan = plan_for(model, write_posts(tmp_path / f"{n}.parquet", n, seed=n), size=10)
        run_job(plan, model, tmp_path / str(n))
        with ENGINES["dask"](settings._replace(bundle=bundle)) as engine:
            run_job(plan, model, tmp_path / "job", engine=engine)
        assert contents(tmp_path / "job") == contents(tmp_path / str(n))
        shutil.rmtree(tmp_path / "job")


def test_a_bundle_that_workers_do_not_see_is_told_by_its_path(
    settings: EngineSettings, tmp_path: Path, model: Model
) -> None:
    plan = plan_for(model, write_posts(tmp_path / "posts.parquet", 30), size=10)
    with (
        ENGINES["dask"](settings._replace(bundle=tmp_path / "elsewhere")) as engine,
        pytest.raises(ModelError, match=r"elsewhere.* \(on worker \S+, process \d+\)"),
    ):
        run_job(plan, model, tmp_path / "job", engine=engine)


def test_P6_workers_are_given_the_endpoint_of_a_bucket_and_no_credentials(
    settings: EngineSettings,
    bundle: Path,
    model: Model,
    tmp_path: Path,
    objects: Objects,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posts = write_posts(tmp_path / "posts.parquet", 60)
    objects.put("dask/posts.parquet", posts.read_bytes())
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{objects.port}")
    plan = plan_for(model, f"s3://{objects.bucket}/dask/posts.parquet", size=10)
    run_job(plan, model, tmp_path / "threads")
    out = job_path(f"s3://{objects.bucket}/dask/job")
    with ENGINES["dask"](settings._replace(bundle=bundle)) as engine:
        run_job(plan, model, out, engine=engine)
    assert stored(out) == contents(tmp_path / "threads")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    told = JobAddress(str(out.resolve()), str(bundle), store=tuple(environment_options().items()), version=__version__)
    with pytest.raises(StorageError, match="the store refused") as caught:
        do_there(told, Unit(0, 0, 1))
    assert re.search(r"endpoint_override=http://127.0.0.1:9 \(on worker \S+, process \d+\)", str(caught.value.where))
    assert "the endpoint and the region of the process that runs the job" in str(caught.value.todo)
    with pytest.raises(EngineError, match="another version of koudai"):
        do_there(told._replace(version="0.0.9"), Unit(0, 0, 1))


def test_J12_leaving_cancels_what_is_in_flight(settings: EngineSettings, tmp_path: Path) -> None:
    work = work_in(tmp_path / "job", slow=0.3)
    with ENGINES["dask"](settings) as run:
        next(run(work, UNITS))
    time.sleep(1)
    assert len(busy(tmp_path / "job")) <= 5


def test_a_scheduler_that_is_not_there_is_told_within_ten_seconds() -> None:
    from distributed import Client

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken_port = taken.getsockname()[1]
        begin = time.monotonic()
        with (
            pytest.raises(EngineError, match="no Dask scheduler answers") as caught,
            ENGINES["dask"](EngineSettings(BUNDLE, scheduler=f"tcp://127.0.0.1:{taken_port}")),
        ):
            pass
    assert time.monotonic() - begin < 10
    assert "dask scheduler" in str(caught.value.todo)
    left = [one for one in gc.get_objects() if type(one) is Client and str(taken_port) in str(one._start_arg)]
    assert left == [], "a client that was never made would close itself some time, and hang the next one"


def test_F5_a_scheduler_that_does_not_go_on_with_its_handshake_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is stood in for: it was made, and nothing comes."""

    async def silent(address: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "_identity", silent)
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: io.BytesIO())
    monkeypatch.setattr(module, "SCHEDULER_SECONDS", Limit(0, "seconds", "told"))
    with (
        pytest.raises(EngineError, match="no Dask scheduler answers") as caught,
        ENGINES["dask"](EngineSettings(BUNDLE, scheduler="tcp://127.0.0.1:8786")),
    ):
        pass
    assert caught.value.got == "nothing within 0 seconds"
    assert caught.value.happened == "nothing was scored"


@pytest.mark.parametrize("version", ["0.0.9", None])
def test_P7_workers_with_another_koudai_or_without_it_are_told_at_once(
    settings: EngineSettings, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    real = distributed.Client.get_versions

    def versions(self: Any, **asked: Any) -> Any:
        told = real(self, **asked)
        for found in told["workers"].values():
            found["packages"]["koudai"] = version
        return told

    monkeypatch.setattr(distributed.Client, "get_versions", versions)
    with pytest.raises(EngineError, match="2 workers have not the packages") as caught, ENGINES["dask"](settings):
        pass
    assert f"koudai {version or 'not installed'}" in str(caught.value.got)
    assert f"koudai {__version__}, distributed" in str(caught.value.expected)


@pytest.mark.parametrize("address", ["nonsense://x", "tcp://127.0.0.1:none"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises((UsageError, EngineError)), ENGINES["dask"](EngineSettings(BUNDLE, scheduler=address)):
        pass


def test_without_an_address_it_says_how_to_start_a_scheduler() -> None:
    with pytest.raises(UsageError, match="dask scheduler") as caught, ENGINES["dask"](EngineSettings(BUNDLE)):
        pass
    assert "`scheduler`" in str(caught.value.expected)


@pytest.mark.filterwarnings("ignore::koudai.scoring.engines.workers.crew.WorkerlessWarning")
def test_a_scheduler_that_dies_midway_ends_the_job(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    work = work_in(tmp_path / "job", slow=0.2)
    with (
        dask_scheduler(tmp_path) as (address, scheduler),
        dask_workers(address, tmp_path, nannies=False),
        ENGINES["dask"](EngineSettings(BUNDLE, scheduler=address)) as run,
    ):
        found = run(work, UNITS)
        next(found)
        scheduler.kill()
        with pytest.raises(EngineError, match="went away") as caught:
            list(found)
    assert "Traceback" not in capfd.readouterr().err
    assert "scoring into the same folder again continues" in str(caught.value)


def test_a_cluster_that_stays_without_workers_ends_the_job(
    deserted: EngineSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORKERLESS_SECONDS", Limit(2, "seconds", "told"))
    with (
        warns_of_no_workers(),
        pytest.raises(EngineError, match="no workers"),
        ENGINES["dask"](deserted) as run,
    ):
        list(run(work_in(tmp_path / "job"), UNITS))


def test_workers_may_come_later(deserted: EngineSettings, tmp_path: Path) -> None:
    work = work_in(tmp_path / "job")
    with warns_of_no_workers(), ENGINES["dask"](deserted) as run:
        found = run(work, UNITS)
        with dask_workers(str(deserted.scheduler), tmp_path, nannies=False):
            assert len(list(found)) == len(UNITS)
