"""Exports of Label Studio, doccano and potato are annotations as they are, and say what one table of them says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.annotations import Annotations, read_annotations
from koudai.config.people import AnnotationsSection
from koudai.errors import ReadError
from tests.audit.table import tiny_taxonomy

TAXONOMY = tiny_taxonomy()
FIRST, SECOND = TAXONOMY.keys[:2]
SAID = {"1": ("yes", "no"), "2": ("yes", None), "3": ("no", "no")}
"""What li and wang say of each post."""
CODED = [[1, 0], [1, -1], [0, 0]]


def read(path: Path, layout: str, **section: object) -> Annotations:
    made = AnnotationsSection.model_validate({"file": path.name, "layout": layout, **section})
    return read_annotations(made, path, taxonomy=TAXONOMY)


def write(path: Path, content: Any) -> Path:
    lines = path.suffix == ".jsonl"
    text = "\n".join(json.dumps(one, ensure_ascii=False) for one in content) if lines else json.dumps(content)
    path.write_text(content if isinstance(content, str) else text, encoding="utf-8")
    return path


def assert_said(found: Annotations, about: str) -> None:
    assert (found.annotators, found.values, found.ids) == (("A1", "A2"), ("no", "yes"), ["1", "2", "3"])
    assert {key: cells.tolist() for key, cells in found.coded.items()} == {about: CODED}


@pytest.mark.parametrize("name", ["e.json", "min.json", "e.csv", "e.tsv"])
def test_P4_every_form_of_label_studio(tmp_path: Path, name: str) -> None:
    control = FIRST.replace(".", "-")
    tasks, records = [], []
    for post, labels in SAID.items():
        task: dict[str, Any] = {"id": 7, "data": {"post_id": post, "text": "t"}, "annotations": []}
        for who, label in zip((3, 5), labels, strict=True):
            value = {"choices": [label] if label else []}
            result = [{"from_name": control, "type": "choices", "value": value}] if label else []
            task["annotations"].append({"id": who, "completed_by": who, "was_cancelled": False, "result": result})
            records.append({"post_id": post, "annotator": who, "annotation_id": who, control: label or ""})
        task["annotations"].append({"id": 9, "completed_by": 3, "was_cancelled": True, "result": [{"value": {}}]})
        task["annotations"] += [None, {"id": 10, "result": ["?", {"value": {"text": ["?"]}}]}]
        tasks.append(task)
    if name.endswith("json"):
        write(tmp_path / name, tasks if name == "e.json" else records)
    else:
        between = "," if name.endswith("csv") else "\t"
        rows = [list(records[0]), *(list(map(str, one.values())) for one in records)]
        write(tmp_path / name, "\n".join(between.join(f'"{cell}"' for cell in row) for row in rows))
    assert_said(read(tmp_path / name, "label-studio"), FIRST)


def test_doccano_has_a_file_for_each_member_and_an_empty_list_for_what_they_did_not_label(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    for at, name in enumerate(("li", "wang")):
        rows = [
            {"id": 40, "text": "t", "post_id": post, "label": [labels[at]] if labels[at] else [], "Comments": []}
            for post, labels in SAID.items()
        ]
        write(folder / f"{name}.jsonl", rows)
    assert_said(read(folder, "doccano"), ALL)
    assert_said(read(folder, "doccano", about=FIRST), FIRST)


def test_doccano_labels_that_are_categories_say_no_of_the_others(tmp_path: Path) -> None:
    rows = f"id,post_id,text,label\n1,a,t,{FIRST}#{SECOND}\n2,b,t,{SECOND}\n3,c,t,\n"
    found = read(write(tmp_path / "all.csv", rows), "doccano")
    assert (found.ids, found.values) == (["a", "b"], ("no", "yes"))
    assert found.coded[FIRST].tolist() == [[1], [0]]
    assert found.coded[SECOND].tolist() == [[1], [1]]
    mixed = write(tmp_path / "two.csv", f"id,post_id,text,label\n1,a,t,{FIRST}#else\n")
    with pytest.raises(ReadError, match="two labels by one annotator"):
        read(mixed, "doccano")


@pytest.mark.parametrize("name", ["annotations.csv", "annotations.tsv", "annotations.jsonl"])
def test_P5_potato_has_a_column_for_each_answer(tmp_path: Path, name: str) -> None:
    rows = [
        (post, who, label) for post, labels in SAID.items() for who, label in zip(("li", "wang"), labels, strict=True)
    ]
    if name.endswith("jsonl"):
        content: Any = [
            {"instance_id": post, "user_id": who, "labels": {FIRST: {label: label} if label else {}}, "spans": {}}
            for post, who, label in rows
        ]
    else:
        between = "," if name.endswith("csv") else "\t"
        header = ["instance_id", "user_id", f"{FIRST}.yes", f"{FIRST}.no"]
        cells = [
            [post, who, "yes" * (label == "yes"), "false" if label == "yes" else label or ""]
            for post, who, label in rows
        ]
        content = "\n".join(between.join(row) for row in [header, *cells])
    assert_said(read(write(tmp_path / name, content), "potato"), FIRST)


@pytest.mark.parametrize("layout", ["doccano", "label-studio", "potato"])
def test_what_is_no_export_of_the_tool_is_refused(tmp_path: Path, layout: str) -> None:
    (tmp_path / "empty").mkdir()
    paths = [write(tmp_path / "a.csv", "post_id,text\n1,t\n")]
    for path in [*paths, *([tmp_path / "empty"] if layout == "doccano" else [])]:
        with pytest.raises(ReadError, match="no export of|column.s. missing"):
            read(path, layout)


def test_a_layout_stands_alone() -> None:
    for more in ({"columns": ["a", "b"]}, {"annotator": "a", "label": "b"}, {"group": "g"}):
        with pytest.raises(ValueError, match="`layout` says itself"):
            AnnotationsSection.model_validate({"file": "a", "layout": "potato", **more})
