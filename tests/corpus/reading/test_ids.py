"""Ids as tools leave them: bare in CSV and TSV, and those that a spreadsheet rounded are told (I6, I7)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.ids import are_rounded, bare_id, bare_ids, ends_in_zeros, is_rounded
from koudai.corpus.reading.plain import PlainRows
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError


def written(folder: Path, name: str, ids: list[str], *, delimiter: str = ",") -> Path:
    path = folder / name
    lines = [delimiter.join(("post_id", "text")), *(f"{one}{delimiter}第{n}条" for n, one in enumerate(ids))]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("name", ["a.csv", "b.csv"])
def test_blanks_round_an_id_go_and_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool, name: str
) -> None:
    path = written(tmp_path, name, ["4901234567890123\t", " 7", "\u30008\u00a0", "9 9", " \t", "10"])
    if not at_once:
        monkeypatch.setattr(PlainRows, "take", lambda *_: None)
    (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["4901234567890123", "7", "8", "9 9", "10"]
    assert [row.reason for row in batch.quarantined] == ["bad-id"]
    assert batch.noticed == {"trimmed-id": 3}
    (found,) = read_post_ids(path, exact=True)
    assert found.ids.to_pylist() == batch.ids.to_pylist()


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_I6_ids_guarded_from_a_spreadsheet_are_read_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool, name: str
) -> None:
    ids = ['="4750000000000001"', "'4750000000000002", ' ="a-7" ', "'x", "'", '=""', '="1"&"2"', "it's", "5", "`475"]
    written(tmp_path, name, ids, delimiter="," if name == "a.csv" else "\t")
    if not at_once:
        monkeypatch.setattr(PlainRows, "take", lambda *_: None)
    (batch,) = read_posts(tmp_path / name)
    expected = ["4750000000000001", "4750000000000002", "a-7", "'x", "'", '=""', '="1"&"2"', "it's", "5", "475"]
    assert batch.ids.to_pylist() == expected
    assert batch.noticed == {"guarded-id": 4, "trimmed-id": 1}
    (found,) = read_post_ids(tmp_path / name, exact=True)
    assert found.ids.to_pylist() == expected


@settings(deadline=None)
@given(st.lists(st.text("7a='`\" \t\u3000", max_size=6), min_size=1, max_size=5))
def test_many_ids_are_bared_as_each_of_them(ids: list[str]) -> None:
    bare, changed = bare_ids(pa.array(ids, pa.large_string()))
    assert bare.to_pylist() == [bare_id(one)[0] for one in ids]
    for notice in ("trimmed-id", "guarded-id"):
        expected = [notice in bare_id(one)[1] for one in ids]
        assert changed.get(notice, np.zeros(len(ids), bool)).tolist() == expected


def test_ids_of_json_and_parquet_are_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"post_id": "7\\t", "text": "好"}\n', encoding="utf-8")
    pq.write_table(pa.table({"post_id": ["7\t"], "text": ["好"]}), tmp_path / "a.parquet")
    for file in (path, tmp_path / "a.parquet"):
        (batch,) = read_posts(file)
        assert (batch.ids.to_pylist(), batch.noticed) == (["7\t"], {})


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
def test_I7_an_id_in_scientific_notation_is_set_aside(tmp_path: Path, name: str) -> None:
    ids = ["1", "4.75E+15", "x+y", "1e5", "4.75e+16", "4.750000001948077E18", "9700000001948077056.0", "4.75E+15\t"]
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(pa.table({"post_id": [*ids[:7], "4.75E+15"], "text": ["好"] * 8}), path)
    elif name == "a.jsonl":
        path.write_text("".join(f'{{"post_id": "{one.strip()}", "text": "好"}}\n' for one in ids), encoding="utf-8")
    else:
        written(tmp_path, name, ids if name == "a.csv" else ids[:7], delimiter="," if name == "a.csv" else "\t")
    (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["1", "x+y", "1e5"]
    assert {row.reason for row in batch.quarantined} == {"rounded-id"}
    assert all("spreadsheet" in row.detail for row in batch.quarantined)
    for exact in (True, False):
        (found,) = read_post_ids(path, exact=exact)
        assert found.ids.to_pylist() == ["1", "x+y", "1e5"]
    (numbered,) = read_posts(path, Reading(number_rows=True))
    assert numbered.quarantined == []


@pytest.mark.parametrize("rows", [3, 25, 3000])
def test_I7_long_ids_that_all_end_in_zeros_refuse_the_file(tmp_path: Path, rows: int) -> None:
    path = written(tmp_path, "a.csv", [f"{475000000194800 + n}0" for n in range(rows)])
    with pytest.raises(ReadError, match="the long ids of this file end in zeros") as caught:
        list(read_posts(path))
    assert "spreadsheet" in str(caught.value.got)
    assert "`number_rows`" in str(caught.value.todo)
    with pytest.raises(ReadError, match="end in zeros"):
        list(read_post_ids(path, exact=True))
    assert sum(batch.read for batch in read_posts(path, Reading(number_rows=True))) == rows


def test_I7_some_long_ids_end_in_zeros_by_chance(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", [f"{4750000001948000 + n}" for n in range(50)])
    assert sum(batch.read for batch in read_posts(path)) == 50
    assert not are_rounded(["4750000001948080"] * 2)
    assert are_rounded(["4750000001948080"] * 9 + ["4750000001948081"])
    assert not are_rounded(["4750000001948080"] * 8 + ["4750000001948081"] * 2)
    assert [ends_in_zeros(one) for one in ("475000000194800", "4750000001948000x", "7300000000000000000")] == [
        *(False, False, True)
    ]
    assert [is_rounded(one) for one in ("1E+5", "1E15", "E+15", "4.75E+15", "4.75E15")] == [
        *(False, False, False, True, True)
    ]
    assert not are_rounded([f"7300000001948077{n:03}" for n in range(100)])
    assert are_rounded([f"73000000019480{n:03}00" for n in range(3)])


def test_ids_that_are_bare_do_not_change() -> None:
    ids = pa.array(["a b", "", "\u2003x"], pa.large_string())
    bare, changed = bare_ids(ids)
    assert bare.to_pylist() == ids.to_pylist()
    assert not any(which.any() for which in changed.values())
