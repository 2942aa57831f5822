"""Marks: from any mark on, any file of any kind gives what it gives there when it is read from the start (J1, J11)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.files import START, Mark
from koudai.corpus.reading.posts import PostBatch
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from tests.hostile.files import endless_line, zstd_of

CSV = ["%d,好\n", "%d\n", "\n", "%d,a,b\n", '%d,"a\n\n,""b"\n', '"%d"x,b\n', ",%d\n", "%d,\u2028\x85\x00\n", "%d,a\r\n"]
JSON = [
    *(
        '{"post_id": %d, "text": "好"}\n',
        '{"text": "%d"}\n',
        "\n",
        "  \n",
        '{"post_id": "%d", "text": null}\n',
        "%d{\n",
    ),
    *('{"post_id": "%d", "text": "\u2028\x85"}\n', '{"post_id": %d, "text": "a"}\r\n'),
]
PACKED = ["", ".gz", ".zst"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marks")


def said(batch: PostBatch) -> list[object]:
    ids, texts, lines = batch.ids.to_pylist(), batch.texts.texts(), batch.lines.tolist()
    return [batch.file, list(zip(ids, texts, lines, strict=True)), batch.quarantined, batch.fields]


def rest(batches: list[PostBatch], after: int) -> tuple[list[Any], list[Any]]:
    """Return the posts and the quarantined rows that have a line after `after`."""
    posts = [post for batch in batches for post in said(batch)[1] if post[2] > after]  # type: ignore[attr-defined]
    aside = [row for batch in batches for row in batch.quarantined if int(row.where.rsplit(":", 1)[1]) > after]
    return posts, aside


def marks_of(path: Path, every: int, *, exact: bool = False, batch_rows: int = 65_536, **options: Any) -> list[Mark]:
    found = list(
        read_post_ids(path, Reading(**options), exact=exact, batch_rows=batch_rows, mark_rows=every),
    )
    marks = [mark for one in found for mark in one.marks]
    assert [mark.row for mark in marks] == list(range(0, sum(one.read for one in found), every))
    assert marks[:1] in ([], [START])
    return marks


def require_same_from_every_mark(path: Path, marks: list[Mark], every: int, batch_rows: int, **options: Any) -> None:
    reading = Reading(**options)
    whole = list(read_posts(path, reading, batch_rows=batch_rows, cut_rows=every))
    for mark in marks:
        begun = list(read_posts(path, reading, batch_rows=batch_rows, cut_rows=every, begin=mark))
        assert rest(begun, 0) == rest(whole, mark.line)
        read = 0
        same = [batch for batch in whole if (read := read + batch.read) > mark.row]
        assert [said(batch) for batch in begun] == [said(batch) for batch in same]
        uncut = list(read_posts(path, reading, batch_rows=7, begin=mark))
        assert rest(uncut, 0) == rest(whole, mark.line)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    rows=st.lists(st.integers(0, 8), max_size=25),
    kind=st.sampled_from(["csv", "jsonl"]),
    packed=st.sampled_from(PACKED),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
    bom=st.booleans(),
    bad=st.none() | st.integers(0, 25),
    every=st.integers(1, 9),
    batch_rows=st.integers(1, 9),
    ids_at_once=st.integers(1, 30),
)
def test_J11_lines_from_a_mark_on_are_those_of_the_whole_file(
    folder: Path,
    rows: list[int],
    kind: str,
    packed: str,
    encoding: str,
    bom: bool,
    bad: int | None,
    every: int,
    batch_rows: int,
    ids_at_once: int,
) -> None:
    forms = CSV if kind == "csv" else JSON
    first = 'post_id,"text"\n' if kind == "csv" else '{"post_id": "first", "text": ""}\n'
    written = [(form % n if "%d" in (form := forms[row % len(forms)]) else form) for n, row in enumerate(rows)]
    parts = [(("\ufeff" if bom else "") + first).encode(encoding), *(line.encode(encoding) for line in written)]
    if bad is not None:
        parts.insert(min(bad + 1, len(parts)), b"x,\xff\xff\n")
    content = b"".join(parts)
    path = folder / f"rows.{kind}{packed}"
    if packed == ".zst":
        zstd_of(path, content[:9], content[9:])
    else:
        path.write_bytes(gzip.compress(content) if packed else content)
    options = {"encoding": encoding, "bad_bytes": "quarantine"}
    marks = marks_of(path, every, batch_rows=ids_at_once, **options)
    require_same_from_every_mark(path, marks, every, batch_rows, **options)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    rows=st.integers(0, 40),
    group=st.integers(1, 70),
    every=st.integers(1, 40),
    batch_rows=st.integers(1, 40),
    exact=st.booleans(),
    zipped=st.booleans(),
    ids_at_once=st.integers(1, 30),
)
def test_J11_parquet_from_a_mark_on_is_that_of_the_whole_file(
    folder: Path, rows: int, group: int, every: int, batch_rows: int, exact: bool, zipped: bool, ids_at_once: int
) -> None:
    ids = ["" if n % 7 == 3 else f"{n:02}" for n in range(rows)]
    texts = pa.array([None if n % 11 == 5 else f"第{n % 5}条" for n in range(rows)], pa.string())
    path = folder / ("rows.parquet.gz" if zipped else "rows.parquet")
    table = pa.table({"post_id": ids, "text": texts.dictionary_encode()})
    pq.write_table(table, path, row_group_size=group)
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    marks = marks_of(path, every, exact=exact, batch_rows=ids_at_once, encoding="utf-8", bad_bytes="refuse")
    assert marks == [Mark(row, row, 0) for row in range(0, rows, every)]
    require_same_from_every_mark(path, marks, every, batch_rows)


def test_row_groups_before_a_mark_are_not_read(folder: Path) -> None:
    path = folder / "groups.parquet"
    ids = [str(n) for n in range(3000)]
    pq.write_table(pa.table({"post_id": ids, "text": ids}), path, row_group_size=1000, use_dictionary=False)
    group = pq.ParquetFile(path).metadata.row_group(1)
    data = bytearray(path.read_bytes())
    begin, end = 4, group.column(1).data_page_offset + group.column(1).total_compressed_size
    data[begin:end] = bytes(end - begin)
    path.write_bytes(data)
    texts = [text for batch in read_posts(path, begin=Mark(2100, 2100, 0)) for text in batch.texts.texts()]
    assert texts == ids[2100:]


def test_a_mark_in_the_midst_of_a_damaged_record_is_where_the_record_begins(folder: Path) -> None:
    path = folder / "damaged.csv"
    path.write_text('post_id,text\n1,a\n2,"a\nb"x,c\n3,d\n', encoding="utf-8")
    found = list(read_post_ids(path, exact=True, mark_rows=1))
    record = Mark(1, 2, len("post_id,text\n1,a\n"))
    assert [one.marks for one in found] == [[START], [record], [record], [Mark(3, 4, path.stat().st_size - 4)]]
    begun = list(read_posts(path, begin=record))
    assert [line for batch in begun for line in batch.lines.tolist()] == [5]
    assert [row.where for batch in begun for row in batch.quarantined] == ["damaged.csv:3", "damaged.csv:4"]


def test_a_mark_behind_the_end_gives_nothing(folder: Path) -> None:
    for name, content in (("end.csv", b"post_id,text\n1,a\n"), ("end.jsonl.gz", gzip.compress(b'{"post_id": 1}\n'))):
        (folder / name).write_bytes(content)
        assert list(read_posts(folder / name, begin=Mark(9, 9, 900))) == []
    pq.write_table(pa.table({"post_id": ["1"], "text": ["a"]}), folder / "end.parquet")
    assert list(read_posts(folder / "end.parquet", begin=Mark(1, 1, 0))) == []


@pytest.mark.slow
def test_I11_a_line_of_a_gibibyte_before_a_mark_counts_with_all_its_bytes(folder: Path) -> None:
    last = b'{"post_id": "2", "text": "' + "好".encode() + b'"}\n'
    path = endless_line(folder / "long.jsonl", before=b'{"post_id": "1", "text": ""}\n', size=1 << 30, after=last)
    marks = marks_of(path, 1, encoding="utf-8", bad_bytes="refuse")
    assert marks[2] == Mark(2, 2, path.stat().st_size - len(last))
    (batch,) = read_posts(path, begin=marks[2])
    assert (batch.ids.to_pylist(), batch.lines.tolist(), batch.quarantined) == (["2"], [3], [])


def test_I5_the_first_rows_behind_a_mark_may_lack_a_field(folder: Path) -> None:
    path = folder / "lacking.jsonl"
    rows = [{"post_id": "1", "text": "好"}, *[{"post_id": "2"}] * 3]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    marks = marks_of(path, 1, encoding="utf-8", bad_bytes="refuse")
    assert [row.reason for batch in read_posts(path, begin=marks[1]) for row in batch.quarantined] == [
        "missing-field"
    ] * 3
