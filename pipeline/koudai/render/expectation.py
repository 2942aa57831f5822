"""What labels may be expected to tell, as a drawing of its own: half-widths by number of labels, one line a category.

Promises: one file that needs no other and loads or runs nothing; both axes are logarithmic; bars say between what eight
of ten samples lie. Chooses the categories whose intervals are widest if there are more than a chart can hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from koudai.audit.sample.expectation import ExpectedWidth
from koudai.charts.image import image_svg
from koudai.charts.plot import Plot, Scale, line_through, percent, whole, width_of
from koudai.render.hidden import visible

_WIDTH, _HEIGHT, _MOST, _APART = 380, 230, 12, 12
_STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def expectation_svg(figures: Sequence[ExpectedWidth]) -> str:
    """Return the drawing as a file.

    Examples
    --------
    >>> figures = [ExpectedWidth("rumour", n, 0.1, 1 / n**0.5, 0.8 / n**0.5, 1.2 / n**0.5, 0.5) for n in (50, 400)]
    >>> drawing = expectation_svg(figures)
    >>> drawing[:4], drawing.count("<circle"), ">rumour</text>" in drawing
    ('<svg', 2, True)
    """
    lines: dict[str, list[ExpectedWidth]] = {}
    for one in figures:
        lines.setdefault(one.category, []).append(one)
    widest = sorted(lines, key=lambda key: -lines[key][-1].half_width)[:_MOST]
    shown = [one for key in widest for one in lines[key]]
    numbers = sorted({one.n for one in shown})
    told = [max(end, 1e-4) for one in shown for end in (one.half_width, one.least, one.most)]
    across = Scale(math.log(numbers[0]), math.log(numbers[-1]), _WIDTH)
    up = Scale(math.log(min(told)), math.log(max(told)), _HEIGHT, down=True)
    names = {key: visible(key) for key in widest}
    plot = Plot(_WIDTH, _HEIGHT, top=10, right=14 + max(map(width_of, names.values())))
    ticks = [math.log(step) for step in _STEPS if min(told) <= step <= max(told)]
    plot.across(
        across, "标注条数 labels", form=lambda at: whole(math.exp(at)), ticks=[math.log(one) for one in numbers]
    )
    plot.up(up, "区间半宽 half-width", form=lambda at: percent(math.exp(at)), ticks=ticks)
    lowest = math.inf
    for key in sorted(widest, key=lambda key: -lines[key][-1].half_width, reverse=True):
        at = [(across(math.log(one.n)), up(math.log(max(one.half_width, 1e-4)))) for one in lines[key]]
        for (x, _), one in zip(at, lines[key], strict=True):
            ends = (up(math.log(max(end, 1e-4))) for end in (one.least, one.most))
            plot.add("path", d=line_through([(x, end) for end in ends]), stroke="accent", opacity=0.4)
        plot.add("path", d=line_through(at), stroke="accent", stroke_width=1.2)
        for x, y in at:
            plot.add("circle", cx=x, cy=y, r=2.2, fill="accent")
        lowest = min(at[-1][1] + 3.5, lowest - _APART)
        plot.text(names[key], at[-1][0] + 6, lowest, anchor="start")
    return image_svg(plot, title="标多少条，区间有多宽 What n labels will buy") + "\n"
