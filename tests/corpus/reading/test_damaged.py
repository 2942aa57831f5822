"""Damaged separated values: no line is lost, whatever a quote does to them; what is unambiguous is read (P1, I5)."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.source import Columns
from koudai.corpus.reading.plain import PlainRows
from koudai.corpus.reading.posts import PostBatch
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError

POSTS = ["今天天气不错", "听说明天停水", "菜场豆腐三块五", "学校自愿报名"]


def written(folder: Path, name: str, *lines: str, header: str = "post_id,text") -> Path:
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode())
    return path


def read(path: Path, **options: str) -> PostBatch:
    (batch,) = read_posts(path, Reading(**options))
    return batch


def aside(batch: PostBatch) -> list[tuple[str, str, str]]:
    return [(row.where, row.reason, row.excerpt) for row in batch.quarantined]


def test_P1_a_quote_in_tsv_is_a_letter(tmp_path: Path) -> None:
    texts = ['"苹果真好', "听说明天停水", '他说了一句"好"', '"全在引号里"', '好"了', '"']
    path = written(tmp_path, "q.tsv", *(f"{n}\t{text}" for n, text in enumerate(texts)), header="post_id\ttext")
    batch = read(path)
    assert (batch.texts.texts(), batch.quarantined) == (texts, [])


def test_P1_quoting_is_a_matter_of_the_reading_not_of_the_name(tmp_path: Path) -> None:
    quoted = written(tmp_path, "q.tsv", '1\t"两\n行"', header="post_id\ttext")
    assert read(quoted, quoting="csv").texts.texts() == ["两\n行"]
    letters = written(tmp_path, "q.csv", '1,"好', '2,好"')
    assert read(letters, quoting="none").texts.texts() == ['"好', '好"']


@pytest.mark.parametrize("n", [2, 5, 900])
def test_P1_a_record_whose_lines_would_be_records_is_set_aside_line_by_line(tmp_path: Path, n: int) -> None:
    swallowed = ['2,"苹果真好', *(f"{at},第{at}条，停水了" for at in range(3, n + 1)), f'{n + 1},他说"']
    path = written(tmp_path, "q.csv", "1,早", *swallowed, "9999,晚")
    batch = read(path)
    assert batch.texts.texts() == ["早", "晚"]
    assert aside(batch) == [(f"q.csv:{at}", "stray-quote", line) for at, line in enumerate(swallowed, 3)]
    assert batch.read == 2 + len(swallowed)
    assert f"closes on line {2 + len(swallowed)}" in batch.quarantined[0].detail


def test_P1_one_line_among_them_that_is_no_record_saves_nobody(tmp_path: Path) -> None:
    lines = ['2,"苹果真好', "3,听说,停水", "4,听说", "5,豆腐", "6,水", '7,他说"']
    assert [row[1:] for row in aside(read(written(tmp_path, "q.csv", "1,早", *lines)))] == [
        ("stray-quote", line) for line in lines
    ]


@pytest.mark.parametrize(
    ("header", "record", "text"),
    [
        ("post_id,text", '1,"听说\n停水，快接水\n谢谢"', "听说\n停水，快接水\n谢谢"),
        ("post_id,text", '1,"听说,停水\n快,接水"', "听说,停水\n快,接水"),
        ("text,post_id", '"听说\n停水",1', "听说\n停水"),
        ("text,post_id", '"听说,停水\n停水",1', "听说,停水\n停水"),
        ("post_id,text,topic", '1,"听说\n停水,真的",水', "听说\n停水,真的"),
        ("post_id,text", '1,"一\n\n\n二"', "一\n\n\n二"),
        ("post_id,text", '1,"2\n3\n4"', "2\n3\n4"),
    ],
)
def test_I9_a_post_of_several_lines_is_one_post(tmp_path: Path, header: str, record: str, text: str) -> None:
    batch = read(written(tmp_path, "a.csv", record, header=header))
    assert (batch.ids.to_pylist(), batch.texts.texts(), batch.read) == (["1"], [text], 1)


def test_P1_a_damaged_record_of_several_lines_counts_each(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "1,早", '2,"好', "啊", '了"吧', '3,"引"号', "4,晚")
    batch = read(path)
    assert batch.ids.to_pylist() == ["1", "4"]
    assert aside(batch) == [
        ("a.csv:3", "bad-csv", '2,"好'),
        ("a.csv:4", "bad-csv", "啊"),
        ("a.csv:5", "bad-csv", '了"吧'),
        ("a.csv:6", "bad-csv", '3,"引"号'),
    ]
    assert batch.read == 6


def test_R6_excerpts_of_a_file_with_accounts_are_withheld(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", '1,好,某人"', '2,"好"啊,某人', header="post_id,text,nickname")
    (row,) = read(path).quarantined
    assert (row.reason, row.excerpt) == ("bad-csv", "(withheld: the file has columns of accounts)")


def test_I5_cells_missing_at_the_end_are_empty_where_id_and_text_are_there(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "1,听说,a", "2,好,b,c", "3,嗯", "4", header="post_id,text,topic,geo")
    (batch,) = read_posts(path, Reading(columns=Columns(keep=("geo",)), keep=("topic",)))
    assert batch.ids.to_pylist() == ["1", "2", "3"]
    assert (batch.fields, batch.kept["topic"].to_pylist()) == ({"geo": ["", "c", ""]}, ["a", "b", ""])
    assert batch.noticed == {"short-row": 2}
    assert aside(batch) == [("a.csv:5", "ragged", "{'post_id': '4'}")]


def test_I5_a_row_too_long_is_not_cut(tmp_path: Path) -> None:
    batch = read(written(tmp_path, "a.csv", "1,听说,停水", "2,好"))
    assert [row[1] for row in aside(batch)] == ["ragged"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("header", ["post_id,text,topic", '"post_id","text","topic"'])
def test_I5_a_header_that_comes_again_is_no_post(tmp_path: Path, mark: str, header: str) -> None:
    lines = [f"{n},{post},x" for n, post in enumerate(POSTS)]
    path = written(tmp_path, "a.csv", *lines[:2], mark + header, *lines[2:], header=mark + header)
    batch = read(path)
    assert batch.texts.texts() == POSTS
    assert aside(batch) == [("a.csv:4", "repeated-header", mark.replace("\ufeff", "\\ufeff") + header)]


@pytest.mark.parametrize("again", ["post_id,text", "post_id,text,topic,geo", "post_id,text,geo"])
def test_I5_a_header_of_another_version_of_the_tool_is_no_post(tmp_path: Path, again: str) -> None:
    path = written(tmp_path, "a.csv", "1,好,x", again, "2,坏", header="post_id,text,topic")
    batch = read(path)
    assert batch.ids.to_pylist() == ["1", "2"]
    assert aside(batch) == [("a.csv:3", "repeated-header", again)]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("at_once", [True, False])
def test_I5_a_header_in_another_case_or_with_blanks_is_no_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.setattr(PlainRows, "take", lambda *_: None)
    rows = [("post_id", "text"), ("1", "好"), ("post_id", " text"), ("Post_ID", "TEXT"), ("Text", "好")]
    between = {"csv": ",", "tsv": "\t"}.get(kind)
    lines = [between.join(row) if between else json.dumps(dict(zip(rows[0], row, strict=True))) for row in rows]
    path = tmp_path / f"a.{kind}"
    path.write_text("\n".join(["\ufeff" * 2 + lines[0], *lines[1:]] if between else lines[1:]), encoding="utf-8")
    batch = read(path)
    assert batch.ids.to_pylist() == ["1", "Text"]
    assert [row.reason for row in batch.quarantined] == ["repeated-header"] * 2


@pytest.mark.parametrize("kind", ["jsonl", "json", "parquet"])
def test_I5_a_header_that_became_a_row_is_no_post(tmp_path: Path, kind: str) -> None:
    rows = [{"post_id": "1", "text": "好"}, {"post_id": "post_id", "text": "text"}, {"post_id": "text", "text": "好"}]
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text(json.dumps(rows) if kind == "json" else "\n".join(map(json.dumps, rows)), encoding="utf-8")
    batch = read(path)
    assert batch.ids.to_pylist() == ["1", "text"]
    assert [(row.line, row.reason) for row in batch.quarantined] == [(2, "repeated-header")]


@pytest.mark.parametrize("lines", [3, 1200])
def test_I5_a_second_header_in_another_order_refuses_the_file(tmp_path: Path, lines: int) -> None:
    path = written(tmp_path, "a.csv", *(f"{n},好" for n in range(lines)), "text,post_id", "好,7")
    with pytest.raises(ReadError, match="another order") as caught:
        list(read_posts(path, batch_rows=500))
    assert str(caught.value.where).endswith(f"a.csv:{lines + 2}")


def test_I5_a_post_that_is_called_like_a_column_is_a_post(tmp_path: Path) -> None:
    batch = read(written(tmp_path, "a.csv", "post_id,好", "1,text"))
    assert (batch.texts.texts(), batch.quarantined) == (["好", "text"], [])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_I2_a_byte_order_mark_before_a_row_is_left_out_and_counted(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = ['"1","早"', '\ufeff"2","晚"'] if name == "a.csv" else []
    rows = rows or ['{"post_id": "1", "text": "早"}', '\ufeff{"post_id": "2", "text": "晚"}']
    path.write_text("\n".join([*(['"post_id","text"'] if name == "a.csv" else []), *rows]), encoding="utf-8")
    batch = read(path)
    assert (batch.ids.to_pylist(), batch.texts.texts()) == (["1", "2"], ["早", "晚"])
    assert batch.noticed == {"inner-bom": 1}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    kinds=st.lists(st.sampled_from(["%d,好", '%d,"两\n行"', '%d,"坏\n3,坏\n4,坏"', '%d,"坏\n了"吧', "%d"]), max_size=9),
    every=st.integers(1, 4),
    batch_rows=st.integers(1, 4),
)
def test_J11_a_cut_in_a_damaged_record_loses_no_line_and_gives_none_twice(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], every: int, batch_rows: int
) -> None:
    path = written(tmp_path_factory.getbasetemp(), "cut.csv", *(kind % n for n, kind in enumerate(kinds)))
    whole = list(read_posts(path, batch_rows=batch_rows, cut_rows=every))
    lines = [(batch.lines.tolist(), [row.line for row in batch.quarantined]) for batch in whole]
    found = list(read_post_ids(path, exact=True, batch_rows=batch_rows, mark_rows=every))
    marks = [mark for one in found for mark in one.marks]
    assert sum(one.read for one in found) == sum(batch.read for batch in whole)
    assert len(marks) == -(-sum(batch.read for batch in whole) // every)
    for number, mark in enumerate(marks):
        begun, before = [], mark.row
        for batch in read_posts(path, batch_rows=batch_rows, cut_rows=every, begin=mark):
            before += batch.read
            if before > number * every:
                begun.append((batch.lines.tolist(), [row.line for row in batch.quarantined]))
        assert begun == lines[len(lines) - len(begun) :]
        assert sum(len(posts) + len(rows) for posts, rows in begun) == sum(b.read for b in whole) - number * every
