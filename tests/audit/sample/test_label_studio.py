"""Exports of Label Studio: the four forms say the same, one project in parts keeps its people, and what is there twice,
of another project or of nobody's interface is refused with what to do.
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

from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.label_studio import read_export
from koudai.audit.sample.sheet import to_tasks
from koudai.errors import LabelError, ReadError, ScoresMismatch
from tests.audit.sample.drawn import KEYS, annotated
from tests.audit.sample.test_answers import TASKS, TOLD, N, labels

Tasks = list[dict[str, Any]]
PEOPLE = (7, 23)
ROWS = {who: labels(who, ("yes", "no"))[0] for who in PEOPLE}
MEANT = np.array([labels(who, ("yes", "no"))[1] for who in PEOPLE])


def project(people: dict[Any, list[dict[str, str]]] | None = None, *, since: str = "2026-11-30") -> Tasks:
    """Return a project's export as JSON, with what Label Studio adds."""
    exported = annotated(TASKS, people or ROWS)
    for task in exported:
        for annotation in task["annotations"]:
            annotation |= {
                "created_at": f"{since}T00:00:{task['id']:02}.5Z",
                "unique_id": f"{since} {annotation['id']}",
            }
    return exported


def flat(tasks: Tasks) -> list[dict[str, Any]]:
    """Return the same as JSON-MIN: a record for each annotation."""
    found = []
    for task in tasks:
        for one in task["annotations"]:
            record = {**task["data"], "id": task["id"], "annotator": one["completed_by"], "annotation_id": one["id"]}
            record |= {"created_at": one["created_at"], "updated_at": one["created_at"], "lead_time": 1.5}
            for result in one["result"]:
                chosen = result["value"]["choices"]
                record[result["from_name"]] = chosen[0] if len(chosen) == 1 else {"choices": chosen}
            found.append(record)
    return found


