"""Arrow IPC: files and streams give what Parquet of the same table gives, from any mark; damage is found."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.files import Mark
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError

TABLE = pa.table(
    {
        "number": pa.array(range(100, 110)),
        "content": pa.array(["早", None, "晚", "a", "b", "", "c", "d", "e", "f"]),
        "tags": pa.array([["x"], None, *[[]] * 8]),
        "kind": pa.array(list("ababababab")).dictionary_encode(),
    }
)
READING = Reading(columns=Columns(id="number", text="content"), keep=("tags", "kind"))


def write(path: Path, table: pa.Table = TABLE, *, rows: int = 4) -> Path:
    new = pa.ipc.new_file if path.name.startswith("file") else pa.ipc.new_stream
    options = pa.ipc.IpcWriteOptions(compression="zstd" if "zstd" in path.name else None)
    with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return path


@pytest.mark.parametrize("name", ["file.arrow", "stream.arrow", "file-zstd.feather", "stream-zstd.arrow"])
def test_P6_the_same_as_from_parquet(tmp_path: Path, name: str) -> None:
    pq.write_table(TABLE, tmp_path / "posts.parquet")
    (expected,) = read_posts(tmp_path / "posts.parquet", READING)
    found = list(read_posts(write(tmp_path / name), READING))
    assert [post for batch in found for post in batch.ids.to_pylist()] == expected.ids.to_pylist()
    assert [text for batch in found for text in batch.texts.texts()] == expected.texts.texts()
    assert [line for batch in found for line in batch.lines.tolist()] == expected.lines.tolist()
    for column in ("tags", "kind"):
        kept = [value for batch in found for value in batch.kept[column].to_pylist()]
        assert kept == expected.kept[column].to_pylist()
    aside = [(row.line, row.reason) for batch in found for row in batch.quarantined]
    assert aside == [(2, "missing-text")]


@pytest.mark.parametrize("name", ["file.arrow", "stream.arrow"])
def test_rows_may_be_begun_in_the_midst(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)
    for exact in (False, True):
        found = list(read_post_ids(path, READING, exact=exact, batch_rows=3, mark_rows=5))
        marks = [mark for ids in found for mark in ids.marks]
        assert (sum(ids.read for ids in found), [mark.row for mark in marks]) == (10, [0, 5])
    whole = [batch.lines.tolist() for batch in read_posts(path, READING, batch_rows=3, cut_rows=5)]
    rest = [batch.lines.tolist() for batch in read_posts(path, READING, batch_rows=3, cut_rows=5, begin=marks[1])]
    assert whole[-len(rest) :] == rest
    assert rest[0][0] == 6


def test_text_that_is_no_utf8_sets_its_row_aside(tmp_path: Path) -> None:
    texts = pa.array([b"\xff", "好".encode()]).view(pa.binary())
    table = pa.table({"post_id": ["1", "2"], "text": pa.Array.from_buffers(pa.string(), 2, texts.buffers())})
    (batch,) = read_posts(write(tmp_path / "stream.arrow", table))
    assert (batch.ids.to_pylist(), [row.reason for row in batch.quarantined]) == (["2"], ["bad-bytes"])


def test_I13_damage_is_named(tmp_path: Path) -> None:
    for name in ("file.arrow", "stream.arrow"):
        path = write(tmp_path / name)
        path.write_bytes(path.read_bytes()[:-400])
        with pytest.raises(ReadError, match="damaged"):
            list(read_posts(path, READING))


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="missing: post_id"):
        list(read_posts(write(tmp_path / "file.arrow")))


@pytest.mark.parametrize("name", ["file.arrow", "stream.arrow"])
def test_P5_a_text_that_is_stored_once_and_stands_everywhere_is_cut_by_what_it_takes(tmp_path: Path, name: str) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0, 1] * 60, pa.int32()), pa.array(["水" * 1000, "早"]))
    path = write(tmp_path / name, pa.table({"post_id": range(120), "text": texts}), rows=100)
    sizes = [batch.read for batch in read_posts(path, batch_bytes=30_000)]
    assert sizes == [19, 20, 20, 20, 20, 20, 1]
    rest = list(read_posts(path, batch_bytes=30_000, cut_rows=40, begin=Mark(40, 40, 0)))
    whole = list(read_posts(path, batch_bytes=30_000, cut_rows=40))
    assert [batch.lines.tolist() for batch in whole][-len(rest) :] == [batch.lines.tolist() for batch in rest]


def test_a_kept_column_of_an_unknown_time_zone_is_named(tmp_path: Path) -> None:
    times = pa.array([5], pa.int64()).cast(pa.timestamp("s", "Nowhere/Atall"))
    path = write(tmp_path / "file.arrow", pa.table({"post_id": ["1"], "text": ["好"], "day": times}))
    with pytest.raises(ReadError, match="Arrow IPC file has a time zone that is not known here"):
        list(read_posts(path, Reading(keep=("day",))))
