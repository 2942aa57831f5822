"""The charts of a category: SVG drawn by Vega-Lite, each with the table of the numbers behind it.

Promises: no script, style, link or id but its own in any chart; text stays text; colours are the page's, so every chart
follows dark and light; axis titles come in both languages. What has no figures is not drawn. Names from the data reach
the drawing as data, never as instructions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from koudai.audit.frame import Figure
from koudai.charts.vega import Spec
from koudai.render.cells import ARROW, kin
from koudai.render.group_bars import GROUP_BARS, GroupBars, arbitrary
from koudai.render.hidden import shown
from koudai.render.plots import DECIMAL, PERCENT, Point, band, bars, drawn, grid, reliability
from koudai.render.tables import FigureIndex, figure_text, number, value_text
from koudai.render.words import Words
from koudai.taxonomy import Taxonomy

BARS, MOST, POINTS = 8, 12, 100
"""Bars (in an order of their own), and points, a chart has at most; the table of the measure has them all."""


@dataclass(frozen=True)
class Chart:
    """One drawn chart.

    Parameters
    ----------
    name
        Key of its title among the words of the page; ``name-why`` says how to read it.
    svg
        Without title; see `koudai.render.svg`.
    head
        Keys of the column names of the table behind it.
    rows
        Cells of that table.
    values
        What the explanation is filled in with.
    """

    name: str
    svg: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    values: dict[str, str]


CHARTS = (
    *("coverage-curve", "learning-curve", "transfers", "reliability", "arbitrariness", "theme-shares", "overlaps"),
    *(one.name for one in GROUP_BARS),
)
"""Names of the charts a category can have, in the order of its card."""


def draw_charts(index: FigureIndex, *, taxonomy: Taxonomy, words: Words) -> dict[str, tuple[Chart, ...]]:
    """Return the charts of every category that has figures for them.

    Parameters
    ----------
    index
        The figures of the report.
    taxonomy
        Whose categories are drawn.
    words
        Gives the axis titles.
    """
    charts: dict[str, tuple[Chart, ...]] = {}
    for key in taxonomy.keys:
        made = (
            _coverage_curve(index, key=key, words=words),
            _learning_curve(index, key=key, words=words),
            _transfers(index, key=key, words=words),
            _reliability(index, key=key, words=words),
            _arbitrariness(index, key=key, words=words),
            _theme_shares(index, key=key, words=words),
            _overlaps(index, key=key, words=words, related=kin(taxonomy, key=key)),
            *(_by_group(one, index, key=key, words=words) for one in GROUP_BARS),
        )
        charts[key] = tuple(chart for chart in made if chart is not None)
    return charts


def _coverage_curve(index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    points = _points(index.of("coverage", category=key, statistic="share", prefix="t="))
    if not points:
        return None
    chosen = index.one("coverage", category=key, statistic="alleged")
    plot = band(points, rule=chosen.value if chosen else None, x="threshold", y="share-alleged")
    return _curve("coverage-curve", plot=plot, words=words, head=("threshold", "share-alleged"), points=points)


def _learning_curve(index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    points = _points(index.of("learnability", category=key, statistic="average_precision", prefix="n="))
    if not points:
        return None
    base = index.one("learnability", category=key, statistic="prevalence")
    plot = band(points, rule=base.value if base else None, x="training-posts", y="average-precision", top=1.0)
    return _curve("learning-curve", plot=plot, words=words, head=("training-posts", "average-precision"), points=points)


def _reliability(index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    observed = index.of("calibration", category=key, statistic="observed", prefix="bin ")
    predicted = {figure.group: figure for figure in index.of("calibration", category=key, statistic="predicted")}
    pairs = [(predicted[seen.group], seen) for seen in observed if seen.group in predicted]
    bins = [(said.value, seen) for said, seen in pairs if said.value is not None and seen.value is not None]
    if not bins:
        return None
    rows = tuple((shown(seen.group[4:]), value_text(said), figure_text(seen)) for said, seen in pairs)
    head = ("bin", "predicted-probability", "observed-share")
    return Chart(name="reliability", svg=drawn(reliability(bins), words=words), head=head, rows=rows, values={})


def _theme_shares(index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    themes = _largest(index.of("themes", category=key, statistic="share"))
    if not themes:
        return None
    here, random = (
        value_text(index.one("themes", category=key, statistic=name))
        for name in ("effective_number", "effective_number_of_random_draws")
    )
    plot = bars([(one.group, one) for one in themes], ticks={}, x="theme-share", form=PERCENT)
    return Chart(
        name="theme-shares",
        svg=drawn(plot, words=words),
        head=("theme", "theme-share"),
        rows=tuple((shown(figure.group), figure_text(figure)) for figure in themes),
        values={"here": here, "random": random},
    )


def _overlaps(index: FigureIndex, *, key: str, words: Words, related: set[str]) -> Chart | None:
    figures = index.of("overlap", category=key, statistic="jaccard")
    others = _largest([one for one in figures if one.group not in related])
    if not others:
        return None
    given = {figure.group: figure for figure in index.of("overlap", category=key, statistic="given")}
    ticks = {group: figure.value for group, figure in given.items() if figure.value is not None}
    labelled = [(one.group.rpartition(".")[2] or one.group, one) for one in others]
    plot = bars(labelled, ticks=ticks, x="jaccard", form=DECIMAL)
    return Chart(
        name="overlaps",
        svg=drawn(plot, words=words),
        head=("other", "jaccard", "given"),
        rows=tuple((shown(one.group), figure_text(one), figure_text(given.get(one.group))) for one in others),
        values={},
    )


def _transfers(index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    figures = [one for one in index.of("transfer", category=key, statistic="auc") if one.value is not None]
    pairs = [(home, away, one) for one in figures for home, arrow, away in [one.group.partition(ARROW)] if arrow]
    if len(pairs) < 2:
        return None
    return Chart(
        name="transfers",
        svg=drawn(grid(pairs, x="tested-on", y="fitted-on"), words=words),
        head=("fitted-and-tested", "auc"),
        rows=tuple((shown(one.group), figure_text(one)) for one in figures),
        values={},
    )


def _arbitrariness(index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    figures = arbitrary(index, key=key)
    if not figures:
        return None
    plot = bars([(one.statistic, one) for one in figures], ticks={}, x="share-of-tagged", form=PERCENT, words=words)
    return Chart(
        name="arbitrariness",
        svg=drawn(plot, words=words),
        head=("statistic", "share-of-tagged"),
        rows=tuple((one.statistic, figure_text(one)) for one in figures),
        values={"group": words.group(figures[0].group)},
    )


def _by_group(spec: GroupBars, index: FigureIndex, *, key: str, words: Words) -> Chart | None:
    figures = spec.figures(index, key=key)
    chosen = figures[-MOST:] if spec.ordered else _largest(figures)
    if not chosen:
        return None
    beside = {one.group: one for one in index.of(spec.measure, category=key, statistic=spec.tick)} if spec.tick else {}
    ticks = {group: one.value for group, one in beside.items() if one.value is not None}
    plot = bars([(one.group, one) for one in chosen], ticks=ticks, x=spec.axis, form=spec.form, words=words)
    return Chart(
        name=spec.name,
        svg=drawn(plot, words=words),
        head=(spec.head, spec.axis, *(("tick",) if spec.tick else ())),
        rows=tuple(
            (shown(one.group), figure_text(one), *((figure_text(beside.get(one.group)),) if spec.tick else ()))
            for one in chosen
        ),
        values={},
    )


def _largest(figures: list[Figure]) -> list[Figure]:
    """Return the figures that can be drawn, largest first; a value of 0 is kept only if nothing is larger."""
    defined = sorted((one for one in figures if one.value is not None), key=lambda one: -(one.value or 0.0))
    return [one for one in defined if one.value][:BARS] or defined[:1]


def _points(figures: list[Figure]) -> list[Point]:
    """Return at most `POINTS` figures whose group is ``name=number``, with that number, in its order."""
    found: list[Point] = []
    for figure in figures:
        try:
            found.append((float(figure.group.partition("=")[2]), figure))
        except ValueError:
            continue
    points = sorted(
        (one for one in found if one[1].value is not None and math.isfinite(one[0])), key=lambda one: one[0]
    )
    return points[:: max(1, -(-len(points) // POINTS))]


def _curve(name: str, *, plot: Spec, words: Words, head: tuple[str, ...], points: list[Point]) -> Chart:
    return Chart(
        name=name,
        svg=drawn(plot, words=words),
        head=head,
        rows=tuple((number(place), figure_text(figure)) for place, figure in points),
        values={},
    )
