"""The JSON Schema of report.json, made from the types that a report is read with.

Promises: draft 2020-12; whatever `AuditReport.to_json` gives is valid under it. ``docs/report.schema.json`` is this,
and a test compares them.
"""

from __future__ import annotations

from typing import Any

from koudai.audit.report import SCHEMA, ReportFile

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """Return the schema as plain data."""
    made = _without_titles(ReportFile.model_json_schema())
    return {"$schema": _DRAFT, "$id": SCHEMA, "title": "The report of an audit by koudai", **made}


def _without_titles(value: Any) -> Any:
    """Return a schema without the titles that only repeat the names of its fields."""
    if isinstance(value, list):
        return [_without_titles(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {key: _without_titles(one) for key, one in inner.items()}
        if name in ("properties", "$defs")
        else _without_titles(inner)
        for name, inner in value.items()
        if name != "title"
    }
