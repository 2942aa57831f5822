"""What comes back: labels survive the way through CSV and Label Studio exactly; whatever does not belong to the sample
is refused with counts; nobody's name is kept.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.audit.inputs.words import ANSWERS
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.manifest import Manifest
from koudai.audit.sample.returned_row import same_id
from koudai.audit.sample.returned_sheet import read_sheet
from koudai.audit.sample.sheet import to_csv, to_tasks, to_workbook
from koudai.errors import LabelError, ReadError, ScoresMismatch
from tests.audit.sample.drawn import KEYS, annotated, answered, manifest, scores
from tests.audit.sample.test_sheet import sheet_cells
from tests.corpus.reading.workbooks import Number, write_workbook

TOLD = manifest(scores())
N = len(TOLD.rows)
SHEET = to_csv(TOLD, [f"帖子{at}" for at in range(N)])
TASKS = to_tasks(TOLD, [f"帖子{at}" for at in range(N)])
Rows = list[dict[str, str]]


def labels(seed: int, words: tuple[str, ...]) -> tuple[Rows, np.ndarray]:
    """Random answers, and what they mean."""
    random = np.random.default_rng(seed)
    rows = [{key: str(random.choice(words)) for key in KEYS} for _ in range(N)]
    return rows, np.array([[ANSWERS[row[key].strip().lower()] for key in KEYS] for row in rows])


def rows_of(sheet: str) -> Rows:
    return list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"), newline="")))


def written(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("words", [("1", "0", ""), ("是", "否", ""), ("Yes", " no ", "")])
def test_labels_survive_csv(tmp_path: Path, words: tuple[str, ...], encoding: str) -> None:
    rows, meant = labels(1, words)
    (tmp_path / "a.csv").write_text(answered(SHEET, rows), encoding=encoding, newline="")
    assert np.array_equal(read_labels([tmp_path / "a.csv"], TOLD), meant[None])


def test_labels_of_several_people_survive_label_studio_and_no_name_is_kept(tmp_path: Path) -> None:
    people, meant = {}, []
    for seed, who in enumerate(("zhang@example.invalid", "li@example.invalid", 17)):
        rows, own = labels(seed, ("yes", "no", "1"))
        people[who] = rows
        meant.append(own)
    people[17] = [{} if at % 3 == 0 else row for at, row in enumerate(people[17])]
    meant[2][::3] = -1
    (tmp_path / "export.json").write_text(json.dumps(annotated(TASKS, people)), encoding="utf-8")
    assert np.array_equal(read_labels([tmp_path / "export.json"], TOLD), np.array(meant))


def test_people_are_counted_in_the_order_they_appear(tmp_path: Path) -> None:
    rows, meant = labels(1, ("yes", "no"))
    late = [{} if at == 0 else row for at, row in enumerate(rows)]
    (tmp_path / "e.json").write_text(json.dumps(annotated(TASKS, {"a@x": late, "b@x": rows})), encoding="utf-8")
    found = read_labels([tmp_path / "e.json"], TOLD)
    assert np.array_equal(found[0], meant)
    assert (found[1][0] == -1).all()


def test_order_of_rows_is_free_and_missing_rows_are_missing(tmp_path: Path) -> None:
    rows, meant = labels(2, ("1", "0"))
    back = rows_of(answered(SHEET, rows))
    found = read_labels([written(tmp_path / "a.csv", back[::-1][5:])], TOLD)
    assert np.array_equal(found[0][: N - 5], meant[: N - 5])
    assert (found[0][N - 5 :] == -1).all()


def test_a_skipped_task_is_no_answer(tmp_path: Path) -> None:
    rows, _ = labels(1, ("yes", "no"))
    exported = annotated(TASKS, {"a@x": rows})
    exported[0]["annotations"][0]["was_cancelled"] = True
    exported[1]["annotations"][0]["result"] = []
    (tmp_path / "e.json").write_text(json.dumps(exported), encoding="utf-8")
    found = read_labels([tmp_path / "e.json"], TOLD)
    assert (found[0][:2] == -1).all()
    assert (found[0][2:] >= 0).all()


def changed(**cells: str) -> Callable[[Rows], None]:
    return lambda rows: rows[3].update(cells)


@pytest.mark.parametrize(
    ("bend", "told"),
    [
        (lambda rows: rows.append(rows[0]), "1 row there twice"),
        (changed(row="9999"), "1 row not in the sample"),
        (changed(row="x"), "1 row not in the sample"),
        (changed(post_id="other"), "1 row with another id than was drawn"),
        (changed(post_id="9.23457E+19"), "1 row with another id than was drawn"),
        (changed(sample="s000000000000"), "1 row of another sample"),
        (changed(sample=""), "1 row that do not say of which sample they are"),
        (changed(text="帖子4"), "1 row with the text of another row"),
        (lambda rows: rows.reverse() or _sorted_apart(rows, "text"), "with the text of another row"),
        (lambda rows: _sorted_apart(rows, "post_id"), "with another id than was drawn"),
        (lambda rows: [row.update(sample="s0") for row in rows], f"{N} rows of another sample"),
    ],
)
def test_A8_rows_that_do_not_belong_are_refused_with_counts(
    tmp_path: Path, bend: Callable[[Rows], Any], told: str
) -> None:
    rows = rows_of(answered(SHEET, labels(1, ("1", "0"))[0]))
    bend(rows)
    with pytest.raises(ScoresMismatch, match="do not belong") as refused:
        read_labels([written(tmp_path / "a.csv", rows)], TOLD)
    assert told in str(refused.value)


def test_one_person_twice_on_a_task_is_refused(tmp_path: Path) -> None:
    exported = annotated(TASKS, {"zhang@example.invalid": labels(1, ("yes", "no"))[0]})
    exported[4]["annotations"] *= 2
    (tmp_path / "e.json").write_text(json.dumps(exported), encoding="utf-8")
    with pytest.raises(ScoresMismatch, match="1 row there twice") as refused:
        read_labels([tmp_path / "e.json"], TOLD)
    assert "zhang" not in str(refused.value)


def _sorted_apart(rows: Rows, column: str) -> None:
    """Sort one column and leave the others where they are, as a spreadsheet does if told to."""
    for row, cell in zip(rows, sorted((row[column] for row in rows), reverse=True), strict=True):
        row[column] = cell


def spoilt(post_id: str) -> str:
    """What a spreadsheet makes of an id that it takes for a number, saved as CSV from a narrow column."""
    bare = post_id.strip()
    return f"{float(bare):.5E}" if bare.isdecimal() and len(bare) > 11 else str(int(bare)) if bare.isdecimal() else bare


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_sheet_that_a_spreadsheet_spoilt_and_sorted_is_read_by_its_rows(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows, meant = labels(1, ("1", "0"))
    back = rows_of(answered(SHEET, rows))
    for row in back:
        row["post_id"], row["text"] = spoilt(row["post_id"]), row["text"] + "\u3000!"
    back.sort(key=lambda row: (row["label:rumour"], row["text"]))
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(back[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(back)
    assert np.array_equal(read_labels([tmp_path / "a.csv"], TOLD)[0], meant)


def test_labels_survive_a_workbook_whatever_the_cells_became(tmp_path: Path) -> None:
    """Filled in by hand: text, numbers and truth values; rows sorted; ids that became numbers; a column added."""
    rows, meant = labels(4, ("1", "0", ""))
    header, *cells = sheet_cells(to_workbook(TOLD, [f"帖子{at}" for at in range(N)]))
    as_typed = {"1": ("是", Number("1"), True), "0": ("No", Number("0"), False), "": ("", "", None)}
    lines: list[list[str | bool | None]] = [[*header, "note"]]
    for at, (own, row) in enumerate(zip(rows, cells, strict=True)):
        post_id = Number(row[2]) if row[2].isdecimal() and not row[2].startswith("0") else row[2]
        lines.append([row[0], Number(str(at + 1)), post_id, row[3], *(as_typed[own[key]][at % 3] for key in KEYS), "?"])
    book = write_workbook(tmp_path / "anna.XLSX", [lines[0], *lines[:0:-1]], [["notes"]])
    assert np.array_equal(read_labels([book], TOLD)[0], meant)


def test_old_sheets_with_a_stratum_and_a_probability_are_still_read(tmp_path: Path) -> None:
    rows, meant = labels(1, ("1", "0"))
    back = [{**row, "stratum": "h01", "inclusion_probability": "0.1"} for row in rows_of(answered(SHEET, rows))]
    assert np.array_equal(read_labels([written(tmp_path / "a.csv", back)], TOLD)[0], meant)


@pytest.mark.parametrize(
    ("told", "drawn", "same"),
    [
        ("4.80029E+15", "4800290123456789", True),
        ("4.70000000000961E+018", "4700000000009605747", True),
        ("4800290123456780", "4800290123456789", True),
        ("1722", "001722", True),
        ("4.80029E+15", "4900290123456789", False),
        ("4800290123456", "4800290123457", False),
        ("1722", "1723", False),
        ("a", "b", False),
        ("1e999999999", "17", False),
        ("7" * 5000, "7" * 4999 + "8", True),
    ],
)
def test_an_id_is_the_same_only_as_far_as_a_spreadsheet_keeps_it(told: str, drawn: str, same: bool) -> None:
    assert same_id(told, drawn) is same


def test_labels_of_no_sample_are_refused_and_so_are_sheets_without_labels(tmp_path: Path) -> None:
    with pytest.raises(ScoresMismatch, match="which rows of a sample") as refused:
        read_labels([written(tmp_path / "a.csv", [{"post_id": "p1", "label:rumour": "1"}])], TOLD)
    assert "srs" in str(refused.value)
    bare = [{name: cell for name, cell in row.items() if "label" not in name} for row in rows_of(SHEET)]
    with pytest.raises(LabelError, match="no column of labels") as without:
        read_labels([written(tmp_path / "b.csv", bare)], TOLD)
    assert "post_id, text" in str(without.value)
    assert [one.labels for one in read_sheet(written(tmp_path / "d.csv", rows_of(SHEET)[:1]), TOLD)] == [
        dict.fromkeys(KEYS, "")
    ]
    (tmp_path / "c.xls").write_bytes(b"")
    with pytest.raises(ReadError, match="kind of workbook"):
        read_labels([tmp_path / "c.xls"], TOLD)


def test_words_that_nobody_said_are_capped_and_come_with_advice(tmp_path: Path) -> None:
    rows = rows_of(answered(SHEET, [dict.fromkeys(KEYS, "谣言" if at % 3 else "属实") for at in range(N)]))
    with pytest.raises(LabelError, match=f"{2 * N} label") as refused:
        read_labels([written(tmp_path / "a.csv", rows)], TOLD)
    said = str(refused.value)
    assert len(said.splitlines()) < 40
    assert f"and {2 * N - 20} more" in said
    assert "'谣言' (" in said.rpartition("replace")[2]


def test_cells_that_are_no_answer_are_listed_all(tmp_path: Path) -> None:
    rows = rows_of(answered(SHEET, labels(1, ("1", "0"))[0]))
    rows[0]["label:rumour"], rows[5]["label:posing.army"], rows[6]["label:rumour"] = "maybe", "2", "\x1b[31m1"
    with pytest.raises(LabelError, match="3 label") as refused:
        read_labels([written(tmp_path / "a.csv", rows)], TOLD)
    assert all(part in str(refused.value) for part in ("'maybe'", "'2'", "posing.army", "a.csv:7"))
    assert "\x1b" not in str(refused.value)


def test_labels_of_a_category_that_was_not_asked_for_are_refused(tmp_path: Path) -> None:
    rows = [{**row, "label:gossip": "1"} for row in rows_of(SHEET)]
    with pytest.raises(LabelError, match="not about"):
        read_labels([written(tmp_path / "a.csv", rows)], TOLD)
    exported = annotated(TASKS, {"a": [{"gossip": "yes"}] * N})
    (tmp_path / "e.json").write_text(json.dumps(exported), encoding="utf-8")
    with pytest.raises(LabelError, match="not about"):
        read_labels([tmp_path / "e.json"], TOLD)


@pytest.mark.parametrize("text", ["{}", "[1]", "nothing", '[{"id": 1, "rumour": "yes"}]', "[" * 5000])
def test_what_is_no_export_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.json").write_text(text, encoding="utf-8")
    with pytest.raises((ReadError, ScoresMismatch)):
        read_labels([tmp_path / "e.json"], TOLD)


def test_nothing_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xff\xff\x80")
    for paths in ([], [tmp_path / "none.csv"], [tmp_path / "a.csv"]):
        with pytest.raises(ReadError):
            read_labels(paths, TOLD)


def test_the_manifest_of_the_tests_is_a_whole_one() -> None:
    assert isinstance(TOLD, Manifest)
    assert N > 20


def test_rows_that_are_empty_are_no_rows(tmp_path: Path) -> None:
    rows, meant = labels(5, ("1", "0"))
    back = rows_of(answered(SHEET, rows))
    empty = dict.fromkeys(back[0], "")
    found = read_labels([written(tmp_path / "a.csv", [empty, *back[:3], empty, *back[3:], empty])], TOLD)
    assert np.array_equal(found, meant[None])
