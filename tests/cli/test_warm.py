"""The verb warm: says where kernels were written, and what is to be set there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import koudai.cli.warm  # noqa: F401  (what is tested)
from koudai import api
from koudai.text.compiled.jit import SWITCH
from tests.cli.test_bad_input import koudai


def test_warm_says_what_it_wrote(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(folder: Path, *, training: bool) -> api.WarmedFolder:
        return api.WarmedFolder(folder, digest="0a" * 16, files=1 + training, bytes=2_000_000)

    monkeypatch.setattr(api, "warm", written)
    code, said, err = koudai(capsys, "warm", tmp_path, "--training")
    assert (code, err) == (0, "")
    assert "2 files, 2 MB" in said
    assert f"set KOUDAI_CACHE={tmp_path}" in said
    code, said, _ = koudai(capsys, "warm", tmp_path, "--json")
    assert json.loads(said) == {"folder": str(tmp_path), "digest": "0a" * 16, "files": 1, "bytes": 2_000_000}


def test_warm_refuses_where_nothing_is_compiled(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "1")
    code, _, err = koudai(capsys, "warm", tmp_path / "new")
    assert code == 2
    assert "compiling is switched off" in err
