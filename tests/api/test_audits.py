"""The verbs about audits, from Python: the page is drawn from memory, nothing is read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai import AuditConfig, api, load_report
from koudai.audit import report as reports
from koudai.errors import UsageError
from koudai.storage import disk


@pytest.mark.slow
def test_an_audit_leaves_its_folder_and_reads_nothing_back(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(reports, "load_report", None)
        report = api.audit("audit.toml", model="model", scores="job", out="out", page=api.PageSettings(tables="csv"))
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "posts.parquet",
        "report.html",
        "report.json",
        "tables",
    ]
    assert load_report(Path("out/report.json")).to_json() == report.to_json()
    page = Path("out/report.html").read_bytes()
    assert api.render(report, out="again.html").read_bytes() == page
    assert api.render("out/report.json") == Path("out/report.html")
    assert Path("out/report.html").read_bytes() == page


def test_an_audit_opens_each_file_of_the_job_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = disk.Disk.open

    def counted(self: disk.Disk, path: Path, flags: int, mode: int = 0o644) -> int:
        opened.append(Path(path).name)
        return real(self, path, flags, mode)

    monkeypatch.setattr(disk.Disk, "open", counted)
    api.audit("audit.toml", model="model", scores="job", out="out")
    assert {name: opened.count(name) for name in ("job.json", "places.bin", "DONE.json")} == {
        "job.json": 1,
        "places.bin": 1,
        "DONE.json": 1,
    }


def test_a_config_in_memory_and_an_earlier_report_in_memory(here: Path) -> None:
    config = AuditConfig.model_validate({"run": {"name": "a", "taxonomy": "cac-2023", "measures": ["coverage"]}})
    settings = api.AuditSettings(overrides=["model='model'", "scores='job'"], created_at="2026-01-01T00:00:00Z")
    report = api.audit(config, settings=settings)
    assert report.provenance["created_at"] == "2026-01-01T00:00:00Z"
    before = load_report(Path("audited/report.json"))
    page = api.PageSettings(against=before)
    again = api.audit(config, out="b", settings=settings, page=page)
    assert json.loads(Path("b/comparison.json").read_text(encoding="utf-8"))["same"]["posts"] is True
    assert api.compare_audits(report, again).same.model is True


def test_what_makes_no_sense_is_refused(here: Path) -> None:
    with pytest.raises(UsageError, match="en or zh"):
        api.PageSettings(lang="fr")
    with pytest.raises(UsageError, match="kind of tables"):
        api.PageSettings(tables="xlsx")
    with pytest.raises(UsageError, match="where the page goes"):
        api.render(load_report(Path("audited/report.json")))
