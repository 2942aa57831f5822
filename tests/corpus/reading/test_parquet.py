"""Parquet: columns as text against their cells one by one (I6), bytes that are not UTF-8 against Python's decoder (I1),
batches and row groups of any size, damage named (I12), nothing read but what is asked for (R6).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.files import Batching
from koudai.corpus.reading.parquet import as_text, cells, not_utf8, record_batches
from koudai.errors import ReadError
from koudai.strict_json import NumberText
from tests.corpus.reading.arrow import BYTES, COLUMNS, unchecked


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@given(column=COLUMNS, numbers=st.booleans(), cut=st.integers(0, 12))
def test_I6_a_column_as_text_is_its_cells_one_by_one(column: pa.Array, numbers: bool, cut: int) -> None:
    column = column[cut:]
    found = as_text(column, numbers=numbers)
    wrong = not_utf8(found)
    expected = [
        cell if type(cell) is str or (numbers and isinstance(cell, NumberText)) else None for cell in cells(column)
    ]
    sound = pa.array([not bad for bad in wrong], pa.bool_())
    assert found.filter(sound).to_pylist() == [cell for cell, bad in zip(expected, wrong, strict=True) if not bad]
    assert [isinstance(cell, bytes) for cell in cells(column)] == wrong.tolist()


def decodes(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(derandomize=True, deadline=None, max_examples=200)
@given(cells=st.lists(st.none() | BYTES | st.binary(max_size=6), max_size=40), cut=st.integers(0, 9))
def test_I1_what_is_not_utf8_is_what_python_does_not_decode(cells: list[bytes | None], cut: int) -> None:
    found = not_utf8(unchecked(cells, pa.large_string())[cut:])
    assert found.tolist() == [value is not None and not decodes(value) for value in cells[cut:]]


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
