"""Where these tests track: one SQLite store and one real server a session; and the drawings of a bundle, made once."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from koudai.config.train import TrackSection
from koudai.training.tracking import runs
from koudai.training.tracking.drawings import evaluation_png
from tests.training.tracking.server import mlflow_server
from tests.training.tracking.stores import new_store

_NUMBERS = itertools.count(1)
NewSection = Callable[..., TrackSection]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What MLflow leaves in the working folder goes away with the test; nothing is tried for long."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture(autouse=True, scope="session")
def drawn_once() -> Iterator[None]:
    """Let what is sent again hold the drawing that was made the first time."""
    drawn: dict[str, bytes] = {}

    def draw(*given: Any) -> bytes:
        key = json.dumps(given)
        if key not in drawn:
            drawn[key] = evaluation_png(*given)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runs, "evaluation_png", draw)
        yield


@pytest.fixture(scope="module")
def bundle(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for each file: what a store would not take waits beside the bundle, and would be told by the next file."""
    return Path(shutil.copytree(bundle, tmp_path_factory.mktemp("tracked") / bundle.name))


def new_section(uri: str, folder: Path) -> NewSection:
    """Return what makes sections that track at `uri`, their files in `folder`, each of a name of its own."""

    def make(name: str | None = None) -> TrackSection:
        from koudai.training.tracking.store import open_mlflow

        name = name or f"tests-{next(_NUMBERS)}"
        if not uri.startswith("http"):
            with open_mlflow(uri) as mlflow:
                client = mlflow.MlflowClient()
                if client.get_experiment_by_name(name) is None:
                    client.create_experiment(name, artifact_location=(folder / "artifacts").as_uri())
        return TrackSection(uri=uri, experiment=name, registered_model=name)

    return make


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> NewSection:
    """Make sections that track in one SQLite store, each in an experiment and a model of its own."""
    folder = tmp_path_factory.mktemp("store")
    return new_section(new_store(tmp_path_factory, folder), folder)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the server keeps."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def served(server_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewSection]:
    """Make sections that track on one server, each in an experiment and a model of its own."""
    with mlflow_server(server_folder, new_store(tmp_path_factory, server_folder)) as address:
        yield new_section(address, server_folder)
