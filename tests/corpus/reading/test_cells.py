"""Cells: columns as text against their cells one by one (I6), bytes that are not UTF-8 against Python's decoder (I1),
ids of every type, cells that Python cannot hold, and what is kept of them as text and JSON.
"""

from __future__ import annotations

import datetime
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.source import Columns
from koudai.corpus.reading.cells import Unreadable, as_ids, as_kept, as_text, cells, not_utf8
from koudai.corpus.reading.parquet import record_batches
from koudai.corpus.reading.posts import PostBatch, posts_of_batch
from koudai.corpus.reading.reading import DEFAULT_READING, Reading
from koudai.corpus.reading.rows import rows
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


FAR = 2**62
UUIDS = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=5).bytes, None], pa.binary(16)))


def only_batch(path: Path, reading: Reading = DEFAULT_READING) -> PostBatch:
    """Return the posts of a small Parquet file, even if it has none."""
    (batch,) = record_batches(
        path,
        lambda batch, first: posts_of_batch(batch, first + np.arange(len(batch)), reading, path.name),
        columns=reading.read,
    )
    return batch


def counted(values: list[int | None], kind: pa.DataType) -> pa.Array:
    """Return a column whose cells are stored as these numbers."""
    return pa.array(values, pa.int64()).cast(kind)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1.0, 2.0**53, 2.0**53 + 2, 1.5, float("nan"), float("-inf"), None]), ["1", "9007199254740992"]),
        (pa.array([7.0, 2.0**24, 2.0**25], pa.float32()), ["7", "16777216"]),
        (pa.array([Decimal("1.00"), Decimal("-12.0"), Decimal("1.50"), None]), ["1", "-12"]),
        (pa.array([Decimal(10**37), None]), [str(10**37)]),
        (UUIDS, ["00000000-0000-0000-0000-000000000005"]),
        (pa.array([2**63 - 1, None]), [str(2**63 - 1)]),
        (pa.array([True]), []),
        (counted([5], pa.timestamp("s")), []),
    ],
    ids=lambda one: str(one.type) if hasattr(one, "type") else "",
)
def test_I6_an_id_is_what_no_digit_can_have_been_lost_of(tmp_path: Path, column: pa.Array, expected: list[str]) -> None:
    n = len(column)
    assert as_ids(column).to_pylist() == expected + [None] * (n - len(expected))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"post_id": column, "text": ["好"] * n}), path)
    batch = only_batch(path)
    assert batch.ids.to_pylist() == expected
    assert [row.reason for row in batch.quarantined] == ["bad-id"] * (n - len(expected))
    assert [row.fields["post_id"] for row in rows(path, columns=["post_id"])][: len(expected)] == expected


def test_I7_a_sound_id_of_any_type_is_not_blamed_for_a_bad_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"post_id": [1.0, 2.0**60], "text": pa.nulls(2, pa.string())}), path)
    batch = only_batch(path)
    assert [row.reason for row in batch.quarantined] == ["missing-text", "bad-id"]
    assert "digits of the id were lost" in batch.quarantined[1].detail


@pytest.mark.parametrize(
    "column",
    [
        counted([FAR, 5], pa.timestamp("us")),
        counted([FAR, 5], pa.timestamp("us", "Asia/Shanghai")),
        pa.array([2**30, 5], pa.int32()).cast(pa.date32()),
        counted([FAR, 5], pa.duration("s")),
        pa.ListArray.from_arrays([0, 1, 2], counted([FAR, 5], pa.timestamp("us"))),
        pa.StructArray.from_arrays([counted([FAR, 5], pa.timestamp("ms"))], names=["at"]),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("place", ["post_id", "text", "day"])
def test_I7_a_cell_that_python_cannot_hold_sets_one_row_aside(tmp_path: Path, column: pa.Array, place: str) -> None:
    columns: dict[str, Any] = {"post_id": ["1", "2"], "text": ["好", "早"], "day": ["2024-01-01"] * 2}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({**columns, place: column}), path)
    batch = only_batch(path, Reading(columns=Columns(date="day")))
    assert batch.read == 2
    assert batch.quarantined[0].reason == "bad-cell"
    assert batch.quarantined[0].detail.startswith(f"{place}: ")
    assert isinstance(cells(column)[0], Unreadable)
    assert not isinstance(cells(column)[1], Unreadable)
    if place == "day":
        assert batch.ids.to_pylist() == ["2"]
    else:
        assert len(batch.quarantined) == 2


def test_times_of_a_zone_that_nobody_knows_are_instants() -> None:
    (found,) = cells(counted([1_700_000_000], pa.timestamp("s", "Nowhere/Atall")))
    assert found == datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.UTC)
    assert cells(counted([1_700_000_000_000_000_001], pa.timestamp("ns"))) == [
        datetime.datetime(2023, 11, 14, 22, 13, 20)
    ]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([[1.0, float("nan"), float("inf")], None]), ["[1.0,null,null]", None]),
        (pa.array([[b"\xff\xfe", "早".encode()]]), ['["fffe","早"]']),
        (pa.array([{"a": float("nan"), "b": datetime.timedelta(seconds=90)}]), ['{"a":null,"b":"PT90S"}']),
        (counted([90_000, -1, None], pa.duration("ms")), ["PT90S", "-PT0.001S", None]),
        (counted([FAR], pa.duration("s")), [f"PT{FAR}S"]),
        (
            counted([FAR, None, 5], pa.timestamp("us")),
            ["148108-07-06 14:00:27.387904", None, "1970-01-01 00:00:00.000005"],
        ),
        (counted([FAR], pa.timestamp("us", "Asia/Shanghai")), ["148108-07-06 14:00:27.387904Z"]),
        (pa.array([2**30, 4], pa.int32()).cast(pa.date32()), ["2941775-04-07", "1970-01-05"]),
        (
            pa.ListArray.from_arrays([0, 2], counted([FAR, 5], pa.timestamp("us"))),
            ['["148108-07-06 14:00:27.387904","1970-01-01 00:00:00.000005"]'],
        ),
        (UUIDS, ["00000000-0000-0000-0000-000000000005", None]),
    ],
    ids=lambda one: str(one.type) if hasattr(one, "type") else "",
)
def test_I6_what_is_kept_is_text_or_valid_json(column: pa.Array, expected: list[str | None]) -> None:
    found = as_kept(column).to_pylist()
    assert found == expected
    for text in found:
        if text is not None and text.startswith(("[", "{")):
            json.loads(text, parse_constant=lambda name: pytest.fail(name))
