"""A real server on loopback, and others that refuse, answer nonsense or nothing, or go away in the middle."""

from __future__ import annotations

import copy
import shutil
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from koudai.cli.app import run_command
from koudai.config.train import TrackSection
from koudai.errors import NotTracked
from koudai.model.bundle.bundle import load_bundle
from koudai.training.tracking import runs
from koudai.training.tracking.events import events_of, read_spool
from koudai.training.tracking.runs import send, spool_path
from tests.training.tracking.bundles import altered, member
from tests.training.tracking.conftest import NewSection
from tests.training.tracking.server import answering, in_between, reply

pytestmark = pytest.mark.slow


@pytest.fixture
def little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is logged hold a package of two files in the place of koudai's code, and empty drawings."""
    package = tmp_path / "koudai"
    package.mkdir()
    for name in ("__init__.py", "limits.py"):
        shutil.copy(runs._PACKAGE / name, package)
    monkeypatch.setattr(runs, "_PACKAGE", package)
    monkeypatch.setattr(runs, "evaluation_png", lambda *given: b"")


def client(section: TrackSection) -> Any:
    import mlflow

    return mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)


def test_K3_a_server_is_told_and_no_password_stays_anywhere(
    served: NewSection, server_folder: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = served()
    config = {**member(bundle, "config.json"), "track": section.model_copy(update={"uri": "http://***@x"}).model_dump()}
    here = altered(bundle, tmp_path / "told", config=config)
    address = section.uri.replace("http://", "http://me:hunter2@")
    assert run_command(["track", str(here), "--uri", address]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("tracked: run ")
    assert len(out.splitlines()) == 1
    assert err == ""
    digest = load_bundle(here).digest
    version = client(section).get_model_version_by_alias(section.registered_model, "candidate")
    assert (version.version, version.tags["koudai.bundle"]) == ("1", digest)
    assert client(section).get_run(version.run_id).data.tags["koudai.bundle"] == digest
    kept = [path for folder in (server_folder, tmp_path) for path in folder.rglob("*") if path.is_file()]
    assert len(kept) > 50
    assert not [path for path in kept if b"hunter2" in path.read_bytes()]


@pytest.mark.usefixtures("little")
def test_K2_a_taxonomy_of_sixty_categories_is_told_whole(served: NewSection, bundle: Path, tmp_path: Path) -> None:
    section, evaluation = served(), member(bundle, "evaluation.json")
    entry = evaluation["categories"]["impersonation"]
    for number in range(57):
        another = copy.deepcopy(entry) | {"precision_recall": [], "reliability": []}
        another["all"][5 + number % 4]["value"] = None
        evaluation["categories"][f"another.number_{number}"] = another
    here = altered(bundle, tmp_path / "many", evaluation=evaluation)
    run = client(section).get_run(send(here, section).run_id)
    told = {kind: value for event in events_of(here) for kind, value in event.items() if isinstance(value, dict)}
    assert len(told["metrics"]) > 3000
    assert len(told["tags"]) > 60
    assert run.data.metrics == pytest.approx(told["metrics"])
    assert run.data.params == told["parameters"]
    assert run.data.tags.items() >= told["tags"].items()


FAULTS = [
    ("runs/create", "lose"),
    ("runs/log-batch", "refuse"),
    ("models/m-", "drop"),
    ("model-versions/create", "lose"),
    ("runs/update", "lose"),
    ("registered-models/alias", "refuse"),
]


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(("path", "how"), FAULTS, ids=[f"{path}-{how}" for path, how in FAULTS])
def test_K1_a_server_that_goes_away_midway_is_told_later_and_once(
    served: NewSection, bundle: Path, tmp_path: Path, path: str, how: str
) -> None:
    section, here = served(), Path(shutil.copytree(bundle, tmp_path / "small"))
    with in_between(section.uri, path=path, how=how) as (address, again):
        through = section.model_copy(update={"uri": address})
        with pytest.raises(NotTracked):
            send(here, through, code={"koudai.git.commit": "c0ffee"})
        assert read_spool(spool_path(here)) == events_of(here, code={"koudai.git.commit": "c0ffee"})
        again.set()
        tracked = send(here, through)
    assert not spool_path(here).exists()
    experiment = client(section).get_experiment_by_name(section.experiment)
    (run,) = client(section).search_runs([experiment.experiment_id])
    assert (run.info.run_id, run.info.status) == (tracked.run_id, "FINISHED")
    told = {kind: value for event in events_of(here) for kind, value in event.items() if isinstance(value, dict)}
    assert run.data.metrics == pytest.approx(told["metrics"])
    assert run.data.tags["koudai.git.commit"] == "c0ffee"
    assert len(client(section).search_model_versions(f"name = '{section.registered_model}'")) == 1
    assert client(section).get_model_version_by_alias(section.registered_model, "candidate").run_id == tracked.run_id


def _silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2)


ANSWERS: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "401": (lambda handler: reply(handler, 401, b"who are you?"), "401"),
    "403": (lambda handler: reply(handler, 403, b"\x1b[2Jnot you, me:hunter2@host"), "403"),
    "500": (lambda handler: reply(handler, 500, b"no such table: runs"), "500"),
    "503": (lambda handler: reply(handler, 503, b""), "503"),
    "a page": (lambda handler: reply(handler, 200, b"<html>log in here</html>"), ""),
    "a lie": (lambda handler: reply(handler, 200, b'{"experiment": 7}', "application/json"), ""),
    "nothing": (_silent, "timed out"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_K1_a_server_that_refuses_or_is_slow_is_named(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    answer, words = ANSWERS[name]
    here = Path(shutil.copytree(bundle, tmp_path / "small"))
    with answering(answer) as address:
        code = run_command(["track", str(here), "--uri", address.replace("http://", "http://me:hunter2@")])
    out, err = capsys.readouterr()
    assert code == 6
    assert out == ""
    assert words in err
    assert f"koudai track {here}" in err
    assert "hunter2" not in err
    assert "\x1b" not in err
    assert load_bundle(here).categories
    assert read_spool(spool_path(here)) == events_of(here)
