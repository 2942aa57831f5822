"""The components of a category, side by side: for each, its figure, its reference, and where they lie on an axis.

Promises: no component is combined with another; every bar of a column is drawn on the same axis; a component that was
not measured is a cell without a bar. Which components there are is what the measures declare. Gives positions in per
cent of the axis; the template draws them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

from koudai.audit.declaration import ARROW, Component, Overall, Pick, Section
from koudai.audit.frame import ALL
from koudai.render.tables import DeclaredFigure, FigureIndex, is_few
from koudai.taxonomy import Bilingual, Taxonomy


@dataclass(frozen=True)
class Cell:
    """A figure, and percentages of its axis (None where there is nothing to draw).

    Parameters
    ----------
    name
        Title of the component, or None.
    figure
        What was measured, or None.
    note, note_kind
        The other category, or the source, that the figure is about, and which of them it is; empty and ``none`` if it
        is about all posts.
    bar, low, high, tick
        Where value, interval and reference lie, in per cent of the axis.
    few
        Whether the figure rests on too little to be compared.
    other, other_at
        The same figure in the audit that this one is compared with, and where it lies.

    Examples
    --------
    >>> cell = share_cell(DeclaredFigure("rumour", ALL, "alleged", 0.2, 12, 0.1, 0.4, unit="share"))
    >>> cell.bar, cell.low, cell.high, cell.few
    (20.0, 10.0, 40.0, True)
    """

    name: Bilingual | None
    figure: DeclaredFigure | None
    note: str
    note_kind: str
    bar: float | None
    low: float | None
    high: float | None
    tick: float | None
    few: bool
    other: DeclaredFigure | None = None
    other_at: float | None = None


@dataclass(frozen=True)
class Column:
    """One component: what was declared of it, the right end of its axis, its cells in taxonomy order."""

    component: Component
    top: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class _Figures:
    """The figure of a cell, its reference, and the same figure in the audit it is compared with."""

    figure: DeclaredFigure | None
    tick: DeclaredFigure | None = None
    other: DeclaredFigure | None = None


def kin(taxonomy: Taxonomy, *, key: str) -> set[str]:
    """Return `key` with everything above and below it: categories that overlap by definition.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> all(key in kin(taxonomy, key=key) for key in taxonomy.keys)
    True
    """
    return {key, *taxonomy.ancestors(key), *(other for other in taxonomy.keys if key in taxonomy.ancestors(other))}


def columns(index: FigureIndex, *, taxonomy: Taxonomy, earlier: FigureIndex | None = None) -> list[Column]:
    """Return the components that were measured for at least one category of `taxonomy`.

    `earlier` holds the figures of another audit, to be shown with those of this one.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> columns(FigureIndex({}), taxonomy=taxonomy)  # nothing was measured
    []
    """
    declared = [(measure, one) for measure, found in index.declared.items() for one in found.components]
    declared.sort(key=lambda pair: (get_args(Section).index(pair[1].section), pair[1].place, pair[0]))
    found = (_column(measure, one, index, taxonomy, earlier or FigureIndex({})) for measure, one in declared)
    return [column for column in found if any(cell.figure for cell in column.cells)]


def overall(index: FigureIndex) -> list[Cell]:
    """Return the figures that are about all posts together, each on an axis from 0 to 1.

    Examples
    --------
    >>> overall(FigureIndex({}))  # nothing was measured
    []
    """
    declared = [(measure, one) for measure, found in index.declared.items() for one in found.overall]
    declared.sort(key=lambda pair: (pair[1].place, pair[0]))
    return [cell for measure, one in declared for cell in _overall(measure, one, index)]


def share_cell(figure: DeclaredFigure) -> Cell:
    """Return a share as a cell of its own, on an axis from 0 to 1.

    Examples
    --------
    >>> share_cell(DeclaredFigure("rumour", ALL, "alleged", 0.2, 90, 0.13, 0.29, unit="share")).bar
    20.0
    """
    return _cell(None, _Figures(figure), top=1.0)


def picked(
    pick: Pick, index: FigureIndex, *, measure: str, taxonomy: Taxonomy, key: str, of: DeclaredFigure | None = None
) -> DeclaredFigure | None:
    """Return the figure of a category that `pick` chooses, or None if there is none.

    Parameters
    ----------
    pick
        What is chosen.
    index
        The figures of the report.
    measure
        Whose pick it is.
    taxonomy, key
        The category.
    of
        The component's own figure, where `pick` is its reference.

    Examples
    --------
    >>> from koudai.audit.frame import AuditFrame, Figure
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> figures = tuple(Figure(taxonomy.keys[0], corpus, "ece", 0.1, n) for corpus, n in (("a", 40), ("b", 90)))
    >>> index = FigureIndex({"calibration": AuditFrame("calibration", figures)})
    >>> pick = Pick("ece", choose="most posts")
    >>> picked(pick, index, measure="calibration", taxonomy=taxonomy, key=taxonomy.keys[0]).group
    'b'
    """
    measure = pick.measure or measure
    if pick.choose == "group":
        return index.one(measure, category=key, statistic=pick.statistic, group=pick.group)
    figures = index.of(measure, category=key, statistic=pick.statistic)
    if pick.choose == "group, else last":
        return next((one for one in figures if one.group == pick.group), figures[-1] if figures else None)
    if pick.choose == "last":
        return next((one for one in reversed(figures) if one.group.startswith(pick.group)), None)
    if pick.choose == "most posts":
        return max(figures, key=lambda one: one.n, default=None)
    if pick.choose == "nearest other":
        others = [one for one in figures if one.group not in kin(taxonomy, key=key)]
        return max(others, key=lambda one: (one.value is not None, one.value or 0.0, one.n), default=None)
    if pick.choose == "worst pair":
        pairs = [one for one in figures if one.value is not None and len(set(one.group.split(ARROW))) > 1]
        return min(pairs, key=lambda one: one.value or 0.0, default=None)
    home = of.group.partition(ARROW)[0] if of else ""
    return index.one(measure, category=key, statistic=pick.statistic, group=f"{home}{ARROW}{home}")


def _column(measure: str, component: Component, index: FigureIndex, taxonomy: Taxonomy, earlier: FigureIndex) -> Column:
    found = []
    for key in taxonomy.keys:
        figure = picked(component.pick, index, measure=measure, taxonomy=taxonomy, key=key)
        other = figure and earlier.one(measure, category=key, statistic=figure.statistic, group=figure.group)
        tick = None
        if component.reference:
            tick = picked(component.reference, index, measure=measure, taxonomy=taxonomy, key=key, of=figure)
        found.append(_Figures(figure, tick, other))
    shown = [figure for row in found for figure in (row.figure, row.tick, row.other) if figure is not None]
    ends = [end for figure in shown for end in (figure.value, figure.high) if end is not None]
    top = 1.0 if component.whole else round_up(max(ends, default=1.0))
    return Column(
        component=component,
        top=f"{100 * top:g}%" if any(figure.unit == "share" for figure in shown[:1]) else f"{top:g}",
        cells=tuple(_cell(component.name, row, top=top, note=component.note) for row in found),
    )


def _overall(measure: str, one: Overall, index: FigureIndex) -> list[Cell]:
    figures = index.of(measure, category=ALL, statistic=one.statistic)
    if one.groups:
        by_group = {figure.group: figure for figure in reversed(figures)}
        figures = [by_group[group] for group in one.groups if group in by_group]
    rows = [
        _Figures(
            figure,
            index.one(measure, category=ALL, statistic=one.reference, group=figure.group) if one.reference else None,
        )
        for figure in (figures[-1:] if one.last else figures)
    ]
    return [_cell(one.name, row, top=1.0, note="group") for row in rows]


def _cell(name: Bilingual | None, row: _Figures, *, top: float, note: str = "none") -> Cell:
    def place(value: float | None) -> float | None:
        return None if value is None else round(100 * min(max(value / top, 0.0), 1.0), 2)

    figure, tick, other = row.figure, row.tick, row.other
    return Cell(
        name=name,
        figure=figure,
        note=figure.group if figure and note != "none" else "",
        note_kind=note,
        bar=place(figure.value) if figure else None,
        low=place(figure.low) if figure else None,
        high=place(figure.high) if figure else None,
        tick=place(tick.value) if tick else None,
        few=is_few(figure),
        other=other,
        other_at=place(other.value) if other else None,
    )


def round_up(value: float) -> float:
    """Return the smallest of 1, 2, 2.5, 5 or 10 times a power of ten that is not below `value`; 1 for nothing.

    Examples
    --------
    >>> round_up(0.13), round_up(0.0)
    (0.2, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(step for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9)) * power:.6g}")
