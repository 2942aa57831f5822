"""Rows without an id are numbered: by the name of their file and their line, the same in batches, one by one and as
ids alone, and no column of ids is read.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from tests.corpus.reading.writers import FILES, write_posts

NUMBERED = Reading(columns=Columns(text="review"), number_rows=True)


@pytest.mark.parametrize("name", FILES)
def test_P6_numbered_rows_have_the_name_of_the_file_and_the_line(tmp_path: Path, name: str) -> None:
    path = write_posts(tmp_path / name, {"label": ["1", "0", "1"], "review": ["味道好", "送得慢", "还行"]})
    first = 2 if name.startswith(("posts.csv", "posts.tsv")) else 1
    expected = [f"{name}:{line}" for line in range(first, first + 3)]
    (batch,) = read_posts(path, NUMBERED)
    assert batch.ids.to_pylist() == expected == batch.file_lines
    assert batch.texts.texts() == ["味道好", "送得慢", "还行"]
    for exact in (False, True):
        (ids,) = read_post_ids(path, NUMBERED, exact=exact)
        assert (ids.ids.to_pylist(), ids.read) == (expected, 3)


def test_P1_a_row_without_a_text_is_set_aside_and_keeps_its_number_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"review": "好"}\n{"review": null}\n\n{"review": "坏"}\n', encoding="utf-8")
    (batch,) = read_posts(path, NUMBERED)
    assert batch.ids.to_pylist() == ["posts.jsonl:1", "posts.jsonl:4"]
    assert [(row.where, row.reason) for row in batch.quarantined] == [("posts.jsonl:2", "missing-text")]


def test_P6_ids_of_the_file_are_not_looked_at(tmp_path: Path) -> None:
    path = write_posts(tmp_path / "posts.csv", {"post_id": ["4.75E+15", "4.75E+15", ""], "review": ["甲", "乙", "丙"]})
    (batch,) = read_posts(path, NUMBERED)
    assert batch.ids.to_pylist() == ["posts.csv:2", "posts.csv:3", "posts.csv:4"]


def test_a_reading_that_numbers_rows_is_written_down() -> None:
    assert Reading.of_json(NUMBERED.to_json()) == NUMBERED
    assert NUMBERED.names == ["review"]
    older = {name: value for name, value in Reading().to_json().items() if name != "number_rows"}
    assert Reading.of_json(older) == Reading()
