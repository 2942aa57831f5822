"""The JSON Schema of report.json: the fields of a report, and the statistics of the measures that are registered here.

Promises: whatever `AuditReport.to_json` gives is valid under it; reports of measures that are not registered here are
valid as well. Checks no report itself: `AuditReport.from_json` does, without it.
"""

from __future__ import annotations

from typing import Any

from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.report import SCHEMA, ReportFile

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of report.json, as plain data; ``docs/report.schema.json`` is this.

    Whatever `AuditReport.to_json` gives is valid under it. It lists the measures that are registered here and their
    statistics; reports of other measures are valid as well.

    Examples
    --------
    >>> report_schema()["$id"]
    'urn:koudai:audit-report:2'
    """
    made = _without_titles(ReportFile.model_json_schema())
    frame = made["properties"]["frames"]["additionalProperties"]
    made["properties"]["frames"]["properties"] = {
        name: {
            "description": MEASURES[name].title.en,
            "type": "array",
            "items": {
                **frame["items"],
                "properties": {"statistic": {"examples": [one.key for one in MEASURES[name].declares.statistics]}},
            },
        }
        for name in measures_in_order()
    }
    return {"$schema": _DRAFT, "$id": SCHEMA, "title": "The report of an audit by koudai", **made}


def _without_titles(value: Any) -> Any:
    """Return a schema without titles, which only repeat the names of fields, and without the examples of docstrings."""
    if isinstance(value, list):
        return [_without_titles(one) for one in value]
    if isinstance(value, str):
        return value.partition("\n\nExamples\n")[0]
    if not isinstance(value, dict):
        return value
    return {
        name: {key: _without_titles(one) for key, one in inner.items()}
        if name in ("properties", "$defs")
        else _without_titles(inner)
        for name, inner in value.items()
        if name != "title"
    }
