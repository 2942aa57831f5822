"""Parquet: batches and row groups of any size, damage named (I12), nothing read or asked but what is wanted (R6), rows
as promised (P1), little memory whatever a file expands to (P5).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.config.source import Columns
from koudai.corpus.dates import readable_dates
from koudai.corpus.reading import parquet
from koudai.corpus.reading.files import Batching, Mark
from koudai.corpus.reading.parquet import record_batches
from koudai.corpus.reading.posts import what_is_wrong
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names, rows_of_batch
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import Limit


@pytest.mark.parametrize("group", [1, 7, 100, 1000])
@pytest.mark.parametrize("batch_rows", [1, 64, 100, 4096])
def test_batches_are_of_the_size_asked_for_whatever_the_row_groups(tmp_path: Path, group: int, batch_rows: int) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"post_id": range(230), "text": ["好"] * 230}), path, row_group_size=group)
    found = list(
        record_batches(
            path,
            lambda batch, first: (first, batch.column(0).to_pylist()),
            columns=["post_id", "text"],
            batching=Batching(batch_rows),
        )
    )
    assert [first for first, _ in found] == list(range(1, 231, batch_rows))
    assert [number for _, numbers in found for number in numbers] == list(range(230))
    assert {len(numbers) for _, numbers in found[:-1]} <= {batch_rows}


def test_R6_only_what_is_asked_for_is_read_and_all_of_it_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"user_id": ["u"], "post_id": ["1"], "text": ["好"]}), path)
    names = ["post_id", "text"]
    assert list(record_batches(path, lambda batch, _: batch.schema.names, columns=names)) == [names]
    assert list(record_batches(path, lambda batch, _: batch.schema.names, columns=names, read=["post_id"])) == [
        ["post_id"]
    ]
    with pytest.raises(ReadError, match=r"column\(s\) missing: content"):
        list(record_batches(path, lambda batch, _: batch, columns=["post_id", "content"], read=["post_id"]))


def test_I12_damage_says_how_many_rows_came_before_it(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    texts = [f"{n:06d}" * 50 for n in range(2000)]
    pq.write_table(
        pa.table({"post_id": range(2000), "text": texts}),
        path,
        row_group_size=500,
        compression="zstd",
        use_dictionary=False,
    )
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(2).column(1).data_page_offset
    data[start : start + 400] = bytes(400)
    path.write_bytes(data)
    with pytest.raises(ReadError, match="this Parquet file is damaged") as caught:
        list(record_batches(path, lambda batch, _: batch, columns=["post_id", "text"], batching=Batching(100)))
    assert caught.value.happened == "1000 rows before the damage could be read"
    assert str(caught.value.where) == str(path)


def test_a_wrong_page_checksum_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    texts = [f"图书馆明天开门{n}" for n in range(50)]
    table = pa.table({"post_id": range(50), "text": texts})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    assert len(list(record_batches(path, lambda batch, _: batch, columns=["post_id", "text"]))) == 1
    path.write_bytes(path.read_bytes().replace("图书馆明天开门7".encode(), "图书馆今天开门7".encode(), 1))
    with pytest.raises(ReadError, match="damaged") as caught:
        list(record_batches(path, lambda batch, _: batch, columns=["post_id", "text"]))
    assert "checksum" in str(caught.value.got)


class Recorded:
    """Stands before metadata and writes down what is asked of it; sizes are what a test says."""

    def __init__(self, of: Any, asked: list[str], **said: int) -> None:
        self._of, self._asked, self._said = of, asked, said

    def __getattr__(self, name: str) -> Any:
        self._asked.append(name)
        if name == "row_group":
            return lambda number: Recorded(self._of.row_group(number), self._asked, **self._said)
        return self._said.get(name, getattr(self._of, name))


def recorded(monkeypatch: pytest.MonkeyPatch, **said: int) -> list[str]:
    """Let every file that is opened write down what is asked of its metadata."""
    asked: list[str] = []

    class File(pq.ParquetFile):
        @property
        def metadata(self) -> Any:
            return Recorded(super().metadata, asked, **said)

    monkeypatch.setattr(pq, "ParquetFile", File)
    return asked


def test_R6_no_column_chunk_is_asked_for_its_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(
        pa.table({"post_id": range(90), "secret": ["x"] * 90, "text": ["好" * 9] * 90}), path, row_group_size=40
    )
    asked = recorded(monkeypatch)
    assert sum(len(batch.ids) for batch in read_posts(path)) == 90
    assert sum(len(found.ids) for found in read_post_ids(path, exact=False)) == 90
    assert set(asked) == {"num_row_groups", "row_group", "num_rows", "total_byte_size"}


def test_P1_rows_that_are_promised_and_not_given_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"post_id": range(6), "text": ["好"] * 6}), path, row_group_size=3)
    recorded(monkeypatch, num_rows=4)
    with pytest.raises(ReadError, match="other rows than it promises") as caught:
        list(read_posts(path))
    assert (caught.value.expected, caught.value.got) == ("8 rows in row group 0 to 1", "6")


def test_P5_a_page_that_is_too_large_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the second row group, among short texts; also when ids alone are asked for; of columns that are read alone."""
    texts = ["好"] * 20
    texts[13] = "长" * 500
    table = pa.table({"post_id": range(20), "text": texts, "beside": ["好"] * 20})
    path = tmp_path / "posts.parquet"
    for most, refused in ((1400, True), (1600, False)):
        monkeypatch.setattr(parquet, "PARQUET_PAGE_BYTES", Limit(most, "bytes", "refused"))
        for layout in ({"use_dictionary": False}, {"use_dictionary": True}, {"data_page_version": "2.0"}):
            pq.write_table(table, path, row_group_size=10, **layout)
            for read in (lambda: list(read_posts(path)), lambda: list(read_post_ids(path, exact=False))):
                if refused:
                    with pytest.raises(LimitExceeded, match="a page of the column 'text'") as caught:
                        read()
                    assert str(caught.value.expected) == "at most 1,400 bytes, unpacked"
                    assert str(caught.value.got).endswith("bytes in row group 1")
                else:
                    read()
    monkeypatch.setattr(parquet, "PARQUET_PAGE_BYTES", Limit(600, "bytes", "refused"))
    assert sum(batch.read for batch in read_posts(path, Reading(columns=Columns(text="beside")))) == 20
    begun = list(read_posts(path, Reading(columns=Columns(text="beside")), begin=Mark(12, 12, 0)))
    assert [one for batch in begun for one in batch.ids.to_pylist()] == [str(n) for n in range(12, 20)]


