"""The configs of audits in the documentation: each is one, and a plan in it names what the audit has."""

from __future__ import annotations

import tomllib

import pytest

from koudai.audit.measures import MEASURES
from koudai.config.audit import AuditConfig
from tests.docs.blocks import BLOCK, ROOT

OF_AN_AUDIT = {
    "annotations",
    "domain",
    "event",
    "other",
    "period",
    "plan",
    "regression",
    "relabelled",
    "sample",
    "wording",
}
FOUND = [
    pytest.param(told, id=f"{page.stem}-{place}")
    for page in sorted((ROOT / "docs").rglob("*.md"))
    for place, (info, body) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
    if info.startswith("toml")
    for told in [tomllib.loads(body)]
    if OF_AN_AUDIT & set(told)
]


@pytest.mark.parametrize("told", FOUND)
def test_a_config_in_the_documentation_is_one_and_its_plan_could_be_frozen(told: dict[str, object]) -> None:
    config = AuditConfig.model_validate({"run": {"name": "told"}, "period": {"column": "created_at"}, **told})
    for one in config.plan.comparison if config.plan else ():
        declared = MEASURES[one.measure].declares
        assert one.statistic in (None, *(known.key for known in declared.statistics))
        assert one.group is None or one.group in declared.groups


def test_there_are_such_configs() -> None:
    assert len(FOUND) > 10
    assert {"sampling", "wording", "people-and-machines"} <= {str(one.id).rpartition("-")[0] for one in FOUND}
