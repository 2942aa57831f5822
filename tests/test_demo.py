"""The demo, whole: trains, scores unseen posts, audits them, draws the page; into a new folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit.measures import measures_in_order
from koudai.audit.report import load_report
from koudai.demo import free_folder, run_demo
from koudai.scoring.results import open_job

pytestmark = pytest.mark.slow


def test_the_demo_leaves_model_scores_report_and_page(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    model, totals, page = run_demo(out, lang="zh", created_at="2026-11-22T00:00:00Z")
    assert sorted(path.name for path in out.iterdir()) == [
        "model",
        "posts.jsonl",
        "report",
        "report.refits",
        "scores",
    ]
    assert open_job(out / "scores").totals == totals
    report = load_report(out / "report" / "report.json")
    assert report.conservation["read"] == totals.read == 514
    lacking = ["agreement", "crosswalk", "outcome", "prevalence", "drift"]
    assert list(report.frames) == [name for name in measures_in_order() if name not in lacking]
    assert [item.measure for item in report.not_measured] == lacking
    assert set(report.validated_on.values()) == {"written"}
    assert all(figure.n > 0 for frame in report.frames.values() for figure in frame.figures if figure.value is not None)
    text = page.read_text(encoding="utf-8")
    assert 'data-lang="zh"' in text
    assert model.digest in text


def test_a_taken_folder_is_passed_over(tmp_path: Path) -> None:
    assert free_folder(tmp_path / "demo") == tmp_path / "demo"
    for name in ("demo", "demo-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("")
    assert free_folder(tmp_path / "demo") == tmp_path / "demo-3"
