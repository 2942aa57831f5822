"""Figures as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.render.tables import FigureIndex, figure_text, is_few, number


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (Figure("a", ALL, "f1", 0.4211, 1204, 0.391, 0.458), "0.42 [0.39, 0.46] n=1,204"),
        (Figure("a", ALL, "alleged", 0.1234, 50, 0.0333, 0.3), "12.3% [3.33%, 30.0%] n=50"),
        (Figure("a", ALL, "alleged", 0.0, 50, 0.0, 0.07), "0% [0%, 7.00%] n=50"),
        (Figure("a", ALL, "alleged", 0.99999, 500_000), ">99.9% n=500,000"),
        (Figure("a", ALL, "alleged", 0.00001, 500_000), "<0.01% n=500,000"),
        (Figure("a", ALL, "alleged", 1.0, 5), "100% n=5"),
        (Figure("a", ALL, "announced", 187_000.0, 1), "187,000 n=1"),
        (Figure("a", ALL, "z", -12.345, 80), "−12.3 n=80"),
        (Figure("a", ALL, "pair_gap", -0.0002, 80), ">−0.001 n=80"),
        (Figure("a", ALL, "f1", 0.5, 0), "—(n=0)"),
        (Figure("a", ALL, "f1", None, 7), "— n=7"),
        (None, "—"),
    ],
)
def test_A1_figures_as_text(figure: Figure | None, expected: str):
    assert figure_text(figure) == expected


@given(st.floats(1e-12, 1 - 1e-12, exclude_min=True, exclude_max=True))
def test_A1_a_share_is_never_rounded_to_none_or_all(share: float):
    assert number(share, percent=True) not in ("0%", "100%", "0.00%", "100.0%")


def test_A2_few_means_below_thirty_and_counts_from_elsewhere_are_not_few():
    assert is_few(Figure("a", ALL, "f1", 0.5, 29))
    assert not is_few(Figure("a", ALL, "f1", 0.5, 30))
    assert not is_few(Figure("a", ALL, "f1", None, 3))
    assert not is_few(Figure("a", ALL, "announced", 13_000.0, 1))


def test_index_finds_figures_and_keeps_the_first_of_twins():
    first, second = Figure("a", ALL, "f1", 0.1, 9), Figure("a", ALL, "f1", 0.2, 9)
    index = FigureIndex({"m": AuditFrame("m", (first, second, Figure("a", "t=1", "f1", 0.3, 9)))})
    assert index.one("m", category="a", statistic="f1") is first
    assert index.one("m", category="b", statistic="f1") is None
    assert [one.value for one in index.of("m", category="a", prefix="t=")] == [0.3]
