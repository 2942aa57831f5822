"""Tiny models for the tests of this folder; the bundle is not to be changed: copy it first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from koudai.model.bundle.bundle import save_bundle
from koudai.model.model import Model
from tests.model.tiny import EVALUATION, tiny_model


@pytest.fixture(scope="session")
def tiny() -> Model:
    return tiny_model()


@pytest.fixture(scope="session")
def tiny_bundle(tiny: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "bundle"
    save_bundle(tiny, folder, card="# tiny\n", evaluation=EVALUATION)
    return folder


@pytest.fixture
def copy(tiny_bundle: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make a copy of the tiny bundle that may be changed."""
    return lambda: Path(shutil.copytree(tiny_bundle, tmp_path / f"copy{len(list(tmp_path.iterdir()))}"))
