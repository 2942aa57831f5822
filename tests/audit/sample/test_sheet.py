"""Sheets: out and in again they are the same rows; no cell is a formula; nothing tells what the model thinks."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

from koudai.audit.sample.sheet import FIELDS, control, label_config, to_csv, to_tasks
from koudai.text.characters.hazards import guarded
from tests.audit.sample.drawn import IDS, KEYS, manifest, scores
from tests.hostile.strings import HOSTILE_STRINGS


def texts(n: int) -> list[str]:
    nasty = [text for _, text in HOSTILE_STRINGS if "\x00" not in text]
    return [nasty[at % len(nasty)].encode("utf-8", "replace").decode() for at in range(n)]


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
    for at, row in enumerate(rows):
        assert abs(float(row["inclusion_probability"]) / told.probability(at) - 1) < 1e-8


def test_R4_no_cell_begins_a_formula() -> None:
    told = manifest(scores())
    for row in csv.reader(io.StringIO(to_csv(told, texts(len(told.rows))), newline="")):
        assert not [cell for cell in row if re.match(r"[\s\x00\ufeff]*[=+\-@＝＋－＠]", cell)]


def test_tasks_hold_exact_ids_and_texts() -> None:
    told = manifest(scores())
    own = texts(len(told.rows))
    tasks = json.loads(json.dumps(to_tasks(told, own)))
    assert [task["data"]["post_id"] for task in tasks] == [post_id for post_id, _ in told.rows]
    assert set(IDS) <= {task["data"]["post_id"] for task in tasks}
    assert [task["data"]["text"] for task in tasks] == own
    assert all({name: task["data"][name] for name in FIELDS} == task["meta"] for task in tasks)


def test_nobody_is_told_what_the_model_thinks() -> None:
    told = manifest(scores())
    for shown in (to_csv(told, [""] * len(told.rows)), json.dumps(to_tasks(told, [""] * len(told.rows)))):
        assert "tagged" not in shown
        assert "abstained" not in shown


def test_the_interface_asks_yes_or_no_for_each_category() -> None:
    view = ElementTree.fromstring(label_config(KEYS))
    assert [one.get("name") for one in view.iter("Choices")] == [control(key) for key in KEYS]
    assert [one.get("value") for one in view.iter("Choice")] == ["yes", "no"] * len(KEYS)
    assert control("posing.army") == "posing-army"
