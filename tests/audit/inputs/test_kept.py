"""Kept columns: text, nothing for null; a column that is not there, or that names accounts, is refused."""

from __future__ import annotations

import pytest

from koudai.audit.inputs.kept import kept_column
from koudai.errors import ConfigError
from tests.audit.kept_scores import scores


def test_null_is_nothing() -> None:
    assert kept_column(scores(3, topic=["a", None, ""]), "topic", section="group") == ["a", "", ""]


def test_a_column_that_was_not_kept_is_named_with_those_that_were() -> None:
    with pytest.raises(ConfigError) as caught:
        kept_column(scores(1, created_at=["2020"], topic=["a"]), "create_at", section="period")
    assert caught.value.what == "the scores keep no column 'create_at'"
    assert caught.value.where == "[period] column"
    assert caught.value.expected == "created_at, topic"
    assert caught.value.todo == "did you mean 'created_at'?"
    with pytest.raises(ConfigError, match="score again and keep column 'outcome'"):
        kept_column(scores(1), "outcome", section="outcome")


def test_a_column_of_accounts_is_never_asked_for() -> None:
    with pytest.raises(ConfigError, match="accounts are never read"):
        kept_column(scores(1, user_id=["x"]), "user_id", section="group")
