"""Comparing two models: bundles on their own test posts; a file is an audit config, and is read as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai import api
from koudai.errors import ConfigError


def test_a_bundle_differs_from_itself_by_nothing(bundle: Path) -> None:
    found = api.compare(bundle, api.load_model(bundle))
    assert {one.difference for one in found if one.metric == "brier"} == {0.0}
    assert {one.corpus for one in found} == {""}


def test_a_file_is_taken_for_an_audit_config(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "llm.csv").write_text("post_id,rumour\n1,0.5\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        api.compare(bundle, tmp_path / "llm.csv")
