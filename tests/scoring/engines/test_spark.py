"""The spark engine against real Spark: a standalone master with two workers in this machine, and one process alone."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from koudai.errors import EngineError, ReadError, UsageError
from koudai.limits import Limit
from koudai.scoring.engines import ENGINES, Engine, EngineSettings
from koudai.scoring.engines import spark as module
from koudai.scoring.engines.workers.requirements import java
from koudai.scoring.unit import Unit
from tests.scoring.engines.clusters import children, kill, spark_settings, wait_for
from tests.scoring.engines.conftest import Check, lethal_path
from tests.scoring.engines.stand_ins import refuse, stumble, work_in

pytestmark = pytest.mark.spark

pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'koudai[spark]'")
needs_java = pytest.mark.skipif(java() is None, reason="there is no Java: sh tests/scoring/get_java.sh")
BUNDLE = Path("bundle")
UNITS = [Unit(0, shard, shard + 1) for shard in range(12)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, bundle: Path, store_keys: None) -> Iterator[Engine]:
    """A cluster of two executors with a core each, which gives a task up at the second death; they have the keys of a
    store from its environment.
    """
    folder = spark_settings(tmp_path_factory.mktemp("spark"), spark_task_maxFailures="2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("PYTHONPATH", lethal_path())
        patch.setenv("KOUDAI_TESTS_READY", str(bundle.resolve()))
        with ENGINES["spark"](EngineSettings(bundle, master="local-cluster[2,1,1024]")) as run:
            yield run


def executors() -> list[int]:
    """Return the executors among the processes started here: Java that Java started."""
    mine = children(os.getpid())
    return [pid for pid in mine if b"CoarseGrainedExecutorBackend" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@needs_java
def test_J8_one_of_two_executors_is_killed_midway(run: Engine, tmp_path: Path) -> None:
    work, done, killed = work_in(tmp_path / "job", slow=0.3), [], None
    for receipt in run(work, UNITS):
        done.append(receipt["shard"])
        assert receipt["avoided"] == []
        if killed is None:
            wait_for(lambda: len(executors()) == 2)
            killed = executors()[0]
            kill(killed)
    assert sorted(done) == list(range(12))
    wait_for(lambda: killed not in children(os.getpid()))


@needs_java
def test_J8_a_post_that_kills_a_real_job_is_set_aside(run: Engine, sets_the_lethal_post_aside: Check) -> None:
    sets_the_lethal_post_aside(run)


@needs_java
def test_J11_it_leaves_the_same_bytes_as_threads_on_a_disk_and_in_a_bucket(
    run: Engine, leaves_the_same_bytes: Check, leaves_the_same_bytes_in_a_bucket: Check
) -> None:
    leaves_the_same_bytes(run)
    leaves_the_same_bytes_in_a_bucket(run)


@needs_java
def test_an_error_of_a_worker_arrives_as_it_was(run: Engine, tmp_path: Path) -> None:
    work = work_in(tmp_path / "job")
    with pytest.raises(ReadError, match="the input is not here") as caught:
        list(run(work._replace(do=refuse), UNITS[:1]))
    assert caught.value.where == "posts.csv"
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        list(run(work._replace(do=stumble), UNITS[:1]))


@needs_java
def test_a_second_application_beside_it_is_refused(run: Engine) -> None:
    with pytest.raises(EngineError, match="Spark does not start"), ENGINES["spark"](EngineSettings(BUNDLE)):
        pass


def test_a_master_that_is_not_there_is_told_within_ten_seconds(with_java: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        begin = time.monotonic()
        master = f"spark://127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(EngineError, match="no Spark master answers"),
            ENGINES["spark"](EngineSettings(BUNDLE, master=master)),
        ):
            pass
    assert time.monotonic() - begin < 10


def test_F6_a_master_that_does_not_go_on_with_its_handshake_is_told_in_time(
    with_java: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is stood in for: it was made, and the application waits to be registered."""
    registered = threading.Event()

    class Waiting:
        """An application that waits for its master."""

        def __init__(self, conf: object) -> None:
            registered.wait()

        @classmethod
        def _ensure_initialized(cls, conf: object) -> None:
            """Java runs."""

    monkeypatch.setattr("pyspark.SparkContext", Waiting)
    monkeypatch.setattr(module, "_check", lambda master: None)
    monkeypatch.setattr(module, "MASTER_SECONDS", Limit(0, "seconds", "told"))
    with (
        pytest.raises(EngineError, match="no Spark master answers") as caught,
        ENGINES["spark"](EngineSettings(BUNDLE, master="spark://127.0.0.1:7077")),
    ):
        pass
    registered.set()
    assert caught.value.got == "koudai is not registered after 0 seconds"
    assert caught.value.happened == "nothing was scored"


def test_F6_an_application_that_stopped_is_told_as_that(
    with_java: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from py4j.protocol import Py4JError

    class Stopped:
        """A context after its master was given up."""

        def getConf(self) -> dict[str, str]:
            return {}

        @property
        def defaultParallelism(self) -> int:
            message = (
                "An error occurred\njava.lang.IllegalStateException: Cannot call methods on a stopped SparkContext."
            )
            raise Py4JError(message)

        def stop(self) -> None:
            """Nothing is left to stop."""

    monkeypatch.setattr(module, "_check", lambda master: None)
    monkeypatch.setattr(module, "_context", lambda master: Stopped())
    with (
        pytest.raises(EngineError, match="Spark stopped") as caught,
        ENGINES["spark"](EngineSettings(BUNDLE, master="spark://127.0.0.1:7077")) as run,
    ):
        list(run(work_in(tmp_path / "job"), UNITS))
    assert "Cannot call methods on a stopped SparkContext" in str(caught.value.got)


def test_spark_connect_is_refused(with_java: None) -> None:
    with (
        pytest.raises(UsageError, match="Spark Connect"),
        ENGINES["spark"](EngineSettings(BUNDLE, master="sc://localhost")),
    ):
        pass


@pytest.fixture
def with_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that says it is Java, so that what comes after the search for one is tested without it."""
    (tmp_path / "java" / "bin").mkdir(parents=True)
    program = tmp_path / "java" / "bin" / "java"
    program.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\"' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
