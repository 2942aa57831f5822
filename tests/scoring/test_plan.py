"""Plans: the same whatever makes them, written down and read back, and other plans told apart by name (J7)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.reading import Reading
from koudai.errors import ConfigError, PlanMismatch, StorageError, UsageError
from koudai.limits import EVIDENCE_TERMS, SHARD_POSTS
from koudai.scoring.plan import Input, Plan, ScoreSettings, make_plan, read_job, require_same
from tests.scoring.posts import write_posts


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan([write_posts(tmp_path / "a.parquet", 5)], model="m" * 16, reading=Reading(keep=("date",)))


def test_P6_a_plan_is_what_was_written_down(plan: Plan) -> None:
    written = json.loads(json.dumps(plan.to_json()))
    assert Plan.of_json(written) == plan
    assert "evidence" in written
    with pytest.raises(ValueError, match="koudai-job"):
        Plan.of_json({**written, "protocol": 1})


CHANGES: dict[str, Any] = {
    "model": "n" * 16,
    "duplicates": "first",
    "evidence": 3,
    "shard_size": 7,
    "columns.id": "id",
    "columns.text": "t",
    "keep": ("topic",),
    "encoding": "gb18030",
    "bad_bytes": "quarantine",
}


@pytest.mark.parametrize("name", CHANGES)
def test_J7_every_setting_that_differs_is_named_with_both_values(plan: Plan, tmp_path: Path, name: str) -> None:
    change = {name: CHANGES[name]}
    if name.startswith("columns."):
        change = {"columns": Columns(**{name.removeprefix("columns."): CHANGES[name]})}
    other = replace(plan, **change) if hasattr(plan, name) else replace(plan, reading=replace(plan.reading, **change))
    with pytest.raises(PlanMismatch) as caught:
        require_same(plan, other, tmp_path)
    assert str(caught.value.expected).startswith(f"{name}: ")
    value = list(CHANGES[name]) if name == "keep" else CHANGES[name]
    assert str(caught.value.got) == f"{name}: {value}"
    require_same(plan, plan, tmp_path)


@pytest.mark.slow
def test_J7_of_many_inputs_those_that_differ_are_named(plan: Plan, tmp_path: Path) -> None:
    many = tuple(Input(f"/posts/{n}.csv", 10, f"{n:064d}") for n in range(1000))
    other = (*many[:500], replace(many[500], bytes=11), *many[501:])
    with pytest.raises(PlanMismatch) as caught:
        require_same(replace(plan, inputs=many), replace(plan, inputs=other), tmp_path)
    assert caught.value.expected == f"inputs: /posts/500.csv (10 bytes, {'0' * 12})"
    assert "11 bytes" in str(caught.value.got)
    with pytest.raises(PlanMismatch, match="and 995 more"):
        require_same(replace(plan, inputs=many), replace(plan, inputs=many[::-1]), tmp_path)


@pytest.mark.parametrize("size", [0, -1, SHARD_POSTS.value + 1])
def test_a_shard_size_that_makes_no_sense_is_refused(size: int) -> None:
    with pytest.raises(UsageError, match="shard size is out of range"):
        ScoreSettings(shard_size=size)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="number of terms"):
        ScoreSettings(evidence=EVIDENCE_TERMS.value + 1)
    with pytest.raises(UsageError, match="`duplicates`"):
        ScoreSettings(duplicates="last")
    with pytest.raises(UsageError, match="`form`"):
        ScoreSettings(form="xlsx")
    with pytest.raises(UsageError, match="`bad_bytes`"):
        Reading(bad_bytes="ignore")


@pytest.mark.parametrize("column", ["post_id", "text", "p_rumour", "alleged", "evidence"])
def test_columns_that_the_results_have_already_cannot_be_kept(column: str) -> None:
    with pytest.raises(UsageError, match=column):
        make_plan(["nowhere.csv"], model="m", reading=Reading(keep=("date", column)))
    with pytest.raises(UsageError, match="date"):
        make_plan(["nowhere.csv"], model="m", reading=Reading(keep=("date", "date")))


@pytest.mark.parametrize("column", ["user_name", "uid", "screen_name", "author", "用户", "昵称"])
def test_columns_of_accounts_cannot_be_kept(column: str) -> None:
    with pytest.raises(ConfigError, match="name accounts are never read"):
        Reading(keep=(column,))


@pytest.mark.parametrize("content", ["{}", "[]", "{", '{"format": "koudai-job", "protocol": 3}', "\xff"])
def test_J4_a_damaged_plan_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "job.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(StorageError, match="plan of this job is damaged"):
        read_job(tmp_path)
