"""The manifest: out and in, and any change of it is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from koudai.audit.sample.manifest import load_manifest
from koudai.errors import ReadError
from koudai.storage.durable import write_json
from tests.audit.sample.drawn import manifest, scores


def test_round_trip_and_probabilities(tmp_path: Path) -> None:
    told = manifest(scores())
    write_json(tmp_path / "m.json", told.to_json())
    again = load_manifest(tmp_path / "m.json")
    assert again == told
    assert again.name == told.name
    first = told.strata[told.rows[0][1]]
    assert told.probability(0) == first.drawn / first.size > 0
    assert sum(one.drawn for one in told.strata) == len(told.rows)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", 4), ("job", "other"), ("strata", []), ("level", "none"), ("rows", [["p1", 0]]), ("name", "s0")],
)
def test_a_changed_manifest_is_refused(tmp_path: Path, field: str, value: Any) -> None:
    told = manifest(scores()).to_json()
    (tmp_path / "m.json").write_text(json.dumps({**told, field: value}), encoding="utf-8")
    with pytest.raises(ReadError, match="was changed"):
        load_manifest(tmp_path / "m.json")


@pytest.mark.parametrize("field", ["level", "seed"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), "Infinity", [], 10**400])
def test_H10_a_manifest_with_odd_numbers_is_refused(tmp_path: Path, field: str, value: Any) -> None:
    told = manifest(scores()).to_json()
    (tmp_path / "m.json").write_text(json.dumps({**told, field: value}), encoding="utf-8")
    with pytest.raises(ReadError, match="manifest"):
        load_manifest(tmp_path / "m.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", "nothing", '{"job": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match="not the manifest"):
        load_manifest(tmp_path / "m.json")
    with pytest.raises(ReadError, match="cannot be read"):
        load_manifest(tmp_path / "none.json")


def test_what_is_labelled_again_is_in_it_and_a_manifest_without_it_is_what_it_was(tmp_path: Path) -> None:
    once = manifest(scores())
    again = replace(once, double=(0, 3), gold=(1,))
    assert (once.to_json()["protocol"], again.to_json()["protocol"]) == (2, 3)
    assert not {"double", "gold"} & set(once.to_json())
    assert again.name != once.name
    write_json(tmp_path / "m.json", again.to_json())
    assert load_manifest(tmp_path / "m.json") == again
    write_json(tmp_path / "n.json", {**again.to_json(), "gold": [2]})
    with pytest.raises(ReadError, match="was changed"):
        load_manifest(tmp_path / "n.json")
