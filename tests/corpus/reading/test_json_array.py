"""One array of JSON against the standard library: the same items wherever blocks end; one damaged item is one row."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import koudai.corpus.reading.json_array as json_array
from koudai.corpus.reading.json_array import array_items
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names
from koudai.errors import ReadError
from koudai.limits import Limit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(['"', "\\", '\\"],[{', "，]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def items(text: str, reading: Reading | None = None) -> list[Any]:
    return list(array_items(io.BytesIO(text.encode()), "x.json", reading or Reading()))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 1, 4]), st.booleans(), st.integers(1, 9))
def test_items_are_those_of_the_standard_reader(values: list[Any], indent: int | None, ascii: bool, block: int) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_BLOCK", block)
        found = items("\ufeff\n" + text + "\n")
    assert [json.loads(item.text) for item in found] == values
    assert [item.number for item in found] == list(range(1, len(values) + 1))
    assert all(item.wrong is None for item in found)


def test_arrays_one_behind_the_other_are_one() -> None:
    assert [item.text for item in items("[1, 2]\n[]\n[3]")] == ["1", "2", "3"]
    assert items("") == items("[ ]") == []


@pytest.mark.parametrize("text", ['[{"a": 1}', "[1, 2", '[{"a": "x', "[", '[{"a": [1}, 2]'])
def test_I13_an_array_that_is_never_closed_is_refused(text: str) -> None:
    with pytest.raises(ReadError, match="never closed"):
        items(text)


@pytest.mark.parametrize("text", ['[1] {"a": 2}', "[1]]", "x"])
def test_what_stands_beside_the_array_is_refused(text: str) -> None:
    with pytest.raises(ReadError, match="something else stands") as caught:
        items(text)
    assert caught.value.got


def test_P1_each_item_is_a_post_or_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text(
        '[\n {"post_id": "1", "text": "早"},\n {"post_id": "2", "text": "没写完\n },\n {"post_id": 3, "text": "晚"},\n'
        ' [4], {"post_id": "5"}, {"post_id": "6", "text": NaN}, {"post_id": 7.0, "text": "\\ud83d\\ude00"}\n]\n',
        encoding="utf-8",
    )
    (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["1", "3", "7.0"]
    assert batch.texts.texts() == ["早", "晚", "😀"]
    assert [(row.line, row.reason) for row in batch.quarantined] == [
        (2, "bad-json"),
        (4, "bad-json"),
        (5, "missing-field"),
        (6, "bad-json"),
    ]
    assert column_names(path) == ["post_id", "text"]


def test_P1_an_item_beyond_the_limit_is_set_aside_wherever_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "LINE_BYTES", Limit(64, "bytes", "quarantined"))
    long = json.dumps({"a": "\\" * 500 + '"' * 9, "b": ["]"] * 90, "c": {"}": "\\\\"}})
    for block in (1, 2, 3, 7, 64):
        monkeypatch.setattr(json_array, "_BLOCK", block)
        found = items(f"[1, {long}, {{}}]")
        assert [(item.number, item.wrong) for item in found] == [(1, None), (2, "too-long"), (3, None)]
        assert long.startswith(found[1].text[:60])


def test_bytes_of_another_encoding_are_refused_or_set_aside() -> None:
    data = b'[{"a": "\xff\xfe"}, {"a": "ok"}]'
    with pytest.raises(ReadError, match="byte 0xFF is not utf-8"):
        list(array_items(io.BytesIO(data), "x.json", Reading()))
    found = list(array_items(io.BytesIO(data), "x.json", Reading(bad_bytes="quarantine")))
    assert [item.wrong for item in found] == ["bad-bytes", None]
    gb = '[{"a": "停水{"}]'.encode("gb18030")
    (item,) = array_items(io.BytesIO(gb), "x.json", Reading(encoding="gb18030"))
    assert json.loads(item.text) == {"a": "停水{"}


def test_rows_may_be_begun_in_the_midst(tmp_path: Path) -> None:
    path = tmp_path / "posts.json.gz"
    posts = [{"post_id": str(at), "text": f"第{at}条"} for at in range(10)]
    path.write_bytes(gzip.compress(json.dumps(posts, indent=2).encode()))
    whole = [batch.ids.to_pylist() for batch in read_posts(path, batch_rows=3, cut_rows=4)]
    assert whole == [["0", "1", "2"], ["3"], ["4", "5", "6"], ["7"], ["8", "9"]]
    marks = [mark for ids in read_post_ids(path, exact=True, mark_rows=4) for mark in ids.marks]
    assert [one.ids.to_pylist() for one in read_posts(path, batch_rows=3, cut_rows=4, begin=marks[2])] == whole[4:]
