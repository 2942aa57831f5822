"""A comparison of two audits: each figure that both have, how far it moved, and whether its intervals still touch.

Promises: figures are joined by measure, category, group and statistic, and what only one audit has is listed, so that
no figure of either is left out; categories of two taxonomies are not taken for the same unless told to; two intervals
that do not touch lie apart, and nothing more is claimed of them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from pipeline.audit.frame import Figure
from pipeline.audit.report import AuditReport
from pipeline.errors import UsageError
from pipeline.taxonomy import Taxonomy

FORMAT, PROTOCOL = "koudai-audit-comparison", 1


@dataclass(frozen=True)
class Change:
    """A figure of `measure` in both audits."""

    measure: str
    before: Figure
    after: Figure

    @property
    def difference(self) -> float | None:
        """The later value less the earlier one; None where either is not defined."""
        if self.before.value is None or self.after.value is None:
            return None
        found = self.after.value - self.before.value
        return found if math.isfinite(found) else None

    @property
    def apart(self) -> bool | None:
        """Whether the two 95 % intervals do not touch; None where either figure has none."""
        a, b = self.before, self.after
        if None in (self.difference, a.low, a.high, b.low, b.high):
            return None
        return bool(a.high < b.low or b.high < a.low)  # type: ignore[operator]

    @property
    def size(self) -> tuple[bool, float]:
        """What changes are ordered by: those with intervals first, by the difference in widths of both together."""
        if self.difference is None:
            return False, -1.0
        widths = [one.high - one.low for one in (self.before, self.after) if None not in (one.low, one.high)]  # type: ignore[operator]
        if len(widths) < 2:
            return False, abs(self.difference)
        if self.difference == 0:
            return True, 0.0
        return True, abs(self.difference) / math.hypot(*widths) if any(widths) else math.inf

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain data."""
        about = {name: getattr(self.after, name) for name in ("category", "group", "statistic")}
        told = {"measure": self.measure, **about, "difference": self.difference, "apart": self.apart}
        parts = ("value", "n", "low", "high")
        sides = {"before": self.before, "after": self.after}
        return {**told, **{name: {part: getattr(one, part) for part in parts} for name, one in sides.items()}}


@dataclass(frozen=True)
class AuditComparison:
    """Two audits side by side.

    Parameters
    ----------
    before, after
        What each was: ``name``, ``created_at``, ``koudai``, ``model``, ``inputs`` and the taxonomy's name and digest.
    changes
        The figures that both have, largest change first.
    only_before, only_after
        Figures that one audit has and the other has not, each with its measure.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    changes: tuple[Change, ...]
    only_before: tuple[tuple[str, Figure], ...]
    only_after: tuple[tuple[str, Figure], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "format": FORMAT,
            "protocol": PROTOCOL,
            "before": self.before,
            "after": self.after,
            "changes": [one.to_json() for one in self.changes],
            "only_before": [{"measure": measure, **vars(figure)} for measure, figure in self.only_before],
            "only_after": [{"measure": measure, **vars(figure)} for measure, figure in self.only_after],
        }


def check_taxonomies(before: Taxonomy, after: Taxonomy) -> None:
    """Raise `UsageError` if two audits have not the same taxonomy."""
    if before.digest != after.digest:
        raise UsageError(
            what="the audit to compare with has another taxonomy",
            expected=f"{after.name} {after.digest}",
            got=f"{before.name} {before.digest}",
            happened="a category of the same name may mean another thing there",
            todo="compare audits with one taxonomy, or say --other-taxonomy",
        )


def compare_reports(before: AuditReport, after: AuditReport, *, other_taxonomy: bool = False) -> AuditComparison:
    """Compare two audits, figure by figure.

    Parameters
    ----------
    before, after
        The earlier and the later audit.
    other_taxonomy
        Whether categories of the same name are joined although the taxonomies differ.

    Raises
    ------
    UsageError
        If the taxonomies differ and nothing was said of it.
    """
    if not other_taxonomy:
        check_taxonomies(before.taxonomy, after.taxonomy)
    old, new = _keyed(before), _keyed(after)
    changes = [Change(key[0], old[key], new[key]) for key in new if key in old]
    return AuditComparison(
        before=_head(before),
        after=_head(after),
        changes=tuple(sorted(changes, key=lambda one: one.size, reverse=True)),
        only_before=tuple((key[0], figure) for key, figure in old.items() if key not in new),
        only_after=tuple((key[0], figure) for key, figure in new.items() if key not in old),
    )


def _keyed(report: AuditReport) -> dict[tuple[str, str, str, str, int], Figure]:
    """Return the figures of a report by what they are about; the last part counts those about the same."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    found = {}
    for measure, frame in report.frames.items():
        for figure in frame.figures:
            key = (measure, figure.category, figure.group, figure.statistic)
            found[*key, seen[key]] = figure
            seen[key] += 1
    return found


def _head(report: AuditReport) -> dict[str, Any]:
    names = ("name", "created_at", "koudai", "model", "inputs")
    return {
        **{name: report.provenance.get(name) for name in names},
        "taxonomy": {"name": report.taxonomy.name, "digest": report.taxonomy.digest},
        "conservation": report.conservation,
    }
