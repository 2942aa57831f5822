"""Markdown of cards: a figure with and without its interval, and without a value. Hostile words: test_card.py."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.model.bundle.markdown import plain, shown, table


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ({"value": 0.5, "low": 0.25, "high": 0.75}, "0.500 [0.250, 0.750]"),
        ({"value": 0.5, "low": None, "high": None}, "0.500"),
        ({"value": None, "low": None, "high": None}, "-"),
    ],
)
def test_a_figure_with_what_is_known_of_it(figure: dict[str, Any], said: str) -> None:
    assert shown(figure) == said


def test_a_table_has_a_line_under_its_header_and_words_cannot_break_it() -> None:
    lines = table(("a", "b"), [["1", plain("x|y\nz")]]).split("\n")
    assert lines == ["| a | b |", "| --- | --- |", "| 1 | x&#124;y z |"]
