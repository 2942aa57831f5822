"""Blocks: every row is scored or quarantined with the reason, whatever scoring does (J9, P1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.posts import PostBatch
from koudai.corpus.reading.readers import read_posts
from koudai.errors import ScoringError
from koudai.model.model import Model
from koudai.scoring import block as module
from koudai.scoring.block import ScoredBlock, block_of
from koudai.scoring.job import run
from koudai.scoring.results import open_job
from koudai.scoring.shard import quarantine_path, shard_path
from tests.scoring.posts import plan_for, write_posts


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> PostBatch:
    return next(iter(read_posts(write_posts(tmp_path_factory.mktemp("posts") / "a.parquet", 40))))


def failing(ids: set[str], error: type[Exception] | Exception) -> Any:
    """Return a scorer that fails when one of `ids` is among its posts."""
    real = module.score

    def score(model: Model, some: Any, texts: Any, *, terms: int) -> Any:
        if ids & set(some.to_pylist()):
            raise error
        return real(model, some, texts, terms=terms)

    return score


def scored(
    model: Model, posts: PostBatch, ids: set[str], error: type[Exception] | Exception = ValueError
) -> ScoredBlock:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "score", failing(ids, error))
        return block_of(model, posts, [], evidence=0)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=40)
@given(bad=st.sets(st.integers(0, 39), max_size=12))
def test_J9_posts_that_scoring_fails_on_are_set_aside_and_the_others_scored(
    model: Model, posts: PostBatch, bad: set[int]
) -> None:
    ids = posts.ids.to_pylist()
    block = scored(model, posts, {ids[at] for at in bad})
    whole = block_of(model, posts, [], evidence=0).table.to_pylist()
    assert block.table.to_pylist() == [row for at, row in enumerate(whole) if at not in bad]
    assert [(row.where, row.reason, row.detail, row.excerpt) for row in block.aside] == [
        (f"a.parquet:{at + 1}", "scoring-failed", "ValueError", ids[at]) for at in sorted(bad)
    ]
    assert block.rows == 40
    rows = block.table.to_pylist()
    assert block.abstained == sum(row["abstained"] for row in rows)
    assert block.tagged == sum(bool(row["alleged"]) for row in rows)
    assert dict(zip(block.keys, block.alleged.tolist(), strict=True)) == {
        key: sum(key in row["alleged"] for row in rows) for key in block.keys
    }


def test_J9_an_error_that_befalls_all_posts_is_raised(model: Model, posts: PostBatch) -> None:
    with pytest.raises(ZeroDivisionError):
        scored(model, posts, set(posts.ids.to_pylist()), ZeroDivisionError)


def test_M11_a_probability_that_is_no_number_is_never_the_fault_of_a_post(model: Model, posts: PostBatch) -> None:
    with pytest.raises(ScoringError):
        scored(model, posts, {posts.ids[3].as_py()}, ScoringError("not a number"))


def test_J9_one_post_of_a_job_fails_and_the_rest_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    monkeypatch.setattr(module, "score", failing({"00123"}, RecursionError))
    totals = run(plan_for(model, write_posts(tmp_path / "a.parquet", 250)), model, tmp_path / "job")
    assert (totals.read, totals.quarantined) == (250, 1)
    assert open_job(tmp_path / "job").totals == totals
    told = json.loads(quarantine_path(tmp_path / "job", 1).read_text(encoding="utf-8"))
    assert told == {
        "where": "a.parquet:124",
        "reason": "scoring-failed",
        "detail": "RecursionError",
        "excerpt": "00123",
    }
    assert "00123" not in pq.read_table(shard_path(tmp_path / "job", 1))["post_id"].to_pylist()
