"""The chart of posts per second against posts, both logarithmic, and where each cost that is paid once has faded.

Promises: one file that needs no other and loads or runs nothing. Chooses no figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from koudai.charts.image import image_svg
from koudai.charts.plot import Plot, Scale, decimal, line_through, whole, width_of

_WIDTH, _HEIGHT, _APART = 520, 300, 12


class Line(NamedTuple):
    """A line: its name and colour, its points, posts and posts per second, and whether it is dashed."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


class Cost(NamedTuple):
    """What is paid once, and the number of posts from which on it takes a tenth of the time or less."""

    name: str
    faded: float


def chart_svg(lines: Sequence[Line], costs: Sequence[Cost], *, title: str) -> str:
    """Return the drawing as a file; the name of a line stands beside its end."""
    points = [point for line in lines for point in line.points]
    across = _decades([posts for posts, _ in points], _WIDTH)
    up = _decades([rate for _, rate in points], _HEIGHT, down=True)
    room = 6 + max(across(math.log10(line.points[-1][0])) + width_of(line.name) for line in lines) - _WIDTH
    plot = Plot(_WIDTH, _HEIGHT, top=16, right=10 + max(0.0, room))
    plot.across(across, "posts", form=_counted, ticks=_ticks(across))
    plot.up(up, "posts per second", form=_counted, ticks=_ticks(up))
    for cost in costs:
        if across.low <= math.log10(cost.faded) <= across.high:
            at = across(math.log10(cost.faded))
            plot.add("line", x1=at, y1=0, x2=at, y2=_HEIGHT, stroke="muted", stroke_dasharray="2 3")
            plot.text(cost.name, at, -4, anchor="middle")
    written = dict[float, float]()
    for line in sorted(lines, key=lambda line: -line.points[-1][1]):
        places = [(across(math.log10(posts)), up(math.log10(rate))) for posts, rate in line.points]
        dashes = "5 4" if line.dashed else None
        plot.add("path", d=line_through(places), stroke=line.colour, stroke_width=1.4, stroke_dasharray=dashes)
        for x, y in places:
            plot.add("circle", cx=x, cy=y, r=2.2, fill=line.colour)
        end, low = places[-1]
        written[end] = max(low + 3.5, written.get(end, -math.inf) + _APART)
        plot.text(line.name, end + 6, written[end], anchor="start", colour=line.colour)
    return image_svg(plot, title=title) + "\n"


def _decades(values: Sequence[float], length: float, *, down: bool = False) -> Scale:
    """Return the scale of the logarithms of values, from one power of ten to another."""
    logs = [math.log10(value) for value in values]
    return Scale(math.floor(min(logs)), math.ceil(max(logs)), length, down=down)


def _ticks(scale: Scale) -> list[float]:
    return [float(power) for power in range(int(scale.low), int(scale.high) + 1)]


def _counted(power: float) -> str:
    return whole(10.0**power) if power >= 0 else decimal(10.0**power)
