"""The section about decisions: every form of a target is read and comes back; the rest is refused in one line."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.config.decide import DecideSection
from koudai.config.load import parse_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError


def section(**fields: Any) -> DecideSection:
    values = {"run": {"name": "a", "taxonomy": "t"}, "corpus": [{"source": "s"}], "decide": fields}
    return parse_config(TrainConfig, values, where="here").decide


@pytest.mark.parametrize("target", ["f1", 0.4, {"precision": 0.9}, {"recall": 0.8}])
def test_every_form_of_a_target_is_read_and_comes_back(target: Any) -> None:
    read = section(threshold=target, thresholds={"a.b": target})
    assert read.threshold == read.thresholds["a.b"] == target
    assert section(**read.model_dump(mode="json")) == read


@pytest.mark.parametrize(("given", "band", "coverage"), [(0, 0, None), (0.2, 0.2, None), ({"coverage": 0.9}, 0.0, 0.9)])
def test_silence_is_a_band_or_a_coverage(given: Any, band: float, coverage: float | None) -> None:
    read = section(abstain=given)
    assert (read.band, read.coverage) == (band, coverage)
    assert section(**read.model_dump(mode="json")) == read


@pytest.mark.parametrize(
    "target", ["f2", 0, 1, 1.5, True, {}, {"precision": 1}, {"f1": 0.5}, {"precision": 0.9, "recall": 0.8}, [0.5], None]
)
def test_C1_what_is_no_target_is_refused_in_one_line_with_what_is(target: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        section(threshold=target)
    assert caught.value.what == "1 problem in this config"
    assert "decide.threshold: must be 'f1', a probability between 0 and 1, {precision = 0.9} or {recall = 0.8}" in str(
        caught.value
    )


def test_C1_a_key_with_a_dot_that_lacks_its_quotes_is_told_of() -> None:
    with pytest.raises(ConfigError, match=r'stands in quotes: "a\.b" = 0\.4'):
        section(thresholds={"a": {"b": {"precision": 0.9}}})


@pytest.mark.parametrize("width", [-0.1, 1, True, "much", {"coverage": 1}, {"coverage": "a"}, {"width": 0.1}, {}])
def test_C1_what_is_no_silence_is_refused(width: Any) -> None:
    with pytest.raises(ConfigError, match=r"decide\.abstain: must be the width of a band(?s:.*)coverage = 0\.9"):
        section(abstain=width)
