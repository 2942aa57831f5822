"""What engines need and is missing is said before anything starts, with what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.errors import UsageError
from koudai.scoring.engines import ENGINES, EngineSettings
from koudai.scoring.engines.workers import requirements as module
from koudai.scoring.engines.workers.requirements import JAVA, java, require, require_java


def java_that_says(folder: Path, text: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' '{text}' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_java_spark_says_what_to_install() -> None:
    pytest.importorskip("pyspark")
    with pytest.raises(UsageError, match="openjdk-17-jre-headless") as caught, ENGINES["spark"](EngineSettings(Path())):
        pass
    assert caught.value.exit_code == 2


def test_a_wrong_java_home_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="JAVA_HOME is "):
        require_java()


def test_java_home_comes_before_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old, new = java_that_says(tmp_path / "old", ""), java_that_says(tmp_path / "new", "")
    monkeypatch.setenv("PATH", str(old.parent))
    assert java() == old
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "new"))
    assert java() == new


@pytest.mark.parametrize("said", ['java version "1.8.0_292"', 'openjdk version "11.0.22" 2024-01-16'])
def test_an_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str) -> None:
    monkeypatch.setenv("PATH", str(java_that_says(tmp_path / "jdk", said).parent))
    with pytest.raises(UsageError, match="too old") as caught:
        require_java()
    assert caught.value.got in (8, 11)


@pytest.mark.parametrize("said", [f'openjdk version "{JAVA}.0.15"', 'openjdk version "21" 2023-09-19', "who knows"])
def test_a_new_java_and_one_that_does_not_say_are_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    monkeypatch.setenv("PATH", str(java_that_says(tmp_path / "jdk", said).parent))
    require_java()


@pytest.mark.parametrize(("name", "package"), [("dask", "distributed"), ("spark", "pyspark")])
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda wanted: None)
    with (
        pytest.raises(UsageError, match=f"pip install 'koudai\\[{name}\\]'") as caught,
        ENGINES[name](EngineSettings(Path())),
    ):
        pass
    assert caught.value.expected == package


def test_what_is_installed_is_not_missed() -> None:
    require("numpy", extra="none", engine="any")
    with pytest.raises(UsageError, match="not installed"):
        require("no_such_package", extra="none", engine="any")
