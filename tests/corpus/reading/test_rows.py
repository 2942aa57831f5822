"""Rows: every kind of file, plain and gzipped, row by row; quotes nobody closes (I4), ragged rows (I5), records that
hold strange line ends (I9), archives and Parquet files that are damaged (I12).
"""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names, rows
from koudai.errors import ReadError
from koudai.limits import RECORD_LINES
from tests.corpus.posts import POSTS
from tests.corpus.reading.writers import FILES, write_posts
from tests.hostile.files import concatenated_gzip, corrupted_gzip, stray_quote, truncated_gzip
from tests.hostile.strings import encodable

WANTED = ["post_id", "text"]
IDS = [f"{n:04}" for n in range(len(POSTS))]


def read(path: Path, *, quoting: str | None = "csv", **options: str) -> list[Row]:
    return list(rows(path, Reading(quoting=quoting, **options), columns=WANTED))


def csv_file(folder: Path, content: str, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_its_named_columns_and_no_other(tmp_path: Path, name: str) -> None:
    path = write_posts(tmp_path / name, {"place": ["上海"] * len(POSTS), "text": POSTS, "post_id": IDS})
    got = read(path)
    assert [(row.fields, row.wrong) for row in got] == [
        ({"post_id": i, "text": t}, None) for i, t in zip(IDS, POSTS, strict=True)
    ]
    first = {"csv": 2, "tsv": 2}.get(name.split(".")[1], 1)
    assert [row.line for row in got] == list(range(first, first + len(POSTS)))


@pytest.mark.parametrize("name", FILES)
def test_column_names_are_those_of_every_kind_of_file(tmp_path: Path, name: str) -> None:
    path = write_posts(tmp_path / name, {"place": ["上海"], "text": ["好"], "post_id": ["1"]})
    assert column_names(path) == ["place", "text", "post_id"]


def test_column_names_of_json_lines_are_those_of_all_objects(tmp_path: Path) -> None:
    path = csv_file(tmp_path, '{"a": 1}\n{broken\n\n{"b": 2, "a": 3}\n', "posts.jsonl")
    assert column_names(path) == ["a", "b"]
    assert column_names(csv_file(tmp_path, "")) == []


def test_I12_a_parquet_file_that_is_none_has_no_column_names(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not a Parquet file"):
        column_names(csv_file(tmp_path, "post_id,text\n1,a\n", "posts.parquet"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_rows_has_no_rows(tmp_path: Path, name: str) -> None:
    assert read(write_posts(tmp_path / name, {"post_id": [], "text": []})) == []


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz", "a.csv.zst", "a.jsonl"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_I2_behind_a_byte_order_mark_the_first_column_has_its_name(tmp_path: Path, name: str, quoting: int) -> None:
    path = write_posts(tmp_path / name, {"post_id": ["\ufeff1"], "text": ["\ufeff好"]}, quoting=quoting, mark="\ufeff")
    assert [row.fields for row in read(path)] == [{"post_id": "\ufeff1", "text": "\ufeff好"}]


def test_I4_a_quote_nobody_closes_stops_at_its_own_row(tmp_path: Path) -> None:
    path = stray_quote(tmp_path / "posts.csv", rows=100_000, at=10)
    before = []
    with pytest.raises(ReadError, match=f"more than {RECORD_LINES.value} lines: a quote") as caught:
        before.extend(rows(path, columns=WANTED))
    assert str(caught.value.where) == f"{path}:11"
    assert caught.value.happened == "nothing of this file was kept"
    assert "quote" in str(caught.value.todo)


def test_I4_near_the_end_it_is_found_too(tmp_path: Path) -> None:
    path = stray_quote(tmp_path / "posts.csv", rows=20, at=17)
    with pytest.raises(ReadError, match="opened and never closed") as caught:
        read(path)
    assert str(caught.value.where) == f"{path}:18"
    assert caught.value.todo


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_I4_a_record_may_span_the_limit_and_no_more(tmp_path: Path, extra: int, fits: bool) -> None:
    text = "\n" * (RECORD_LINES.value - 1 + extra)
    path = csv_file(tmp_path, f'post_id,text\n1,短\n2,"{text}"\n3,又短\n')
    if fits:
        assert [row.fields["text"] for row in read(path)] == ["短", text, "又短"]
    else:
        with pytest.raises(ReadError, match="spans more than"):
            read(path)


@pytest.mark.parametrize(
    "header", ['post_id,"text\n1,x\n', 'post_id,"te"xt\n1,x\n', "post_id,text\r1,x\r"], ids=["open", "inner", "mac"]
)
def test_I4_a_header_that_is_no_csv_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(ReadError, match="header cannot be read") as caught:
        read(csv_file(tmp_path, header))
    assert caught.value.exit_code == 3
    assert caught.value.todo


def test_I5_ragged_and_misquoted_rows_are_set_aside_with_their_lines(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'post_id,text\n1,好\n2\n3,多,了\n\n4,"引"号\n5,"两\n行"\n6,完\n')
    got = [(row.line, row.wrong, row.detail) for row in read(path)]
    assert got == [
        (2, None, ""),
        (3, "ragged", "1 cell where the header has 2"),
        (4, "ragged", "3 cells where the header has 2"),
        (6, "bad-csv", "',' expected after '\"'"),
        (7, None, ""),
        (9, None, ""),
    ]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_I9_one_record_stays_one_record_whatever_it_holds(tmp_path: Path, name: str, quoting: int) -> None:
    texts = [text for _, text in encodable()]
    ids = [label for label, _ in encodable()]
    got = read(write_posts(tmp_path / name, {"post_id": ids, "text": texts}, quoting=quoting))
    assert [row.fields.get("text") for row in got] == texts
    assert [row.fields.get("post_id") for row in got] == ids


def test_I12_an_archive_that_ends_early_says_so(tmp_path: Path) -> None:
    content = "post_id,text\n" + "".join(f"{n},{random.Random(n).random()}\n" for n in range(2000))
    path = truncated_gzip(tmp_path / "posts.csv.gz", content.encode(), missing=4000)
    got = []
    with pytest.raises(ReadError, match="the archive ends early or is damaged") as caught:
        got.extend(rows(path, columns=WANTED))
    assert 0 < len(got) < 2000
    assert str(caught.value.where) == str(path)
    assert caught.value.happened == "rows before the damage were not committed"
    assert caught.value.todo == "bring the file again"


@pytest.mark.parametrize("missing", [1, 4, 8, 9, 15])
def test_I12_not_even_the_last_byte_may_be_missing(tmp_path: Path, missing: int) -> None:
    with pytest.raises(ReadError, match="ends early or is damaged"):
        read(truncated_gzip(tmp_path / "posts.csv.gz", "post_id,text\n1,好\n".encode(), missing=missing))


def test_I12_a_wrong_checksum_or_garbage_behind_the_archive_is_damage(tmp_path: Path) -> None:
    path = corrupted_gzip(tmp_path / "posts.csv.gz", "post_id,text\n1,好\n".encode())
    with pytest.raises(ReadError, match="ends early or is damaged") as caught:
        read(path)
    assert "CRC" in str(caught.value.got)
    path.write_bytes(gzip.compress("post_id,text\n1,好\n".encode()) + b"and more")
    with pytest.raises(ReadError, match="ends early or is damaged"):
        read(path)


@pytest.mark.parametrize("cut", [0, 5, 13, 16, 20])
def test_I12_concatenated_archives_are_one_wherever_they_meet(tmp_path: Path, cut: int) -> None:
    content = "post_id,text\n1,早市开了\n2,收摊了\n".encode()
    path = concatenated_gzip(tmp_path / "posts.csv.gz", content[:cut], b"", content[cut:])
    assert [row.fields["text"] for row in read(path)] == ["早市开了", "收摊了"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 and then PAR1", b"post_id,text\n1,x\n"])
def test_I12_what_is_not_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "posts.parquet"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="not a Parquet file") as caught:
        read(path)
    assert str(caught.value.where) == str(path)
    assert caught.value.todo == "bring the file again"


@pytest.mark.parametrize("name", FILES)
def test_I12_flipped_bits_give_rows_or_a_read_error_and_nothing_else(tmp_path: Path, name: str) -> None:
    columns = {"post_id": [str(n) for n in range(300)], "text": [POSTS[n % 8] for n in range(300)]}
    whole = write_posts(tmp_path / name, columns).read_bytes()
    path = tmp_path / f"flipped-{name}"
    refused = 0
    for seed in range(25):
        flips, damaged = random.Random(seed), bytearray(whole)
        for _ in range(3):
            damaged[flips.randrange(len(damaged))] ^= 1 << flips.randrange(8)
        path.write_bytes(damaged)
        try:
            read(path, bad_bytes="quarantine")
        except ReadError:
            refused += 1
    assert refused if name.endswith((".gz", ".zst", ".parquet")) else refused < 25


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (pa.array([7, None, 2**63 - 1]), ["7", None, "9223372036854775807"]),
        (pa.array([2**64 - 1, 0, 1], pa.uint64()), ["18446744073709551615", "0", "1"]),
        (pa.array(["007", "x", "007"]).dictionary_encode(), ["007", "x", "007"]),
        (pa.array(["007", "x", None], pa.large_string()), ["007", "x", None]),
        (pa.array(["007", "x", "y"], pa.string_view()), ["007", "x", "y"]),
        (pa.array([b"007", "早".encode(), b"\xff"], pa.binary()), ["007", "早", b"\xff"]),
    ],
    ids=["int64", "uint64", "dictionary", "large", "view", "binary"],
)
def test_I6_parquet_types_give_the_text_that_was_stored(tmp_path: Path, ids: pa.Array, expected: list[object]) -> None:
    pq.write_table(pa.table({"post_id": ids, "text": ["a", "b", "c"]}), tmp_path / "t.parquet")
    got = read(tmp_path / "t.parquet")
    assert [row.fields["post_id"] for row in got] == expected
    assert [row.wrong for row in got] == ["bad-bytes" if isinstance(one, bytes) else None for one in expected]
