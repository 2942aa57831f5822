"""Headers that lack a column: what the first line is instead is told, and no post is quoted (I5, R6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.corpus.reading.readers import read_posts
from koudai.errors import ReadError

POST = "5001,听说明天全县停水七天，赶紧接水"


@pytest.mark.parametrize(
    ("name", "first", "what", "todo"),
    [
        ("a.csv", "", "the first line is empty", "remove it"),
        ("a.csv", "sep=,", "tells a spreadsheet", "remove it"),
        ("a.csv", "sep=;", "tells a spreadsheet", "remove it; convert the file to CSV"),
        ("a.csv", POST, "looks like a post", "add a first line"),
        ("a.csv", "1,好,2024-01-01 10:00", "looks like a post", "add a first line"),
        ("a.csv", "post_id;text", "semicolons seem to be between the cells", "convert the file"),
        ("a.csv", "post_id\ttext", "tabs seem to be between the cells", "end in .tsv"),
        ("a.csv", "post_id，text", "full-width commas seem", "convert the file"),
        ("a.tsv", "post_id,text", "commas seem to be between the cells", "end in .csv"),
        ("a.tsv", "标题;时间", "semicolons seem", "convert the file"),
        ("a.tsv", '"post_id"\t"text"', "in quotes", "`quoting` csv"),
    ],
)
def test_I5_a_first_line_that_is_no_header_is_named(
    tmp_path: Path, name: str, first: str, what: str, todo: str
) -> None:
    path = tmp_path / name
    path.write_text(f"{first}\n{POST}\n{POST}\n", encoding="utf-8")
    with pytest.raises(ReadError, match=what) as caught:
        list(read_posts(path))
    assert todo in str(caught.value.todo)
    assert (str(caught.value.where), caught.value.exit_code) == (f"{path}:1", 3)
    assert "停水" not in caught.value.message()


@pytest.mark.parametrize("first", ["id,正文,日期", "id,content_text,created_at", "a;b,c"])
def test_names_of_columns_are_told_as_they_are(tmp_path: Path, first: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n1,好,2\n", encoding="utf-8")
    with pytest.raises(ReadError, match="missing: post_id, text") as caught:
        list(read_posts(path))
    assert first.split(",")[0] in str(caught.value.got)
