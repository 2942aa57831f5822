"""Covariates: levels with the most frequent first, numbers, the period; a covariate that does not vary is refused."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.inputs.covariates import MOST_LEVELS, Covariates, read_covariates
from koudai.audit.inputs.kept_columns import Periods
from koudai.config.audit import AuditConfig
from koudai.config.columns import RegressionSection
from koudai.config.load import parse_config
from koudai.errors import ConfigError, ReadError
from tests.audit.inputs.test_domains import scores

KEPT: dict[str, list[str | None]] = {
    "platform": ["weibo", "wechat", "weibo", None],
    "length": ["12", "1e2", "?", "7"],
    "same": ["x", "x", "x", "y"],
    "flat": ["3", "3", "4", "5"],
    "words": ["a", "b", "c", "4"],
}
PERIODS = Periods("month", np.array(["2020-01-05", "2020-03-01", "2020-01-31", "NaT"], dtype="datetime64[s]"))


def read(**section: object) -> Covariates:
    return read_covariates(scores(KEPT), RegressionSection.model_validate(section), PERIODS)


def test_levels_numbers_and_the_period_and_posts_that_lack_one() -> None:
    found = read(levels=("platform",), numbers=("length",), by_period=True)
    assert (found.told, found.levels[0].values) == ("platform, length, period", ("weibo", "wechat"))
    assert found.levels[0].number.tolist() == [0, 1, 0, -1]
    assert found.numbers["length"][[0, 1, 3]].tolist() == [12.0, 100.0, 7.0]
    assert found.numbers["period"][:3].tolist() == [0.0, 2.0, 0.0]
    assert found.known.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ({"levels": ("platform", "same")}, "nothing can be regressed on 'same': it has one value"),
        ({"levels": ("platform",), "numbers": ("length", "flat")}, "'flat': it is the same number everywhere"),
        ({"numbers": ("words",)}, "most cells of column 'words' are no numbers"),
        ({"levels": ("plat",)}, "keep no column 'plat'"),
    ],
)
def test_what_cannot_be_regressed_on_is_refused(section: dict[str, object], what: str) -> None:
    with pytest.raises((ConfigError, ReadError)) as caught:
        read(**section)
    assert what in caught.value.what


def test_too_many_values_and_no_post_that_has_all() -> None:
    many = scores({"topic": [f"t{at}" for at in range(MOST_LEVELS + 1)] * 2})
    with pytest.raises(ConfigError, match="too many values"):
        read_covariates(many, RegressionSection(levels=("topic",)), None)
    apart = scores({"a": ["x", None, "y"], "b": [None, "1", None]})
    with pytest.raises(ReadError, match="no post has a value of every covariate"):
        read_covariates(apart, RegressionSection(levels=("a",), numbers=("b",)), None)


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({}, "name columns as `levels` or `numbers`"),
        ({"levels": ["a"], "numbers": ["a"]}, "named twice"),
        ({"by_period": True}, "`by_period` of [regression] needs [period]"),
    ],
)
def test_a_section_says_what_is_wrong_with_it(section: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(AuditConfig, {"run": {"name": "a"}, "regression": section}, where="a.toml")
    assert problem in str(caught.value.got)
