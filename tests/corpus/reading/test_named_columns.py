"""Columns by name: all that are missing are told at once, with what is near, and columns of one name are refused."""

from __future__ import annotations

import pytest

from koudai.corpus.reading.named_columns import layout_hint, require_columns
from koudai.errors import ReadError


def test_columns_that_are_there_once_pass_beside_others_that_are_there_twice() -> None:
    require_columns(["post_id", "text"], ["post_id", "x", "text", "x"], "posts.csv")


def test_all_that_are_missing_are_told_at_once_with_the_nearest() -> None:
    with pytest.raises(ReadError, match=r"column\(s\) missing: post_id, date") as caught:
        require_columns(["post_id", "text", "date"], ["postid", "text"], "posts.csv")
    assert (caught.value.expected, caught.value.got) == ("post_id, text, date", "postid, text")
    assert "did you mean 'postid'?" in str(caught.value.todo)


def test_a_column_that_is_wanted_and_there_twice_is_refused() -> None:
    with pytest.raises(ReadError, match="columns share a name") as caught:
        require_columns(["text"], ["text", "post_id", "text"], "posts.csv")
    assert caught.value.got == "text"


def test_columns_of_no_known_tool_give_no_hint() -> None:
    assert layout_hint(["id", "text"]) == ""
