"""The figures of a report as files: every figure in each of them, and no cell or name that does harm."""

from __future__ import annotations

import codecs
import csv
import io
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.frame import (
    ALL,
    COLUMNS,
    TABLE_KINDS,
    AuditFrame,
    Figure,
    frame_csv,
    frame_parquet,
    table_kinds,
    write_tables,
)
from koudai.errors import ReadError, UsageError
from koudai.text.characters.hazards import guarded
from tests.render.reports import report_with, sample_report

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.none()
FIGURES = st.builds(Figure, WORDS, WORDS, WORDS, NUMBERS, st.integers(0, 10**12), NUMBERS, NUMBERS)


def cells(data: bytes) -> list[list[str]]:
    assert data.startswith(codecs.BOM_UTF8)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.lists(FIGURES, max_size=6))
def test_R4_no_text_cell_of_the_csv_begins_a_formula_and_numbers_are_in_full(figures: list[Figure]) -> None:
    header, *rows = cells(frame_csv(AuditFrame("m", tuple(figures))))
    assert header == ["measure", *COLUMNS]
    for row, figure in zip(rows, figures, strict=True):
        texts = [figure.category, figure.group, figure.statistic]
        assert row[1:4] == [guarded(text) for text in texts]
        assert not any(cell.startswith(tuple("=+-@\t\r\x00＝＋－＠")) for cell in row[1:4])
        for cell, number in zip(row[4:8], (figure.value, figure.n, figure.low, figure.high), strict=True):
            assert (float(cell) if cell else None) == number
        assert row[8:] == [""]


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.lists(FIGURES, max_size=6))
def test_parquet_holds_everything_as_it_is(figures: list[Figure]) -> None:
    table = pq.read_table(pa.BufferReader(frame_parquet(AuditFrame("m", tuple(figures)))))
    assert table.column_names == ["measure", *COLUMNS]
    rows = [{name: row[name] for name in COLUMNS} for row in table.to_pylist()]
    assert rows == AuditFrame("m", tuple(figures)).to_rows()
    assert table.schema.field("value").type == pa.float64()
    assert table.schema.field("n").type == pa.int64()


@pytest.mark.parametrize("asked", list(TABLE_KINDS))
def test_one_file_for_each_measure_and_kind(tmp_path: Path, asked: str) -> None:
    report = sample_report()
    written = write_tables(report.frames, tmp_path / "tables", table_kinds(asked))
    expected = {f"{name}.{kind}" for name in report.frames for kind in TABLE_KINDS[asked]}
    there = {path.name for path in (tmp_path / "tables").iterdir()} if TABLE_KINDS[asked] else set()
    assert {path.name for path in written} == there == expected


def test_the_files_of_a_report_read_as_one_table(tmp_path: Path) -> None:
    report = sample_report()
    write_tables(report.frames, tmp_path, ("parquet",))
    found = pq.read_table(tmp_path).to_pandas()
    expected = report.to_pandas()
    by: dict[str, Any] = {"by": ["measure", "category", "group", "statistic"], "ignore_index": True}
    for column in expected.columns:
        pairs = zip(found.sort_values(**by)[column], expected.sort_values(**by)[column], strict=True)
        assert all(a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b)) for a, b in pairs)


def test_what_is_not_defined_is_empty_in_the_csv() -> None:
    written = frame_csv(AuditFrame("m", (Figure("a", ALL, "f1", 0.5, 0, 0.1, 0.9, "wilson"),)))
    assert b'""' not in written
    (_, row) = cells(written)
    assert row == ["m", "a", ALL, "f1", "", "0", "", "", ""]


def test_lone_surrogates_can_be_encoded_as_csv() -> None:
    frame_csv(AuditFrame("m", (Figure("\ud83d=1", ALL, "x", 1.0, 1),)))


def test_older_tables_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "learnability.csv").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    report = report_with(frames={"learnability": AuditFrame("learnability", (Figure("a", ALL, "f1", 0.5, 9),))})
    write_tables(report.frames, tmp_path, ("csv",))
    assert len(cells((tmp_path / "learnability.csv").read_bytes())) == 2
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/b", "", ".", "..", "a\x00", "-a", "x" * 300, "名"])
def test_R4_a_measure_whose_name_leads_elsewhere_writes_nothing(tmp_path: Path, name: str) -> None:
    frame = AuditFrame("coverage", ())
    frames = {"coverage": frame, name: AuditFrame(name, ())}
    with pytest.raises(ReadError, match="cannot name a file"):
        write_tables(frames, tmp_path / "in" / "tables", ("csv", "parquet"))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown kind of tables"):
        table_kinds("xlsx")
