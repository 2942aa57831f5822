"""Kept columns: as they were written, whatever the kind of file, beside their posts; never an account (R6)."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.cells import as_kept
from koudai.corpus.reading.posts import kept_of_values
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ConfigError, ReadError
from tests.corpus.reading.arrow import COLUMNS, unchecked
from tests.corpus.reading.writers import FILES, write_posts
from tests.hostile.strings import encodable

VALUES = {
    *(
        '"007"',
        "007e1",
        "1.50",
        "4890123456789012345",
        "1e5",
        "-0",
        "null",
        "true",
        "false",
        '""',
        '"a\\nb"',
        "[]",
        "{}",
    ),
    *('[1.50,"x",null,{"a":[true]}]', '{"b":1e400,"a":"早","c":{"\\"":-0}}', '"\\u2028"'),
}


def kept(path: Path, *names: str, **options: Any) -> list[dict[str, list[str | None]]]:
    return [
        {name: values.to_pylist() for name, values in batch.kept.items()}
        for batch in read_posts(path, Reading(keep=names, quoting="csv"), **options)
    ]


@pytest.mark.parametrize("name", FILES)
def test_I6_text_goes_through_as_it_is_in_every_kind_of_file(tmp_path: Path, name: str) -> None:
    labels, texts = zip(*encodable(), strict=True)
    path = write_posts(tmp_path / name, {"post_id": labels, "text": ["好"] * len(texts), "topic": texts})
    assert kept(path, "topic") == [{"topic": list(texts)}]
    assert kept(path, "text", "topic", "post_id")[0]["post_id"] == list(labels)
    (batch,) = read_posts(path, Reading(keep=("topic",), quoting="csv"))
    assert batch.kept["topic"].type == pa.string()
    assert batch.fields == {}
    some = np.arange(len(texts)) % 3 == 0
    assert batch.take(some).kept["topic"].to_pylist() == [text for text, one in zip(texts, some, strict=True) if one]


@pytest.mark.parametrize("value", sorted(VALUES))
def test_I6_json_values_keep_the_digits_that_were_written(tmp_path: Path, value: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"post_id": "1", "text": "好", "x": {value}}}\n{{"post_id": "2", "text": "好", "x": "y"}}\n')
    if value.startswith("007e"):
        assert kept(path, "x") == [{"x": ["y"]}]
        return
    expected = {"null": None}.get(value, json.loads(value) if value.startswith('"') else value)
    assert kept(path, "x") == [{"x": [expected, "y"]}]


def test_I3_lone_surrogates_become_what_can_be_written() -> None:
    assert kept_of_values(["a\ud800b", None, ["\udc00"]]).to_pylist() == ["a\ufffdb", None, '["\\udc00"]']


def test_I5_a_json_line_may_lack_what_is_kept_but_not_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"post_id": "1", "text": "好"}, {"post_id": "2", "text": "好", "topic": "x"}]
    path.write_text("{\n" + "".join(json.dumps(row) + "\n" for row in rows * 3))
    assert kept(path, "topic", batch_rows=2)[1:] == [{"topic": ["x", None]}, {"topic": ["x", None]}, {"topic": ["x"]}]
    for act in (
        lambda: kept(path, "topics", "topic"),
        lambda: list(read_post_ids(path, Reading(keep=("topics",)), exact=False)),
    ):
        with pytest.raises(ReadError, match=r"column\(s\) missing: topics") as caught:
            act()
        assert caught.value.got == "post_id, text, topic"
        assert "did you mean 'topic'?" in str(caught.value.todo)
        assert "`keep`" in str(caught.value.todo)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.zst", "a.parquet"])
def test_I5_a_column_to_be_kept_that_is_not_there_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = write_posts(tmp_path / name, {"post_id": ["1"], "text": ["好"], "topic": ["x"]})
    for act in (
        lambda: kept(path, "topics"),
        lambda: list(read_post_ids(path, Reading(keep=("topics",)), exact=False)),
    ):
        with pytest.raises(ReadError, match="missing: topics") as caught:
            act()
        assert "did you mean 'topic'?" in str(caught.value.todo)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_R6_an_account_cannot_be_kept(tmp_path: Path, name: str) -> None:
    path = write_posts(tmp_path / name, {"post_id": ["1"], "text": ["好"], "uid": ["x"]})
    for act in (lambda: kept(path, "uid"), lambda: list(read_post_ids(path, Reading(keep=("uid",)), exact=False))):
        with pytest.raises(ConfigError, match="never read: uid"):
            act()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([2**63 - 1, None]), ["9223372036854775807", None]),
        (pa.array([1.5, float("nan")]), ["1.5", "nan"]),
        (pa.array([True, None]), ["true", None]),
        (pa.array([date(2023, 1, 2), None]), ["2023-01-02", None]),
        (pa.array([datetime(2023, 1, 2, 3, 4)], pa.timestamp("ms")), ["2023-01-02 03:04:00.000"]),
        (pa.array([["a", None], None]), ['["a",null]', None]),
        (pa.array([{"早": date(2023, 1, 2)}]), ['{"早":"2023-01-02"}']),
        (pa.array(["x", None, "x"]).dictionary_encode(), ["x", None, "x"]),
        (pa.nulls(2), [None, None]),
    ],
    ids=lambda one: str(one.type) if hasattr(one, "type") else "",
)
def test_I6_parquet_values_become_text_and_null_stays_null(
    tmp_path: Path, column: pa.Array, expected: list[str | None]
) -> None:
    n = len(column)
    pq.write_table(pa.table({"post_id": range(n), "text": ["好"] * n, "x": column}), tmp_path / "a.parquet")
    assert kept(tmp_path / "a.parquet", "x") == [{"x": expected}]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(COLUMNS, st.integers(0, 12))
def test_any_column_becomes_text_or_null_where_it_was_null(column: pa.Array, cut: int) -> None:
    column = column[cut:]
    assert as_kept(column).is_null().to_pylist() == column.is_null().to_pylist()


def test_I1_bad_bytes_in_what_is_kept_set_the_row_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    topics = unchecked([b"ok", b"\xff", None], pa.string())
    pq.write_table(pa.table({"post_id": ["1", "2", "3"], "text": ["好"] * 3, "topic": topics}), path)
    (batch,) = read_posts(path, Reading(keep=("topic",)))
    assert (batch.ids.to_pylist(), batch.kept["topic"].to_pylist()) == (["1", "3"], ["ok", None])
    assert [(row.reason, row.detail) for row in batch.quarantined] == [("bad-bytes", "topic: not UTF-8")]


def test_P5_what_is_kept_counts_in_the_size_of_a_batch(tmp_path: Path) -> None:
    columns = {
        "post_id": [str(n) for n in range(60)],
        "text": ["好"] * 60,
        "x": ["长" * 4000 + str(n) for n in range(60)],
    }
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        path = write_posts(tmp_path / name, columns)
        assert max(batch.read for batch in read_posts(path, Reading(keep=("x",)), batch_bytes=100_000)) <= 10
