"""The kinds of plot a chart can be: a curve with its band, points on a diagonal, bars. Drawn by altair, offline.

Promises: numbers and names enter as data only; colours are those of `pipeline.render.svg`; labels lie flat; axis titles
are keys of words, filled in with both languages when the drawing is cleaned. Chooses no figures.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from pipeline.audit.frame import Figure
from pipeline.render.hidden import shown
from pipeline.render.svg import COLOURS, as_inline, titled
from pipeline.render.tables import FEW, number
from pipeline.render.words import Words

PLOT_WIDTH, PLOT_HEIGHT, LABEL_WIDTH = 232, 132, 124
PERCENT, DECIMAL, COUNT = ".2~%", ".3~f", ",d"
"""Number formats of axes, in the language of d3."""

Point = tuple[float, Figure]


def band(points: list[Point], *, rule: float | None, x: str, y: str, top: float | None = None) -> Any:
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
    """
    import altair as alt

    rows = [{"x": place, "y": figure.value, **_ends(figure)} for place, figure in points]
    scale = alt.Scale(domain=[0, top]) if top else alt.Scale(zero=True)
    x_axis = alt.X(
        "x:Q", scale=alt.Scale(zero=False, nice=False), axis=_axis(x, form=COUNT if top else DECIMAL, ticks=4)
    )
    base = alt.Chart(alt.Data(values=rows))
    layers = [
        base.mark_area(color=COLOURS["accent"], opacity=0.18).encode(x=x_axis, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        base.mark_line(color=COLOURS["accent"], strokeWidth=1.8).encode(
            x=x_axis, y=alt.Y("y:Q", scale=scale, axis=_axis(y, form=DECIMAL if top else PERCENT))
        ),
        base.mark_circle(color=COLOURS["accent"], size=14, opacity=1).encode(x=x_axis, y=alt.Y("y:Q")),
    ]
    if rule is not None:
        dashed = alt.Chart(alt.Data(values=[{"y": rule}])).mark_rule(
            color=COLOURS["second"], strokeDash=[4, 3], strokeWidth=1.2
        )
        layers.append(dashed.encode(y=alt.Y("y:Q")))
    return alt.layer(*layers)


def bars(
    labelled: list[tuple[str, Figure]], *, ticks: dict[str, float], x: str, form: str, words: Words | None = None
) -> Any:
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
    """
    import altair as alt

    rows: list[dict[str, Any]] = []
    used: set[str] = set()
    for text, figure in labelled:
        known = f"group-{text}" in words if words else False
        name = titled(f"group-{text}") if known else _fitting(shown(text))
        label = next(one for one in (name, *(f"{name} ({i})" for i in range(2, len(labelled) + 1))) if one not in used)
        used.add(label)
        row = {"label": label, "x": figure.value, **_ends(figure)}
        rows.append({**row, "tick": ticks[figure.group]} if figure.group in ticks else row)
    labels = alt.Axis(
        title=None, grid=False, labelLimit=0, minExtent=LABEL_WIDTH, maxExtent=LABEL_WIDTH, labelPadding=6
    )
    y = alt.Y("label:N", axis=labels, sort=None)
    base = alt.Chart(alt.Data(values=rows))
    layers = [
        base.mark_bar(color=COLOURS["accent"], height=9, cornerRadiusEnd=1.5).encode(
            x=alt.X("x:Q", axis=_axis(x, form=form, ticks=3)), y=y
        ),
        base.mark_rule(color=COLOURS["ink"], strokeWidth=1).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y),
    ]
    if ticks:
        layers.append(base.mark_tick(color=COLOURS["second"], thickness=2, size=13).encode(x=alt.X("tick:Q"), y=y))
    return alt.layer(*layers).properties(width=PLOT_WIDTH - LABEL_WIDTH + 32, height=18 * len(rows) + 8)


def grid(cells: list[tuple[str, str, Figure]], *, x: str, y: str) -> Any:
    """Return a table of values, each the darker the further it is above 0.5.

    Parameters
    ----------
    cells
        Row, column, and the figure there, a number from 0 to 1.
    x, y
        Words that are the axis titles.
    """
    import altair as alt

    rows = [
        {
            "row": _fitting(shown(row)),
            "column": _fitting(shown(column)),
            "value": figure.value,
            "strength": min(max(2 * (figure.value or 0.0) - 1, 0.0), 1.0) * 0.55,
            "text": number(figure.value or 0.0),
        }
        for row, column, figure in cells
    ]
    names = alt.Axis(grid=False, labelLimit=0, labelAngle=0, labelPadding=6)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("column:N", sort=None, axis=names.copy(deep=True), title=titled(x)),
        y=alt.Y("row:N", sort=None, axis=names.copy(deep=True), title=titled(y)),
    )
    strength = alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    across = {str(row["column"]) for row in rows}
    each = max(56, *(8 * len(name) for name in across))
    return alt.layer(
        base.mark_rect(color=COLOURS["accent"], stroke=COLOURS["surface"], strokeWidth=2).encode(opacity=strength),
        base.mark_text(color=COLOURS["ink"], fontSize=12).encode(text=alt.Text("text:N")),
    ).properties(width=each * len(across), height=32 * len({row["row"] for row in rows}))


def reliability(points: list[Point]) -> Any:
    """Return observed shares over predicted probabilities, with the diagonal; hollow where n is below `FEW`."""
    import altair as alt

    accent = COLOURS["accent"]
    rows = [{**_ends(seen), "x": said, "y": seen.value, "few": seen.n < FEW} for said, seen in points]
    unit = alt.Scale(domain=[0, 1])
    quarters = alt.Axis(title=titled("predicted-probability"), format=PERCENT, values=[0, 0.25, 0.5, 0.75, 1])
    diagonal = alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color=COLOURS["second"], strokeDash=[4, 3], strokeWidth=1.2
    )
    base = alt.Chart(alt.Data(values=rows))
    x, y = alt.X("x:Q"), alt.Y("y:Q")
    fill = alt.condition("datum.few", alt.value(COLOURS["surface"]), alt.value(accent))
    return alt.layer(
        diagonal.encode(
            x=alt.X("x:Q", scale=unit, axis=quarters),
            y=alt.Y("y:Q", scale=unit, axis=_axis("observed-share", form=PERCENT)),
        ),
        base.mark_rule(color=accent, opacity=0.55).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        base.mark_line(color=accent, strokeWidth=1.2, opacity=0.55).encode(x=x, y=y),
        base.mark_circle(size=38, opacity=1, stroke=accent, strokeWidth=1.5).encode(x=x, y=y, fill=fill),
    )


def drawn(plot: Any, *, words: Words) -> str:
    """Return `plot` as a cleaned drawing, for `pipeline.render.svg.figure_svg`."""
    import altair as alt
    import vl_convert

    finished = plot.configure(
        aria=False, background="transparent", padding={"left": 6, "right": 10, "top": 6, "bottom": 2}
    ).configure_view(
        stroke=None, continuousWidth=PLOT_WIDTH, continuousHeight=PLOT_HEIGHT
    ).configure_axis(
        labelAngle=0, labelFontSize=11, titleFontSize=11, titleFontWeight="normal", labelColor=COLOURS["muted"],
        titleColor=COLOURS["muted"], gridColor=COLOURS["line"], domain=False, ticks=False, labelPadding=4,
        titlePadding=8,
    )  # fmt: skip
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return as_inline(vl_convert.vegalite_to_svg(finished.to_dict(validate=False), vl_version=version), words=words)


def _axis(title: str, *, form: str, ticks: int = 5) -> Any:
    """Return an axis with a title in both languages; `form` is a number format of d3."""
    import altair as alt

    return alt.Axis(title=titled(title), format=form, tickCount=ticks)


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
