"""Plots: data goes in as data, and nothing comes out for the eye that was not in the figures."""

from __future__ import annotations

import pytest

from koudai.audit.frame import Figure, share
from koudai.charts.plot import decimal, percent
from koudai.render.chart_kinds import band, bars, reliability, series
from koudai.render.words import Words

HOSTILE = "datum.x </text><script>alert(1)</script>"


@pytest.mark.parametrize(("rule", "lines"), [(None, 0), (0.3, 1)])
def test_a_reference_is_one_dashed_line(rule: float | None, lines: int):
    points = [(0.1 * i, share("a", f"t=0.{i}", "share", 10 - i, 40)) for i in range(1, 6)]
    drawing = band(points, rule=rule, x="threshold", y="share-alleged").drawn(Words())
    assert drawing.count("stroke-dasharray") == lines
    assert drawing.count("<circle") + drawing.count("A") >= 5


def test_R1_a_label_is_text():
    plot = bars([(HOSTILE[:24], share("a", "b", "jaccard", 5, 40))], ticks={"b": 0.4}, x="jaccard", form=decimal)
    drawing = plot.drawn(Words())
    assert "<script" not in drawing
    assert "datum.x &lt;/text&gt;" in drawing


def test_repeated_labels_stay_apart():
    figures = [(name, share("a", str(i), "share", 9 - i, 40)) for i, name in enumerate(["x", "x (2)", "x"])]
    drawing = bars(figures, ticks={}, x="theme-share", form=percent).drawn(Words())
    for label in (">x</text>", ">x (2)</text>", ">x (3)</text>"):
        assert drawing.count(label) == 1


def test_few_are_hollow():
    told = [Figure("a", "bin", "predicted", value, 12, value - 0.1, value + 0.1) for value in (0.2, 0.6)]
    seen = [Figure("a", "bin", "observed", 0.3, 12), Figure("a", "bin", "observed", 0.5, 400)]
    points = list(zip(told, seen, strict=True))
    drawing = reliability(points).drawn(Words())
    assert drawing.count('fill="var(--surface)"') == 1
    assert drawing.count('fill="var(--accent)"') == 1


def test_times_without_a_value_break_the_line_and_spans_are_named_by_their_beginning():
    values = {"2021-01-01 – 2021-01-07": 0.2, "2021-01-08 – 2021-01-14": None, HOSTILE[:24]: 0.3, "x": -0.1}
    figures = [(name, Figure("a", name, "window", value, 0 if value is None else 90)) for name, value in values.items()]
    drawing = series(figures, x="value", y="value", form=decimal).drawn(Words())
    assert drawing.count("<circle") == 3
    assert drawing.count("<path") == 1
    assert ">2021-01-01</text>" in drawing
    assert "2021-01-07" not in drawing
    assert "<script" not in drawing
