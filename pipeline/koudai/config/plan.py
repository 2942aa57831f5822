"""Section of an audit config on what was planned before labels existed: comparisons, unit, corrections, exclusions.

Promises: unknown keys are errors, and a plan plans something. Freezes nothing and opens no file: `koudai.audit.plan`
does.
"""

from __future__ import annotations

from pydantic import Field

from koudai.config.source import Section


class ComparisonSection(Section):
    """Figures that are planned: those of a measure, and only those of a category, group and statistic that are named.

    `question` is what they are to answer, in the words of the study.

    Examples
    --------
    >>> ComparisonSection(measure="prevalence", category="rumour").statistic is None
    True
    """

    measure: str
    category: str | None = None
    group: str | None = None
    statistic: str | None = None
    question: str = ""


class PlanSection(Section):
    """What a study looks at, written down before labels exist; every other figure is exploratory.

    `unit` is what intervals take for independent, as the report names it: near-duplicates, ``column event``,
    ``day created_at``, ``account``; an audit by another unit is refused. `corrections` and `exclusions` are sentences:
    they are frozen with the rest and shown beside the figures, and nothing is worked out from them.

    Examples
    --------
    >>> PlanSection(comparison=({"measure": "prevalence"},), exclusions=("posts without words",)).unit is None
    True
    """

    comparison: tuple[ComparisonSection, ...] = Field(min_length=1)
    unit: str | None = None
    corrections: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
