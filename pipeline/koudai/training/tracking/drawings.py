"""Drawings: charts of one category's evaluation for MLflow: precision-recall, reliability, learning curve, confusion.

Promises: draws only the numbers it is given; labels its axes and, for confusion counts, n; uses the same charting code
as reports. Does not log: that is `runs.py`.
"""

from __future__ import annotations

import math

from koudai.charts.image import image_png
from koudai.charts.plot import Plot, Scale, decimal, line_through, whole, width_of

_AXES = {
    "precision_recall": ("recall", "precision"),
    "reliability": ("mean probability", "share in the category"),
    "learning_curve": ("posts fitted on", "F1"),
    "confusion": ("alleged", "labelled"),
}
KINDS = tuple(_AXES)
_WIDTH, _HEIGHT = 320, 280
_LEAST_AREA, _MOST_AREA = 10.0, 100.0
"""Areas of points by n: of none, and of the most there are."""
_DARK = 0.6
"""A cell with more than this share of the greatest count has white text."""


def evaluation_chart(kind: str, values: list[list[float]]) -> Plot:
    """Return a chart.

    Parameters
    ----------
    kind
        One of `KINDS`.
    values
        For ``precision_recall`` pairs of x and y; for ``reliability`` a third number is the n of the point and sets
        its size; for ``learning_curve`` the posts fitted on, the value and, where known, the low and high end of its
        interval; for ``confusion`` counts of posts, rows out and in, columns not alleged and alleged.

    Examples
    --------
    >>> ">1,080</text>" in evaluation_chart("confusion", [[1080, 5], [3, 12]]).drawn()
    True
    """
    return _confusion(values) if kind == "confusion" else _curve(kind, values)


def evaluation_title(kind: str, category: str, values: list[list[float]]) -> str:
    """Return what stands above a chart: the category and, for counts, their sum.

    Examples
    --------
    >>> evaluation_title("confusion", "rumour", [[80, 5], [3, 12]])
    'rumour, n = 100 (alleged)'
    """
    n = f", n = {int(sum(map(sum, values))):,}" if kind == "confusion" else ""
    return f"{category}{n} (alleged)"


def evaluation_png(kind: str, category: str, values: list[list[float]]) -> bytes:
    """Return `evaluation_chart` under its title as a PNG image; parameters are the same.

    Examples
    --------
    >>> evaluation_png("confusion", "rumour", [[80, 5], [3, 12]])[1:4]
    b'PNG'
    """
    return image_png(evaluation_chart(kind, values), title=evaluation_title(kind, category, values))


def _curve(kind: str, points: list[list[float]]) -> Plot:
    x_name, y_name = _AXES[kind]
    counted = kind == "learning_curve"
    plot = Plot(_WIDTH, _HEIGHT, right=16)
    across = Scale(0.0, max(point[0] for point in points) if counted else 1.0, _WIDTH).nice()
    up = Scale(0.0, 1.0, _HEIGHT, down=True)
    plot.across(across, x_name, form=whole if counted else decimal, ticks=across.ticks(5))
    plot.up(up, y_name, form=decimal, ticks=up.ticks(5))
    at = [(across(point[0]), up(point[1])) for point in points]
    if kind == "reliability":
        diagonal = line_through([(0.0, _HEIGHT), (_WIDTH, 0.0)])
        plot.add("path", d=diagonal, stroke="second", stroke_width=1.2, stroke_dasharray="4,3")
    plot.add("path", d=line_through(at), stroke="accent", stroke_width=1.5)
    most = max(point[2] for point in points) if kind == "reliability" else 1.0
    for (cx, cy), point in zip(at, points, strict=True):
        if counted and len(point) == 4:
            plot.add("line", x1=cx, y1=up(point[2]), x2=cx, y2=up(point[3]), stroke="accent")
        if kind != "precision_recall":
            area = _LEAST_AREA + (_MOST_AREA - _LEAST_AREA) * point[2] / max(most, 1.0) if not counted else 20.0
            plot.add("circle", cx=cx, cy=cy, r=math.sqrt(area / math.pi), fill="accent")
    return plot


def _confusion(counts: list[list[float]]) -> Plot:
    x_name, y_name = _AXES["confusion"]
    plot = Plot(_WIDTH, _HEIGHT)
    width, height = _WIDTH / 2, _HEIGHT / 2
    for place, name in enumerate(("no", "yes")):
        plot.text(name, (place + 0.5) * width, _HEIGHT + 13.5, anchor="middle")
    for place, name in enumerate(("out", "in")):
        plot.text(name, -5.5, (place + 0.5) * height + 4, anchor="end")
    plot.below(x_name)
    plot.beside(y_name, 6 + width_of("out"))
    most = max(map(max, counts))
    for row, cells in enumerate(counts):
        for column, count in enumerate(cells):
            left, upper, share = column * width, row * height, count / max(most, 1)
            plot.add("rect", x=left, y=upper, width=width, height=height, fill="accent", fill_opacity=share)
            colour = "surface" if share > _DARK else "ink"
            label = f"{int(count):,}"
            plot.text(label, left + width / 2, upper + height / 2 + 4, anchor="middle", size=12, colour=colour)
    return plot
