"""Which charts of a category are bars, one per group of a measure: what the bars are, and what the ticks beside them.

Promises: a new one is one line here and its words. Chooses figures and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from koudai.audit.frame import ALL, Figure
from koudai.render.cells import TAGGED
from koudai.render.plots import DECIMAL, PERCENT
from koudai.render.tables import FigureIndex


@dataclass(frozen=True)
class GroupBars:
    """One chart of bars.

    Parameters
    ----------
    name
        Key of its title among the words of the page; ``name-why`` says how to read it.
    measure, statistic
        Whose figures are the bars.
    axis, head
        Words for the axis and for what the groups are.
    tick
        The statistic of the same group that is a tick beside its bar, or None.
    form
        Number format of the axis.
    keep
        Which groups have a bar.
    ordered
        Whether the bars stay in the order of the figures; else the largest come first.
    """

    name: str
    measure: str
    statistic: str
    axis: str
    head: str = "group"
    tick: str | None = None
    form: str = PERCENT
    keep: Callable[[str], bool] = lambda group: group != ALL
    ordered: bool = False

    def figures(self, index: FigureIndex, *, key: str) -> list[Figure]:
        """Return the figures of the bars of a category."""
        found = index.of(self.measure, category=key, statistic=self.statistic)
        return [one for one in found if self.keep(one.group) and one.value is not None]


GROUP_BARS = (
    GroupBars(
        "estimates",
        "prevalence",
        "prevalence",
        "prevalence",
        keep=lambda group: group in ("design", "difference", "ppi++"),
    ),
    GroupBars("shares-by-group", "coverage", "alleged_in_group", "share-alleged"),
    GroupBars("shares-by-period", "drift", "alleged", "share-alleged", head="period", ordered=True),
    GroupBars("agreement-by-group", "agreement", "alpha", "alpha", form=DECIMAL),
    GroupBars(
        "silence",
        "conformal",
        "both",
        "cannot-tell",
        tick="empty",
        keep=lambda group: group.startswith("1−α=") and "," not in group,
        ordered=True,
    ),
    GroupBars("crosswalks", "crosswalk", "given", "given", head="other"),
    GroupBars("term-swaps", "term_swap", "flip_rate", "tags-flipped", tick="flip_rate_on_posts"),
    GroupBars("spellings", "evasion", "lost", "tags-lost", tick="lost_on_posts"),
    GroupBars("defining-terms", "definition", "in_tagged", "share-of-tagged", head="term", tick="in_all"),
)
"""In the order of a card."""


def arbitrary(index: FigureIndex, *, key: str) -> list[Figure]:
    """Return what the refits of the widest ε disagree about among the posts tagged, one figure per statistic."""
    found = index.of("multiplicity", category=key, prefix=TAGGED)
    widest = found[-1].group if found else ""
    names = ("ambiguity", "discrepancy", "arbitrariness", "flip_rate")
    return [one for one in found if one.group == widest and one.statistic in names and one.value is not None]
