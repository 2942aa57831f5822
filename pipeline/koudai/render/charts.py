"""The charts of a category, as its measures declare them: SVG, each with the numbers behind it.

Promises: no script, style, link or id but its own in any chart; text stays text; colours are the page's, so every chart
follows dark and light; axis titles come in both languages. What has no figures is not drawn. Names from the data reach
the drawing as data, never as instructions. Knows no measure by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from koudai.audit.declaration import ARROW, Chart, Declaration
from koudai.audit.frame import ALL
from koudai.charts.plot import Plot, decimal, percent
from koudai.render.cells import kin, round_up
from koudai.render.chart_kinds import band, bars, grid, reliability, series
from koudai.render.hidden import visible
from koudai.render.tables import DeclaredFigure, FigureIndex, figure_text, number, value_text
from koudai.render.words import Words
from koudai.taxonomy import Bilingual, Taxonomy

if TYPE_CHECKING:
    from markupsafe import Markup

BARS, MOST, POINTS = 8, 12, 100
"""Bars, largest first or as they are given, and points, that a chart has at most; the table of the measure has all."""


@dataclass(frozen=True)
class DrawnChart:
    """One drawn chart.

    Parameters
    ----------
    key, measure
        What it is called, and the measure that declares it.
    name, explanation
        Its title, and how to read it.
    svg
        Without title; see `koudai.render.svg`.
    head
        The column names of the table behind it.
    rows
        Cells of that table; the first of each is a group or a number.
    """

    key: str
    measure: str
    name: Bilingual
    explanation: Markup
    svg: str
    head: tuple[Markup, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Plot:
    """A plot, the rest of its table's head, its table, and the group it is of, if it is of one."""

    plot: Plot
    head: tuple[Markup, ...]
    rows: tuple[tuple[str, ...], ...]
    group: str = ""


@dataclass(frozen=True)
class _Figures:
    """What a plot is made from: a declared chart, the figures of one category, and words."""

    chart: Chart
    measure: str
    index: FigureIndex
    words: Words
    key: str
    related: set[str]

    def of(self, statistic: str) -> list[DeclaredFigure]:
        """Return the figures of a statistic in the groups that are drawn, in their order."""
        found = self.index.of(self.measure, category=self.key, statistic=statistic, prefix=self.chart.prefix)
        if self.chart.groups:
            found = [one for one in found if one.group in self.chart.groups]
        elif not self.chart.prefix:
            found = [one for one in found if one.group != ALL]
        return [one for one in found if not self.chart.categories or one.group not in self.related]

    def whole(self, statistic: str) -> DeclaredFigure | None:
        """Return the figure of all posts of the category."""
        return self.index.one(self.measure, category=self.key, statistic=statistic)


def declared_charts(declared: Mapping[str, Declaration]) -> list[tuple[str, Chart]]:
    """Return the charts that a category can have, each with its measure, in the order of its card.

    Examples
    --------
    >>> from koudai.audit.measures import MEASURES
    >>> [(measure, chart.kind) for measure, chart in declared_charts({"overlap": MEASURES["overlap"].declaration})]
    [('overlap', 'bars')]
    """
    charts = [(measure, one) for measure, found in declared.items() for one in found.charts]
    return sorted(charts, key=lambda pair: (pair[1].place, pair[0]))


def draw_charts(index: FigureIndex, *, taxonomy: Taxonomy, words: Words) -> dict[str, tuple[DrawnChart, ...]]:
    """Return the charts of every category that has figures for them.

    Parameters
    ----------
    index
        The figures of the report, and what is declared of them.
    taxonomy
        Whose categories are drawn.
    words
        Gives the words of the page.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> drawn = draw_charts(FigureIndex({}), taxonomy=taxonomy, words=Words())  # nothing was measured
    >>> list(drawn) == list(taxonomy.keys), drawn[taxonomy.keys[0]]
    (True, ())
    """
    scoped = [
        (measure, chart, _scoped(words, measure, chart, index)) for measure, chart in declared_charts(index.declared)
    ]
    charts: dict[str, tuple[DrawnChart, ...]] = {}
    for key in taxonomy.keys:
        related = kin(taxonomy, key=key)
        made = (_drawn(_Figures(chart, measure, index, own, key, related)) for measure, chart, own in scoped)
        charts[key] = tuple(chart for chart in made if chart is not None)
    return charts


def _scoped(words: Words, measure: str, chart: Chart, index: FigureIndex) -> Words:
    """Return the words of the page with those of a chart: its axes, and names of groups that its measure makes."""
    statistic = index.declared[measure].of(chart.statistics[0])
    axis = chart.axis or (statistic.name if statistic else None)
    own = {
        "of": chart.of,
        "axis": axis,
        "compared-with": chart.compared_with,
        "across": chart.across,
        "down": chart.down,
    }
    return words.scoped(measure, {f"chart-{name}": text for name, text in own.items() if text is not None})


def _drawn(figures: _Figures) -> DrawnChart | None:
    chart, words = figures.chart, figures.words
    plot = _KINDS[chart.kind](figures)
    if plot is None:
        return None
    filled: dict[str, object] = {
        one.key: value_text(figures.whole(one.key)) for one in figures.index.declared[figures.measure].statistics
    }
    return DrawnChart(
        key=chart.key,
        measure=figures.measure,
        name=chart.name,
        explanation=words.filled(
            chart.explanation, {**filled, "group": words.group(plot.group, measure=figures.measure)}
        ),
        svg=plot.plot.drawn(words),
        head=(words.first("chart-of", "statistic" if chart.kind == "statistics" else "group"), *plot.head),
        rows=plot.rows,
    )


