"""A comparison with an earlier audit as the page shows it: what is the same, what moved, what only one of them has.

Promises: only what a comparison says; the largest changes are listed and all of them are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from koudai.audit.comparison import AuditComparison, Change
from koudai.audit.declaration import Declaration
from koudai.audit.frame import AuditFrame, Figure
from koudai.render.tables import DeclaredFigure, FigureIndex, difference_text

LEVEL = 0.05
"""Chance of one false finding among all differences that are tested."""
MOST = 40
"""Changes that are listed, points of curves left out; comparison.json has them all."""


@dataclass(frozen=True)
class Moved:
    """A change, its two figures as they are shown, and how far the figure moved.

    Examples
    --------
    >>> figures = [DeclaredFigure("rumour", "*", "alleged", value, 90, unit="share") for value in (0.2, 0.3)]
    >>> moved = Moved(Change("coverage", *figures), *figures, difference="+10.0 pp")
    >>> moved.after.value, moved.difference
    (0.3, '+10.0 pp')
    """

    change: Change
    before: DeclaredFigure
    after: DeclaredFigure
    difference: str

    @property
    def tested(self) -> str:
        """The p-value after Holm's correction, and how it was come by; empty where there was no test."""
        if self.change.adjusted is None or self.change.moved is None:
            return ""
        p = self.change.adjusted
        return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


@dataclass(frozen=True)
class ComparisonView:
    """What the page says of a comparison.

    Parameters
    ----------
    names
        Of the audit and of its model, before and after.
    same
        Words that say whether model and posts are the same, and that the categories are not.
    moved
        The largest changes, at most `MOST`; points of curves are left out.
    counts
        ``both``, ``differ``, ``tested``, ``found``, ``before`` and ``after``: figures in both audits, those that
        differ, those whose difference was tested, those of them that lie beyond chance at 5 % after Holm's correction,
        and those that only one audit has.

    Examples
    --------
    >>> from koudai.audit.comparison import Same
    >>> found = AuditComparison({"name": "May"}, {"name": "June"}, Same(True, None, True, None, ()), (), (), ())
    >>> comparison_view(found).names
    (('May', '—'), ('June', '—'))
    """

    names: tuple[tuple[str, str], tuple[str, str]]
    same: tuple[str, ...]
    moved: tuple[Moved, ...]
    counts: dict[str, int]


def earlier_figures(found: AuditComparison) -> FigureIndex:
    """Return the earlier figures that the later audit has too.

    Examples
    --------
    >>> from koudai.audit.comparison import Same
    >>> changes = (Change("coverage", *(Figure("rumour", "*", "alleged", value, 90) for value in (0.25, 0.5))),)
    >>> found = AuditComparison({}, {}, Same(True, True, True, True, ()), changes, only_before=(), only_after=())
    >>> earlier_figures(found).one("coverage", category="rumour", statistic="alleged").value
    0.25
    """
    figures: dict[str, list[Figure]] = defaultdict(list)
    for change in found.changes:
        figures[change.measure].append(change.before)
    return FigureIndex({measure: AuditFrame(measure, tuple(rows)) for measure, rows in figures.items()}, found.declared)


def comparison_view(found: AuditComparison) -> ComparisonView:
    """Return what the page says of `found`.

    Examples
    --------
    >>> from koudai.audit.comparison import Same
    >>> same = Same(model=True, posts=None, categories=True, clusters=True, inputs=())
    >>> found = AuditComparison({}, {}, same, (), (), ())
    >>> comparison_view(found).same
    ('same-model-yes', 'same-posts-unknown')
    """
    moved = [(one, one.difference) for one in found.changes if one.difference]
    curves = {name: _curves(one) for name, one in found.declared.items()}
    listed = [pair for pair in moved if not pair[0].after.group.startswith(curves.get(pair[0].measure, ()))][:MOST]
    said = {True: "yes", False: "no", None: "unknown"}
    names = [
        (str(side.get("name") or "—"), str((side.get("model") or {}).get("name", "—")))
        for side in (found.before, found.after)
    ]
    return ComparisonView(
        names=(names[0], names[1]),
        same=(
            f"same-model-{said[found.same.model]}",
            f"same-posts-{said[found.same.posts]}",
            *(("other-categories",) if found.same.categories is False else ()),
        ),
        moved=tuple(_moved(one, difference, found.declared) for one, difference in listed),
        counts={
            "both": len(found.changes),
            "differ": len(moved),
            "tested": sum(one.adjusted is not None for one in found.changes),
            "found": sum(one.adjusted is not None and one.adjusted <= LEVEL for one in found.changes),
            "before": len(found.only_before),
            "after": len(found.only_after),
        },
    )


def _moved(change: Change, difference: float, declared: Mapping[str, Declaration]) -> Moved:
    frame = AuditFrame(change.measure, (change.before, change.after))
    before, after = FigureIndex({change.measure: frame}, declared).frame(change.measure)
    told = difference_text(difference, unit=after.unit)
    moved = change.moved
    if moved is not None and moved.low is not None and moved.high is not None:
        told += f" [{difference_text(moved.low, unit=after.unit)}, {difference_text(moved.high, unit=after.unit)}]"
    return Moved(change, before, after, told)


def _curves(declared: Declaration) -> tuple[str, ...]:
    """Return how the groups of a measure begin that are points of curves."""
    return tuple(one.prefix for one in declared.charts if one.prefix and one.kind in ("curve", "reliability"))
