"""Shards: the same bytes however they were cut into blocks, whole with their receipt or not there (J1, J5)."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.posts import Quarantined
from koudai.errors import ShardDamaged
from koudai.model.decision import HAZARDS, ScoredBatch
from koudai.model.outline import Outline
from koudai.scoring.block import ScoredBlock
from koudai.scoring.shard import (
    Shard,
    commit,
    quarantine_path,
    read_receipt,
    receipt_path,
    shard_path,
)
from tests.scoring.posts import contents

KEYS = ("a", "b.c")


def scored(rows: slice) -> ScoredBatch:
    generator = np.random.default_rng(5)
    proba = generator.random((12, 2), dtype=np.float32)
    proba[3] = np.nan
    reason = generator.integers(0, 3, 12).astype(np.uint8)
    return ScoredBatch(
        ids=pa.array([f"第{n}" for n in range(12)], pa.string())[rows],
        categories=KEYS,
        proba=proba[rows],
        keys=KEYS,
        alleged=(proba > 0.5)[rows],
        reason=reason[rows],
        hazards=generator.integers(0, 1 << len(HAZARDS), 12).astype(np.uint16)[rows],
        model_digest="d" * 16,
        outline=Outline({"script": np.bincount(np.arange(12)[rows] % 9, minlength=9).tolist()}),
    )


def block(start: int, stop: int) -> ScoredBlock:
    """Rows `start` to `stop`; row 7 is also a row that is no post, row 9 an id that was there before."""
    batch = scored(slice(start, stop))
    quarantined = [Quarantined("a.csv:7", "bad-json", "x", "")] if start <= 7 < stop else []
    repeated = [Quarantined("a.csv:9", "duplicate-id", "first seen at a.csv:1", "1")] if start <= 9 < stop else []
    return ScoredBlock(
        rows=stop - start + len(quarantined) + len(repeated),
        table=batch.to_table(),
        abstained=int(batch.abstained.sum()),
        tagged=int(batch.alleged.any(axis=1).sum()),
        alleged=batch.alleged.sum(axis=0),
        keys=KEYS,
        outline=batch.outline,
        aside=repeated + quarantined,
    )


@settings(derandomize=True, deadline=None, max_examples=25)
@given(cuts=st.sets(st.integers(1, 11)))
def test_J11_the_bytes_do_not_depend_on_the_blocks(tmp_path_factory: pytest.TempPathFactory, cuts: set[int]) -> None:
    whole, cut = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("cut")
    edges = [0, *sorted(cuts), 12]
    receipt = commit(whole, 3, [block(0, 12)])
    assert commit(cut, 3, [block(start, stop) for start, stop in itertools.pairwise(edges)]) == receipt
    assert contents(cut) == contents(whole)
    batch = scored(slice(0, 12))
    assert receipt.totals.counts == {
        "read": 14,
        "scored": int((batch.reason == 0).sum()),
        "abstained": int((batch.reason != 0).sum()),
        "quarantined": 2,
    }
    assert receipt.totals.outline.counts == {"script": [2, 2, 2, 1, 1, 1, 1, 1, 1]}
    assert receipt.totals.tagged == int(batch.alleged.any(axis=1).sum())
    assert [json.loads(line)["where"] for line in quarantine_path(whole, 3).read_text().splitlines()] == [
        "a.csv:7",
        "a.csv:9",
    ]
    assert receipt.totals.alleged == {key: int(n) for key, n in zip(KEYS, batch.alleged.sum(axis=0), strict=True)}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(order=st.permutations(range(4)))
def test_J11_whoever_brings_the_last_block_gets_them_all_in_order(order: list[int]) -> None:
    shard, blocks = Shard(1, rows=14), [block(n, n + 3) for n in (0, 3, 6, 9)]
    given = [shard.add(place, blocks[place]) for place in order]
    assert given == [None, None, None, blocks]


@pytest.mark.parametrize(
    "change", ["none", "shard", "quarantine", "no shard", "no quarantine", "receipt", "cut", "list"]
)
def test_J5_a_receipt_counts_only_with_what_it_speaks_of(tmp_path: Path, change: str) -> None:
    receipt = commit(tmp_path, 0, [block(0, 12)])
    shard, aside, paper = shard_path(tmp_path, 0), quarantine_path(tmp_path, 0), receipt_path(tmp_path, 0)
    changes: dict[str, Any] = {
        "none": lambda: None,
        "shard": lambda: shard.write_bytes(shard.read_bytes()[:-1] + b"x"),
        "quarantine": lambda: aside.write_bytes(b""),
        "no shard": shard.unlink,
        "no quarantine": aside.unlink,
        "receipt": lambda: paper.write_text(paper.read_text().replace('"shard": "', '"shard": "0')),
        "cut": lambda: paper.write_text(paper.read_text()[:-20]),
        "list": lambda: paper.write_text("[]"),
    }
    changes[change]()
    assert read_receipt(tmp_path, 0) == (receipt if change == "none" else None)
    assert read_receipt(tmp_path, 1) is None


def test_P1_a_shard_that_lost_a_row_gets_no_receipt(tmp_path: Path) -> None:
    short = replace(block(0, 12), rows=15)
    with pytest.raises(ShardDamaged, match="rows were lost") as caught:
        commit(tmp_path, 0, [short])
    assert (caught.value.expected, caught.value.got) == ("15 rows", "12 scored and 2 quarantined")
    assert not receipt_path(tmp_path, 0).exists()


def test_a_shard_that_sets_nothing_aside_has_no_quarantine(tmp_path: Path) -> None:
    receipt = commit(tmp_path, 0, [block(0, 5)])
    assert receipt.quarantine is None
    assert not quarantine_path(tmp_path, 0).exists()
    quarantine_path(tmp_path, 0).parent.mkdir()
    quarantine_path(tmp_path, 0).write_text(json.dumps({}))
    assert read_receipt(tmp_path, 0) is None