def test_P5_pages_of_long_texts_are_read_in_small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight long texts side by side among short ones: pyarrow is asked for no more rows at once than they allow."""
    texts = ["好"] * 400
    texts[100:108] = ["长" * 3000] * 8
    path = tmp_path / "posts.parquet"
    pq.write_table(
        pa.table({"post_id": range(400), "text": texts}),
        path,
        use_dictionary=False,
        write_batch_size=1,
        data_page_size=1,
    )
    steps, asked = [], pq.ParquetFile.iter_batches

    def recorded_steps(self: pq.ParquetFile, rows: int, **named: Any) -> Any:
        steps.append(rows)
        return asked(self, rows, **named)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", recorded_steps)
    monkeypatch.setattr(parquet, "_STEP_BYTES", 20_000)
    expected = [one for batch in read_posts(path) for one in batch.texts.texts()]
    averaged = max(steps)
    monkeypatch.setattr(parquet, "PARQUET_PAGE_BYTES", Limit(10_000, "bytes", "refused"))
    steps.clear()
    assert [one for batch in read_posts(path) for one in batch.texts.texts()] == expected == texts
    assert max(steps) <= 2 < averaged


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pa.string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())])
def test_P5_a_text_that_is_stored_once_and_stands_everywhere_takes_little_memory(
    tmp_path: Path, kind: pa.DataType
) -> None:
    """A few kilobytes on the disk, half a gibibyte unpacked: batches are cut by what their texts take."""
    path = tmp_path / "posts.parquet"
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 2500, pa.int32()), pa.array(["水" * 70_000]))
    if not pa.types.is_dictionary(kind):
        column = column.cast(kind)
    pq.write_table(pa.table({"post_id": range(2500), "text": column}), path)
    del column
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    most, read = 0, 0
    for batch in read_posts(path):
        most, read = max(most, pa.total_allocated_bytes() - before), read + batch.read
        assert batch.read <= 1 + (8 << 20) // 210_000
    assert read == 2500
    assert most < 200 << 20


@pytest.mark.parametrize("begin", [0, 20, 40, 60])
def test_batches_of_texts_of_all_lengths_are_the_same_from_a_cut_on(tmp_path: Path, begin: int) -> None:
    texts = ["长" * (n * n % 37) for n in range(90)]
    table = pa.table({"post_id": range(90), "text": texts})
    found = []
    for group in (7, 90):
        path = tmp_path / f"{group}.parquet"
        pq.write_table(table, path, row_group_size=group)
        for start in (0, begin):
            batching = Batching(8, 200, 20, Mark(start, start, 0))
            batches = record_batches(
                path,
                lambda batch, first: (first, batch.column(1).to_pylist()),
                columns=["post_id", "text"],
                batching=batching,
            )
            found.append([one for one in batches if one[0] > begin])
    assert all(one == found[0] for one in found)
    assert [text for _, some in found[0] for text in some] == texts[begin:]


def test_an_encrypted_file_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    path.write_bytes(b"PARE" + bytes(40) + (8).to_bytes(4, "little") + b"PARE")
    for act in (lambda: list(read_posts(path)), lambda: column_names(path)):
        with pytest.raises(ReadError, match="this Parquet file is encrypted"):
            act()


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (OSError("Crypto: no key for this column"), "is encrypted, or a column of it is"),
        (
            pa.ArrowNotImplementedError("Integers with more than 64 bits not implemented"),
            "a type of values that is not",
        ),
        (pa.ArrowInvalid("Malformed levels"), "this Parquet file is damaged"),
    ],
)
def test_what_pyarrow_does_not_read_is_named_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, what: str
) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"post_id": ["1"], "text": ["好"]}), path)

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", refuse)
    with pytest.raises(ReadError, match=what):
        list(read_posts(path))


def test_a_kept_column_of_an_unknown_time_zone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    times = pa.array([5], pa.int64()).cast(pa.timestamp("s", "Nowhere/Atall"))
    pq.write_table(pa.table({"post_id": ["1"], "text": ["好"], "day": times}), path)
    with pytest.raises(ReadError, match="a time zone that is not known here"):
        list(read_posts(path, Reading(keep=("day",))))


def test_a_nested_column_as_text_sets_its_rows_aside(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"post_id": ["1"], "nested": [{"a": 1}]}), path)
    (found,) = record_batches(
        path,
        lambda batch, _: rows_of_batch(batch, 1, ["post_id", "nested"]),
        columns=["post_id", "nested"],
    )
    wrong = [what_is_wrong(row, Columns(text="nested")) for row in found]
    assert [reason[0] for reason in wrong if reason] == ["bad-text"]
    empty = pa.schema([("post_id", pa.string()), ("nested", pa.struct([("a", pa.int8())]))]).empty_table()
    pq.write_table(empty, path)
    assert list(read_posts(path, Reading(columns=Columns(text="nested")))) == []


@pytest.mark.parametrize("spark", [True, False])
def test_times_that_spark_wrote_are_in_utc(tmp_path: Path, *, spark: bool) -> None:
    """Its INT96 does not say so; a time beyond 2262 is none of other days, as it would be in nanoseconds."""
    path = tmp_path / "posts.parquet"
    times = [datetime(2023, 12, 31, 16, 5), datetime(3000, 1, 1)]
    table = pa.table({"post_id": ["1", "2"], "text": ["好", "早"], "at": pa.array(times, pa.timestamp("us"))})
    if spark:
        table = table.replace_schema_metadata({"org.apache.spark.version": "4.0.0"})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    (batch,) = read_posts(path, Reading(columns=Columns(date="at"), keep=("at",)))
    assert [one.replace(tzinfo=None) for one in batch.fields["at"]] == times
    assert {one.utcoffset() for one in batch.fields["at"]} == {timedelta(0) if spark else None}
    assert batch.kept["at"][0].as_py() == "2023-12-31 16:05:00.000000" + ("Z" if spark else "")
    found, _ = readable_dates(batch.fields["at"])
    assert str(found[0]) == ("2024-01-01T00:05:00" if spark else "2023-12-31T16:05:00")
