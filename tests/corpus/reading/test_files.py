"""Files: kinds told by name, gzip by the first bytes; what is not there, unknown, without its columns (I5) or a bomb
(I12) is refused with what to do.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.corpus.reading import files
from koudai.corpus.reading.files import open_unzipped, splittable
from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.rows import rows
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import Limit
from tests.corpus.reading.writers import write_posts
from tests.hostile.files import concatenated_gzip, zstd_of


def read(path: Path) -> list[Row]:
    return list(rows(path, columns=["post_id", "text"]))


def csv_file(folder: Path, content: str, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize("name", ["posts.txt", "posts", "posts.csv.zip", "posts.gz", "csv"])
def test_an_unknown_kind_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError, match="kind of this file is not known") as caught:
        read(csv_file(tmp_path, "post_id,text\n", name))
    assert ".parquet, .csv, .tsv, .jsonl, .ndjson" in str(caught.value.expected)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ReadError, match="cannot be read") as caught:
        read(tmp_path / "folder.csv")
    assert caught.value.got == "Is a directory"


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
def test_I5_missing_columns_are_listed_at_once_with_the_nearest(tmp_path: Path, kind: str) -> None:
    path = write_posts(tmp_path / f"posts.{kind}", {"postid": ["1"], "content": ["好"]})
    with pytest.raises(ReadError, match=r"column\(s\) missing: post_id, text") as caught:
        read(path)
    error = caught.value
    assert (str(error.where), error.expected, error.got) == (str(path), "post_id, text", "postid, content")
    assert "did you mean 'postid'?" in str(error.todo)
    assert "`id_column`" in str(error.todo)


def test_I5_columns_of_one_name_are_refused_if_wanted(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="columns share a name") as caught:
        read(csv_file(tmp_path, "post_id,text,text\n1,a,b\n"))
    assert caught.value.got == "text"
    pq.write_table(
        pa.Table.from_arrays([pa.array(["1"])] * 3, names=["post_id", "text", "text"]), tmp_path / "t.parquet"
    )
    with pytest.raises(ReadError, match="columns share a name"):
        read(tmp_path / "t.parquet")
    assert len(read(csv_file(tmp_path, "post_id,text,x,x\n1,a,b,c\n"))) == 1


def test_gzip_is_told_by_the_first_bytes_not_by_the_name(tmp_path: Path) -> None:
    plain = csv_file(tmp_path, "post_id,text\n1,好\n", "plain.csv.gz")
    zipped = concatenated_gzip(tmp_path / "zipped.csv", "post_id,text\n1,好\n".encode())
    assert read(plain) == read(zipped)


def test_I12_a_gzipped_parquet_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PARQUET_UNZIPPED_BYTES", Limit(1 << 20, "bytes", "refused"))
    path = concatenated_gzip(tmp_path / "posts.parquet.gz", bytes(2 << 20))
    with pytest.raises(LimitExceeded, match="too large to be unzipped") as caught:
        read(path)
    assert str(1 << 20) in str(caught.value.expected)
    assert caught.value.exit_code == 3
    fits = write_posts(tmp_path / "fits.parquet.gz", {"post_id": ["1"], "text": ["好"]})
    assert len(read(fits)) == 1


@pytest.mark.parametrize("skippable", [None, b"", b"written by a parallel packer"])
def test_zstd_is_told_by_the_first_bytes_and_its_frames_are_one(tmp_path: Path, skippable: bytes | None) -> None:
    frames = [b"post_id,text\n1,", b"", "好\n2,早\n".encode()]
    zipped = zstd_of(tmp_path / "zipped.csv", *frames, skippable=skippable)
    assert [row.fields["text"] for row in read(zipped)] == ["好", "早"]
    assert read(csv_file(tmp_path, "post_id,text\n1,好\n", "plain.csv.zst"))[0].fields["text"] == "好"
    assert not splittable(zipped)
    assert splittable(csv_file(tmp_path, "post_id,text\n1,好\n"))
    with pytest.raises(ReadError, match="kind of this file is not known"):
        read(zstd_of(tmp_path / "posts.parquet.zst", *frames))


@pytest.mark.parametrize("missing", [1, 4, 9, 15, 20])
def test_I12_not_even_the_last_byte_of_zstd_may_be_missing(tmp_path: Path, missing: int) -> None:
    with pytest.raises(ReadError, match="ends early or is damaged") as caught:
        read(zstd_of(tmp_path / "posts.csv.zst", "post_id,text\n1,好\n".encode(), missing=missing))
    assert caught.value.happened == "rows before the damage were not committed"


def test_I12_damage_in_zstd_and_garbage_behind_it_is_named(tmp_path: Path) -> None:
    path = zstd_of(tmp_path / "posts.csv.zst", b"post_id,text\n" + b"".join(b"%d,a\n" % n for n in range(9999)))
    whole = path.read_bytes()
    for content in (whole + b"and more", whole[:6] + b"\xff" * 9 + whole[15:]):
        path.write_bytes(content)
        with pytest.raises(ReadError, match="ends early or is damaged"):
            read(path)


def test_what_is_opened_is_unzipped(tmp_path: Path) -> None:
    for name in ("posts.jsonl", "posts.jsonl.gz", "posts.CSV"):
        with open_unzipped(concatenated_gzip(tmp_path / name, b"a", b"b")) as stream:
            assert stream.read() == b"ab"
