"""Figures as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.audit.declaration import Declaration, Unit, named
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.render.tables import DeclaredFigure, FigureIndex, figure_text, is_few, number


def figure_of(unit: Unit, value: float | None, n: int, *ends: float) -> DeclaredFigure:
    low, high = ends or (None, None)
    return DeclaredFigure("a", ALL, "s", value, n, low, high, unit=unit)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (figure_of("score", 0.4211, 1204, 0.391, 0.458), "0.42 [0.39, 0.46] n=1,204"),
        (figure_of("share", 0.1234, 50, 0.0333, 0.3), "12.3% [3.33%, 30.0%] n=50"),
        (figure_of("share", 0.0, 50, 0.0, 0.07), "0% [0%, 7.00%] n=50"),
        (figure_of("share", 0.99999, 500_000), ">99.9% n=500,000"),
        (figure_of("share", 0.00001, 500_000), "<0.01% n=500,000"),
        (figure_of("share", 1.0, 5), "100% n=5"),
        (figure_of("tally", 187_000.0, 1), "187,000 n=1"),
        (figure_of("z", -12.345, 80), "−12.3 n=80"),
        (figure_of("difference", -0.0002, 80), ">−0.001 n=80"),
        (figure_of("score", 0.5, 0), "—(n=0)"),
        (figure_of("score", None, 7), "— n=7"),
        (None, "—"),
    ],
)
def test_A1_figures_as_text(figure: DeclaredFigure | None, expected: str):
    assert figure_text(figure) == expected


@given(st.floats(1e-12, 1 - 1e-12, exclude_min=True, exclude_max=True))
def test_A1_a_share_is_never_rounded_to_none_or_all(share: float):
    assert number(share, percent=True) not in ("0%", "100%", "0.00%", "100.0%")


def test_A2_few_means_below_thirty_and_counts_from_elsewhere_are_not_few():
    assert is_few(figure_of("score", 0.5, 29))
    assert not is_few(figure_of("score", 0.5, 30))
    assert not is_few(figure_of("score", None, 3))
    assert not is_few(figure_of("tally", 13_000.0, 1))


def test_index_finds_figures_and_keeps_the_first_of_twins():
    first, second = Figure("a", ALL, "f1", 0.1, 9), Figure("a", ALL, "f1", 0.2, 9)
    index = FigureIndex({"m": AuditFrame("m", (first, second, Figure("a", "t=1", "f1", 0.3, 9)))})
    found = index.one("m", category="a", statistic="f1")
    assert found is not None
    assert found.value == first.value
    assert index.one("m", category="b", statistic="f1") is None
    assert [one.value for one in index.of("m", category="a", prefix="t=")] == [0.3]
    assert [one.value for one in index.frame("m")] == [0.1, 0.2, 0.3]


def test_units_and_names_are_those_of_the_measure():
    figures = (Figure("a", ALL, "both", 0.5, 90), Figure("a", ALL, "loud", 0.5, 90))
    declared = {
        "m": Declaration((named("both", zh="占比", en="share", unit="share"),)),
        "n": Declaration((named("both", zh="系数", en="coefficient", unit="coefficient"),)),
    }
    index = FigureIndex({name: AuditFrame(name, figures) for name in "mno"}, declared)
    found = {name: index.one(name, category="a", statistic="both") for name in "mno"}
    assert [figure_text(one) for one in found.values()] == ["50.0% n=90", "0.50 n=90", "0.50 n=90"]
    assert [one and one.name and one.name.en for one in found.values()] == ["share", "coefficient", None]
    assert [one.unit for one in index.frame("m")] == ["share", None]
