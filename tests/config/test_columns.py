"""What is known of a post: no author's own act given as moderation, one meaning of a value, one name of a group."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.config.audit import AuditConfig
from koudai.config.columns import BY_THE_AUTHOR
from koudai.config.load import parse_config
from koudai.errors import ConfigError

RUN = {"name": "a", "taxonomy": "cac-2023"}


def parsed(**sections: Any) -> AuditConfig:
    return parse_config(AuditConfig, {"run": RUN, **sections}, where="here")


@pytest.mark.parametrize("where", ["removed", "kept"])
@pytest.mark.parametrize(
    "value",
    [
        "author_deleted",
        "AuthorDeleted",
        "deleted by the author",
        "self-deleted",
        "removed_by_user",
        "该内容已被发布者删除",
        "作者删除",
        "用户删除",
        "自删",
        "The content has been deleted by the author.",
    ],
)
def test_what_the_author_took_down_is_never_moderation(where: str, value: str) -> None:
    section = {"column": "outcome", "removed": ["removed"], "kept": ["there"]}
    with pytest.raises(ConfigError, match="what an author took down is no moderation") as caught:
        parsed(outcome={**section, where: [*section[where], value]})
    assert "silent" in str(caught.value)
    assert parsed(outcome={**section, "silent": {value: "the author's own act"}}).outcome is not None


@pytest.mark.parametrize(
    "value",
    [
        "removed_violation",
        "account_blocked",
        "removed_by_authorities",
        "此内容因违规无法查看",
        "deleted by user report",
    ],
)
def test_what_others_did_is_not_taken_for_the_authors_act(value: str) -> None:
    assert not BY_THE_AUTHOR.search(value)


def test_a_value_has_one_meaning() -> None:
    with pytest.raises(ConfigError, match="two meanings for 'gone'"):
        parsed(outcome={"column": "o", "removed": ["gone"], "silent": ["gone"]})


@pytest.mark.parametrize(
    ("called", "message"),
    [({"a": ["x"], "b": ["x", "y"]}, "two names for 'x'"), ({"a": ["x", "x"]}, "two names"), ({"": ["x"]}, "empty")],
)
def test_a_group_has_one_name(called: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(group={"column": "topic", "called": called})


def test_bare_silent_values_have_no_reason() -> None:
    outcome = parsed(outcome={"column": "o", "removed": ["gone"], "silent": ["moved"]}).outcome
    assert outcome is not None
    assert outcome.silent == {"moved": ""}


def test_parts_are_named_once() -> None:
    platform = {"columns": ["platform"]}
    with pytest.raises(ConfigError, match="name the same parts"):
        parsed(domain=[platform, {**platform, "against": ["weibo"]}])
    period = {"column": "date"}
    assert len(parsed(domain=[platform, {**platform, "by_period": True}], period=period).domain) == 2
