"""Groups: values under one name, the others under their own; a group of nothing is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.audit.inputs.groups import groups_of
from koudai.config.audit import GroupSection
from koudai.errors import ConfigError, LabelError
from tests.audit.kept_scores import scores


def test_values_go_under_one_name_and_others_keep_their_own() -> None:
    section = GroupSection(column="topic", called={"money": ("stocks", "finance"), "school": ("education",)})
    values = ["stocks", "education", None, "sports", "finance"]
    assert groups_of(scores(5, topic=values), section).tolist() == ["money", "school", "", "sports", "money"]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=20))
def test_names_change_no_count(values: list[str]) -> None:
    column = [*values, "a", "b"]
    found = groups_of(scores(len(column), topic=column), GroupSection(column="topic", called={"ab": ("a", "b")}))
    assert (found == "ab").sum() == sum(value in "ab" for value in column)
    assert (found == "c").sum() == column.count("c")


def test_a_group_without_a_post_is_refused() -> None:
    called = {"money": ("stock",), "school": ("education", "schools")}
    with pytest.raises(LabelError) as caught:
        groups_of(scores(2, topic=["stocks", "education"]), GroupSection(column="topic", called=called))
    assert caught.value.got == "'money': 'stock', did you mean 'stocks'?"
    assert caught.value.expected == "'education', 'stocks'"


def test_a_column_that_was_not_kept_is_refused() -> None:
    with pytest.raises(ConfigError, match="keep no column"):
        groups_of(scores(1), GroupSection(column="topic"))
