"""What MLflow is told of an audit beside its files: the figures over all posts, each with its n.

Promises: no post, no term and no theme is among the names or the values: only figures of whole categories, or of all
of them, and digests.
"""

from __future__ import annotations

import re

from koudai.audit.frame import ALL
from koudai.audit.report import AuditReport

_ODD = re.compile(r"[^\w./-]", re.ASCII)


def metrics_of(report: AuditReport) -> dict[str, float]:
    """Return ``MEASURE/CATEGORY/STATISTIC`` for each figure of all posts, without the category where it is of all.

    Beside each stand ``…_n``, and ``…_low`` and ``…_high`` where there is an interval; what is not defined has its n
    alone.

    Examples
    --------
    >>> from koudai.audit.frame import AuditFrame, share
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> frames = {"coverage": AuditFrame("coverage", (share("rumour", ALL, "alleged", 3, 12),))}
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> told = metrics_of(AuditReport({}, {}, taxonomy, {}, frames, (), (), {}))
    >>> told["coverage/rumour/alleged"], told["coverage/rumour/alleged_n"]
    (0.25, 12.0)
    """
    found: dict[str, float] = {}
    for measure, frame in report.frames.items():
        for figure in frame.figures:
            if figure.group != ALL or figure.category not in (ALL, *report.taxonomy.keys):
                continue
            parts = (measure, figure.category, figure.statistic)
            name = _ODD.sub("_", "/".join(part for part in parts if part != ALL))
            if name + "_n" in found:
                continue
            found[name + "_n"] = float(figure.n)
            for end, value in (("", figure.value), ("_low", figure.low), ("_high", figure.high)):
                if value is not None:
                    found[name + end] = value
    return found


def tags_of(report: AuditReport) -> dict[str, str]:
    """Return what was audited, by which version of koudai, and which measures were left out.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> report = AuditReport({"koudai": "1.0", "model": None}, {}, taxonomy, {}, {}, (), (), {})
    >>> tags_of(report)["koudai.version"]
    '1.0'
    """
    model = report.provenance.get("model") or {}
    told = {
        "koudai.audited_taxonomy": f"{report.taxonomy.name} {report.taxonomy.digest}",
        "koudai.audited_model": str(model.get("digest", "")) if isinstance(model, dict) else "",
        "koudai.version": str(report.provenance.get("koudai", "")),
        "koudai.not_measured": ", ".join(item.measure for item in report.not_measured),
    }
    return {name: value for name, value in told.items() if value}
