"""The schema of reports: itself one, true of every report, false of what is none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from koudai.audit.report import SCHEMA, AuditReport
from koudai.audit.schema import report_schema
from tests.audit.test_report import FIELDS, report, whole
from tests.render.reports import empty_report, hostile_report, sample_report


def hostile() -> AuditReport:
    """Return a report with a payload wherever its types allow any text."""
    kept = {name: vars(report())[name] for name in ("provenance", "validated_on")}
    return AuditReport(**{**vars(hostile_report("</script>=1")), **kept})


VALIDATOR = Draft202012Validator(report_schema())


def test_it_is_a_schema_and_reports_name_it() -> None:
    Draft202012Validator.check_schema(report_schema())
    assert report_schema()["$id"] == report().to_json()["$schema"] == SCHEMA


@pytest.mark.parametrize("make", [report, sample_report, empty_report, hostile])
def test_every_report_is_valid(make: Callable[[], AuditReport]) -> None:
    VALIDATOR.validate(json.loads(json.dumps(make().to_json())))


def test_a_report_without_the_name_of_its_schema_is_valid() -> None:
    VALIDATOR.validate({name: value for name, value in whole().items() if name != "$schema"})


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        (("protocol",), 1),
        (("format",), "other"),
        (("$schema",), "urn:other"),
        (("colour",), "red"),
        (("conservation",), {"read": 15, "scored": 12, "abstained": 3}),
        (("conservation", "scored"), -1),
        (("conservation", "lost"), 0),
        (("validated_on", "rumour"), "hearsay"),
        (("taxonomy", "category"), []),
        (("frames", "coverage", 0, "n"), "many"),
        (("frames", "coverage", 0, "value"), "0.5"),
        (("frames", "coverage", 0, "p"), 0.05),
        (("posts", 0, "account"), "someone"),
        (("provenance", "seed"), "7"),
        (("provenance", "inputs", 0, "rows"), None),
    ],
)
def test_what_is_no_report_is_not_valid(path: tuple[Any, ...], odd: Any) -> None:
    damaged = copy.deepcopy(whole())
    inner = damaged
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    assert not VALIDATOR.is_valid(damaged)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FIELDS, "format", "protocol"])
def test_no_field_is_left_out(name: str) -> None:
    assert not VALIDATOR.is_valid({key: value for key, value in whole().items() if key != name})


def test_the_published_one_is_the_one_that_validates(root: Path) -> None:
    published = json.loads((root / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    assert published == report_schema()
