"""Posts as columns: the same posts, lines and quarantine as when every row is looked at one by one, whatever the types
(P1, I6, I7, I11); lines that are no posts stay out of the ids.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.source import Columns
from koudai.corpus.reading import posts as posts_module
from koudai.corpus.reading.posts import PostBatch, ids_of_batch, posts_of_batch, posts_of_rows, what_is_wrong
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import rows_of_batch
from koudai.limits import Limit
from tests.corpus.reading.arrow import COLUMNS, STRINGS, unchecked

Said = tuple[list[str], list[str], list[int], dict[str, list[object]], list[object], int]


def said(batch: PostBatch) -> Said:
    return (
        batch.ids.to_pylist(),
        batch.texts.texts(),
        batch.lines.tolist(),
        batch.fields,
        batch.quarantined,
        batch.read,
    )


def one_by_one(batch: pa.RecordBatch, first: int, reading: Reading) -> Said:
    judged = [
        (row, what_is_wrong(row, reading.columns))
        for row in rows_of_batch(batch, first, reading.names, id_column="post_id")
    ]
    return said(posts_of_rows(judged, reading, "posts.parquet"))


@st.composite
def batches(draw: st.DrawFn) -> pa.RecordBatch:
    """Record batches of three columns of any types, sliced somewhere."""
    columns = [draw(COLUMNS) for _ in range(3)]
    if draw(st.booleans()):
        texts = draw(
            st.lists(st.none() | st.sampled_from([text.encode() for text in STRINGS]), min_size=3, max_size=12)
        )
        columns[:2] = [unchecked(texts, pa.string()), unchecked(texts[::-1], pa.large_string())]
    length = min(len(column) for column in columns)
    batch = pa.record_batch([column[:length] for column in columns], names=["post_id", "text", "kind"])
    return batch[draw(st.integers(0, length)) :]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=500)
@given(batch=batches(), first=st.integers(1, 10**9), keep=st.sampled_from([(), ("kind",), ("kind", "text")]))
def test_P1_columns_give_what_rows_one_by_one_give(batch: pa.RecordBatch, first: int, keep: tuple[str, ...]) -> None:
    reading = Reading(columns=Columns(keep=keep))
    found = posts_of_batch(batch, first + np.arange(len(batch)), reading, "posts.parquet")
    assert said(found) == one_by_one(batch, first, reading)
    assert found.ids.type == pa.string()
    assert found.read == len(batch)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(batch=batches(), first=st.integers(1, 10**9))
def test_I7_ids_alone_are_those_of_all_posts_and_of_rows_whose_text_is_wrong(batch: pa.RecordBatch, first: int) -> None:
    ids, lines, read = ids_of_batch(batch, first, Reading(), "posts.parquet")
    good = pa.record_batch([batch.column("post_id"), pa.array(["好"] * len(batch))], names=["post_id", "text"])
    expected = one_by_one(good, first, Reading())
    assert (ids.to_pylist(), lines.tolist(), read) == (expected[0], expected[2], len(batch))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.binary()])
def test_I11_length_is_counted_in_bytes(monkeypatch: pytest.MonkeyPatch, kind: pa.DataType) -> None:
    monkeypatch.setattr(posts_module, "POST_BYTES", Limit(6, "bytes", "quarantined"))
    texts = ["abcdef", "abcdefg", "长长", "长长a", "😂", "😂😂", ""]
    batch = pa.record_batch([pa.array(range(7)), pa.array(texts).cast(kind)], names=["post_id", "text"])
    found = posts_of_batch(batch, 1 + np.arange(len(batch)), Reading(), "a.parquet")
    assert found.texts.texts() == ["abcdef", "长长", "😂", ""]
    assert [(row.where, row.reason) for row in found.quarantined] == [
        (f"a.parquet:{line}", "too-long") for line in (2, 4, 6)
    ]


@pytest.mark.parametrize("kind", [pa.string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int32(), pa.string())])
@pytest.mark.parametrize("more", range(5))
def test_P5_of_a_text_that_is_far_too_long_only_the_beginning_is_taken_apart(
    monkeypatch: pytest.MonkeyPatch, kind: pa.DataType, more: int
) -> None:
    """Cut anywhere in a character of one to four bytes it is no other text, and no damaged one."""
    monkeypatch.setattr(posts_module, "POST_BYTES", Limit(12 + more, "bytes", "quarantined"))
    seen = []
    monkeypatch.setattr(
        posts_module,
        "what_is_wrong",
        lambda row, *rest, **named: seen.append(row) or what_is_wrong(row, *rest, **named),
    )
    texts = ["a" * 9000, "é" * 9000, "长" * 9000, "a" + "😂" * 9000, "短"]
    column = pa.array(texts).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(texts).cast(kind)
    batch = pa.record_batch([pa.array(["1", "2", "3", "4", "5"]), column], names=["post_id", "text"])
    found = posts_of_batch(batch, 1 + np.arange(5), Reading(), "a.parquet")
    assert (found.ids.to_pylist(), found.texts.texts()) == (["5"], ["短"])
    assert [row.reason for row in found.quarantined] == ["too-long"] * 4
    assert all(len(row.fields["text"].encode()) <= 12 + more + 4 for row in seen)
    assert [text.startswith(row.fields["text"]) for row, text in zip(seen, texts, strict=False)] == [True] * 4


def test_P5_bytes_that_are_no_text_stay_so_however_long_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts_module, "POST_BYTES", Limit(6, "bytes", "quarantined"))
    texts = [b"ok" + b"\x80" * 90, b"\xff" * 90, b"ok", b"long enough \xff"]
    batch = pa.record_batch([pa.array(["1", "2", "3", "4"]), pa.array(texts)], names=["post_id", "text"])
    found = posts_of_batch(batch, 1 + np.arange(4), Reading(), "a.parquet")
    assert found.ids.to_pylist() == ["3"]
    assert [row.reason for row in found.quarantined] == ["bad-bytes", "bad-bytes", "too-long"]


def test_I1_bad_bytes_in_another_column_set_the_row_aside() -> None:
    kinds = unchecked([b"ok", b"\xff", None], pa.string())
    batch = pa.record_batch([pa.array(["1", "2", "3"]), pa.array(["好"] * 3), kinds], names=["post_id", "text", "kind"])
    found = posts_of_batch(batch, 1 + np.arange(len(batch)), Reading(columns=Columns(keep=("kind",))), "a.parquet")
    assert (found.ids.to_pylist(), found.fields) == (["1", "3"], {"kind": ["ok", None]})
    assert [(row.where, row.reason, row.detail) for row in found.quarantined] == [
        ("a.parquet:2", "bad-bytes", "kind: not UTF-8")
    ]


def test_only_rows_that_look_wrong_are_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        posts_module,
        "rows_of_batch",
        lambda batch, *rest, **named: seen.append(len(batch)) or rows_of_batch(batch, *rest, **named),
    )
    ids = [str(n) for n in range(1000)]
    ids[10] = ids[11] = ids[500] = ""
    texts = [b"ok"] * 1000
    texts[999] = b"\xff"
    batch = pa.record_batch([pa.array(ids), unchecked(texts, pa.string())], names=["post_id", "text"])
    found = posts_of_batch(batch, 1 + np.arange(len(batch)), Reading(), "a.parquet")
    assert seen == [2, 1, 1]
    assert [row.reason for row in found.quarantined] == ["bad-id"] * 3 + ["bad-bytes"]
    assert len(found.ids) == 996


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=4), st.booleans()), max_size=8), st.integers(0, 3))
def test_taking_posts_keeps_their_bytes_lines_and_fields(chosen: list[tuple[str, bool]], cut: int) -> None:
    from koudai.text.utf8 import of_texts

    texts, kept = [text for text, _ in chosen][cut:], np.array([keep for _, keep in chosen][cut:], dtype=bool)
    whole = of_texts([text for text, _ in chosen])
    batch = PostBatch(
        file="a.jsonl",
        ids=pa.array([str(n) for n in range(len(texts))], pa.string()),
        texts=whole.part(min(cut, len(chosen)), len(chosen)),
        lines=np.arange(len(texts)) * 2,
        fields={"kind": list(texts)},
        quarantined=[],
    )
    left = [n for n in range(len(texts)) if kept[n]]
    found = batch.take(kept)
    assert found.texts.texts() == [texts[n] for n in left] == found.fields["kind"]
    assert found.ids.to_pylist() == [str(n) for n in left]
    assert found.file_lines == [f"a.jsonl:{2 * n}" for n in left]
