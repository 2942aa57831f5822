"""The verbs about audits: from a model and its scores to the page, and the page again from its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_bad_input import koudai, write_csv


def test_whole_way_from_training_to_the_page(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path
) -> None:
    posts, job, out = root / "data" / "seed" / "posts.jsonl", tmp_path / "job", tmp_path / "report"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    config = root / "configs" / "audit" / "demo.toml"
    arguments = [
        "audit",
        config,
        "--model",
        bundle,
        "--scores",
        job,
        "--out",
        out,
        "--set",
        "run.measures=['coverage']",
    ]
    code, said, _ = koudai(capsys, *arguments)
    assert code == 0
    assert "report.html" in said
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["measures"] == ["coverage"]
    page = (out / "report.html").read_bytes()
    assert koudai(capsys, "render", out / "report.json", "--out", tmp_path / "again.html")[0] == 0
    assert (tmp_path / "again.html").read_bytes() == page
    assert koudai(capsys, *arguments)[0] == 5


def test_unfinished_job_is_not_audited(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path
) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    (job / "DONE.json").unlink()
    config = root / "configs" / "audit" / "demo.toml"
    code, _, err = koudai(capsys, "audit", config, "--model", bundle, "--scores", job, "--out", tmp_path / "r")
    assert code == 5
    assert "% complete" in err
