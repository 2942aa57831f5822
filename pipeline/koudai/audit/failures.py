"""Known failures: what a model does with the bundled casebook, for its card.

Promises: the same figures as the audit's measure of overreach, in plain data; nothing where the cases are about other
categories than the model's. Holds no case.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.audit.frame import Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.casebook import load_casebook
from koudai.audit.measures.overreach import overreach
from koudai.config.places import bundled
from koudai.errors import ReadError
from koudai.model.model import Model


def known_failures(model: Model) -> dict[str, Any]:
    """Return what to add to the evaluation of a model.

    Returns
    -------
    dict
        ``casebook``: ``n`` cases, the share that is tagged as it should be with ``value``, ``low`` and ``high``,
        ``functions`` (the same by what the cases test, with ``function`` and ``title``) and ``false_alarms`` (by
        category the share tagged of those that should not be). Empty if no case is about the model's categories.
    """
    try:
        casebook = load_casebook(bundled("data/casebook") / "cases.jsonl", taxonomy=model.taxonomy)
    except ReadError:
        return {}
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
        return {}
    whole, *functions = rates["pass_rate"]
    return {
        "casebook": {
            **_plain(whole),
            "functions": [
                {"function": one.group, "title": casebook.titles[one.group].en, **_plain(one)} for one in functions
            ],
            "false_alarms": [{"category": one.category, **_plain(one)} for one in rates["false_alarm_rate"]],
        }
    }


def _plain(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
