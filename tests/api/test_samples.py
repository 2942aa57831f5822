"""The verbs about samples, from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai import api
from koudai.errors import OutputExists, UsageError


def test_a_sample_is_drawn_in_memory_or_written_once(here: Path) -> None:
    drawn = api.sample("job", n=3)
    assert sorted(path.name for path in here.glob("sample*")) == []
    again = api.sample("job", n=3, out="sample.csv")
    assert again == drawn
    written = ["sample.csv", "sample.csv.guide.txt", "sample.csv.manifest.json"]
    assert sorted(path.name for path in here.glob("sample*")) == written
    with pytest.raises(OutputExists, match="a sample already"):
        api.sample("job", n=3, out="sample.csv")


def test_what_is_labelled_again_is_written_beside_it_and_never_over_anything(here: Path) -> None:
    sheet = api.SheetSettings(double=2, gold=1)
    drawn = api.sample("job", n=3, out="twice.csv", sheet=sheet)
    assert (len(drawn.manifest.double), len(drawn.manifest.gold)) == (2, 1)
    assert {path.name for path in here.glob("twice*")} >= {"twice.double.csv", "twice.gold.csv"}
    with pytest.raises(UsageError, match="samples of scored posts alone"):
        api.sample_flagged("labels.toml", api.FlaggedDraw("rumour", n=20), sheet=sheet)


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="`form`"):
        api.SheetSettings(form="docx")


def test_labels_are_drawn_from_the_corpora_of_an_audit_config(here: Path) -> None:
    draw = api.FlaggedDraw("rumour", n=20)
    drawn = api.sample_flagged("labels.toml", draw, out="again.csv")
    assert (len(drawn.texts), drawn.manifest.level) == (20, "labels")
    assert api.sample_flagged("labels.toml", draw) == drawn
    with pytest.raises(OutputExists, match="a sample already"):
        api.sample_flagged("labels.toml", draw, out="again.csv")
