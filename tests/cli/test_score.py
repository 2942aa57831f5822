"""The verbs about posts: score, resume, verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_bad_input import koudai, write_csv


def test_score_verify_and_resume(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    code, out, err = koudai(capsys, "score", bundle, posts, "--out", job)
    assert code == 0
    assert "read 3 =" in out
    assert err == ""
    before = {path: path.read_bytes() for path in job.rglob("*") if path.is_file()}
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    assert {path: path.read_bytes() for path in job.rglob("*") if path.is_file() and path.name != ".lock"} == {
        path: data for path, data in before.items() if path.name != ".lock"
    }
    code, out, _ = koudai(capsys, "verify", job, "--json")
    assert json.loads(out)["read"] == 3
