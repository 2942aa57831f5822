"""The check of an audit: all problems at once, before anything is read that would need what is wrong."""

from __future__ import annotations

from pathlib import Path

from koudai.audit.audit import AuditSources
from koudai.audit.check import AuditSummary, find_audit_problems
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config


def test_problems_of_the_config_are_told_together_and_without_a_model(tmp_path: Path) -> None:
    values = {"run": {"name": "a", "taxonomy": "cac-2023", "measures": ["covrage"]}}
    config = parse_config(AuditConfig, values, where="here")
    problems, summary = find_audit_problems(config, AuditSources(tmp_path / "a.toml"))
    assert summary is None
    assert [problem.what.split(":")[0] for problem in problems] == [
        "unknown measure(s)",
        "an audit needs a model and its scores, or a table of probabilities",
    ]


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    values = {"run": {"name": "a"}, "table": {"name": "llm", "file": "llm.csv"}}
    config = parse_config(AuditConfig, values, where="here")
    sources = AuditSources(tmp_path / "a.toml")
    assert "which taxonomy" in find_audit_problems(config, sources)[0][0].what
    named = config.model_copy(update={"run": config.run.model_copy(update={"taxonomy": "cac-2023"})})
    (problem,), summary = find_audit_problems(named, sources)
    assert (summary, "llm.csv" in problem.message()) == (None, True)
    assert AuditSummary(3, 2, 1, (), (), {}).to_json()["seen"] == 1
