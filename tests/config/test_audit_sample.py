"""The section of a sample: what it takes, and what it needs."""

from __future__ import annotations

import pytest

from koudai.config.audit import AuditConfig, SampleSection
from koudai.config.load import parse_config
from koudai.errors import ConfigError

RUN = {"name": "a", "taxonomy": "cac-2023"}


def test_a_filled_section_read_back_is_the_same() -> None:
    told = {"manifest": "s.csv.manifest.json", "labels": ["a.csv", "b.json"]}
    found = parse_config(AuditConfig, {"run": RUN, "sample": told}, where="test").sample
    assert isinstance(found, SampleSection)
    assert found.model_dump(mode="json") == told


@pytest.mark.parametrize("told", [{}, {"manifest": "m"}, {"manifest": "m", "labels": []}, {"labels": ["a"], "x": 1}])
def test_a_section_that_lacks_something_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        parse_config(AuditConfig, {"run": RUN, "sample": told}, where="test")
