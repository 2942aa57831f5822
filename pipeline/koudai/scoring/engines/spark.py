"""The spark engine: units on Spark, each a job of one partition, so that receipts arrive as the units end.

Promises: a Java that is missing or too old is an error before anything starts, and a master that does not answer is one
within seconds, one that begins to and does not go on within `MASTER_SECONDS`; Spark itself gives a task to another
executor when one is lost; when it gives up, ``workers/deaths.py`` takes over. Workers run the Python that runs koudai,
unless ``PYSPARK_PYTHON`` says otherwise. Settings in ``spark-defaults.conf`` take precedence over koudai's defaults.

Executors need koudai, and the job's folder, the inputs and the bundle under the same paths.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Any

from koudai.errors import EngineError, UsageError
from koudai.limits import MASTER_SECONDS, SCHEDULER_SECONDS, WORKERLESS_SECONDS
from koudai.scoring.engines import Engine, EngineSettings, engine
from koudai.scoring.engines.local import threads_of
from koudai.scoring.engines.workers.crew import Crew, Died, Task, cannot_go_on
from koudai.scoring.engines.workers.deaths import surviving
from koudai.scoring.engines.workers.requirements import require, require_java

_MOST_JOBS = 1024
_LOOPBACK = "127.0.0.1"
_SILENT = Path(__file__).with_name("silent.properties")


@engine("spark")
@contextlib.contextmanager
def spark(settings: EngineSettings) -> Iterator[Engine]:
    """Start a Spark application on ``settings.master``, by default on this machine.

    Raises
    ------
    UsageError
        If Java or PySpark is missing, or the master is not one that runs functions on partitions.
    EngineError
        If the master does not answer.
    """
    require("pyspark", extra="spark", engine="spark")
    require_java()
    master = settings.master or f"local[{threads_of(settings.workers)}]"
    _check(master)
    with _signals_kept(), _environment(master):
        crew = _Spark(_context(master), master)
        try:
            yield surviving(crew, settings)
        finally:
            crew.leave()


class _Spark(Crew):
    def __init__(self, context: Any, master: str) -> None:
        super().__init__()
        self._context, self._master = context, master
        self._jobs = ThreadPoolExecutor(_MOST_JOBS, thread_name_prefix="koudai-spark")
        self._asked = self._seen = time.monotonic()
        own = re.fullmatch(r"local(?:\[[^,\]]*(?:,\s*(\d+))?\])?", master)
        self._times = int((own[1] or 1) if own else context.getConf().get("spark.task.maxFailures", "4"))

    def room(self) -> int:
        from py4j.protocol import Py4JError

        try:
            cores: int = self._context.defaultParallelism
        except (Py4JError, OSError) as error:
            raise self._gone(what="Spark stopped", got=_last_words(str(error)), todo="start it again") from error
        return min(_MOST_JOBS, max(4, cores + cores // 2))

    def leave(self) -> None:
        """Cancel what is in flight and stop the application."""
        self.drop()
        self._jobs.shutdown()
        self._context.stop()

    def _cancel(self, futures: list[Future[Any]]) -> None:
        for future in futures:
            future.cancel()
        with contextlib.suppress(Exception):
            self._context.cancelAllJobs()
        wait(futures)

    def _submit(self, task: Task) -> Future[Any]:
        return self._jobs.submit(self._job, task)

    def _job(self, task: Task) -> Any:
        (result,) = self._context.parallelize([task], 1).mapPartitions(_outcomes).collect()
        return result

    def _result(self, future: Future[Any]) -> Any:
        from py4j.protocol import Py4JError

        try:
            result = future.result()
        except (Py4JError, OSError) as error:
            said = str(error)
            if "Traceback (most recent call last)" in said:
                raise self._gone(
                    what="a worker cannot run koudai", got=_last_words(said), todo="install it there"
                ) from error
            if "Job aborted due to stage failure" in said:
                return Died(self._times)
            raise self._gone(what="Spark stopped", got=_last_words(said), todo="start it again") from error
        if isinstance(result, Exception):
            raise result
        return result

    def _look_after(self) -> None:
        """Check, at most once a second, whether the application runs and has executors."""
        now = time.monotonic()
        if now - self._asked < 1:
            return
        self._asked = now
        try:
            inner = self._context._jsc.sc()
            stopped, executors = inner.isStopped(), inner.getExecutorMemoryStatus().size()
        except Exception as error:
            raise self._gone(what="Spark stopped", got=error, todo="start it again") from error
        if stopped:
            raise self._gone(what="Spark stopped", got=None, todo="start it again")
        if executors > 1 or self._master.startswith("local"):
            self._seen = now
        if now - self._seen > WORKERLESS_SECONDS.value:
            raise self._gone(what="the cluster has no executors", got=None, todo="start workers")

    def _gone(self, *, what: str, got: object, todo: str) -> EngineError:
        return cannot_go_on(what=what, where=self._master, got=got, todo=todo)


def _outcomes(tasks: Iterable[Task]) -> Iterator[Any]:
    """Run each task; an error is returned as a result, since Spark would retry it and then report its text alone."""
    for task in tasks:
        try:
            outcome = task()
        except Exception as error:
            outcome = error
        yield outcome


def _last_words(said: str) -> str:
    """Return the line with the cause: the last of a Python traceback, else the first of a Java stack trace."""
    lines = said.split("\n")
    python = [line for line in lines if re.match(r"\w[\w.]*(Error|Exception)\b", line)]
    return python[-1] if python else lines[min(1, len(lines) - 1)]


def _check(master: str) -> None:
    if master.startswith("sc://"):
        raise UsageError(
            what="Spark Connect does not run functions on partitions",
            got=master,
            expected="`master` spark://HOST:7077, yarn, k8s://… or local[N]",
        )
    for host, port in re.findall(r"([^/,]+):(\d+)", master) if master.startswith("spark://") else []:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), SCHEDULER_SECONDS.value / 2):
            return
    if master.startswith("spark://"):
        raise _no_answer(master, got=None)


def _no_answer(master: str, *, got: str | None) -> EngineError:
    return EngineError(
        what="no Spark master answers",
        where=master,
        got=got,
        happened="nothing was scored",
        todo="start one with $SPARK_HOME/sbin/start-master.sh, and workers with start-worker.sh",
    )


def _context(master: str) -> Any:
    """Start the application."""
    from py4j.protocol import Py4JError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException

        filled = {
            "spark.app.name": "koudai",
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_SILENT.as_uri()}",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        if master.startswith("local"):
            filled |= {"spark.driver.host": _LOOPBACK, "spark.driver.bindAddress": _LOOPBACK}
            if os.environ.get("PYTHONPATH"):
                filled["spark.executorEnv.PYTHONPATH"] = os.environ["PYTHONPATH"]
        try:
            conf = SparkConf().setMaster(master)
            for name, value in filled.items():
                conf.setIfMissing(name, value)
            if not master.startswith("spark://"):
                return SparkContext(conf=conf)
            SparkContext._ensure_initialized(conf=conf)  # starts Java, which is not what the master is given time for
            started: Future[Any] = Future()
            threading.Thread(target=_start, args=(started, partial(SparkContext, conf=conf)), daemon=True).start()
            return started.result(MASTER_SECONDS.value)
        except TimeoutError as error:
            raise _no_answer(master, got=f"koudai is not registered after {MASTER_SECONDS.value} seconds") from error
        except (Py4JError, PySparkException, ValueError, OSError) as error:
            raise EngineError(
                what="Spark does not start",
                where=master,
                got=_last_words(str(error)),
                happened="nothing was scored",
                todo="`master` takes spark://HOST:7077, yarn, k8s://… or local[N]",
            ) from error


def _start(started: Future[Any], start: Callable[[], Any]) -> None:
    """Start an application in a thread that is left to itself when it takes too long: Spark tries for a minute."""
    try:
        started.set_result(start())
    except BaseException as error:
        started.set_exception(error)


@contextlib.contextmanager
def _environment(master: str) -> Iterator[None]:
    """Set the workers' Python and, for a local master, the address to bind to, unless they are set; undo it after."""
    wanted = {"PYSPARK_PYTHON": sys.executable}
    if master.startswith("local"):
        wanted["SPARK_LOCAL_IP"] = _LOOPBACK
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Restore the handler of Ctrl-C, which Spark replaces."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
