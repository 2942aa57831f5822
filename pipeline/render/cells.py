"""The components of a category, side by side: for each, its figure, its reference, and where they lie on an axis.

Promises: no component is combined with another; every bar of a column is drawn on the same axis; a component that was
not measured is a cell without a bar. Gives positions in per cent of the axis; the template draws them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.audit.frame import ALL, Figure
from pipeline.render.tables import FigureIndex, is_few
from pipeline.taxonomy import Taxonomy


@dataclass(frozen=True)
class Cell:
    """One component of one category: its figure, and percentages of the axis (None where there is nothing to draw).

    Parameters
    ----------
    component
        Key of its name among the words of the page.
    figure
        What was measured, or None.
    note
        The other category, or the source, that the figure is about; empty if it is about all posts.
    bar, low, high, tick
        Where value, interval and reference lie, in per cent of the axis.
    few
        Whether the figure rests on too little to be compared.
    """

    component: str
    figure: Figure | None
    note: str
    bar: float | None
    low: float | None
    high: float | None
    tick: float | None
    few: bool


@dataclass(frozen=True)
class Column:
    """One component: its name among the words, the right end of its axis as text, and its cells in taxonomy order."""

    component: str
    top: str
    cells: tuple[Cell, ...]


def kin(taxonomy: Taxonomy, *, key: str) -> set[str]:
    """Return `key` with everything above and below it: categories that overlap by definition."""
    return {key, *taxonomy.ancestors(key), *(other for other in taxonomy.keys if key in taxonomy.ancestors(other))}


def columns(index: FigureIndex, *, taxonomy: Taxonomy) -> list[Column]:
    """Return the six components of every category of `taxonomy`."""

    def plain(measure: str, statistic: str) -> Callable[[str], Figure | None]:
        return lambda key: index.one(measure, category=key, statistic=statistic)

    def nearest(key: str) -> Figure | None:
        related = kin(taxonomy, key=key)
        others = [one for one in index.of("overlap", category=key, statistic="jaccard") if one.group not in related]
        return max(others, key=lambda one: (one.value is not None, one.value or 0.0, one.n), default=None)

    def largest_source(key: str) -> Figure | None:
        return max(index.of("calibration", category=key, statistic="ece"), key=lambda figure: figure.n, default=None)

    rules: list[tuple[str, bool, Callable[[str], Figure | None], Callable[[str], Figure | None] | None]] = [
        ("coverage", False, plain("coverage", "alleged"), None),
        ("overlap", False, nearest, None),
        ("learnability", True, plain("learnability", "average_precision"), plain("learnability", "prevalence")),
        ("calibration", False, largest_source, None),
        ("overreach", True, plain("overreach", "false_alarm_rate"), None),
        ("themes", False, plain("themes", "effective_number"), plain("themes", "effective_number_of_random_draws")),
    ]
    return [
        _column(name, taxonomy=taxonomy, whole=whole, pick=pick, reference=reference)
        for name, whole, pick, reference in rules
    ]


def share_cell(figure: Figure) -> Cell:
    """Return a share as a cell of its own, on an axis from 0 to 1."""
    return _cell("share", figure=figure, beside=None, top=1.0)


def _column(
    name: str,
    *,
    taxonomy: Taxonomy,
    whole: bool,
    pick: Callable[[str], Figure | None],
    reference: Callable[[str], Figure | None] | None,
) -> Column:
    found = [(pick(key), reference(key) if reference else None) for key in taxonomy.keys]
    shown = [figure for pair in found for figure in pair if figure is not None]
    ends = [end for figure in shown for end in (figure.value, figure.high) if end is not None]
    top = 1.0 if whole else _round_up(max(ends, default=1.0))
    percent = name in ("coverage", "overreach")
    return Column(
        component=name,
        top=f"{100 * top:g}%" if percent else f"{top:g}",
        cells=tuple(_cell(name, figure=figure, beside=beside, top=top) for figure, beside in found),
    )


def _cell(name: str, *, figure: Figure | None, beside: Figure | None, top: float) -> Cell:
    def place(value: float | None) -> float | None:
        return None if value is None else round(100 * min(max(value / top, 0.0), 1.0), 2)

    return Cell(
        component=name,
        figure=figure,
        note="" if figure is None or figure.group == ALL else figure.group,
        bar=place(figure.value) if figure else None,
        low=place(figure.low) if figure else None,
        high=place(figure.high) if figure else None,
        tick=place(beside.value) if beside else None,
        few=is_few(figure),
    )


def _round_up(value: float) -> float:
    """Return the smallest of 1, 2, 2.5, 5 or 10 times a power of ten that is not below `value`; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(step for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9)) * power:.6g}")
