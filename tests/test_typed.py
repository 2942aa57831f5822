"""What a user's type checker sees: the types of koudai, not `Any`, and complaints of what is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

USER = """\
import koudai
from koudai import Segmenter, api, load_model

reveal_type(Segmenter)
reveal_type(koudai.load_model)
reveal_type(load_model("model").predict(["text"]))
reveal_type(koudai.api.train)
reveal_type(api.train({"run": {}}).evaluation)
reveal_type(api.score("model", "posts.csv", out="job", engine=api.EngineChoice("processes")).read)
reveal_type(api.audit("audit.toml").frames)
Segmenter().no_such_method()
api.train("train.toml", outt="model")
koudai.scrape_accounts
"""
EXPECTED = {
    4: "def (",
    5: "-> koudai.api.trained_model.TrainedModel",
    7: "-> koudai.api.trained_model.TrainedModel",
    8: "koudai.model.evaluation.Evaluation",
    9: '"int"',
    10: "koudai.audit.frame.AuditFrame",
    11: '"Segmenter" has no attribute "no_such_method"',
    12: 'Unexpected keyword argument "outt"',
    13: 'has no attribute "scrape_accounts"',
}


@pytest.mark.slow
def test_a_users_file_is_checked_strictly_and_sees_types(root: Path, tmp_path: Path) -> None:
    """With this project's settings, which are strict, and what mypy remembers of the package since `make style`."""
    (tmp_path / "use.py").write_text(USER, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", str(tmp_path / "use.py")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    said: dict[int, str] = {}
    for line in done.stdout.splitlines():
        _, found, rest = line.partition("use.py:")
        if found:
            number, told = rest.split(":", 1)
            said[int(number)] = said.get(int(number), "") + told
    for number, expected in EXPECTED.items():
        assert expected in said[number], done.stdout
    assert "Segmenter" in said[4], done.stdout
    assert not any('Revealed type is "Any"' in told for number, told in said.items() if number != 6), done.stdout
