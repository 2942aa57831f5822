"""The components of a category, side by side: for each, its figure, its reference, and where they lie on an axis.

Promises: no component is combined with another; every bar of a column is drawn on the same axis; a component that was
not measured is a cell without a bar. Gives positions in per cent of the axis; the template draws them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from koudai.audit.frame import ALL, Figure
from koudai.render.tables import SHARES, FigureIndex, is_few
from koudai.taxonomy import Taxonomy


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
    other, other_at
        The same figure in the audit that this one is beside, and where it lies.
    """

    component: str
    figure: Figure | None
    note: str
    bar: float | None
    low: float | None
    high: float | None
    tick: float | None
    few: bool
    other: Figure | None = None
    other_at: float | None = None


@dataclass(frozen=True)
class Column:
    """One component: the words for it and its section, the right end of its axis, its cells in taxonomy order."""

    component: str
    section: str
    top: str
    cells: tuple[Cell, ...]


Pick = Callable[[FigureIndex, Taxonomy, str], Figure | None]
"""Finds the figure of a category."""


@dataclass(frozen=True)
class Component:
    """How a column is found: its measure's figures, their reference, and whether the axis is all of 0 to 1.

    ``named`` says that the figure's group is told below it.
    """

    name: str
    measure: str
    section: str
    pick: Pick
    reference: Pick | None = None
    whole: bool = True
    named: bool = False


def kin(taxonomy: Taxonomy, *, key: str) -> set[str]:
    """Return `key` with everything above and below it: categories that overlap by definition."""
    return {key, *taxonomy.ancestors(key), *(other for other in taxonomy.keys if key in taxonomy.ancestors(other))}


def _plain(measure: str, statistic: str, group: str = ALL) -> Pick:
    return lambda index, taxonomy, key: index.one(measure, category=key, statistic=statistic, group=group)


def _largest_source(index: FigureIndex, taxonomy: Taxonomy, key: str) -> Figure | None:
    return max(index.of("calibration", category=key, statistic="ece"), key=lambda figure: figure.n, default=None)


def _nearest(index: FigureIndex, taxonomy: Taxonomy, key: str) -> Figure | None:
    related = kin(taxonomy, key=key)
    others = [one for one in index.of("overlap", category=key, statistic="jaccard") if one.group not in related]
    return max(others, key=lambda one: (one.value is not None, one.value or 0.0, one.n), default=None)


def _worst_transfer(index: FigureIndex, taxonomy: Taxonomy, key: str) -> Figure | None:
    figures = index.of("transfer", category=key, statistic="auc")
    across = [one for one in figures if one.value is not None and len(set(one.group.split(ARROW))) > 1]
    return min(across, key=lambda one: one.value or 0.0, default=None)


def _transfer_within(index: FigureIndex, taxonomy: Taxonomy, key: str) -> Figure | None:
    worst = _worst_transfer(index, taxonomy, key)
    home = worst.group.partition(ARROW)[0] if worst else ""
    return index.one("transfer", category=key, statistic="auc", group=f"{home}{ARROW}{home}")


def _arbitrary(index: FigureIndex, taxonomy: Taxonomy, key: str) -> Figure | None:
    figures = index.of("multiplicity", category=key, statistic="arbitrariness", prefix=TAGGED)
    return figures[-1] if figures else None


