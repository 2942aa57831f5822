"""The kinds of plot a chart can be: a curve with its band, points on a diagonal, bars. Drawn by altair, offline.

Promises: numbers and names enter as data only; colours are those of `pipeline.render.svg`; labels lie flat; axis titles
are keys of words, filled in with both languages when the drawing is cleaned. Chooses no figures.
"""

from __future__ import annotations

from typing import Any

from pipeline.audit.frame import Figure
from pipeline.render.hidden import shown
from pipeline.render.svg import COLOURS, as_inline, titled
from pipeline.render.tables import FEW
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


def bars(labelled: list[tuple[str, Figure]], *, ticks: dict[str, float], x: str, form: str) -> Any:
    """Return one bar with its interval per figure, and a tick where `ticks` has one for the figure's group.

    Parameters
    ----------
    labelled
        Labels and figures, from top to bottom; labels may repeat.
    ticks
        Values to compare with, by group.
    x, form
        The word that is the axis title, and the axis's number format.
    """
    import altair as alt

    rows: list[dict[str, Any]] = []
    used: set[str] = set()
    for text, figure in labelled:
        name = shown(text, limit=24)
        label = next(one for one in (name, *(f"{name} ({i})" for i in range(2, len(labelled) + 1))) if one not in used)
        used.add(label)
        row = {"label": label, "x": figure.value, **_ends(figure)}
        rows.append({**row, "tick": ticks[figure.group]} if figure.group in ticks else row)
    labels = alt.Axis(
        title=None, grid=False, labelLimit=LABEL_WIDTH, minExtent=LABEL_WIDTH, maxExtent=LABEL_WIDTH, labelPadding=6
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


def _ends(figure: Figure) -> dict[str, float | None]:
    return {
        "low": figure.value if figure.low is None else figure.low,
        "high": figure.value if figure.high is None else figure.high,
    }
