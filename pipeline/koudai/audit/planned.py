"""What was planned before labels existed, as a report carries it: which figures are planned, and which exploratory.

Promises: a figure is planned if a comparison names its measure, and its category, group and statistic as far as it
names these. Reads and freezes nothing: `koudai.audit.plan` does.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from koudai.audit.frame import AuditFrame, Figure
from koudai.config.plan import ComparisonSection, PlanSection


class FrozenPlan(BaseModel):
    """A plan as it was frozen: its hash, when that was, the sample (sha256 of the manifest, its name), what it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hash: str
    frozen_at: str
    sample: str
    sample_name: str
    plan: PlanSection

    def holds(self, measure: str, figure: Figure) -> bool:
        """Return whether a figure is planned.

        Examples
        --------
        >>> section = PlanSection(comparison=({"measure": "prevalence", "category": "rumour"},))
        >>> frozen = FrozenPlan(hash="", frozen_at="", sample="", sample_name="", plan=section)
        >>> [frozen.holds("prevalence", Figure(key, "*", "prevalence", 0.1, 9)) for key in ("rumour", "posing")]
        [True, False]
        """
        return any(_about(one, measure, figure) for one in self.plan.comparison)

    def counts(self, frames: Mapping[str, AuditFrame]) -> list[int]:
        """Return how many figures each comparison is about; one without any could not be made."""
        return [
            sum(_about(one, name, figure) for name, frame in frames.items() for figure in frame.figures)
            for one in self.plan.comparison
        ]


def _about(one: ComparisonSection, measure: str, figure: Figure) -> bool:
    return (
        one.measure == measure
        and one.category in (None, figure.category)
        and one.group in (None, figure.group)
        and one.statistic in (None, figure.statistic)
    )
