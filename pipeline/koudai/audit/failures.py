"""Known failures: what a model does with the bundled casebook, for its card.

Promises: the same figures as the audit's measure of overreach; nothing where the cases are about other categories than
the model's. Holds no case.
"""

from __future__ import annotations

import numpy as np

from koudai.audit.frame import Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.casebook import load_casebook
from koudai.audit.measures.overreach import overreach
from koudai.config.places import bundled
from koudai.errors import ReadError
from koudai.model.evaluation import CasebookResult, FalseAlarms, FunctionValue, MetricValue
from koudai.model.model import Model


def known_failures(model: Model) -> CasebookResult | None:
    """Return what a model does with the bundled cases, None if no case is about its categories."""
    try:
        casebook = load_casebook(bundled("data/casebook") / "cases.jsonl", taxonomy=model.taxonomy)
    except ReadError:
        return None
    nothing = np.empty((0, len(model.categories)))
    given = AuditInput(
        taxonomy=model.taxonomy,
        categories=model.categories,
        seed=0,
        ids=[],
        proba=nothing.astype(np.float32),
        alleged=nothing.astype(bool),
        abstained=np.empty(0, dtype=bool),
        quarantined=0,
        model=model,
        casebook=casebook,
    )
    rates: dict[str, list[Figure]] = {"pass_rate": [], "false_alarm_rate": []}
    for figure in overreach(given).figures:
        rates.get(figure.statistic, []).append(figure)
    if not rates["pass_rate"]:
        return None
    whole, *functions = rates["pass_rate"]
    alarms = rates["false_alarm_rate"]
    return CasebookResult(
        **vars(_value(whole)),
        functions=tuple(
            FunctionValue(**vars(_value(one)), function=one.group, title=casebook.titles[one.group].en)
            for one in functions
        ),
        false_alarms=tuple(FalseAlarms(**vars(_value(one)), category=one.category) for one in alarms),
    )


def _value(figure: Figure) -> MetricValue:
    return MetricValue(figure.statistic, figure.value, figure.n, figure.low, figure.high)
