"""Excel workbooks: text as it stands, dates as dates, no id that a spreadsheet has rounded, the first sheet alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import koudai.corpus.reading.workbook as workbook
from koudai.config.source import Columns
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names, rows
from koudai.corpus.reading.workbook import SheetsWarning
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import Limit
from tests.corpus.reading.workbooks import DATE, TIME, Number, dated, write_workbook

HEADER = ["post_id", "text", "date"]


def test_cells_come_as_they_say(tmp_path: Path) -> None:
    cells = [
        HEADER,
        ["0012", "听说停水 \n明天", dated("45292", DATE)],
        [Number("75"), "NA", dated("45292.6743055556", TIME)],
        ["3", "=1+1", Number("0.10")],
        [None, None, None],
        ["5", "", None],
        ["475000000000000123456", "好", True],
    ]
    path = write_workbook(tmp_path / "posts.xlsx", cells)
    found = [(row.line, *(row.fields[name] for name in HEADER)) for row in rows(path, Reading(keep=("date",)))]
    assert found == [
        (2, "0012", "听说停水 \n明天", "2024-01-01"),
        (3, "75", "NA", "2024-01-01 16:11:00"),
        (4, "3", "=1+1", "0.1"),
        (6, "5", "", ""),
        (7, "475000000000000123456", "好", True),
    ]
    (batch,) = read_posts(path, Reading(keep=("date",)))
    assert batch.kept["date"].to_pylist() == ["2024-01-01", "2024-01-01 16:11:00", "0.1", "", "true"]
    assert batch.ids.to_pylist() == ["0012", "75", "3", "5", "475000000000000123456"]
    assert column_names(path) == HEADER


def test_P1_a_bad_cell_sets_its_row_aside(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["text", "post_id"], ["早", None], [Number("666"), "2"], ["晚", "3"]])
    (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["3"]
    assert [(row.where, row.reason) for row in batch.quarantined] == [("a.xlsx:2", "bad-id"), ("a.xlsx:3", "bad-text")]
    assert batch.read == 3


@pytest.mark.parametrize("digits", ["4750000001948080", "4.75000000194808E15", "-4750000001948080"])
def test_P6_an_id_that_has_lost_digits_refuses_the_file(tmp_path: Path, digits: str) -> None:
    cells = [["post_id", "text"], [Number("475000000194808"), "早"], [Number(digits), "晚"]]
    path = write_workbook(tmp_path / "a.xlsx", cells)
    with pytest.raises(ReadError, match="more than 15 digits") as caught:
        list(read_posts(path))
    assert str(caught.value.where).endswith("a.xlsx:3")
    assert "`number_rows`" in str(caught.value.todo)
    (batch,) = read_posts(path, Reading(number_rows=True))
    assert batch.ids.to_pylist() == ["a.xlsx:2", "a.xlsx:3"]


def test_blanks_round_an_id_go_and_are_counted(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["post_id", "text"], ["4901000000000001\t", "早"], ["2", "晚"]])
    (batch,) = read_posts(path)
    assert (batch.ids.to_pylist(), batch.noticed) == (["4901000000000001", "2"], {"trimmed-id": 1})


def test_the_first_sheet_is_read_and_others_with_rows_are_named(tmp_path: Path) -> None:
    first = [["post_id", "text"], ["1", "早"]]
    path = write_workbook(tmp_path / "a.xlsx", first, [], [["x"]])
    with pytest.warns(SheetsWarning, match="'Sheet1', is read; 1 other.* left out: 'Sheet3'"):
        (batch,) = read_posts(path)
    assert batch.ids.to_pylist() == ["1"]


def test_a_header_below_the_first_row_is_found_and_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [[], [], [None, "post_id", "text"], [None, "1", "早"]])
    (batch,) = read_posts(path)
    assert (batch.ids.to_pylist(), batch.file_lines) == (["1"], ["a.xlsx:4"])


def test_a_title_above_the_header_is_named(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["导出", None], [], ["post_id", "text"], ["1", "早"]])
    with pytest.raises(ReadError, match="row 3 holds the names of the columns") as caught:
        list(read_posts(path))
    assert caught.value.todo == "remove the rows above row 3"


def test_rows_may_be_begun_in_the_midst(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["post_id", "text"], *([str(at), f"第{at}条"] for at in range(10))])
    whole = [batch.ids.to_pylist() for batch in read_posts(path, batch_rows=3, cut_rows=4)]
    assert whole == [["0", "1", "2"], ["3"], ["4", "5", "6"], ["7"], ["8", "9"]]
    marks = [mark for ids in read_post_ids(path, exact=True, mark_rows=4) for mark in ids.marks]
    assert [mark.row for mark in marks] == [0, 4, 8]
    assert [one.ids.to_pylist() for one in read_posts(path, batch_rows=3, cut_rows=4, begin=marks[1])] == whole[2:]


def test_an_empty_workbook_lacks_its_columns(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="missing: post_id, text"):
        list(read_posts(write_workbook(tmp_path / "a.xlsx", [])))


def test_a_workbook_that_is_damaged_or_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["post_id", "text"], ["1", "早"]])
    monkeypatch.setattr(workbook, "WORKBOOK_BYTES", Limit(1000, "bytes", "refused"))
    with pytest.raises(LimitExceeded, match="too large"):
        list(read_posts(path))
    monkeypatch.undo()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, b"<no" if name.endswith("sheet1.xml") else part)
    with pytest.raises(ReadError, match="damaged"):
        list(read_posts(path, Reading(columns=Columns())))
