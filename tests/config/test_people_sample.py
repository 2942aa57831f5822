"""The section of a sample: what it takes, and what it needs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.config.people import SampleSection
from koudai.errors import ConfigError

RUN = {"name": "a", "taxonomy": "cac-2023"}


def test_a_filled_section_read_back_is_the_same() -> None:
    told = {"manifest": "s.csv.manifest.json", "labels": ["a.csv", "b.json"]}
    found = parse_config(AuditConfig, {"run": RUN, "sample": told}, where="test").sample
    assert isinstance(found, SampleSection)
    dumped = found.model_dump(mode="json")
    assert {name: dumped[name] for name in told} == told
    assert parse_config(AuditConfig, {"run": RUN, "sample": dumped}, where="test").sample == found


def test_a_simple_random_sample_has_no_manifest() -> None:
    told = {"design": "srs", "labels": ["a.csv"], "population": 1000, "columns": {"rumour": "谣言"}}
    found = parse_config(AuditConfig, {"run": RUN, "sample": told}, where="test").sample
    assert found == SampleSection.model_validate(told)


@pytest.mark.parametrize(
    "told",
    [
        *({}, {"manifest": "m"}, {"manifest": "m", "labels": []}, {"labels": ["a"], "x": 1}, {"labels": ["a"]}),
        {"labels": ["a"], "manifest": "m", "design": "srs"},
        {"labels": ["a"], "manifest": "m", "population": 9},
        {"labels": ["a"], "manifest": "m", "columns": {"rumour": "x"}},
        {"labels": ["a"], "design": "srs", "population": 0},
    ],
)
def test_a_section_that_lacks_something_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        parse_config(AuditConfig, {"run": RUN, "sample": told}, where="test")


def test_an_annotators_sheet_is_no_gold() -> None:
    assert SampleSection(design="srs", labels=("a.csv",), gold="gold.csv").gold == "gold.csv"
    with pytest.raises(ValidationError, match="no annotator's sheet"):
        SampleSection(design="srs", labels=("a.csv", "b.csv"), gold="b.csv")
