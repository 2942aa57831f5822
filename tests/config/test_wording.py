"""The section on wordings: each table says its layout, and what its answers mean, in one way."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from koudai.config.wording import WordingSection


def test_one_column_is_one_run() -> None:
    section = WordingSection(name="full", file="a.csv", columns={"rumour": "a", "posing": ("b", "c")})
    assert section.runs() == {"rumour": ("a",), "posing": ("b", "c")}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"columns": {"a": "b"}, "answer": "c"},
        {"answer": "c"},
        {"answer": "c", "about": "a", "category": "b"},
        {"columns": {"a": "b"}, "run": "c"},
        {"columns": {"a": ("b", "b")}},
        {"answer": "c", "about": "a", "tagged_from": "dire"},
        {"answer": "c", "about": "a", "severity": ("one",)},
    ],
)
def test_a_section_says_one_layout(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WordingSection(name="full", file="a.csv", **wrong)
