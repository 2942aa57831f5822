"""Plots: round ticks inside the axis, labels that do not touch, places that keep the order of numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.charts.plot import Plot, Scale, decimal, percent, whole, width_of

ENDS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))


@given(ENDS, ENDS, st.integers(2, 8))
@settings(max_examples=40)
def test_ticks_are_round_numbers_inside_the_axis(a: float, b: float, count: int):
    low, high = sorted((a, b))
    scale = Scale(low, high, 200.0).nice()
    slack = 1e-12 * max(abs(low), abs(high))
    assert scale.low <= low + slack
    assert high - slack <= scale.high
    ticks = scale.ticks(count)
    assert 1 <= len(ticks) <= 2.5 * count
    for tick in ticks:
        assert -1e-6 <= scale(tick) <= 200.0 + 1e-6
    for one, two in zip(ticks, ticks[1:], strict=False):
        assert f"{two - one:.3e}"[0] in "1259", "9.99 is 1"


@pytest.mark.parametrize(
    ("low", "high", "nice", "count", "ticks"),
    [  # as d3-scale has them
        (0.0, 0.277497, 0.28, 5, [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]),
        (0.0, 0.561, 0.6, 3, [0.0, 0.2, 0.4, 0.6]),
        (-0.3, 1.0, 1.0, 3, [0.0, 0.5, 1.0]),
        (0.0, 0.0, 0.0, 5, [0.0]),
        (0.0, 5e-324, 5e-324, 5, [0.0]),
        (104.0, 408.0, 450.0, 4, [100.0, 200.0, 300.0, 400.0]),
    ],
)
def test_ticks_are_those_that_charts_had(low: float, high: float, nice: float, count: int, ticks: list[float]):
    scale = Scale(low, high, 132.0).nice()
    assert scale.high == nice
    assert scale.ticks(count) == ticks


def test_one_number_lies_in_the_middle_and_a_vertical_axis_runs_upwards():
    assert Scale(0.2, 0.2, 100.0)(0.2) == 50.0
    assert [Scale(0.0, 1.0, 100.0, down=True)(value) for value in (0.0, 0.25, 1.0)] == [100.0, 75.0, 0.0]


def test_labels_that_would_touch_are_left_out_and_lines_are_not():
    plot = Plot(60, 20)
    plot.across(Scale(0.0, 1.0, 60.0), "value", form=lambda value: f"{value:.6f}", ticks=[0.0, 0.25, 0.5, 0.75, 1.0])
    drawing = plot.drawn()
    assert drawing.count("<line") == 5
    assert re.findall(r">(\d\.\d+)</text>", drawing) == ["0.000000"]


def test_what_is_drawn_fits_into_the_view_box():
    plot = Plot(100, 40)
    plot.up(Scale(0.0, 1e6, 40.0, down=True), "value", form=whole, ticks=[0.0, 500_000.0, 1_000_000.0])
    box, _, content = plot.drawn().partition("\n")
    (left,) = re.findall(r'^<g transform="translate\((\d+),', content)
    assert float(left) > width_of("1,000,000") + 2 * 11
    assert float(box.split()[2]) == float(left) + 100 + 10


def test_numbers_of_axes_are_short_and_have_a_minus():
    assert [percent(value) for value in (0.0, -0.0, 0.5, 0.125, -0.25)] == ["0%", "0%", "50%", "12.5%", "−25%"]
    assert [decimal(value) for value in (0.0, 0.1 + 0.2, 100.0, -1e-9)] == ["0", "0.3", "100", "0"]
    assert [whole(value) for value in (0.2, 1234.0, -5000.0)] == ["0", "1,234", "−5,000"]
