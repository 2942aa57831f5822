"""The verb policy: says what it wrote and where the answers go, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import koudai.cli.policy  # noqa: F401  (what is tested)
from tests.cli.test_bad_input import koudai


def test_policy_says_what_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    begin = ("policy", "cac-2023", "--category", "rumour", "--out", tmp_path / "policies")
    code, said, err = koudai(capsys, *begin)
    assert (code, err) == (0, "")
    assert "16 documents, in the wordings full, regulator, name, withheld" in said
    assert "koudai calls no model" in said
    code, _, err = koudai(capsys, *begin)
    assert code == 5
    code, _, err = koudai(capsys, "policy", "cac2023", "--out", tmp_path / "b")
    assert code == 2
    assert "did you mean 'cac-2023'?" in err
