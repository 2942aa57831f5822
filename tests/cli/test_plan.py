"""`koudai plan`: what it prints is about the file it wrote, and what it refuses has the exit code of configs."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.cli.app import run_command
from tests.api.conftest import here as here
from tests.api.conftest import made as made
from tests.audit.test_plan import study as study


def test_it_says_where_the_plan_is_and_ends_with_its_hash(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", "study.toml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert str(study / "study.plan.json") in lines[0]
    assert len(lines[-1]) == 64
    assert run_command(["plan", "audit.toml"]) == 2
    assert "no [plan]" in capsys.readouterr().err
