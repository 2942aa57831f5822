"""Formats: JSON lines give the table back as it was, CSV is what its own reader says and holds no formula."""

from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import StorageError
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.scoring.formats import export, header, lines, tables_of
from koudai.text.characters.hazards import guarded
from tests.hostile.strings import encodable

NASTY = [text[:50] for _, text in encodable()]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.integers(0, len(NASTY) - 1).map(
    lambda place: NASTY[place]
)
NUMBER = st.floats(0, 1, width=32) | st.floats(width=32, allow_nan=False, allow_infinity=False)
EVIDENCE = pa.list_(pa.struct([("category", pa.string()), ("term", pa.string()), ("log_odds", pa.float32())]))
SCHEMA = pa.schema(
    [
        ("post_id", pa.string()),
        ("p_rumour", pa.float32()),
        ("alleged", pa.list_(pa.string())),
        ("abstained", pa.bool_()),
        ("evidence", EVIDENCE),
        ('="date", kept', pa.string()),
        ("count", pa.int64()),
    ]
)
TERM = st.fixed_dictionaries({"category": TEXT, "term": TEXT, "log_odds": NUMBER})
ROW = st.tuples(
    TEXT,
    st.none() | NUMBER,
    st.none() | st.lists(TEXT, max_size=3),
    st.booleans(),
    st.lists(TERM, max_size=3),
    st.none() | TEXT,
    st.none() | st.integers(-(2**63), 2**63 - 1),
)


def table_of(rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


def back(written: bytes, schema: pa.Schema) -> pa.Table:
    """Return the table that JSON lines hold, read line by line as the most careless reader would."""
    found = [json.loads(line) for line in written.decode().splitlines()]
    assert all(list(row) == schema.names for row in found)
    return pa.Table.from_pylist(found, schema=schema)


def cells(written: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(ROW, max_size=6), st.integers(0, 5))
def test_json_lines_give_the_table_back(rows: list[tuple[Any, ...]], start: int) -> None:
    table = table_of(rows).slice(start)
    assert header(SCHEMA, "jsonl") == b""
    assert back(lines(table, "jsonl"), SCHEMA) == table


@pytest.mark.slow
def test_json_lines_of_probabilities_are_exact_to_the_last_bit() -> None:
    chosen = np.random.default_rng(20230310)
    bits = chosen.integers(0, 0x3F800001, 200_000, dtype=np.uint32).view(np.float32)
    near = np.nextafter(np.linspace(0, 1, 2001, dtype=np.float32), np.float32(1))
    values = np.concatenate([bits, near, chosen.random(200_000, dtype=np.float32)])
    written = lines(pa.table({"p": values}), "jsonl").decode().splitlines()
    found = np.array([json.loads(line)["p"] for line in written])
    assert np.array_equal(found.astype(np.float32).view(np.uint32), values.view(np.uint32))


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(ROW, max_size=6))
def test_R4_csv_is_for_people_and_marks_what_it_guards(rows: list[tuple[Any, ...]]) -> None:
    table = table_of(rows)
    written = header(SCHEMA, "csv") + lines(table, "csv")
    assert written.startswith(codecs.BOM_UTF8)
    names, *found = cells(written)
    digits = [json.loads(line, parse_float=str, parse_int=str) for line in lines(table, "jsonl").decode().splitlines()]
    assert names == [*map(guarded, SCHEMA.names), "guarded"]
    assert len(found) == len(rows)
    for got, row in zip(found, digits, strict=True):
        post_id, proba, alleged, abstained, spoken, kept, count = row.values()
        shown = ";".join(f"{one['category']} {one['term']} {one['log_odds']}" for one in spoken)
        texts = [post_id, ";".join(alleged or []), shown, kept or ""]
        assert [got[place] for place in (0, 2, 4, 5)] == [guarded(text) for text in texts]
        assert [got[1], got[3], got[6]] == [proba or "", str(abstained).lower(), count or ""]
        assert got[7] == str(any(guarded(text) != text for text in texts)).lower()
        assert not [got[place] for place in (0, 2, 4, 5) if got[place].startswith(tuple("=+-@\t\r\x00＝＋－＠"))]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t1", "\r1", "\0=", "＝1", "＋1", "－1", "＠1"])
def test_R4_formulas_in_any_column_are_marked(text: str) -> None:
    table = pa.table({"post_id": ["a", text], "date": [text, "b"], "p": [-0.5, -0.25]})
    assert cells(lines(table, "csv")) == [
        ["a", f"'{text}", "-0.5", "true"],
        [f"'{text}", "b", "-0.25", "true"],
    ]


def test_csv_shows_lists_and_evidence_in_one_cell() -> None:
    spoken = [
        {"category": "rumour", "term": "听说", "log_odds": 1.5},
        {"category": "rumour", "term": "‹转›", "log_odds": 1},
    ]
    table = table_of([("00123", 0.1, ["a", "a.b"], False, spoken, "2023-03-10", 7)])
    assert cells(lines(table, "csv")) == [
        ["00123", "0.1", "a;a.b", "false", "rumour 听说 1.5;rumour ‹转› 1.0", "2023-03-10", "7", "false"]
    ]


def test_R4_machine_files_are_never_prefixed() -> None:
    table = pa.table({"post_id": ["@1"], "kept": ["=1+1"]})
    assert json.loads(lines(table, "jsonl")) == {"post_id": "@1", "kept": "=1+1"}


def test_scored_posts_go_through_both(model: Model) -> None:
    texts = ["各位观众晚上好，欢迎收看主播播报", "", *(text for _, text in encodable())]
    ids = [f"0{number}" for number in range(len(texts))]
    table = score(model, ids, texts, terms=3).to_table().append_column("text", pa.array(texts))
    assert back(lines(table, "jsonl"), table.schema) == table.replace_schema_metadata(None)
    rows = cells(lines(table, "csv"))
    assert [row[0] for row in rows] == ids
    assert [row[-2] for row in rows] == [guarded(text) for text in texts]


def shards(folder: Path) -> list[Path]:
    found = []
    for number, size in enumerate([5000, 0, 3]):
        ids = [f"{number}-{row}" for row in range(size)]
        table = pa.table(
            {"post_id": pa.array(ids, pa.string()), "text": pa.array(["坏\u2028=" * 9] * size, pa.string())}
        )
        found.append(folder / f"{number}.parquet")
        pq.write_table(table, found[-1])
    return found


@pytest.mark.parametrize("how", ["jsonl", "csv"])
def test_all_shards_become_one_file(tmp_path: Path, how: str) -> None:
    found = shards(tmp_path)
    export(found, tmp_path / "scores", how)
    whole = pa.concat_tables([pq.read_table(path) for path in found])
    assert (tmp_path / "scores").read_bytes() == header(whole.schema, how) + lines(whole, how)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.parquet", "1.parquet", "2.parquet", "scores"]


def test_J2_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    found = shards(tmp_path)
    (tmp_path / "scores").write_text("old")
    found[2].unlink()
    with pytest.raises(StorageError):
        export(found, tmp_path / "scores", "csv")
    assert (tmp_path / "scores").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 3


def test_long_texts_come_a_few_at_a_time(tmp_path: Path) -> None:
    table = pa.table({"text": ["长" * 300_000] * 40})
    pq.write_table(table, tmp_path / "a.parquet")
    parts = list(tables_of(tmp_path / "a.parquet"))
    assert pa.concat_tables(parts).combine_chunks() == table
    assert all(part.nbytes < 20 << 20 for part in parts)
