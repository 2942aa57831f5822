"""The verbs about posts, from Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai import api, load_model
from koudai.corpus.reading.posts import Quarantined
from koudai.errors import ShardDamaged, UsageError


def test_a_loaded_model_and_its_folder_score_the_same(here: Path) -> None:
    totals = api.score(load_model("model"), ["posts.csv"], out="a")
    assert totals == api.score("model", "posts.csv", out="a") == api.verify("a")
    settings = api.ScoreSettings(form="jsonl", evidence=2)
    assert api.score("model", "posts.csv", out="b", settings=settings, engine="local") == totals
    rows = [json.loads(line) for line in (here / "b" / "scores.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["post_id"] for row in rows] == ["1", "2", "3"]
    assert "evidence" in rows[0]


def test_a_stream_gives_the_rows_of_a_job(here: Path) -> None:
    rows: list[bytes] = []
    aside: list[Quarantined] = []
    settings = api.ScoreSettings(form="csv")
    totals = api.stream("model", ["posts.csv"], sink=api.Sink(rows.append, aside.extend), settings=settings, workers=1)
    api.score("model", "posts.csv", out="a", settings=settings)
    assert b"".join(rows) == (here / "a" / "scores.csv").read_bytes()
    assert (totals, aside) == (api.verify("a"), [])
    with pytest.raises(UsageError, match="`duplicates` needs `out`"):
        api.stream(
            "model",
            "posts.csv",
            sink=api.Sink(rows.append, aside.extend),
            settings=api.ScoreSettings(duplicates="first"),
        )


def test_settings_are_refused_before_a_model_is_loaded() -> None:
    with pytest.raises(UsageError, match="`scheduler` goes with `engine` dask"):
        api.EngineChoice(scheduler="tcp://127.0.0.1:8786")
    with pytest.raises(UsageError, match="did you mean 'local'"):
        api.score("nowhere", "posts.csv", out="a", engine="locale")


def test_repair_makes_a_damaged_shard_anew(here: Path) -> None:
    shard = here / "job" / "shards" / "000000.parquet"
    whole = shard.read_bytes()
    shard.write_bytes(b"")
    with pytest.raises(ShardDamaged, match="1 shard differs from its receipt"):
        api.verify("job")
    api.verify("job", repair=True, model="model")
    assert shard.read_bytes() == whole
