"""Kinds: the same posts from every kind of file; a file that is something else than its name is named so."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import KINDS_GIVEN, Reading
from koudai.corpus.reading.rows import column_names
from koudai.errors import ReadError, UsageError
from tests.corpus.reading.workbooks import write_workbook
from tests.corpus.reading.writers import write_posts

COLUMNS = {
    "text": ["听说停水", "早", 'a,b\n"c"'],
    "topic": ["水", "", "x"],
    "post_id": ["0012", "2", "475000000000000123"],
}
ROWS = [dict(zip(COLUMNS, values, strict=True)) for values in zip(*COLUMNS.values(), strict=True)]
CSV = b"post_id,text\n1,\xe6\x97\xa9\n"


def write(path: Path) -> Path:
    name = path.name
    table = pa.table(COLUMNS)
    if name.endswith(".xlsx"):
        return write_workbook(path, [list(COLUMNS), *([str(one) for one in row.values()] for row in ROWS)])
    if ".json" in name and ".jsonl" not in name:
        text = json.dumps(ROWS, ensure_ascii=False, indent=2)
        if "lines" in name:
            text = "".join(json.dumps(row) + "\n" for row in ROWS)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    elif name.endswith(".arrow"):
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    elif name.endswith(".feather"):
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    else:
        write_posts(path, COLUMNS)
    return path


NAMES = (
    *("posts.csv", "posts.jsonl", "posts.parquet", "array.json", "lines.json", "array.json.gz", "lines.json.gz"),
    *("posts.xlsx", "posts.arrow", "posts.feather"),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("renamed", [False, True])
def test_the_same_posts_are_read_from_every_kind_of_file(tmp_path: Path, name: str, renamed: bool) -> None:
    path = write(tmp_path / name)
    reading = Reading(keep=("topic",))
    if renamed:
        kind = next(kind for ending, kind in ENDINGS.items() if ending in name)
        path, reading = path.rename(tmp_path / "posts.txt"), Reading(keep=("topic",), kind=kind)
    (batch,) = read_posts(path, reading)
    assert batch.ids.to_pylist() == COLUMNS["post_id"]
    assert batch.texts.texts() == COLUMNS["text"]
    assert batch.kept["topic"].to_pylist() == COLUMNS["topic"]
    assert batch.quarantined == []
    if not renamed:
        assert sorted(column_names(path)) == sorted(COLUMNS)


ENDINGS = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".arrow": "arrow",
    ".feather": "arrow",
}


def test_lines_of_text_are_posts_that_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt"
    path.write_bytes('听说停水\r\n\n  早\n"晚'.encode())
    (batch,) = read_posts(path, Reading(kind="txt", number_rows=True))
    assert batch.ids.to_pylist() == ["posts.txt:1", "posts.txt:3", "posts.txt:4"]
    assert batch.texts.texts() == ["听说停水", "  早", '"晚']
    with pytest.raises(UsageError, match="no ids"):
        Reading(kind="txt")
    with pytest.raises(UsageError, match="`kind` does not take"):
        Reading(kind="doc")
    assert Reading.of_json(Reading(kind="tsv").to_json()).kind == "tsv"


def test_a_name_that_tells_no_kind_says_how_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt"
    path.write_bytes(CSV)
    with pytest.raises(ReadError, match="kind of this file is not known") as caught:
        list(read_posts(path))
    assert "`kind`" in str(caught.value.todo)


def contents(tmp_path: Path) -> dict[str, bytes]:
    made = {ending: write(tmp_path / f"made{ending}").read_bytes() for ending in (".xlsx", ".arrow", ".feather")}
    pq.write_table(pa.table(COLUMNS), tmp_path / "made.parquet")
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr("posts.csv", CSV)
    with zipfile.ZipFile(tmp_path / "made.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return {
        "an Excel workbook": made[".xlsx"],
        "Arrow IPC": made[".feather"],
        "Parquet": (tmp_path / "made.parquet").read_bytes(),
        "a zip archive of 1 file: posts.csv": (tmp_path / "made.zip").read_bytes(),
        "a Word document": (tmp_path / "made.docx").read_bytes(),
        "a damaged zip archive": b"PK\x03\x04 and no more",
        "an Excel file of before 2007, or one with a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "a PDF document": b"%PDF-1.7\n",
        "a page of HTML or XML": b"\n<!DOCTYPE html><html><body>404</body></html>",
        "one array of JSON": b'[\n {"post_id": "1", "text": "a"}\n]\n',
        "a file packed by xz": b"\xfd7zXZ\x00\x00",
    }


@pytest.mark.parametrize(
    "name", ["posts.csv", "posts.tsv", "posts.jsonl", "posts.xlsx", "posts.arrow", "posts.parquet"]
)
def test_a_file_that_is_something_else_is_named_for_what_it_is(
    tmp_path: Path, name: str, subtests: pytest.Subtests
) -> None:
    own = {"posts.xlsx": "an Excel workbook", "posts.arrow": "Arrow IPC", "posts.parquet": "Parquet"}.get(name)
    for what, content in contents(tmp_path).items():
        if what == own or (own and what in ("one array of JSON", "a page of HTML or XML")):
            continue
        with subtests.test(what):
            path = tmp_path / name
            path.write_bytes(content)
            with pytest.raises(ReadError, match="this file is not ") as caught:
                list(read_posts(path))
            assert caught.value.got == what
            assert caught.value.happened == "nothing of this file was read"
            assert caught.value.todo


@pytest.mark.parametrize("name", ["posts.xlsx", "posts.arrow"])
def test_text_under_another_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CSV)
    with pytest.raises(ReadError, match="this file is not (an Excel workbook|Arrow IPC)"):
        list(read_posts(tmp_path / name))


def test_an_odd_first_line_of_json_lines_is_only_a_row(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('[{"x": 1}]\n{"post_id": "1", "text": "早"}\n', encoding="utf-8")
    (batch,) = read_posts(path)
    assert (batch.ids.to_pylist(), [row.reason for row in batch.quarantined]) == (["1"], ["bad-json"])


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("name", ["posts.json", "posts.jsonl"])
def test_one_object_is_named(tmp_path: Path, name: str, indent: int | None) -> None:
    path = tmp_path / name
    path.write_text(json.dumps({"user": {"id": "7"}, "weibo": ROWS}, indent=indent), encoding="utf-8")
    with pytest.raises(ReadError, match="this file is not JSON") as caught:
        list(read_posts(path))
    assert caught.value.got == "one object of JSON that holds the posts"
    assert "jq -c '.weibo[]', and give `layout` weibo-crawler-json" in str(caught.value.todo)


def test_a_list_deeper_in_one_object_is_found_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"data": {"list": ROWS}}, indent=1), encoding="utf-8")
    with pytest.raises(ReadError, match="this file is not JSON") as caught:
        list(read_posts(path))
    assert "jq -c '.. | .list? | arrays | .[]'" in str(caught.value.todo)


def test_a_list_in_the_one_line_of_a_file_is_hinted_at(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"code": 0, "data": ROWS}) + "\n", encoding="utf-8")
    with pytest.raises(ReadError, match="none of the first 1 rows has the fields wanted") as caught:
        list(read_posts(path))
    assert "jq -c" in str(caught.value.todo)


def test_a_post_with_a_list_of_objects_is_a_post(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"post_id": "1", "text": "早", "comments": [{"text": "好"}]}) + "\n", encoding="utf-8")
    (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["1"]


def test_every_kind_can_be_given() -> None:
    for kind in KINDS_GIVEN:
        assert Reading(columns=Columns(), kind=kind, number_rows=True).kind == kind
