"""Tables by id: cells as written, rows that cannot be read, ids counted both ways and refused (A8)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.inputs.cells import WITHIN
from koudai.audit.inputs.id_table import IdTable, read_id_table
from koudai.config.source import Columns
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError, ScoresMismatch
from tests.corpus.reading.writers import write_posts

IDS = st.lists(st.text("abc0", min_size=1, max_size=3), max_size=12, unique=True)


def join(
    ids: list[str], table: list[str], *, unmatched: float = 1.0, unlabelled: float = 1.0
) -> tuple[list[int], int, int]:
    by_id = IdTable(table, {}, range(2, len(table) + 2), Path("t.csv"))
    found = by_id.join(ids, unmatched=unmatched, unlabelled=unlabelled)
    return found.row.tolist(), found.only_scores, found.only_table


def texts(path: Path, *columns: str) -> dict[str, list[str]]:
    table = read_id_table(path, Reading(columns=Columns(id=columns[0])), columns)
    assert table.ids == table.texts(columns[0])
    return {name: table.texts(name) for name in columns}


def test_I6_cells_of_every_kind_of_file_are_the_text_that_was_written(tmp_path: Path) -> None:
    rows = [("007", "a"), ("1e5", ""), ("12345678901234567890", "b,c")]
    (tmp_path / "t.csv").write_text(
        'x,post_id,label\n1,007,a\n2,1e5,\n3,12345678901234567890,"b,c"\n', encoding="utf-8"
    )
    (tmp_path / "t.tsv").write_text("post_id\tlabel\n007\ta\n1e5\t\n12345678901234567890\tb,c\n", encoding="utf-8")
    lines = [json.dumps({"post_id": post_id, "label": label or None}) for post_id, label in rows]
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    pq.write_table(
        pa.table({"post_id": [r[0] for r in rows], "label": [r[1] or None for r in rows]}), tmp_path / "t.parquet"
    )
    for name in ("t.csv", "t.tsv", "t.jsonl.gz", "t.parquet"):
        table = texts(tmp_path / name, "post_id", "label")
        assert list(zip(table["post_id"], table["label"], strict=True)) == rows, name


def test_numbers_truth_values_and_lists_become_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"a": [1.0, float("nan"), 2.5], "b": [True, None, False], "c": [["x", "y"], [], None]}), path
    )
    table = texts(path, "a", "b", "c")
    assert table == {"a": ["1", "", "2.5"], "b": ["true", "", "false"], "c": [f"x{WITHIN}y", "", ""]}


def test_rows_that_cannot_be_read_are_an_error_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("post_id,label\n1,a,b\n2,a\n3\n", encoding="utf-8")
    with pytest.raises(ReadError, match="2 rows of this table cannot be read") as caught:
        texts(tmp_path / "t.csv", "post_id", "label")
    assert "line 2: ragged" in str(caught.value.got)
    with pytest.raises(ReadError, match="no such file"):
        texts(tmp_path / "none.csv", "post_id")


@settings(derandomize=True, deadline=None, max_examples=100)
@given(IDS, IDS)
def test_A8_counts_both_ways_are_those_of_sets(ids: list[str], table: list[str]) -> None:
    if not set(ids) & set(table):
        with pytest.raises(ScoresMismatch):
            join(ids, table)
        return
    place, only_scores, only_table = join(ids, table)
    assert [table[at] if at >= 0 else None for at in place] == [one if one in table else None for one in ids]
    assert (only_scores, only_table) == (len(set(ids) - set(table)), len(set(table) - set(ids)))


@pytest.mark.parametrize(
    ("unmatched", "unlabelled", "refused"), [(0.5, 0.25, False), (0.49, 0.25, True), (0.5, 0.24, True)]
)
def test_A8_above_the_limit_it_is_refused_with_both_counts(
    unmatched: float, unlabelled: float, *, refused: bool
) -> None:
    ids, table = ["a", "b", "c", "d"], ["a", "b", "c", "x", "y", "z"]
    if not refused:
        assert join(ids, table, unmatched=unmatched, unlabelled=unlabelled) == ([0, 1, 2, -1], 1, 3)
        return
    with pytest.raises(ScoresMismatch) as caught:
        join(ids, table, unmatched=unmatched, unlabelled=unlabelled)
    assert "3 of its 6 ids are no scored post's: 'x', 'y', 'z'" in str(caught.value.got)
    assert "1 of 4 scored posts are not in it: 'd'" in str(caught.value.got)
    assert "nothing was measured" in str(caught.value)


def test_A8_an_id_twice_is_refused() -> None:
    with pytest.raises(ReadError, match="1 id is twice") as caught:
        join(["a"], ["a", "a"])
    assert caught.value.got == "'a' at t.csv:2 and t.csv:3"


def test_A8_no_posts_at_all_match_nothing() -> None:
    with pytest.raises(ScoresMismatch):
        join([], ["a"])
    assert np.array(join(["a"], ["a"])[0]).tolist() == [0]


def test_progress_is_told_of_rows_as_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("koudai.audit.inputs.id_table._EVERY", 2)
    write_posts(tmp_path / "t.csv", {"id": list("abcde"), "label": list("xyzxy")})
    told: list[int] = []

    def advance(steps: int, _: object = None) -> None:
        told.append(steps)

    found = read_id_table(tmp_path / "t.csv", Reading(columns=Columns(id="id")), ["label"], advance=advance)
    assert (found.ids, told) == (list("abcde"), [2, 2])
