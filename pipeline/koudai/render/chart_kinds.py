"""The kinds of plot a chart can be: a curve with its band, points on a diagonal, bars, a table; in Vega-Lite.

Promises: numbers and names enter as data only; colours are those of `koudai.render.svg`; labels lie flat; axis titles
are keys of words, filled in with both languages when the drawing is cleaned. Chooses no figures.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from koudai.audit.frame import Figure
from koudai.charts.vega import PLOT_WIDTH, Spec, layer, layered, nominal, quantity, svg, theme
from koudai.render.hidden import visible
from koudai.render.svg import COLOURS, as_inline, titled
from koudai.render.tables import FEW, number
from koudai.render.words import Words

LABEL_WIDTH = 124
PERCENT, DECIMAL, COUNT = ".2~%", ".3~f", ",d"
"""Number formats of axes, in the language of d3."""

Point = tuple[float, Figure]
CONFIG = theme(COLOURS)


def band(points: list[Point], *, rule: float | None, x: str, y: str, top: float | None = None) -> Spec:
    """Return a curve through `points` with the band of their intervals and, where `rule` is given, a dashed line.

    Parameters
    ----------
    points
        Places on the x axis, and their figures.
    rule
        A value to compare with.
    x, y
        Words that are the axis titles.
    top
        Upper end of the y axis, or None to fit the figures and show them as percentages.

    Examples
    --------
    >>> figure = Figure("rumour", "0.5", "share", 0.2, 90, 0.1, 0.3)
    >>> spec = band([(0.5, figure)], rule=None, x="value", y="value")
    >>> [one["mark"]["type"] for one in spec["layer"]]
    ['area', 'line', 'circle']
    """
    across = quantity("x", scale={"zero": False, "nice": False}, axis=_axis(x, form=COUNT if top else DECIMAL, ticks=4))
    scale: Spec = {"domain": [0, top]} if top else {"zero": True}
    up = quantity("y", scale=scale, axis=_axis(y, form=DECIMAL if top else PERCENT))
    accent = COLOURS["accent"]
    layers = [
        layer("area", {"color": accent, "opacity": 0.18}, x=across, y=quantity("low"), y2={"field": "high"}),
        layer("line", {"color": accent, "strokeWidth": 1.8}, x=across, y=up),
        layer("circle", {"color": accent, "size": 14, "opacity": 1}, x=across, y=quantity("y")),
    ]
    if rule is not None:
        dashed = layer("rule", {"color": COLOURS["second"], "strokeDash": [4, 3], "strokeWidth": 1.2}, y=quantity("y"))
        layers.append({**dashed, "data": {"values": [{"y": rule}]}})
    return layered([{"x": place, "y": figure.value, **_ends(figure)} for place, figure in points], layers)


def bars(
    labelled: list[tuple[str, Figure]], *, ticks: dict[str, float], x: str, form: str, words: Words | None = None
) -> Spec:
    """Return one bar with its interval per figure, and a tick where `ticks` has one for the figure's group.

    Parameters
    ----------
    labelled
        Labels and figures, from top to bottom; labels may repeat.
    ticks
        Values to compare with, by group.
    x, form
        The word that is the axis title, and the axis's number format.
    words
        Has a word ``group-LABEL`` for labels that are shown in both languages; None where all are names from data.

    Examples
    --------
    >>> figure = Figure("rumour", "abuse", "jaccard", 0.2, 90, 0.1, 0.3)
    >>> spec = bars([("abuse", figure)], ticks={"abuse": 0.4}, x="value", form=DECIMAL)
    >>> [one["mark"]["type"] for one in spec["layer"]]
    ['bar', 'rule', 'tick']
    """
    rows: list[dict[str, Any]] = []
    used: set[str] = set()
    for text, figure in labelled:
        known = f"group-{text}" in words if words else False
        name = titled(f"group-{text}") if known else _fitting(visible(text))
        label = next(one for one in (name, *(f"{name} ({i})" for i in range(2, len(labelled) + 1))) if one not in used)
        used.add(label)
        row = {"label": label, "x": figure.value, **_ends(figure)}
        rows.append({**row, "tick": ticks[figure.group]} if figure.group in ticks else row)
    labels = {"title": None, "grid": False, "labelLimit": 0, "labelPadding": 6}
    y = nominal("label", axis={**labels, "minExtent": LABEL_WIDTH, "maxExtent": LABEL_WIDTH})
    across = quantity("x", axis=_axis(x, form=form, ticks=3))
    layers = [
        layer("bar", {"color": COLOURS["accent"], "height": 9, "cornerRadiusEnd": 1.5}, x=across, y=y),
        layer("rule", {"color": COLOURS["ink"], "strokeWidth": 1}, x=quantity("low"), x2={"field": "high"}, y=y),
    ]
    if ticks:
        layers.append(layer("tick", {"color": COLOURS["second"], "thickness": 2, "size": 13}, x=quantity("tick"), y=y))
    return layered(rows, layers, width=PLOT_WIDTH - LABEL_WIDTH + 32, height=18 * len(rows) + 8)


def grid(cells: list[tuple[str, str, Figure]], *, x: str, y: str) -> Spec:
    """Return a table of values, each the darker the further it is above 0.5.

    Parameters
    ----------
    cells
        Row, column, and the figure there, a number from 0 to 1.
    x, y
        Words that are the axis titles.

    Examples
    --------
    >>> spec = grid([("a", "b", Figure("rumour", "a → b", "auc", 0.75, 90))], x="value", y="value")
    >>> [one["mark"]["type"] for one in spec["layer"]]
    ['rect', 'text']
    """
    rows = [
        {
            "row": _fitting(visible(row)),
            "column": _fitting(visible(column)),
            "strength": min(max(2 * (figure.value or 0.0) - 1, 0.0), 1.0) * 0.55,
            "text": number(figure.value or 0.0),
        }
        for row, column, figure in cells
    ]
    axis = {"grid": False, "labelLimit": 0, "labelAngle": 0, "labelPadding": 6}
    place = {"x": nominal("column", axis=axis, title=titled(x)), "y": nominal("row", axis=axis, title=titled(y))}
    strength = quantity("strength", scale={"domain": [0, 1], "range": [0, 1]}, legend=None)
    rectangle = {"color": COLOURS["accent"], "stroke": COLOURS["surface"], "strokeWidth": 2}
    across = {str(row["column"]) for row in rows}
    each = max(56, *(8 * len(name) for name in across))
    return layered(
        rows,
        [
            layer("rect", rectangle, **place, opacity=strength),
            layer("text", {"color": COLOURS["ink"], "fontSize": 12}, **place, text=nominal("text")),
        ],
        width=each * len(across),
        height=32 * len({row["row"] for row in rows}),
    )


def reliability(points: list[tuple[Figure, Figure]]) -> Spec:
    """Return observed shares over predicted probabilities, with the diagonal; hollow where n is below `FEW`.

    Parameters
    ----------
    points
        Of each bin, the predicted probability and the observed share. The ends of the former are those of the share if
        the probabilities were right, and are drawn as bars behind.

    Examples
    --------
    >>> said = Figure("rumour", "0.1–0.2", "predicted", 0.15, 12, 0.0, 0.4)
    >>> spec = reliability([(said, Figure("rumour", "0.1–0.2", "observed", 0.2, 12, 0.1, 0.4))])
    >>> [one["mark"]["type"] for one in spec["layer"]]
    ['line', 'rule', 'rule', 'line', 'circle']
    """
    accent = COLOURS["accent"]
    rows = [
        {**_ends(seen), "x": said.value, "y": seen.value, "few": seen.n < FEW, "from": said.low, "to": said.high}
        for said, seen in points
    ]
    unit = {"domain": [0, 1]}
    quarters = {"title": titled("predicted-probability"), "format": PERCENT, "values": [0, 0.25, 0.5, 0.75, 1]}
    diagonal = layer(
        "line",
        {"color": COLOURS["second"], "strokeDash": [4, 3], "strokeWidth": 1.2},
        x=quantity("x", scale=unit, axis=quarters),
        y=quantity("y", scale=unit, axis=_axis("observed-share", form=PERCENT)),
    )
    x, y = quantity("x"), quantity("y")
    fill = {"condition": {"test": "datum.few", "value": COLOURS["surface"]}, "value": accent}
    return layered(
        rows,
        [
            {**diagonal, "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}},
            layer(
                "rule",
                {"color": COLOURS["second"], "opacity": 0.3, "strokeWidth": 9},
                x=x,
                y=quantity("from"),
                y2={"field": "to"},
            ),
            layer("rule", {"color": accent, "opacity": 0.55}, x=x, y=quantity("low"), y2={"field": "high"}),
            layer("line", {"color": accent, "strokeWidth": 1.2, "opacity": 0.55}, x=x, y=y),
            layer("circle", {"size": 38, "opacity": 1, "stroke": accent, "strokeWidth": 1.5}, x=x, y=y, fill=fill),
        ],
    )


def drawn(plot: Spec, *, words: Words) -> str:
    """Return `plot` as a cleaned drawing, for `koudai.render.svg.figure_svg`."""
    return as_inline(svg(plot, config=CONFIG), words=words)


def _axis(title: str, *, form: str, ticks: int = 5) -> Spec:
    """Return an axis with a title in both languages; `form` is a number format of d3."""
    return {"title": titled(title), "format": form, "tickCount": ticks}


def _fitting(text: str) -> str:
    """Return as much of `text` as a label has room for."""
    room = float(LABEL_WIDTH)
    for place, character in enumerate(text):
        room -= 11 if unicodedata.east_asian_width(character) in "WF" else 6.2
        if room < 0:
            return text[: max(place - 1, 0)] + "…"
    return text


def _ends(figure: Figure) -> dict[str, float | None]:
    return {
        "low": figure.value if figure.low is None else figure.low,
        "high": figure.value if figure.high is None else figure.high,
    }
