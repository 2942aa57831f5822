"""Figures as people read them: formatted numbers and rows of tables.

Promises: a figure is never shown without its n; what rests on nothing is ``—``, never 0; a share, by the unit that its
measure declares, is a percentage, and one that is not 0 or 1 is never rounded to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from koudai.audit.declaration import Declaration, Statistic, Unit
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.taxonomy import Bilingual

FEW = 30
"""Figures that rest on fewer posts, cases or pairs than this are set apart as too few to compare."""


@dataclass(frozen=True)
class DeclaredFigure(Figure):
    """A figure together with its measure and what that declares of it.

    Parameters
    ----------
    measure
        The measure's name.
    unit
        What the figure is counted in; None if that is not declared.
    name
        What the statistic is called; None if it is not declared.

    Examples
    --------
    >>> figure_text(DeclaredFigure("rumour", ALL, "loud", 0.5, 40, 0.35, 0.65, unit="share"))
    '50.0% [35.0%, 65.0%] n=40'
    """

    measure: str = ""
    unit: Unit | None = None
    name: Bilingual | None = None


class FigureIndex:
    """The figures of a report, found by what they are about.

    Parameters
    ----------
    frames
        By measure.
    declared
        What each measure declares; figures of others have neither unit nor name.

    Examples
    --------
    >>> index = FigureIndex({"coverage": AuditFrame("coverage", (Figure("rumour", ALL, "alleged", 0.2, 90),))})
    >>> index.one("coverage", category="rumour", statistic="alleged").value
    0.2
    """

    def __init__(self, frames: Mapping[str, AuditFrame], declared: Mapping[str, Declaration] | None = None) -> None:
        self.declared = declared or {}
        self._one: dict[tuple[str, str, str, str], DeclaredFigure] = {}
        self._of: dict[tuple[str, str], list[DeclaredFigure]] = defaultdict(list)
        self._all: dict[str, list[DeclaredFigure]] = {}
        statistics = {(name, one.key): one for name, found in self.declared.items() for one in found.statistics}
        for measure, frame in frames.items():
            self._all[measure] = [
                _declared(measure, one, statistics.get((measure, one.statistic))) for one in frame.figures
            ]
            for figure in self._all[measure]:
                self._one.setdefault((measure, figure.category, figure.group, figure.statistic), figure)
                self._of[measure, figure.category].append(figure)

    def one(self, measure: str, *, category: str, statistic: str, group: str = ALL) -> DeclaredFigure | None:
        """Return one figure, or None if the report has none."""
        return self._one.get((measure, category, group, statistic))

    def of(
        self, measure: str, *, category: str, statistic: str | None = None, prefix: str = ""
    ) -> list[DeclaredFigure]:
        """Return the figures of a category in a measure whose group begins with `prefix`, in their order."""
        return [
            figure
            for figure in self._of.get((measure, category), [])
            if figure.group.startswith(prefix) and statistic in (None, figure.statistic)
        ]

    def frame(self, measure: str) -> list[DeclaredFigure]:
        """Return all figures of a measure, in their order."""
        return self._all.get(measure, [])


def _declared(measure: str, figure: Figure, statistic: Statistic | None) -> DeclaredFigure:
    unit, name = (statistic.unit, statistic.name) if statistic else (None, None)
    return DeclaredFigure(**vars(figure), measure=measure, unit=unit, name=name)


def count(value: object) -> str:
    """Return a count with thousands separated, or `value` as text if it is not a whole number.

    Examples
    --------
    >>> count(1204)
    '1,204'
    """
    return f"{value:,}" if isinstance(value, int) else str(value)


def number(value: float, *, percent: bool = False) -> str:
    """Return `value` with about three significant digits, as a percentage where `percent`.

    Examples
    --------
    >>> number(0.4211), number(0.1234, percent=True), number(0.99999, percent=True)
    ('0.42', '12.3%', '>99.9%')
    """
    sign, size = ("−", -value) if value < 0 else ("", value)
    if percent:
        return sign + _percentage(size)
    if size >= 100 or size == round(size) and size > 1:
        return f"{sign}{round(size):,}"
    if size >= 10:
        return f"{sign}{size:.1f}"
    if size == 0:
        return "0"
    if size >= 0.1:
        return f"{sign}{size:.2f}"
    if size >= 0.001:
        return f"{sign}{size:.3f}"
    return "<0.001" if value > 0 else ">−0.001"


def _percentage(share: float) -> str:
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    if share < 0.0001:
        return "<0.01%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}%" if share >= 0.0995 else f"{100 * share:.2f}%"


def value_text(figure: DeclaredFigure | None) -> str:
    """Return the value alone: ``0.42``; ``—`` if not measured or undefined, ``—(n=0)`` if nothing was counted.

    Examples
    --------
    >>> value_text(DeclaredFigure("rumour", ALL, "loud", 0.5, 40, unit="share")), value_text(None)
    ('50.0%', '—')
    """
    if figure is None:
        return "—"
    if figure.n == 0:
        return "—(n=0)"
    return "—" if figure.value is None else number(figure.value, percent=figure.unit == "share")


def interval_text(figure: DeclaredFigure | None) -> str:
    """Return the 95 % interval, ``[0.39, 0.46]``, or nothing if there is none.

    Examples
    --------
    >>> interval_text(DeclaredFigure("rumour", ALL, "f1", 0.5, 40, 0.35, 0.65, unit="score"))
    '[0.35, 0.65]'
    """
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return ""
    percent = figure.unit == "share"
    return f"[{number(figure.low, percent=percent)}, {number(figure.high, percent=percent)}]"


def figure_text(figure: DeclaredFigure | None) -> str:
    """Return value, interval and n: ``0.42 [0.39, 0.46] n=1,204``.

    Examples
    --------
    >>> figure_text(DeclaredFigure("rumour", ALL, "f1", 0.5, 1204, 0.48, 0.52, unit="score"))
    '0.50 [0.48, 0.52] n=1,204'
    """
    if figure is None or figure.n == 0:
        return value_text(figure)
    return " ".join(filter(None, (value_text(figure), interval_text(figure), f"n={count(figure.n)}")))


def difference_text(difference: float, *, unit: Unit | None) -> str:
    """Return how far a figure moved, with its sign; shares in percentage points.

    Examples
    --------
    >>> difference_text(0.15, unit="share"), difference_text(0.15, unit="score")
    ('+15.0 pp', '+0.15')
    """
    return ("+" if difference > 0 else "") + number(difference, percent=unit == "share").replace("%", " pp")


def is_few(figure: DeclaredFigure | None) -> bool:
    """Tell whether `figure` rests on something, but on fewer than `FEW`.

    Examples
    --------
    >>> is_few(DeclaredFigure("rumour", ALL, "f1", 0.5, 12, unit="score"))
    True
    """
    return figure is not None and figure.value is not None and figure.n < FEW and figure.unit != "tally"
