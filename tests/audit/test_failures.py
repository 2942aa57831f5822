"""Known failures: the figures of the audit's own measure, and nothing for other categories than the casebook's."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit.failures import known_failures
from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.casebook import load_casebook
from koudai.model.model import Model
from koudai.model.scorer import score
from tests.model.tiny import tiny_model


def test_A4_pass_rates_are_those_counted_case_by_case(model: Model, root: Path) -> None:
    found = known_failures(model)
    assert found is not None
    casebook = load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=model.taxonomy)
    leaves = set(model.categories) & set(model.taxonomy.leaves)
    passed: dict[str, list[bool]] = {}
    for case in casebook.cases:
        if not case.expected or set(case.expected) & leaves:
            (alleged,) = score(model, [case.case_id], [case.text]).tags()
            right = set(alleged) & leaves == set(case.expected) & leaves
            passed.setdefault(case.function, []).append(right)
    assert {one.function: (one.value, one.n) for one in found.functions} == {
        function: (sum(right) / len(right), len(right)) for function, right in passed.items()
    }
    every = [one for right in passed.values() for one in right]
    assert (found.value, found.n) == (sum(every) / len(every), len(every))
    assert {one.category for one in found.false_alarms} == leaves
    assert all(one.title == casebook.titles[one.function].en for one in found.functions)


def test_a_model_of_another_taxonomy_is_not_measured() -> None:
    assert known_failures(tiny_model()) is None


def test_cases_that_are_about_none_of_the_categories_give_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("koudai.audit.failures.load_casebook", lambda path, taxonomy: None)
    monkeypatch.setattr("koudai.audit.failures.overreach", lambda given: AuditFrame("overreach", ()))
    assert known_failures(tiny_model()) is None
