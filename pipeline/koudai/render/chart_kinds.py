"""The kinds of plot a chart can be: a curve with its band, points on a diagonal or over time, bars, a table.

Promises: numbers and names enter as data only; colours are the page's; labels lie flat; axis titles are keys of words,
filled in with both languages when the plot is drawn. Chooses no figures.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from koudai.audit.frame import Figure
from koudai.charts.plot import Plot, Scale, Word, decimal, line_through, percent, whole, width_of
from koudai.render.hidden import visible
from koudai.render.tables import FEW, number
from koudai.render.words import Words

WIDTH, HEIGHT = 232, 132
"""Size of a plot inside its axes."""
LABEL_WIDTH = 124
MOST_TIMES = 12
"""Names of times that an axis has room for."""
SPAN = " – "
"""Between the beginning and the end of a time."""

Point = tuple[float, Figure]


def band(points: list[Point], *, rule: float | None, x: str, y: str, top: float | None = None) -> Plot:
    """Return a curve through `points` with the band of their intervals and, where `rule` is given, a dashed line.

    Parameters
    ----------
    points
        Places on the x axis, and their figures, which have values.
    rule
        A value to compare with.
    x, y
        Words that are the axis titles.
    top
        Upper end of the y axis, or None to fit the figures and show them as percentages.

    Examples
    --------
    >>> figure = Figure("rumour", "0.5", "share", 0.2, 90, 0.1, 0.3)
    >>> plot = band([(0.5, figure)], rule=None, x="value", y="value")
    >>> ">30%</text>" in plot.drawn(Words())
    True
    """
    plot, places = Plot(WIDTH, HEIGHT, top=8, right=12), [place for place, _ in points]
    ends = [_ends(figure) for _, figure in points]
    across = Scale(min(places), max(places), WIDTH)
    told = [0.0, *(end for two in ends for end in two), *(figure.value or 0.0 for _, figure in points)]
    told += [] if rule is None else [rule]
    up = Scale(0.0, top, HEIGHT, down=True) if top else Scale(min(told), max(told), HEIGHT, down=True).nice()
    plot.across(across, x, form=whole if top else decimal, ticks=across.ticks(4))
    plot.up(up, y, form=decimal if top else percent, ticks=up.ticks(5))
    at = [across(place) for place in places]
    curve = [(place, up(figure.value or 0.0)) for place, (_, figure) in zip(at, points, strict=True)]
    highs = [(place, up(high)) for place, (_, high) in zip(at, ends, strict=True)]
    lows = [(place, up(low)) for place, (low, _) in zip(at, ends, strict=True)]
    plot.add("path", d=f"{line_through([*highs, *reversed(lows)])}Z", fill="accent", opacity=0.18)
    plot.add("path", d=line_through(curve), stroke="accent", stroke_width=1.8)
    for cx, cy in curve:
        plot.add("circle", cx=cx, cy=cy, r=1.87, fill="accent")
    if rule is not None:
        _dashed(plot, (0.0, up(rule)), (WIDTH, up(rule)))
    return plot


def bars(
    labelled: list[tuple[str, Figure]],
    *,
    ticks: dict[str, float],
    x: str,
    form: Callable[[float], str],
    words: Words | None = None,
) -> Plot:
    """Return one bar with its interval per figure, and a tick where `ticks` has one for the figure's group.

    Parameters
    ----------
    labelled
        Labels and figures, from top to bottom; labels may repeat.
    ticks
        Values to compare with, by group.
    x, form
        The word that is the axis title, and how the axis writes numbers.
    words
        Has a word ``group-LABEL`` for labels that are shown in both languages; None where all are names from data.

    Examples
    --------
    >>> figure = Figure("rumour", "abuse", "jaccard", 0.2, 90, 0.1, 0.3)
    >>> plot = bars([("abuse", figure)], ticks={"abuse": 0.4}, x="value", form=decimal)
    >>> plot.drawn(Words()).count("<rect")  # the bar and the tick
    2
    """
    plot = Plot(WIDTH - LABEL_WIDTH + 32, 18 * len(labelled) + 8, left=LABEL_WIDTH + 6)
    told = [0.0, *(end for _, figure in labelled for end in (*_ends(figure), figure.value or 0.0))]
    told += [ticks[figure.group] for _, figure in labelled if figure.group in ticks]
    across = Scale(min(told), max(told), plot.width).nice()
    plot.across(across, x, form=form, ticks=across.ticks(3))
    zero, used = across(0.0), set[str]()
    for place, (text, figure) in enumerate(labelled):
        at = (place + 0.5) * plot.height / len(labelled)
        key, name = f"group-{text}", _fitting(visible(text))
        if words is not None and key in words and key not in used:
            used.add(key)
            plot.text(Word(key), -5.5, at + 3, anchor="end")
        else:
            twins = (name, *(f"{name} ({i})" for i in range(2, len(labelled) + 1)))
            label = next(one for one in twins if one not in used)
            used.add(label)
            plot.text(label, -5.5, at + 3, anchor="end")
        value, low, high = (across(one) for one in (figure.value or 0.0, *_ends(figure)))
        plot.add("rect", x=min(zero, value), y=at - 4.5, width=abs(value - zero), height=9, fill="accent")
        if low != high:
            plot.add("line", x1=low, y1=at, x2=high, y2=at, stroke="ink")
        if figure.group in ticks:
            plot.add(
                "rect", x=across(ticks[figure.group]) - 1, y=at - 6.5, width=2, height=13, fill="second", opacity=0.7
            )
    return plot


def grid(cells: list[tuple[str, str, Figure]], *, x: str, y: str, words: Words | None = None) -> Plot:
    """Return a table of values, each the darker the further it is above 0.5.

    Parameters
    ----------
    cells
        Row, column, and the figure there, a number from 0 to 1.
    x, y
        Words that are the axis titles.
    words
        As in `bars`, of rows and columns.

    Examples
    --------
    >>> plot = grid([("a", "b", Figure("rumour", "a → b", "auc", 0.75, 90))], x="value", y="value")
    >>> ">0.75</text>" in plot.drawn(Words())
    True
    """
    rows = list(dict.fromkeys(_fitting(visible(row)) for row, _, _ in cells))
    columns = list(dict.fromkeys(_fitting(visible(column)) for _, column, _ in cells))
    named = {name: f"group-{name}" for name in (*rows, *columns) if words is not None and f"group-{name}" in words}
    longest = {name: max(words.text(key), key=width_of) for name, key in named.items()} if words is not None else {}
    width, height = max(56, *(8 * len(longest.get(name, name)) for name in columns)), 32
    plot = Plot(width * len(columns), height * len(rows))
    for place, name in enumerate(columns):
        label = Word(named[name]) if name in named else name
        plot.text(label, (place + 0.5) * width + 0.5, plot.height + 15.5, anchor="middle")
    for place, name in enumerate(rows):
        plot.text(Word(named[name]) if name in named else name, -5.5, (place + 0.5) * height + 4, anchor="end")
    plot.below(x)
    plot.beside(y, 6 + max(width_of(longest.get(name, name)) for name in rows))
    for row, column, figure in cells:
        left = columns.index(_fitting(visible(column))) * width
        upper = rows.index(_fitting(visible(row))) * height
        strength = min(max(2 * (figure.value or 0.0) - 1, 0.0), 1.0) * 0.55
        plot.add(
            "rect", x=left, y=upper, width=width, height=height,
            fill="accent", fill_opacity=strength, stroke="surface", stroke_width=2,
        )  # fmt: skip
        label = number(figure.value or 0.0)
        plot.text(label, left + width / 2, upper + height / 2 + 4, anchor="middle", size=12, colour="ink")
    return plot


def reliability(points: list[tuple[Figure, Figure]]) -> Plot:
    """Return observed shares over predicted probabilities, with the diagonal; hollow where n is below `FEW`.

    Parameters
    ----------
    points
        Of each bin, the predicted probability and the observed share, both with values. The ends of the former are
        those of the share if the probabilities were right, and are drawn as bars behind.

    Examples
    --------
    >>> said = Figure("rumour", "0.1–0.2", "predicted", 0.15, 12, 0.0, 0.4)
    >>> plot = reliability([(said, Figure("rumour", "0.1–0.2", "observed", 0.2, 12, 0.1, 0.4))])
    >>> plot.drawn(Words()).count("<circle")
    1
    """
    plot = Plot(WIDTH, HEIGHT, top=10, right=14)
    across, up = Scale(0.0, 1.0, WIDTH), Scale(0.0, 1.0, HEIGHT, down=True)
    plot.across(across, "predicted-probability", form=percent, ticks=[0, 0.25, 0.5, 0.75, 1])
    plot.up(up, "observed-share", form=percent, ticks=up.ticks(5))
    _dashed(plot, (0.0, HEIGHT), (WIDTH, 0.0))
    at = [(across(said.value or 0.0), up(seen.value or 0.0)) for said, seen in points]
    for (cx, _), (said, _) in zip(at, points, strict=True):
        if said.low is not None and said.high is not None:
            _upright(plot, cx, up(said.low), up(said.high), stroke="second", opacity=0.3, stroke_width=9)
    for (cx, _), (_, seen) in zip(at, points, strict=True):
        low, high = _ends(seen)
        _upright(plot, cx, up(low), up(high), stroke="accent", opacity=0.55, stroke_width=1)
    plot.add("path", d=line_through(at), stroke="accent", stroke_width=1.2, opacity=0.55)
    for (cx, cy), (_, seen) in zip(at, points, strict=True):
        fill = "surface" if seen.n < FEW else "accent"
        plot.add("circle", cx=cx, cy=cy, r=3.08, fill=fill, stroke="accent", stroke_width=1.5)
    return plot


def series(times: list[tuple[str, Figure]], *, x: str, y: str, form: Callable[[float], str]) -> Plot:
    """Return a point with its interval for each time, joined by a line that breaks where a time has no value.

    Parameters
    ----------
    times
        Their names, in order, and their figures, of which some have values; of a span the axis names the beginning.
    x, y, form
        Words that are the axis titles, and how the vertical axis writes numbers.

    Examples
    --------
    >>> figures = [Figure("rumour", at, "prevalence", 0.2, 90, 0.1, 0.3) for at in ("2020-01", "2020-02")]
    >>> plot = series([(one.group, one) for one in figures], x="value", y="value", form=percent)
    >>> plot.drawn(Words()).count("<circle"), ">2020-02</text>" in plot.drawn(Words())
    (2, True)
    """
    plot = Plot(WIDTH, HEIGHT, top=8, right=14)
    names = [_fitting(visible(name.partition(SPAN)[0])) for name, _ in times]
    told = [0.0, *(end for _, figure in times for end in (*_ends(figure), figure.value or 0.0))]
    across = Scale(-0.5, len(times) - 0.5, WIDTH)
    up = Scale(min(told), max(told), HEIGHT, down=True).nice()
    ticks = list(range(0, len(times), -(-len(times) // MOST_TIMES)))
    plot.across(across, x, form=lambda place: names[round(place)], ticks=ticks)
    plot.up(up, y, form=form, ticks=up.ticks(5))
    drawn = [(place, figure) for place, (_, figure) in enumerate(times) if figure.value is not None]
    for place, figure in drawn:
        low, high = _ends(figure)
        _upright(plot, across(place), up(low), up(high), stroke="accent", opacity=0.55, stroke_width=1.2)
    for (place, figure), (after, other) in itertools.pairwise(drawn):
        if after == place + 1:
            ends = [(across(at), up(one.value or 0.0)) for at, one in ((place, figure), (after, other))]
            plot.add("path", d=line_through(ends), stroke="accent", stroke_width=1.2)
    for place, figure in drawn:
        fill = "surface" if figure.n < FEW else "accent"
        plot.add(
            "circle", cx=across(place), cy=up(figure.value or 0.0), r=2.6,
            fill=fill, stroke="accent", stroke_width=1.2,
        )  # fmt: skip
    return plot


def _dashed(plot: Plot, begin: tuple[float, float], end: tuple[float, float]) -> None:
    plot.add("path", d=line_through([begin, end]), stroke="second", stroke_width=1.2, stroke_dasharray="4,3")


def _upright(plot: Plot, x: float, low: float, high: float, **look: float | str) -> None:
    if low != high:
        plot.add("line", x1=x, y1=low, x2=x, y2=high, **look)


def _fitting(text: str) -> str:
    """Return as much of `text` as a label has room for."""
    room = float(LABEL_WIDTH)
    for place, character in enumerate(text):
        room -= 11 if width_of(character) > 10 else 6.2
        if room < 0:
            return text[: max(place - 1, 0)] + "…"
    return text


def _ends(figure: Figure) -> tuple[float, float]:
    """Return the ends of a figure's interval, its value where it has none."""
    value = figure.value or 0.0
    return value if figure.low is None else figure.low, value if figure.high is None else figure.high
