"""A Postgres of its own, where the machine has one and a driver for it: stricter than SQLite in what it stores."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from koudai.config.train import TrackSection
from koudai.errors import NotTracked, RegistryError
from koudai.limits import MLFLOW_PARAMETER
from koudai.training.tracking.events import events_of
from koudai.training.tracking.promotion import promote_version
from koudai.training.tracking.runs import send
from tests.training.tracking.bundles import altered, member
from tests.training.tracking.conftest import new_section
from tests.training.tracking.server import free_port

pytestmark = pytest.mark.slow

PLACES = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), *map(Path, os.environ["PATH"].split(os.pathsep))]
DRIVER = next((name for name in ("psycopg2", "psycopg") if importlib.util.find_spec(name)), None)
PASSWORD = secrets.token_hex(12)


def program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join(map(str, PLACES)))
    return found or pytest.skip(f"no Postgres on this machine: {name} was not found")


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[str, Path]]:
    """The address of a fresh database cluster, and its folder."""
    initdb, server = program("initdb"), program("postgres")
    if DRIVER is None:
        pytest.skip("no driver for Postgres: install psycopg2 or psycopg")
    user = {"user": next(name for name in ("postgres", "nobody") if _known(name))} if os.geteuid() == 0 else {}
    folder, port = Path(tempfile.mkdtemp(prefix="koudai-")), free_port()
    (folder / "password").write_text(PASSWORD)
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, user["user"])
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **user}
    command = [initdb, "-D", folder / "data", "-U", "me", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}"]
    subprocess.run([*command, "-E", "UTF8", "--no-sync"], check=True, **quiet)
    running = subprocess.Popen(
        [server, "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"], **quiet
    )
    try:
        yield f"postgresql+{DRIVER}://me:{PASSWORD}@127.0.0.1:{_answering(port, running)}/postgres", folder
    finally:
        running.send_signal(signal.SIGINT)  # its fast shutdown, which does not wait for clients
        running.wait(30)
        shutil.rmtree(folder)


def _known(user: str) -> bool:
    return any(entry.pw_name == user for entry in pwd.getpwall())


def _answering(port: int, running: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + 60
    while subprocess.run([program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode:
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    return port


@pytest.fixture(scope="module")
def section(postgres: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> TrackSection:
    return new_section(postgres[0], tmp_path_factory.mktemp("postgres"))("in postgres")


def test_K2_K3_a_bundle_is_told_whole_and_the_password_is_not(
    section: TrackSection, postgres: tuple[str, Path], bundle: Path, tmp_path: Path
) -> None:
    evaluation, config = member(bundle, "evaluation.json"), member(bundle, "config.json")
    next(iter(evaluation["corpora"].values()))["licence"] = "许可" * 20_000
    config["run"]["note"] = "口" * MLFLOW_PARAMETER.value
    config["run"]["longer"] = "口" * (MLFLOW_PARAMETER.value + 1)
    here = altered(bundle, tmp_path / "long", evaluation=evaluation, config=config)
    tracked = send(here, section)
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)
    run = client.get_run(tracked.run_id)
    told = {kind: value for event in events_of(here) for kind, value in event.items() if isinstance(value, dict)}
    assert run.data.params == told["parameters"]
    assert run.data.metrics == pytest.approx(told["metrics"])
    assert run.data.tags.items() >= told["tags"].items()
    assert send(here, section) == tracked
    assert promote_version(section, target=here).changed
    assert not promote_version(section).changed
    dump = subprocess.run(
        [program("pg_dump"), "-h", "127.0.0.1", "-U", "me", "-p", section.uri.split(":")[3].split("/")[0], "postgres"],
        env={**os.environ, "PGPASSWORD": PASSWORD},
        capture_output=True,
        check=True,
    )
    assert tracked.run_id.encode() in dump.stdout
    assert PASSWORD.encode() not in dump.stdout


def test_K1_a_wrong_password_is_known_at_once_and_not_shown(section: TrackSection, bundle: Path) -> None:
    wrong = section.model_copy(update={"uri": section.uri.replace(PASSWORD, "hunter2")})
    started = time.monotonic()
    with pytest.raises(NotTracked, match="authentication failed") as caught:
        send(bundle, wrong)
    with pytest.raises(RegistryError, match="authentication failed"):
        promote_version(wrong)
    assert time.monotonic() - started < 60
    assert "hunter2" not in caught.value.message()


def test_K1_a_driver_that_is_missing_is_named(section: TrackSection, bundle: Path) -> None:
    with pytest.raises(NotTracked, match="No module named"):
        send(bundle, section.model_copy(update={"uri": section.uri.replace(f"+{DRIVER}", "+pg8000")}))
