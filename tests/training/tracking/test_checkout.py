"""The state of the checkout: a commit, whether anything differs from it, or why neither can be said."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from koudai.training.tracking.checkout import COMMIT, DIRTY, NOT_A_CHECKOUT, code_state


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *who, "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in a repository with one commit."""
    root = tmp_path / "repository"
    folder = root / "pipeline" / "package"
    folder.mkdir(parents=True)
    (folder / "code.py").write_text("x = 1\n")
    (root / ".gitignore").write_text("__pycache__/\n.venv/\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return folder


def test_a_clean_checkout_is_its_commit(package: Path) -> None:
    assert code_state(package) == {COMMIT: git(package, "rev-parse", "HEAD"), DIRTY: "no"}


@pytest.mark.parametrize("name", ["pipeline/package/code.py", "pipeline/package/new.py", "configs/train/mine.toml"])
def test_a_changed_or_new_file_is_dirty(package: Path, name: str) -> None:
    path = package.parents[1] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 2\n")
    assert code_state(package)[DIRTY] == "yes"


@pytest.mark.parametrize("name", ["pipeline/package/__pycache__/code.pyc", "models/mine/manifest.json"])
def test_what_is_ignored_or_lies_elsewhere_does_not_count(package: Path, name: str) -> None:
    path = package.parents[1] / name
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    assert code_state(package)[DIRTY] == "no"


def test_no_repository_is_not_a_checkout(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages" / "package"
    folder.mkdir(parents=True)
    assert code_state(folder) == {COMMIT: NOT_A_CHECKOUT}


def test_a_package_installed_inside_a_repository_is_not_of_that_repository(package: Path) -> None:
    installed = package.parent / ".venv" / "lib" / "package"
    installed.mkdir(parents=True)
    (installed / "code.py").write_text("x = 1\n")
    assert code_state(installed) == {COMMIT: NOT_A_CHECKOUT}


def test_a_repository_without_a_commit_is_unknown(package: Path) -> None:
    git(package, "update-ref", "-d", "HEAD")
    assert code_state(package)[COMMIT].startswith("unknown: fatal:")


def test_no_git_is_unknown(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_state(package) == {COMMIT: "unknown: FileNotFoundError"}


def test_another_repository_in_the_environment_is_not_asked(
    package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert code_state(package) == code_state(package.resolve())
    monkeypatch.delenv("GIT_DIR")
    assert code_state(package)[COMMIT] == git(package, "rev-parse", "HEAD")


def test_P4_a_program_that_the_repository_names_is_not_run(package: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    program = tmp_path / "monitor"
    program.write_text(f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o755)
    git(package, "config", "core.fsmonitor", str(program))
    assert code_state(package)[DIRTY] == "no"
    assert not marker.exists()


def test_koudai_itself_says_one_of_the_three() -> None:
    found = code_state()
    assert found[COMMIT] == NOT_A_CHECKOUT or found[COMMIT].startswith("unknown") or DIRTY in found
