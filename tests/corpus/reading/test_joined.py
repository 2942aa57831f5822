"""A text of several columns: their cells joined by line feeds, what is empty left out, by every way of reading; and one
column that is both id and text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.source import Columns
from koudai.corpus.reading.cells import as_text
from koudai.corpus.reading.posts import posts_of_batch
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from tests.corpus.reading.writers import FILES, write_posts

NOTE = Reading(columns=Columns(text=("title", "desc")))


@pytest.mark.parametrize("name", FILES)
def test_a_post_is_what_stands_in_its_columns_in_their_order(tmp_path: Path, name: str) -> None:
    columns = {"post_id": ["1", "2", "3", "4"], "desc": ["快去买", "", "早", ""], "title": ["豆腐涨价", "停水", "", ""]}
    (batch,) = read_posts(write_posts(tmp_path / name, columns), NOTE)
    assert batch.texts.texts() == ["豆腐涨价\n快去买", "停水", "早", ""]
    assert batch.quarantined == []


def joined(parts: tuple[str | None, ...]) -> str:
    text: list[str] = []
    for part in filter(None, parts):
        if text and part.startswith(text[-1]):
            text.pop()
        text.append(part)
    return "\n".join(text)


def test_a_title_that_the_text_begins_with_is_not_read_twice(tmp_path: Path) -> None:
    columns = {
        "post_id": ["1", "2", "3"],
        "title": ["豆腐涨", "停水", "早"],
        "desc": ["豆腐涨价了", "停水", "好早"],
    }
    for name in ("notes.csv", "notes.parquet"):
        (batch,) = read_posts(write_posts(tmp_path / name, columns), NOTE)
        assert batch.texts.texts() == ["豆腐涨价了", "停水", "早\n好早"]


VALUES: list[Any] = [None, "标题", "", 5, ["x"]]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_P1_a_row_is_set_aside_if_a_part_is_no_text_or_all_are_missing(tmp_path: Path, kind: str) -> None:
    pairs = [(title, desc) for title in VALUES for desc in VALUES if kind == "jsonl" or "标题" in (title, desc)]
    if kind == "parquet":
        pairs = [(title, desc) for title, desc in pairs if title in (None, "", "标题") and desc in (None, "", "标题")]
    rows = [{"post_id": str(at), "title": title, "desc": desc} for at, (title, desc) in enumerate(pairs)]
    path = tmp_path / f"notes.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    posts: dict[str, str] = {}
    aside = {}
    for batch in read_posts(path, NOTE):
        posts |= dict(zip(batch.ids.to_pylist(), batch.texts.texts(), strict=True))
        aside |= {row.line - 1: row.reason for row in batch.quarantined}
    for at, pair in enumerate(pairs):
        if any(not isinstance(part, str | None) for part in pair):
            assert aside[at] == "bad-text"
        elif pair == (None, None):
            assert aside[at] == "missing-text"
        else:
            assert posts[str(at)] == joined(pair)
    assert len(posts) + len(aside) == len(pairs)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.tuples(*[st.none() | st.text(max_size=3)] * 3), min_size=1, max_size=8))
def test_any_cells_are_joined_as_one_by_one(cells: list[tuple[str | None, ...]]) -> None:
    columns = [pa.array(list(column), pa.string()) for column in zip(*cells, strict=True)]
    ids = pa.array([str(at) for at in range(len(cells))])
    batch = pa.record_batch([ids, *columns], names=["post_id", "a", "b", "c"])
    reading = Reading(columns=Columns(text=("a", "b", "c")))
    import numpy as np

    posts = posts_of_batch(batch, np.arange(len(cells)), reading, "x.parquet")
    there = [row for row in cells if any(part is not None for part in row)]
    assert posts.texts.texts() == [joined(row) for row in there]
    assert [row.reason for row in posts.quarantined] == ["missing-text"] * (len(cells) - len(there))
    assert as_text(columns[0]).null_count == sum(row[0] is None for row in cells)


@pytest.mark.parametrize("rows", [['{"a":1}', '{"a":2}'], ['{"a":1}', '{"a":2}', '{"a":[]}'], ['{"a":1}']])
def test_P6_a_number_is_no_text_whatever_stands_beside_it(tmp_path: Path, rows: list[str]) -> None:
    path = tmp_path / "numbers.jsonl"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    (batch,) = read_posts(path, Reading(columns=Columns(id="a", text="a")))
    assert [row.reason for row in batch.quarantined] == ["bad-text"] * (len(rows) - (rows[-1] == '{"a":[]}')) + (
        ["bad-id"] if rows[-1] == '{"a":[]}' else []
    )
