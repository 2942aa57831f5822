"""First rows: a file all of whose first rows are wrong for one reason is refused with the cause (P1, I5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.errors import ReadError


def written(folder: Path, name: str, *lines: str, header: str = "post_id,text") -> Path:
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode())
    return path


@pytest.mark.parametrize(
    ("name", "line", "reason", "todo"),
    [
        ("a.csv", "1,好,1", "ragged", "header"),
        ("a.csv", '"1"x,好', "bad-csv", "`quoting` none"),
        ("a.csv", " ,好", "bad-id", "`id_column`"),
        ("a.jsonl", '{"post_id": "1", "text": "好"', "bad-json", "one object on each line"),
        ("a.jsonl", '{"post_id": 1.5, "text": null}', "missing-text", "`text_column`"),
        ("a.jsonl", '{"post_id": {"0": "1"}, "text": {"0": "好"}}', "bad-id", "to_json"),
    ],
)
@pytest.mark.parametrize("batch_rows", [7, 4096])
def test_P1_what_is_wrong_with_the_first_thousand_rows_is_wrong_with_the_file(
    tmp_path: Path, name: str, line: str, reason: str, todo: str, batch_rows: int
) -> None:
    good = '{"post_id": "x", "text": "好"}' if name == "a.jsonl" else "x,好"
    path = written(tmp_path, name, *[line] * 1000, good, header="" if name == "a.jsonl" else "post_id,text")
    with pytest.raises(ReadError, match="none of the first 1000 rows is a post") as caught:
        list(read_posts(path, batch_rows=batch_rows))
    assert f": {reason}" in str(caught.value.got)
    assert todo in str(caught.value.todo)
    assert caught.value.exit_code == 3
    with pytest.raises(ReadError, match="none of the first 1000 rows"):
        list(read_post_ids(path, exact=True))
    path = written(tmp_path, name, *[line] * 999, good, header="" if name == "a.jsonl" else "post_id,text")
    assert sum(batch.read for batch in read_posts(path, batch_rows=batch_rows)) == 1000


def test_P1_a_file_with_two_faults_is_not_named_after_one(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", *["1,好,1"] * 999, ",", "1,好")
    assert sum(batch.read for batch in read_posts(path)) == 1001


@pytest.mark.parametrize("lines", [["["], ["[{", '"post_id": "1"'], ["", " [ "]])
def test_I5_an_array_of_objects_is_named(tmp_path: Path, lines: list[str]) -> None:
    path = written(tmp_path, "a.jsonl", *lines, '{"post_id": "1", "text": "好"}', header="")
    with pytest.raises(ReadError, match="not JSON lines") as caught:
        list(read_posts(path))
    assert ".json" in str(caught.value.todo)
