"""The verbs about audits: from a model and its scores to the page, and the page again from its report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.report import AuditReport
from koudai.audit.schema import report_schema
from koudai.storage.durable import write_json
from koudai.taxonomy import Taxonomy
from koudai.training.tracking import runs
from tests.cli.test_bad_input import koudai, write_csv
from tests.render.reports import report_with, sample_report


@pytest.mark.slow
def test_whole_way_from_training_to_the_page(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path
) -> None:
    posts, job, out = root / "data" / "seed" / "posts.jsonl", tmp_path / "job", tmp_path / "report"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    config = root / "configs" / "audit" / "demo.toml"
    arguments = [
        "audit",
        config,
        "--model",
        bundle,
        "--scores",
        job,
        "--out",
        out,
        "--set",
        "run.measures=['coverage']",
    ]
    code, said, _ = koudai(capsys, *arguments)
    assert code == 0
    assert "report.html" in said
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["measures"] == ["coverage"]
    page = (out / "report.html").read_bytes()
    assert koudai(capsys, "render", out / "report.json", "--out", tmp_path / "again.html")[0] == 0
    assert (tmp_path / "again.html").read_bytes() == page
    assert koudai(capsys, *arguments)[0] == 5
    Draft202012Validator(report_schema()).validate(report)
    assert {path.name for path in (out / "tables").iterdir()} == {"coverage.csv", "coverage.parquet"}
    again = [*arguments[:-4], "--out", tmp_path / "second", *arguments[-2:], "--against", out / "report.json"]
    code, said, _ = koudai(capsys, *again, "--tables", "none")
    assert code == 0
    assert "0 differ; 0 tested, 0 beyond chance (5 %, Holm); only before 0, only after 0" in said
    assert not (tmp_path / "second" / "tables").exists()
    comparison = json.loads((tmp_path / "second" / "comparison.json").read_text(encoding="utf-8"))
    assert len(comparison["changes"]) == len(report["frames"]["coverage"])


def test_K4_a_tracked_audit_sends_its_figures_and_two_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts, job, out = write_csv(tmp_path / "a.csv"), tmp_path / "job", tmp_path / "r"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    sent: dict[str, Any] = {}
    monkeypatch.setattr(runs, "send_files", lambda files, _, **told: sent.update(told, files=files))
    options = ["--set", "track.enabled=true", "--set", "run.measures=['coverage', 'terms']"]
    config = root / "configs" / "audit" / "demo.toml"
    assert koudai(capsys, "audit", config, "--model", bundle, "--scores", job, "--out", out, *options)[0] == 0
    assert sent["files"] == [out / "report.json", out / "report.html"]
    figures = json.loads((out / "report.json").read_text(encoding="utf-8"))["frames"]["coverage"]
    assert sent["metrics"]["coverage/tagged"] == figures[0]["value"]
    assert sent["metrics"]["coverage/tagged_n"] == figures[0]["n"]
    assert {name.split("/")[0] for name in sent["metrics"]} == {"coverage"}
    assert sent["tags"]["koudai.audited_taxonomy"].startswith("cac-2023 ")


def test_unfinished_job_is_not_audited(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path
) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    (job / "DONE.json").unlink()
    config = root / "configs" / "audit" / "demo.toml"
    code, _, err = koudai(capsys, "audit", config, "--model", bundle, "--scores", job, "--out", tmp_path / "r")
    assert code == 5
    assert "% complete" in err


def written(path: Path, report: AuditReport) -> Path:
    write_json(path, report.to_json())
    return path


def coverage(*figures: Figure) -> AuditReport:
    return report_with(frames={"coverage": AuditFrame("coverage", figures)})


def test_render_compares_two_audits_and_writes_their_tables(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = coverage(
        Figure("rumour", ALL, "alleged", 0.2, 900, 0.18, 0.22),
        Figure("clout_chasing", ALL, "alleged", 0.2, 900, 0.1, 0.3),
        Figure("rumour", "t=0.50", "share", 0.3, 900, 0.2, 0.4),
    )
    after = coverage(
        Figure("clout_chasing", ALL, "alleged", 0.21, 950, 0.11, 0.31),
        Figure("rumour", ALL, "alleged", 0.3, 950, 0.28, 0.32),
    )
    before, after = (
        replace(one, provenance={**one.provenance, "posts": {"n": 9, "ids": ids}})
        for one, ids in ((before, "a"), (after, "b"))
    )
    old, new = written(tmp_path / "old.json", before), written(tmp_path / "new" / "report.json", after)
    code, said, _ = koudai(capsys, "render", new, "--against", old, "--tables", "csv")
    assert code == 0
    header, first, second, summary, *_ = said.splitlines()
    assert header.split() == [
        "measure",
        "alleged",
        "category",
        "group",
        "statistic",
        "before",
        "after",
        "change",
        "p",
        "test",
    ]
    assert first.split()[:2] == ["coverage", "rumour"]
    assert "20.0% [18.0%, 22.0%] n=900" in first
    assert "+10.0 pp" in first
    assert first.endswith("<.001  independent")
    assert "[−13.1 pp, +15.1 pp]" in second
    assert summary == "2 figures in both, 2 differ; 2 tested, 1 beyond chance (5 %, Holm); only before 1, only after 0"
    comparison = json.loads((tmp_path / "new" / "comparison.json").read_text(encoding="utf-8"))
    assert [one["tested"]["p_holm"] < 0.05 for one in comparison["changes"]] == [True, False]
    assert [path.name for path in (tmp_path / "new" / "tables").iterdir()] == ["coverage.csv"]
    assert (tmp_path / "new" / "report.html").is_file()


@pytest.mark.slow
def test_another_models_probabilities_are_audited_and_set_beside_a_jobs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    posts, job, measures = (
        write_csv(tmp_path / "a.csv"),
        tmp_path / "job",
        ["--set", "run.measures=['coverage', 'evasion']"],
    )
    assert koudai(capsys, "score", bundle, posts, "--out", job, "--format", "csv")[0] == 0
    config = tmp_path / "audit.toml"
    config.write_text("[run]\nname = 'a'\ntaxonomy = 'cac-2023'\n", encoding="utf-8")
    first = ["audit", config, "--model", bundle, "--scores", job, "--out", tmp_path / "first", *measures]
    assert koudai(capsys, *first)[0] == 0
    (tmp_path / "other.toml").write_text(
        config.read_text(encoding="utf-8")
        + "[table]\nname = 'bert'\nfile = 'job/scores.csv'\ncolumns = { rumour = 'abstained' }\n"
        + "[table.posts]\nfile = 'a.csv'\n",
        encoding="utf-8",
    )
    second = ["audit", tmp_path / "other.toml", "--out", tmp_path / "second", *measures]
    code, _, err = koudai(capsys, *second)
    assert code == 3
    assert "is no number from 0 to 1" in err
    second += ["--set", "table.columns={'impersonation.ai_news_anchors' = 'p_impersonation.ai_news_anchors'}"]
    second[3] = tmp_path / "third"
    code, said, _ = koudai(capsys, *second, "--against", tmp_path / "first" / "report.json")
    assert code == 0
    assert "not measured: evasion (needs the model, the casebook)" in said
    assert "before, bert (external) after; the same" in said
    assert "nothing is tested post by post" not in said
    comparison = json.loads((tmp_path / "third" / "comparison.json").read_text(encoding="utf-8"))
    assert (comparison["same"]["model"], comparison["same"]["posts"]) == (False, True)
    Draft202012Validator(report_schema()).validate(
        json.loads((tmp_path / "third" / "report.json").read_text(encoding="utf-8"))
    )
    second[3] = tmp_path / "fourth"
    stricter = [*second, "--set", "table.threshold=1", "--against", tmp_path / "third" / "report.json"]
    assert koudai(capsys, *stricter)[0] == 0
    changes = json.loads((tmp_path / "fourth" / "comparison.json").read_text(encoding="utf-8"))["changes"]
    assert {one["tested"]["test"] for one in changes} == {"paired", None}
    unkept = "nothing is tested post by post: for that each audit keeps its posts in posts.parquet"
    again = ["render", tmp_path / "third" / "report.json", "--against", tmp_path / "first" / "report.json"]
    assert unkept not in koudai(capsys, *again)[1]
    (tmp_path / "third" / "posts.parquet").unlink()
    assert unkept in koudai(capsys, *again)[1]
    code, _, err = koudai(capsys, *second, "--model", bundle)
    assert code == 2
    assert "not both" in err


@pytest.mark.slow
def test_another_taxonomy_is_refused_before_anything_is_measured_or_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path
) -> None:
    report = sample_report()
    changed = Taxonomy.model_validate({**report.taxonomy.model_dump(), "version": 99})
    old = written(tmp_path / "old.json", report_with(taxonomy=changed))
    new = written(tmp_path / "new" / "report.json", report)
    code, _, err = koudai(capsys, "render", new, "--against", old)
    assert code == 2
    assert "--other-taxonomy" in err
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.json"]
    assert koudai(capsys, "render", new, "--against", old, "--other-taxonomy")[0] == 0
    config = root / "configs" / "audit" / "demo.toml"
    code, _, err = koudai(
        capsys, "audit", config, "--model", "m", "--scores", "s", "--out", tmp_path / "out", "--against", old
    )
    assert code == 2
    assert "another taxonomy" in err
    assert not (tmp_path / "out").exists()


def test_what_is_no_report_cannot_be_compared_with(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    new = written(tmp_path / "report.json", sample_report())
    assert koudai(capsys, "render", new, "--against", tmp_path / "none.json")[0] == 3
    assert koudai(capsys, "render", new, "--tables", "xlsx")[0] == 2
    assert not (tmp_path / "report.html").exists()


def test_P3_a_stratum_without_a_label_is_said_beside_the_page() -> None:
    from koudai.audit.frame import ALL, AuditFrame, Figure
    from koudai.cli.audit import _unestimated_lines

    figures = [
        Figure("rumour", "design", "prevalence", None, 58),
        Figure("rumour", "difference", "prevalence", None, 58),
        Figure("rumour", ALL, "labelled", 58 / 60, 60),
        Figure("advice", "design", "prevalence", 0.1, 60, 0.05, 0.2),
    ]
    other = AuditFrame("coverage", (Figure("rumour", "design", "prevalence", None, 1),))
    (line,) = _unestimated_lines([AuditFrame("prevalence", tuple(figures)), other])
    assert "no estimate, since a stratum of the sample has no label (58 of 60 rows" in line


def test_an_audit_as_json_is_its_report_and_nothing_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = sample_report()
    monkeypatch.setattr("koudai.api.audit", lambda *arguments, **settings: report)
    code, out, _ = koudai(capsys, "audit", "--json")
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(report.to_json()))


def test_what_is_known_of_posts_fitted_on_is_said_and_no_more() -> None:
    from koudai.cli.audit import _seen_lines

    assert _seen_lines(None) == _seen_lines("two of nine") == []
    assert _seen_lines({"known": True}) == []
    (line,) = _seen_lines({"known": False})
    assert line.startswith("fitted on: not known")
    (line,) = _seen_lines({"known": True, "scored": 2, "scored_of": 9000})
    assert line == "fitted on: 2 of 9,000 scored posts"
    (line,) = _seen_lines({"known": True, "labelled": 1, "labelled_of": 8, "left_out_of": ["calibration"]})
    assert line == "fitted on: 1 of 8 labelled posts; left out of calibration"
