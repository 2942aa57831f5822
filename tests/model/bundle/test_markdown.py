"""Markdown of cards: a figure with and without its interval, and without a value. Hostile words: test_card.py."""

from __future__ import annotations

import pytest

from koudai.model.bundle.markdown import markdown_table, plain, with_interval
from koudai.model.evaluation import MetricValue


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (MetricValue("f1", 0.5, 9, 0.25, 0.75), "0.500 [0.250, 0.750]"),
        (MetricValue("f1", 0.5, 9, None, None), "0.500"),
        (MetricValue("f1", None, 9, None, None), "-"),
    ],
)
def test_a_figure_with_what_is_known_of_it(figure: MetricValue, said: str) -> None:
    assert with_interval(figure) == said


def test_a_table_has_a_line_under_its_header_and_words_cannot_break_it() -> None:
    lines = markdown_table(("a", "b"), [["1", plain("x|y\nz")]]).split("\n")
    assert lines == ["| a | b |", "| --- | --- |", "| 1 | x&#124;y z |"]
