"""The verb that freezes a plan: the date is now unless given, and what is frozen lies beside the config."""

from __future__ import annotations

from pathlib import Path

from koudai import api
from tests.audit.test_plan import study as study


def test_the_date_is_now_and_the_plan_lies_beside_the_config(study: Path) -> None:
    frozen = api.plan(study / "study.toml")
    assert frozen.frozen_at > "2026"
    assert frozen.sample in (study / "study.plan.json").read_text(encoding="utf-8")