def saved(path: Path, tasks: Tasks) -> Path:
    """Write an export in the form that the name of the file says."""
    if path.suffix == ".json":
        path.write_text(json.dumps(flat(tasks) if "min" in path.name else tasks, ensure_ascii=False), encoding="utf-8")
        return path
    records = flat(tasks)
    file = io.StringIO()
    names = sorted({name for record in records for name in record})
    writer = csv.DictWriter(file, names, delimiter="\t" if path.suffix == ".tsv" else ",", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(
        {name: json.dumps(cell) if isinstance(cell, dict) else cell for name, cell in record.items()}
        for record in records
    )
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    return path


FORMS = ("e.json", "e.min.json", "e.csv", "e.tsv")


@pytest.mark.parametrize("name", FORMS)
def test_F1_P1_every_form_says_the_same_and_people_stay_apart(tmp_path: Path, name: str) -> None:
    assert np.array_equal(read_labels([saved(tmp_path / name, project())], TOLD), MEANT)


@pytest.mark.parametrize("forms", [("a.json", "b.json"), ("a.json", "b.csv"), ("a.min.json", "b.tsv")])
def test_P14_one_project_in_two_halves_keeps_its_people(tmp_path: Path, forms: tuple[str, str]) -> None:
    tasks = project()
    halves = [
        saved(tmp_path / name, part) for name, part in zip(forms, (tasks[: N // 2], tasks[N // 2 :]), strict=True)
    ]
    assert np.array_equal(read_labels(halves, TOLD), MEANT)


def test_people_of_two_servers_may_have_the_same_numbers(tmp_path: Path) -> None:
    other, meant = labels(99, ("yes", "no"))
    files = [saved(tmp_path / "a.json", project()), saved(tmp_path / "b.json", project({7: other}, since="2026-12-01"))]
    assert np.array_equal(read_labels(files, TOLD), np.concatenate([MEANT, meant[None]]))


@pytest.mark.parametrize("name", FORMS)
def test_P14_an_export_or_a_file_that_is_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, project())
    with pytest.raises(ReadError, match="a file of labels is named twice"):
        read_labels([path, tmp_path / "." / name], TOLD)
    part = saved(tmp_path / f"part.{name}", project()[:4])
    with pytest.raises(ScoresMismatch, match="annotations are in two exports") as refused:
        read_labels([path, part], TOLD)
    assert "8 annotations" in str(refused.value.got)


@pytest.mark.parametrize("name", FORMS)
def test_P2_who_annotated_a_task_twice_is_told_to_delete_one(tmp_path: Path, name: str) -> None:
    tasks = project()
    tasks[4]["annotations"].append({**tasks[4]["annotations"][0], "id": 999, "unique_id": "another"})
    with pytest.raises(ScoresMismatch, match="1 row there twice") as refused:
        read_labels([saved(tmp_path / name, tasks)], TOLD)
    assert "deletes one of the two" in str(refused.value.todo)


def without_sample(tasks: Tasks) -> None:
    for task in tasks:
        task["data"] = {"text": task["data"]["text"]}


def of_another_sample(tasks: Tasks) -> None:
    for task in tasks:
        task["data"] = {**task["data"], "sample": "s0"}


def other_interface(tasks: Tasks) -> None:
    for task in tasks:
        for one in task["annotations"]:
            for result in one["result"]:
                result["from_name"] = "sentiment"


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("bend", "told"),
    [
        (without_sample, f"{2 * N} rows that do not say of which sample they are"),
        (of_another_sample, f"{2 * N} rows of another sample"),
        (other_interface, "sentiment"),
    ],
)
def test_the_export_of_another_project_is_refused(
    tmp_path: Path, name: str, bend: Callable[[Tasks], None], told: str
) -> None:
    tasks = project()
    bend(tasks)
    with pytest.raises((ScoresMismatch, LabelError)) as refused:
        read_labels([saved(tmp_path / name, tasks)], TOLD)
    assert told in str(refused.value)


@pytest.mark.parametrize("name", FORMS)
def test_several_choices_are_no_answer_and_a_skipped_task_is_none(tmp_path: Path, name: str) -> None:
    tasks = project()
    tasks[2]["annotations"][0]["result"] = []
    found = read_labels([saved(tmp_path / name, tasks)], TOLD)
    assert (found[0][2] == -1).all()
    tasks[3]["annotations"][1]["result"][0]["value"]["choices"] = ["yes", "no"]
    with pytest.raises(LabelError, match="1 label") as refused:
        read_labels([saved(tmp_path / name, tasks)], TOLD)
    assert "yes no" in str(refused.value.got)


def test_what_else_a_project_asks_is_not_read_and_sheets_are_none_of_these(tmp_path: Path) -> None:
    records = [{**record, "comment": "?"} for record in flat(project())]
    (tmp_path / "e.json").write_text(json.dumps(records), encoding="utf-8")
    assert np.array_equal(read_labels([tmp_path / "e.json"], TOLD), MEANT)
    (tmp_path / "sheet.csv").write_text("sample,row,post_id,text,label:rumour\n", encoding="utf-8")
    assert read_export(tmp_path / "sheet.csv", TOLD) is None
    assert read_export(tmp_path / "sheet.xlsx", TOLD) is None
    assert to_tasks(TOLD, [""] * N)[0]["data"].keys() >= {"sample", "row", "post_id"}
    assert set(KEYS) == set(TOLD.categories)


@pytest.mark.parametrize("text", ["[]", "{}", '[{"data": {}}]', '[{"annotator": 1, "rumour": "yes"}]', "[1]"])
def test_what_is_no_export_says_what_to_export(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match="no export of Label Studio") as refused:
        read_labels([tmp_path / "e.json"], TOLD)
    assert "JSON, JSON-MIN, CSV or TSV" in str(refused.value.todo)


def test_results_without_choices_say_nothing(tmp_path: Path) -> None:
    tasks = project()
    for task in tasks:
        for annotation in task["annotations"]:
            odd = [{"from_name": "note", "value": {"text": ["?"]}}, {"from_name": "rating"}, "nothing"]
            annotation["result"] = [*odd, *annotation["result"]]
    (tmp_path / "e.json").write_text(json.dumps(tasks), encoding="utf-8")
    assert np.array_equal(read_labels([tmp_path / "e.json"], TOLD), MEANT)