ARROW, TAGGED = " → ", "held-out posts, tagged"
"""How groups of transfer are spelt, and those of multiplicity begin; the last of these has the widest ε."""
COMPONENTS = (
    Component("coverage", "coverage", "how-much", _plain("coverage", "alleged"), whole=False),
    Component(
        "prevalence",
        "prevalence",
        "how-much",
        _plain("prevalence", "prevalence", "ppi++"),
        _plain("coverage", "alleged"),
        whole=False,
    ),
    Component("outcome", "outcome", "how-much", _plain("outcome", "removed")),
    Component("agreement", "agreement", "told-apart", _plain("agreement", "alpha")),
    Component(
        "learnability",
        "learnability",
        "told-apart",
        _plain("learnability", "average_precision"),
        _plain("learnability", "prevalence"),
    ),
    Component("transfer", "transfer", "told-apart", _worst_transfer, _transfer_within, named=True),
    Component("multiplicity", "multiplicity", "told-apart", _arbitrary),
    Component("calibration", "calibration", "told-apart", _largest_source, whole=False, named=True),
    Component("conformal", "conformal", "told-apart", _plain("conformal", "both", "1−α=0.9")),
    Component("overlap", "overlap", "in-the-pocket", _nearest, whole=False, named=True),
    Component("overreach", "overreach", "in-the-pocket", _plain("overreach", "false_alarm_rate")),
    Component("term_swap", "term_swap", "in-the-pocket", _plain("term_swap", "flip_rate")),
    Component("evasion", "evasion", "in-the-pocket", _plain("evasion", "lost")),
    Component(
        "defining",
        "definition",
        "in-the-pocket",
        _plain("definition", "holds_any"),
        _plain("definition", "untagged_holds_any"),
    ),
    Component(
        "themes",
        "themes",
        "in-the-pocket",
        _plain("themes", "effective_number"),
        _plain("themes", "effective_number_of_random_draws"),
        whole=False,
    ),
)
"""Every component the matrix may have, in its order."""


def columns(index: FigureIndex, *, taxonomy: Taxonomy, beside: FigureIndex | None = None) -> list[Column]:
    """Return the components that were measured for at least one category of `taxonomy`.

    `beside` holds the figures of another audit, to be shown beside those of this one.
    """
    found = (_column(component, index, taxonomy, beside or FigureIndex({})) for component in COMPONENTS)
    return [column for column in found if any(cell.figure for cell in column.cells)]


def overall(index: FigureIndex) -> list[Cell]:
    """Return the figures that are about all posts together, each on an axis from 0 to 1."""
    found = [
        ("all-cases", index.one("overreach", category=ALL, statistic="pass_rate"), None),
        *(
            (
                "all-fates",
                index.one("outcome", category=ALL, statistic="different", group=kind),
                index.one("outcome", category=ALL, statistic="different_by_chance", group=kind),
            )
            for kind in ("identical", "near-identical")
        ),
        *(("all-drift", one, None) for one in index.of("drift", category=ALL, statistic="auc")[-1:]),
        *(("all-crosswalk", one, None) for one in index.of("crosswalk", category=ALL, statistic="ami")),
    ]
    return [_cell(name, figure=one, tick=tick, other=None, top=1.0, named=True) for name, one, tick in found if one]


def share_cell(figure: Figure) -> Cell:
    """Return a share as a cell of its own, on an axis from 0 to 1."""
    return _cell("share", figure=figure, tick=None, other=None, top=1.0, named=False)


def _column(component: Component, index: FigureIndex, taxonomy: Taxonomy, beside: FigureIndex) -> Column:
    reference, found = component.reference, []
    for key in taxonomy.keys:
        figure = component.pick(index, taxonomy, key)
        other = figure and beside.one(component.measure, category=key, statistic=figure.statistic, group=figure.group)
        found.append((figure, reference(index, taxonomy, key) if reference else None, other))
    shown = [figure for row in found for figure in row if figure is not None]
    ends = [end for figure in shown for end in (figure.value, figure.high) if end is not None]
    top = 1.0 if component.whole else _round_up(max(ends, default=1.0))
    return Column(
        component=component.name,
        section=component.section,
        top=f"{100 * top:g}%" if any(figure.statistic in SHARES for figure in shown[:1]) else f"{top:g}",
        cells=tuple(
            _cell(component.name, figure=figure, tick=tick, other=other, top=top, named=component.named)
            for figure, tick, other in found
        ),
    )


def _cell(
    name: str, *, figure: Figure | None, tick: Figure | None, other: Figure | None, top: float, named: bool
) -> Cell:
    def place(value: float | None) -> float | None:
        return None if value is None else round(100 * min(max(value / top, 0.0), 1.0), 2)

    return Cell(
        component=name,
        figure=figure,
        note=figure.group if figure and named else "",
        bar=place(figure.value) if figure else None,
        low=place(figure.low) if figure else None,
        high=place(figure.high) if figure else None,
        tick=place(tick.value) if tick else None,
        few=is_few(figure),
        other=other,
        other_at=place(other.value) if other else None,
    )


def _round_up(value: float) -> float:
    """Return the smallest of 1, 2, 2.5, 5 or 10 times a power of ten that is not below `value`; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(step for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9)) * power:.6g}")
