"""Domains: columns that are crossed, posts without a value in none, and columns that are no domains."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.inputs.domains import MOST_DOMAINS, Domain, read_domains
from koudai.audit.inputs.kept_columns import Periods
from koudai.config.audit import AuditConfig
from koudai.config.columns import DomainSection
from koudai.config.load import parse_config
from koudai.errors import ConfigError, LabelError
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals

KEPT: dict[str, list[str | None]] = {
    "platform": ["weibo", "wechat", "weibo", None, "weibo", "wechat"],
    "kind": ["ad", "ad", "", "ad", "news", "ad"],
    "title": [f"t{at}" for at in range(6)],
}
PERIODS = Periods(
    "month", np.array(["2020-01-05", "2020-03-01", "2020-01-31", "2020-01-01", "NaT", "2020-03-02"], "M8[s]")
)


def scores(kept: dict[str, list[str | None]] = KEPT) -> Scores:
    n = len(next(iter(kept.values())))
    proba = np.zeros((n, 1), dtype=np.float32)
    return Scores([f"p{at}" for at in range(n)], ("c",), proba, proba > 1, np.zeros(n, bool), "d", Totals(), kept)


def read(columns: tuple[str, ...], **others: object) -> Domain:
    return read_domains(scores(), DomainSection(columns=columns, **others), PERIODS)  # type: ignore[arg-type]


def test_a_column_two_that_are_crossed_and_one_by_period() -> None:
    one = read(("platform",), against=("weibo",))
    assert (one.name, one.values, one.against, one.without) == ("platform", ("wechat", "weibo"), 1, 1)
    assert one.number.tolist() == [1, 0, 1, -1, 1, 0]
    two = read(("platform", "kind"))
    assert (two.name, two.values) == ("platform × kind", ("wechat, ad", "weibo, ad", "weibo, news"))
    assert two.number.tolist() == [1, 0, -1, -1, 2, 0]
    timed = read(("platform",), by_period=True, against=("weibo", "2020-01"))
    assert timed.values == ("wechat, 2020-03", "weibo, 2020-01")
    assert (timed.against, timed.without) == (1, 2)


def test_of_very_many_values_those_with_the_most_posts_are_kept_and_the_others_counted() -> None:
    values = [f"v{at:03}" for at in range(90) for _ in range(3 + (at < 50))]
    found = Domain.of("topic", values, against="v089")
    assert (len(found.values), found.left_out) == (MOST_DOMAINS, 30)
    assert found.values[found.against or 0] == "v089"
    assert set(found.values) > {f"v{at:03}" for at in range(50)}
    assert (found.number < 0).sum() == 90


def test_a_column_that_was_not_kept_or_tells_every_post_apart_is_refused() -> None:
    with pytest.raises(ConfigError, match="keep no column 'plattform'"):
        read(("plattform",))
    titles = scores({"title": [f"t{at}" for at in range(300)]})
    with pytest.raises(ConfigError, match="nearly every post apart") as caught:
        read_domains(titles, DomainSection(columns=("title",)), None)
    assert caught.value.got == "300 different values of 300 posts"


def test_no_value_at_all_and_one_to_compare_with_that_no_post_has() -> None:
    with pytest.raises(LabelError, match="no post is in a domain"):
        read_domains(scores({"platform": [None, ""]}), DomainSection(columns=("platform",)), None)
    with pytest.raises(LabelError, match="compared with") as caught:
        read(("platform",), against=("weibo2",))
    assert caught.value.expected == "'weibo'\n'wechat'"


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"columns": []}, "at least 1 item"),
        ({"columns": ["a", "a"]}, "named twice"),
        ({"columns": ["a", "b"], "by_period": True}, "two are crossed at most"),
        ({"columns": ["a", "b"], "against": ["x"]}, "one value of each column"),
        ({"columns": ["a"], "by_period": True}, "needs [period]"),
    ],
)
def test_a_section_says_what_is_wrong_with_it(section: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(AuditConfig, {"run": {"name": "a"}, "domain": [section]}, where="a.toml")
    assert problem in str(caught.value.got)
