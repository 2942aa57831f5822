"""Partitions: columns in the names of folders are kept and give dates, and a column of the file comes before them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.folders import find_post_files, left_out
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ConfigError, ReadError
from tests.corpus.reading.writers import write_posts


def hive(folder: Path, ending: str) -> Path:
    for day, place in (("2024-01-01", "%E5%8C%97%E4%BA%AC"), ("2024-01-02", "__HIVE_DEFAULT_PARTITION__")):
        inside = folder / f"dt={day}" / f"city={place}"
        inside.mkdir(parents=True)
        write_posts(
            inside / f"part-0{ending}", {"post_id": [f"{day}-1", ""], "text": ["早", "晚"], "topic": ["水", "电"]}
        )
    return folder


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl.gz"])
def test_columns_in_the_names_of_folders_are_kept(tmp_path: Path, ending: str) -> None:
    reading = Reading(columns=Columns(date="dt"), keep=("city", "topic", "dt"))
    first, second = (next(read_posts(file, reading)) for file in find_post_files([str(hive(tmp_path, ending))]))
    assert list(first.kept) == ["city", "topic", "dt"]
    assert [first.kept[name].to_pylist() for name in first.kept] == [["北京"], ["水"], ["2024-01-01"]]
    assert [second.kept[name].to_pylist() for name in second.kept] == [[None], ["水"], ["2024-01-02"]]
    assert first.fields == {"dt": ["2024-01-01"]}
    assert first.file == f"city=%E5%8C%97%E4%BA%AC/part-0{ending}"
    assert [row.reason for row in first.quarantined] == ["bad-id"]
    (ids,) = read_post_ids(find_post_files([str(tmp_path)])[0], reading, exact=False)
    assert (ids.ids.to_pylist(), ids.read) == (["2024-01-01-1"], 2)


def test_a_column_of_the_file_comes_before_one_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "topic=路径").mkdir()
    path = write_posts(tmp_path / "topic=路径" / "a.csv", {"post_id": ["1"], "text": ["早"], "topic": ["文件"]})
    (batch,) = read_posts(path, Reading(keep=("topic",)))
    assert batch.kept["topic"].to_pylist() == ["文件"]


def test_an_id_or_a_text_does_not_stand_in_a_folder_and_an_account_not_either(tmp_path: Path) -> None:
    (tmp_path / "user_id=7").mkdir()
    (tmp_path / "user_id=7" / "post_id=8").mkdir()
    path = write_posts(tmp_path / "user_id=7" / "post_id=8" / "a.csv", {"text": ["早"]})
    with pytest.raises(ReadError, match="missing: post_id"):
        list(read_posts(path))
    with pytest.raises(ConfigError, match="never read: user_id"):
        Reading(keep=("user_id",))


def test_P6_numbered_rows_of_files_of_one_name_have_different_ids(tmp_path: Path) -> None:
    reading, ids = Reading(number_rows=True), []
    for file in find_post_files([str(hive(tmp_path, ".csv"))]):
        ids += [post for batch in read_posts(file, reading) for post in batch.ids.to_pylist()]
    assert len(set(ids)) == 4
    assert ids[0] == "city=%E5%8C%97%E4%BA%AC/part-0.csv:2"


def test_a_folder_of_hugging_face_is_read_without_what_is_beside_its_data(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for split in ("train", "test"):
        folder = tmp_path / split
        folder.mkdir()
        for name in ("state.json", "dataset_info.json"):
            (folder / name).write_text("{}")
        table = pa.table({"post_id": [f"{split}1"], "text": ["早"]})
        for name in ("data-00000-of-00001.arrow", "cache-0123456789abcdef.arrow"):
            with pa.OSFile(str(folder / name), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
                writer.write_table(table)
    files = find_post_files([str(tmp_path)])
    assert [file.name for file in files] == [f"{split}/data-00000-of-00001.arrow" for split in ("test", "train")]
    assert [next(read_posts(file)).ids.to_pylist() for file in files] == [["test1"], ["train1"]]
    assert len(left_out(str(tmp_path))) == 7


def test_folders_of_spark_are_read(tmp_path: Path) -> None:
    for name in ("_SUCCESS", "._SUCCESS.crc", ".part-00000-1f.json.crc"):
        (tmp_path / name).write_text("x")
    write_posts(tmp_path / "part-00000-1f.jsonl", {"post_id": ["1"], "text": ["早"]}).rename(
        tmp_path / "part-00000-1f.json"
    )
    write_posts(tmp_path / "a.jsonl.gz", {"post_id": ["2"], "text": ["晚"]}).rename(tmp_path / "part-00001-1f.json.gz")
    (tmp_path / "part-00002-1f.json").write_text("")
    found = [batch.ids.to_pylist() for file in find_post_files([str(tmp_path)]) for batch in read_posts(file)]
    assert found == [["1"], ["2"]]
    assert left_out(str(tmp_path)) == []


def test_a_quote_behind_a_backslash_is_told_to_be_of_spark(tmp_path: Path) -> None:
    path = tmp_path / "part-00000.csv"
    path.write_text('post_id,text\n1,"他说\\"好\\",真的"\n2,早\n3,"a"b\n', encoding="utf-8")
    (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["2"]
    assert [(row.reason, "Spark" in row.detail) for row in batch.quarantined] == [("bad-csv", True), ("bad-csv", False)]


def test_what_a_folder_leaves_out_is_known(tmp_path: Path) -> None:
    for name in ("a.csv", "b.txt", "deep/c.docx", "_SUCCESS", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("post_id,text\n")
    assert left_out(str(tmp_path)) == ["b.txt", "deep/c.docx"]
    assert left_out(str(tmp_path), kind="csv") == left_out(str(tmp_path / "a.csv")) == left_out("s3://bucket/x") == []
    assert len(find_post_files([str(tmp_path)], kind="csv")) == 3
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    assert left_out(str(tmp_path)) == ["b.txt", "deep/c.docx"]
