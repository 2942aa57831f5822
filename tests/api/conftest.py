"""A working directory with what the examples of the verbs name: a config, a model, posts, a job and an audit of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from koudai import api
from tests.once import once

POSTS = "post_id,text\n1,各位观众晚上好，AI主播为您播报\n2,这个偏方能治糖尿病，停药就行\n3,🎉\n"
AUDIT = "[run]\nname = 'audited'\ntaxonomy = 'cac-2023'\nmeasures = ['coverage']\n"
LABELLED = AUDIT + "[[corpus]]\nsource = 'seed'\n"


@pytest.fixture(scope="session")
def made(small_config: Path, bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything the examples name; not to be changed: copy it first."""

    def make(folder: Path) -> None:
        shutil.copy(small_config, folder / "small.toml")
        shutil.copytree(bundle, folder / "model")
        (folder / "posts.csv").write_text(POSTS, encoding="utf-8")
        (folder / "audit.toml").write_text(AUDIT, encoding="utf-8")
        (folder / "labels.toml").write_text(LABELLED, encoding="utf-8")
        api.score(folder / "model", folder / "posts.csv", out=folder / "job")
        api.audit(folder / "audit.toml", model=folder / "model", scores=folder / "job", out=folder / "audited")

    return once(tmp_path_factory, "verbs", make)


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `made`, which is the working directory."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path
