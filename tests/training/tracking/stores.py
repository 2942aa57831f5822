"""SQLite stores of MLflow that are there at once: copies of one whose tables were made, and migrated, once a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from koudai.training.tracking.store import open_mlflow
from tests.once import once


def new_store(factory: pytest.TempPathFactory, folder: Path, name: str = "mlflow.db") -> str:
    """Return the address of a new store, the file `name` of `folder`."""

    def make(empty: Path) -> None:
        with open_mlflow(f"sqlite:///{empty}/mlflow.db"):
            pass

    shutil.copy(once(factory, "mlflow-store", make) / "mlflow.db", folder / name)
    return f"sqlite:///{folder}/{name}"
