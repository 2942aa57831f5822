"""Figures as people read them: formatted numbers and rows of tables.

Promises: a figure is never shown without its n; what rests on nothing is ``—``, never 0; a share that is not 0 or 1 is
never rounded to it.
"""

from __future__ import annotations

from collections import defaultdict

from koudai.audit.frame import ALL, AuditFrame, Figure

FEW = 30
"""Figures that rest on fewer posts, cases or pairs than this are set apart as too few to compare."""

SHARES = frozenset(
    ("share", "alleged", "tagged", "abstained", "none", "quarantined", "pass_rate", "false_alarm_rate", "miss_rate")
    + ("tag_rate_on_controls", "measured_share", "prevalence", "given", "observed", "predicted")
    + ("half_width", "labelled", "range", "alleged_in_group", "holds_any", "untagged_holds_any", "in_tagged", "in_all")
    + ("terms_never_seen", "noise", "labelled_out_but_in", "labelled_in_but_out", "flagged", "observed_agreement")
    + ("matched", "different", "different_moderation", "different_by_chance", "removed", "kept", "not_moderation")
    + ("dated", "lost", "gained", "lost_on_posts", "gained_on_posts", "flip_rate", "flip_rate_on_posts")
    + ("ambiguity", "discrepancy", "arbitrariness", "coverage", "both", "empty", "no_probability")
    + ("in_several_corpora", "only_here", "only_there")
)
"""Statistics that are shares of posts or cases, and shown as percentages."""

COUNTS = frozenset(("announced",))
"""Statistics that are counts taken from elsewhere: they rest on no sample."""


class FigureIndex:
    """The figures of a report, found by what they are about."""

    def __init__(self, frames: dict[str, AuditFrame]) -> None:
        self._one: dict[tuple[str, str, str, str], Figure] = {}
        self._of: dict[tuple[str, str], list[Figure]] = defaultdict(list)
        for measure, frame in frames.items():
            for figure in frame.figures:
                self._one.setdefault((measure, figure.category, figure.group, figure.statistic), figure)
                self._of[measure, figure.category].append(figure)

    def one(self, measure: str, *, category: str, statistic: str, group: str = ALL) -> Figure | None:
        """Return one figure, or None if the report has none."""
        return self._one.get((measure, category, group, statistic))

    def of(self, measure: str, *, category: str, statistic: str | None = None, prefix: str = "") -> list[Figure]:
        """Return the figures of a category in a measure whose group begins with `prefix`, in their order."""
        return [
            figure
            for figure in self._of.get((measure, category), [])
            if figure.group.startswith(prefix) and statistic in (None, figure.statistic)
        ]


def count(value: object) -> str:
    """Return a count with thousands separated, or `value` as text if it is not a whole number."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def number(value: float, *, percent: bool = False) -> str:
    """Return `value` with about three significant digits, as a percentage where `percent`."""
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


def value_text(figure: Figure | None) -> str:
    """Return the value alone: ``0.42``; ``—`` if not measured or undefined, ``—(n=0)`` if nothing was counted."""
    if figure is None:
        return "—"
    if figure.n == 0:
        return "—(n=0)"
    return "—" if figure.value is None else number(figure.value, percent=figure.statistic in SHARES)


def interval_text(figure: Figure | None) -> str:
    """Return the 95 % interval, ``[0.39, 0.46]``, or nothing if there is none."""
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return ""
    percent = figure.statistic in SHARES
    return f"[{number(figure.low, percent=percent)}, {number(figure.high, percent=percent)}]"


def figure_text(figure: Figure | None) -> str:
    """Return value, interval and n: ``0.42 [0.39, 0.46] n=1,204``."""
    if figure is None or figure.n == 0:
        return value_text(figure)
    return " ".join(filter(None, (value_text(figure), interval_text(figure), f"n={count(figure.n)}")))


def difference_text(difference: float, *, statistic: str) -> str:
    """Return how far a figure moved, with its sign; shares in percentage points."""
    share = statistic in SHARES
    return ("+" if difference > 0 else "") + number(difference, percent=share).replace("%", " pp")


def is_few(figure: Figure | None) -> bool:
    """Tell whether `figure` rests on something, but on fewer than `FEW`."""
    return figure is not None and figure.value is not None and figure.n < FEW and figure.statistic not in COUNTS
