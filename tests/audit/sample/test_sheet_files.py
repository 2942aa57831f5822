"""The files of a sample: manifest and sheet, never over others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai.audit.sample.design import DrawnSample
from koudai.audit.sample.manifest import load_manifest
from koudai.audit.sample.sheet import manifest_path, write_sample
from koudai.errors import OutputExists
from tests.audit.sample.drawn import manifest, scores


@pytest.mark.parametrize("form", ["csv", "label-studio"])
def test_both_files_are_there_and_stay_what_they_are(tmp_path: Path, form: str) -> None:
    told = manifest(scores())
    drawn = DrawnSample(told, ["帖子"] * len(told.rows), 0)
    out = tmp_path / "a" / "sample.x"
    write_sample(drawn, out, form=form)
    assert load_manifest(manifest_path(out)) == told
    before = out.read_bytes()
    assert before.startswith(b"\xef\xbb\xbf") if form == "csv" else len(json.loads(before)) == len(told.rows)
    with pytest.raises(OutputExists):
        write_sample(drawn, out, form=form)
    out.unlink()
    with pytest.raises(OutputExists):
        write_sample(drawn, out, form=form)
    assert not out.exists()
