"""Sections of an audit's config: what they refuse, above all the author's own act given as moderation."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.config.audit import BY_THE_AUTHOR, AuditConfig
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


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"columns": ["a", "b"], "annotator": "who", "label": "l"}, "name either `columns`"),
        ({}, "name either `columns`"),
        ({"annotator": "who"}, "go together"),
        ({"columns": ["a"]}, "at least two"),
        ({"columns": ["a", "a"]}, "named twice"),
        ({"columns": ["a", "b"], "category": "c"}, "use `about`"),
        ({"annotator": "who", "label": "l", "category": "c", "about": "rumour"}, "exclude each other"),
    ],
)
def test_annotations_are_wide_or_long(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(annotations={"file": "f.csv", **section})


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "name either `file`"),
        ({"file": "f", "column": "c", "scores": "s"}, "name either `file`"),
        ({"file": "f"}, "go together"),
        ({"scores": "s", "column": "c"}, "go together"),
        ({"scores": "s", "columns": ["c"]}, "go together"),
        ({"file": "f", "column": "c", "columns": ["d"]}, "go together"),
        ({"file": "f", "columns": ["c", "c"]}, "named twice"),
        ({"file": "f", "columns": ["c", "post_id"]}, "named twice"),
        ({"file": "f", "columns": ["c"], "threshold": 50}, "threshold"),
        ({"file": "f", "column": "c", "unmatched": 2}, "unmatched"),
        ({"file": "f", "column": "c", "nmae": "x"}, "did you mean 'name'"),
    ],
)
def test_another_taxonomy_is_in_one_place(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(other=[{"name": "b", **section}])


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "table.file"),
        ({"file": "f", "text": "t", "posts": {"file": "p"}}, "not in both"),
        ({"file": "f", "text": "post_id"}, "two things in the column 'post_id'"),
        ({"file": "f", "columns": {"rumour": "p", "clout_chasing": "p"}}, "two things in the column 'p'"),
        ({"file": "f", "threshold": 50}, "threshold"),
        ({"file": "f", "threshold": {"rumour": -0.1}}, "threshold"),
        ({"file": "f", "quarantined": 2}, "quarantined"),
        ({"file": "f", "treshold": 0.5}, "did you mean 'threshold'"),
        ({"file": "f", "posts": {"file": "p", "txt": "t"}}, "did you mean 'text'"),
    ],
)
def test_a_table_has_one_thing_in_each_column(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(table={"name": "m", **section})


def test_a_filled_config_read_back_is_the_same() -> None:
    whole = parsed(
        outcome={"column": "o", "removed": ["gone"], "kept": ["there"], "silent": {"author": "theirs"}},
        period={"column": "created_at", "every": "month"},
        group={"column": "topic"},
        annotations={"file": "f.csv", "annotator": "who", "label": "l", "category": "c"},
        other=[
            {"name": "b", "file": "f.csv", "column": "c"},
            {"name": "c", "scores": "job"},
            {"name": "d", "file": "f.csv", "columns": ["p", "q"], "threshold": 0.4},
        ],
        table={"name": "m", "file": "f", "threshold": {"rumour": 0.25}, "posts": {"file": "p"}},
    )
    assert parse_config(AuditConfig, whole.model_dump(mode="json"), where="again") == whole
