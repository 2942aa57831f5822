"""Another audit beside this one: what is the same, what moved, what only one of them has.

Promises: only what a comparison says; the largest changes are listed and all of them are counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from koudai.audit.comparison import AuditComparison, Change
from koudai.audit.frame import AuditFrame, Figure
from koudai.render.tables import FigureIndex, difference_text

MOST, POINTS = 40, ("t=", "n=", "bin ")
"""Changes that are listed, and how the points of curves begin, which are not; comparison.json has them all."""


@dataclass(frozen=True)
class Moved:
    """A change, and how far the figure moved."""

    change: Change
    difference: str


@dataclass(frozen=True)
class Compared:
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
        ``both``, ``differ``, ``apart``, ``before`` and ``after``: figures in both audits, those that differ, those
        of them whose intervals do not touch, and those that only one audit has.
    """

    names: tuple[tuple[str, str], tuple[str, str]]
    same: tuple[str, ...]
    moved: tuple[Moved, ...]
    counts: dict[str, int]


def earlier(found: AuditComparison) -> FigureIndex:
    """Return the earlier figures that the later audit has too."""
    figures: dict[str, list[Figure]] = defaultdict(list)
    for change in found.changes:
        figures[change.measure].append(change.before)
    return FigureIndex({measure: AuditFrame(measure, tuple(rows)) for measure, rows in figures.items()})


def compared(found: AuditComparison) -> Compared:
    """Return what the page says of `found`."""
    moved = [(one, one.difference) for one in found.changes if one.difference]
    listed = [pair for pair in moved if not pair[0].after.group.startswith(POINTS)][:MOST]
    said = {True: "yes", False: "no", None: "unknown"}
    names = [
        (str(side.get("name") or "—"), str((side.get("model") or {}).get("name", "—")))
        for side in (found.before, found.after)
    ]
    return Compared(
        names=(names[0], names[1]),
        same=(
            f"same-model-{said[found.same.model]}",
            f"same-posts-{said[found.same.posts]}",
            *(("other-categories",) if found.same.categories is False else ()),
        ),
        moved=tuple(
            Moved(one, difference_text(difference, statistic=one.after.statistic)) for one, difference in listed
        ),
        counts={
            "both": len(found.changes),
            "differ": len(moved),
            "apart": sum(one.apart is True for one in found.changes),
            "before": len(found.only_before),
            "after": len(found.only_after),
        },
    )