def _curve(figures: _Figures) -> _Plot | None:
    points = _points(figures.of(figures.chart.statistics[0]))
    if not points:
        return None
    rule = figures.whole(figures.chart.beside) if figures.chart.beside else None
    ends = [end for _, one in points for end in (one.value, one.high) if end is not None]
    top = None if points[0][1].unit == "share" else round_up(max(1.0, *ends))
    return _Plot(
        band([*points], rule=rule.value if rule else None, x="chart-of", y="chart-axis", top=top),
        (figures.words("chart-axis"),),
        tuple((number(place), figure_text(figure)) for place, figure in points),
    )


def _reliability(figures: _Figures) -> _Plot | None:
    chart, words = figures.chart, figures.words
    predicted = {figure.group: figure for figure in figures.of(chart.beside)}
    pairs = [(predicted[seen.group], seen) for seen in figures.of(chart.statistics[0]) if seen.group in predicted]
    bins = [(said, seen) for said, seen in pairs if said.value is not None and seen.value is not None]
    if not bins:
        return None
    return _Plot(
        reliability([*bins]),
        (words("predicted-probability"), words("observed-share")),
        tuple(
            (visible(seen.group.removeprefix(chart.prefix)), value_text(said), figure_text(seen))
            for said, seen in pairs
        ),
    )


def _grid(figures: _Figures) -> _Plot | None:
    defined = [one for one in figures.of(figures.chart.statistics[0]) if one.value is not None]
    pairs = [(home, away, one) for one in defined for home, arrow, away in [one.group.partition(ARROW)] if arrow]
    if len(pairs) < 2:
        return None
    return _Plot(
        grid([*pairs], x="chart-across", y="chart-down", words=figures.words),
        (figures.words("chart-axis"),),
        tuple((visible(one.group), figure_text(one)) for one in defined),
    )


def _statistics(figures: _Figures) -> _Plot | None:
    """Return one bar per statistic, in the last group that any of them has."""
    chart = figures.chart
    found = figures.index.of(figures.measure, category=figures.key, prefix=chart.prefix)
    group = found[-1].group if found else ""
    kept = [one for one in found if one.group == group and one.statistic in chart.statistics and one.value is not None]
    if not kept:
        return None
    return _Plot(
        bars([(one.statistic, one) for one in kept], ticks={}, x="chart-axis", form=_form(kept), words=figures.words),
        (figures.words("chart-axis"),),
        tuple((one.statistic, figure_text(one)) for one in kept),
        group,
    )


def _bars(figures: _Figures) -> _Plot | None:
    chart, words = figures.chart, figures.words
    found = [one for one in figures.of(chart.statistics[0]) if one.value is not None]
    chosen = found[-MOST:] if chart.order == "given" else _largest(found)
    if not chosen:
        return None
    beside = {one.group: one for one in figures.of(chart.beside)} if chart.beside else {}
    ticks = {group: one.value for group, one in beside.items() if one.value is not None}
    labelled = [((one.group.rpartition(".")[2] or one.group) if chart.categories else one.group, one) for one in chosen]
    return _Plot(
        bars([*labelled], ticks=ticks, x="chart-axis", form=_form(chosen), words=words),
        (words("chart-axis"), *((words.first("chart-compared-with", "tick"),) if chart.beside else ())),
        tuple(
            (visible(one.group), figure_text(one), *((figure_text(beside.get(one.group)),) if chart.beside else ()))
            for one in chosen
        ),
    )


def _series(figures: _Figures) -> _Plot | None:
    every = figures.of(figures.chart.statistics[0])[-POINTS:]
    if not any(one.value is not None for one in every):
        return None
    return _Plot(
        series([(one.group, one) for one in every], x="chart-of", y="chart-axis", form=_form(every)),
        (figures.words("chart-axis"),),
        tuple((visible(one.group), figure_text(one)) for one in every),
    )


_KINDS: dict[str, Callable[[_Figures], _Plot | None]] = {
    "curve": _curve,
    "bars": _bars,
    "statistics": _statistics,
    "reliability": _reliability,
    "grid": _grid,
    "series": _series,
}


def _form(figures: list[DeclaredFigure]) -> Callable[[float], str]:
    return percent if figures[0].unit == "share" else decimal


def _largest(figures: list[DeclaredFigure]) -> list[DeclaredFigure]:
    """Return the figures that can be drawn, largest first; a value of 0 is kept only if nothing is larger."""
    ordered = sorted(figures, key=lambda one: -(one.value or 0.0))
    return [one for one in ordered if one.value][:BARS] or ordered[:1]


def _points(figures: list[DeclaredFigure]) -> list[tuple[float, DeclaredFigure]]:
    """Return at most `POINTS` figures whose group is ``name=number``, with that number, in its order."""
    found: list[tuple[float, DeclaredFigure]] = []
    for figure in figures:
        try:
            found.append((float(figure.group.partition("=")[2]), figure))
        except ValueError:
            continue
    points = sorted(
        (one for one in found if one[1].value is not None and math.isfinite(one[0])), key=lambda one: one[0]
    )
    return points[:: max(1, -(-len(points) // POINTS))]
