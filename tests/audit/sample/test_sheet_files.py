"""The files of a sample: manifest and sheet, never over others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from koudai.audit.sample.design import DrawnSample
from koudai.audit.sample.manifest import load_manifest
from koudai.audit.sample.returned_sheet import read_sheet
from koudai.audit.sample.sheet import again_path, form_of, guide_path, manifest_path, write_sample
from koudai.errors import OutputExists, UsageError
from tests.audit.sample.drawn import manifest, scores


@pytest.mark.parametrize("form", ["csv", "label-studio", "xlsx"])
def test_both_files_are_there_and_stay_what_they_are(tmp_path: Path, form: str) -> None:
    told = manifest(scores())
    drawn = DrawnSample(told, ["帖子"] * len(told.rows), 0)
    out = tmp_path / "a" / ("sample.xlsx" if form == "xlsx" else "sample.x")
    write_sample(drawn, out, form=form)
    assert load_manifest(manifest_path(out)) == told
    before = out.read_bytes()
    assert form != "label-studio" or len(json.loads(before)) == len(told.rows)
    assert before.startswith({"csv": b"\xef\xbb\xbf", "xlsx": b"PK"}.get(form, b"["))
    assert guide_path(out).exists() == (form == "csv")
    with pytest.raises(OutputExists):
        write_sample(drawn, out, form=form)
    out.unlink()
    with pytest.raises(OutputExists):
        write_sample(drawn, out, form=form)
    assert not out.exists()


def test_the_name_of_a_file_says_its_form_and_none_lies(tmp_path: Path) -> None:
    told = manifest(scores())
    for name, form in (("a.xlsx", "xlsx"), ("a.json", "label-studio"), ("a.csv", "csv"), ("a", "csv")):
        assert form_of(tmp_path / name) == form
        wrong = "csv" if form == "xlsx" else "xlsx"
        with pytest.raises(UsageError, match="goes by the name"):
            write_sample(DrawnSample(told, ["帖子"] * len(told.rows), 0), tmp_path / name, form=wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "label-studio", "xlsx"])
def test_what_is_labelled_again_has_sheets_of_its_own(tmp_path: Path, form: str) -> None:
    told = replace(manifest(scores()), double=(0, 2, 5), gold=(1, 2))
    texts = [f"帖子{at}" for at in range(len(told.rows))]
    out = tmp_path / ("sample.xlsx" if form == "xlsx" else "sample.x")
    write_sample(DrawnSample(told, texts, 0), out, form=form)
    for name, rows in (("double", told.double), ("gold", told.gold)):
        path = again_path(out, name)
        if form == "label-studio":
            tasks = json.loads(path.read_text(encoding="utf-8"))
            assert [(one["meta"]["row"], one["data"]["text"]) for one in tasks] == [
                (row + 1, texts[row]) for row in rows
            ]
            continue
        found = read_sheet(path if form == "xlsx" else path.rename(tmp_path / f"{name}.csv"), told)
        assert [(one.number, one.said("text")) for one in found] == [(row, texts[row]) for row in rows]
        assert not any(one.problem(told) for one in found)
        assert not any(label for one in found for label in one.labels.values())
    out.unlink()
    manifest_path(out).unlink()
    guide_path(out).unlink(missing_ok=True)
    again_path(out, "gold").write_text("labels", encoding="utf-8")
    with pytest.raises(OutputExists):
        write_sample(DrawnSample(told, texts, 0), out, form=form)
