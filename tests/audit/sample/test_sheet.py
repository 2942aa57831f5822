"""Sheets: out and in again they are the same rows; no cell is a formula; nothing tells what the model thinks."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import numpy as np
import python_calamine as calamine
from scipy.stats import spearmanr

from koudai.audit.inputs.label_studio import control
from koudai.audit.inputs.words import answer
from koudai.audit.sample.flagged import CheckedLabels, draw_labels
from koudai.audit.sample.guide import MEANT
from koudai.audit.sample.returned_row import FIELDS
from koudai.audit.sample.sheet import label_config, to_csv, to_tasks, to_workbook
from koudai.audit.sample.workbook_sheet import ANSWERS_OFFERED, sheet_as_workbook
from koudai.config.places import bundled, find_taxonomy
from koudai.taxonomy import Taxonomy
from koudai.text.characters.hazards import guarded
from tests.audit.sample.drawn import IDS, KEYS, manifest, scores
from tests.hostile.strings import HOSTILE_STRINGS


def texts(n: int) -> list[str]:
    nasty = [text for _, text in HOSTILE_STRINGS if "\x00" not in text]
    return [nasty[at % len(nasty)].encode("utf-8", "replace").decode() for at in range(n)]


def taxonomy() -> Taxonomy:
    return find_taxonomy("cac-2023", configs=bundled("configs"))


def sheet_cells(book: bytes, sheet: int = 0) -> list[list[Any]]:
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(sheet).to_python()


def test_csv_holds_every_row_once_with_empty_labels() -> None:
    told = manifest(scores())
    own = texts(len(told.rows))
    sheet = to_csv(told, own)
    assert sheet.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(sheet[1:], newline="")))
    assert [row["text"] for row in rows] == [guarded(text) for text in own]
    assert [row["post_id"] for row in rows] == [guarded(post_id) for post_id, _ in told.rows]
    assert [int(row["row"]) for row in rows] == list(range(1, len(rows) + 1))
    assert {row["sample"] for row in rows} == {told.name}
    assert all(row[f"label:{key}"] == "" for row in rows for key in KEYS)


def test_R4_no_cell_begins_a_formula() -> None:
    told = manifest(scores())
    for row in csv.reader(io.StringIO(to_csv(told, texts(len(told.rows))), newline="")):
        assert not [cell for cell in row if re.match(r"[\s\x00\ufeff]*[=+\-@＝＋－＠]", cell)]


def test_what_a_workbook_offers_is_an_answer_and_any_number_of_columns_has_a_name() -> None:
    assert {answer(one) for one in ANSWERS_OFFERED} == {0, 1}
    header = [f"label:c{at}" for at in range(60)]
    assert sheet_cells(sheet_as_workbook(header, [list(range(60))], [])) == [header, [*map(float, range(60))]]


def test_tasks_hold_exact_ids_and_texts() -> None:
    told = manifest(scores())
    own = texts(len(told.rows))
    tasks = json.loads(json.dumps(to_tasks(told, own)))
    assert [task["data"]["post_id"] for task in tasks] == [post_id for post_id, _ in told.rows]
    assert set(IDS) <= {task["data"]["post_id"] for task in tasks}
    assert [task["data"]["text"] for task in tasks] == own
    assert all({name: task["data"][name] for name in FIELDS} == task["meta"] for task in tasks)


def test_nobody_is_told_what_the_model_thinks() -> None:
    """Neither a stratum nor a probability, which both follow the score, and no order that does."""
    told = manifest(scores())
    bare = [""] * len(told.rows)
    book = sheet_cells(to_workbook(told, bare))
    for shown in (to_csv(told, bare), json.dumps(to_tasks(told, bare)), json.dumps(book)):
        assert not re.search("tagged|abstained|stratum|probab", shown)
        assert not [one.probability for one in told.strata if f"{one.probability:.4g}" in shown and one.probability < 1]


def test_the_order_of_rows_says_nothing_of_the_score() -> None:
    wrong, at = np.linspace(0, 1, 900), np.arange(900)
    strata, rows = draw_labels(CheckedLabels((at % 2).astype(np.int8), wrong, at > 600), 300, seed=3)
    assert abs(spearmanr(np.arange(300), wrong[rows[:, 0]]).statistic) < 0.15
    assert len(strata) > 4


def test_a_workbook_holds_ids_as_text_labels_with_a_choice_and_what_they_mean() -> None:
    told = manifest(scores())
    own = [text[:32_767] for text in texts(len(told.rows))]
    book = to_workbook(told, own, taxonomy())
    header, *rows = sheet_cells(book)
    assert header == [*FIELDS, "text", *(f"label:{key}" for key in KEYS)]
    assert [row[2] for row in rows] == [post_id for post_id, _ in told.rows]
    assert [row[3] for row in rows] == own
    assert [row[1] for row in rows] == [float(at) for at in range(1, len(rows) + 1)]
    assert {cell for row in rows for cell in row[4:]} == {""}
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert re.findall('<dataValidation [^>]*sqref="([^"]*)"', sheet) == [f"{at}2:{at}{len(rows) + 1}" for at in "EF"]
    assert set(re.findall("<formula1>([^<]*)<", sheet)) == {'"是,否,yes,no,1,0"'}
    notes = "\n".join(row[0] for row in sheet_cells(book, 1))
    assert all(one in notes for one in ("涉嫌造谣传谣", "Alleged rumour", "计入：", "Counts out: "))
    assert book == to_workbook(told, own, taxonomy())


def test_the_interface_asks_yes_or_no_for_each_category() -> None:
    view = ElementTree.fromstring(label_config(KEYS))
    assert [one.get("name") for one in view.iter("Choices")] == [control(key) for key in KEYS]
    assert [one.get("alias") for one in view.iter("Choice")] == ["yes", "no"] * len(KEYS)
    assert [one.get("value") for one in view.iter("Choice")] == ["是 yes", "否 no"] * len(KEYS)
    meant = [one.get("value") for one in ElementTree.fromstring(label_config(KEYS[:1], taxonomy())).iter("Header")]
    assert all(one.startswith(title) for one, title in zip(meant[1:], MEANT, strict=True) if one)
    assert meant[0] == "涉嫌造谣传谣 · Alleged rumour (rumour)"
    assert control("posing.army") == "posing-army"
