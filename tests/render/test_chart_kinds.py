"""Plots: data goes in as data, and nothing comes out for the eye that was not in the figures."""

from __future__ import annotations

import pytest

from koudai.audit.frame import Figure, share
from koudai.charts.plot import decimal, percent
from koudai.render.chart_kinds import band, bars, reliability
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
