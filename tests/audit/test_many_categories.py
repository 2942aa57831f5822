"""More categories than a page can hold are refused before anything is read, measured or drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit import report
from koudai.audit.audit import AuditSources, run_audit
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.errors import LimitExceeded
from koudai.limits import Limit
from koudai.render.html import render_html
from tests.render.reports import empty_report

FEW = Limit(13, "categories of an audit", "x")


def test_H8_an_audit_of_too_many_categories_ends_before_its_inputs_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"run": {"name": "a", "taxonomy": "cac-2023"}, "model": "not-there", "scores": "not-there"}
    config, sources = parse_config(AuditConfig, given, where="here"), AuditSources(tmp_path / "a.toml")
    monkeypatch.setattr(report, "AUDIT_CATEGORIES", FEW)
    with pytest.raises(LimitExceeded, match="too many categories") as caught:
        run_audit(config, sources, created_at="2026-11-30T00:00:00+00:00")
    assert (caught.value.expected, caught.value.got) == ("at most 13 categories of an audit", "14")
    assert list(tmp_path.iterdir()) == []


def test_H8_a_page_of_too_many_categories_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "AUDIT_CATEGORIES", FEW)
    with pytest.raises(LimitExceeded, match="too many categories"):
        render_html(empty_report())
