"""What is known beside the scores: an audit with every section at once, and what its report says of each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.audit.audit import AuditSources, run_audit
from koudai.audit.inputs.side_data import SideData, read_side_data
from koudai.audit.report import AuditReport
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.errors import ConfigError, LabelError, ReadError, ScoresMismatch
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.results import FinishedJob, Scores, open_job
from koudai.storage.durable import sha256_file
from tests.audit.jobs import job, posts

N = 60
DATES = ["2019-05-01", "2020年1月2日", "2020/1/2", "1577923200", "20200102", "不知道"]
FATES = ["removed_violation", "author_deleted", "there"]
SECTIONS: dict[str, Any] = {
    "outcome": {
        "column": "outcome",
        "removed": ["removed_violation"],
        "kept": ["there"],
        "silent": {"author_deleted": "the author's own act"},
    },
    "period": {"column": "created_at", "unreadable": 0.2},
    "group": {"column": "topic"},
    "annotations": {"file": "people.csv", "columns": ["zhang", "wang"], "about": "rumour"},
    "other": [{"name": "b", "file": "other.csv", "column": "label", "unmatched": 0.1}],
}


def config(**sections: Any) -> AuditConfig:
    run = {"name": "test", "taxonomy": "cac-2023", "measures": ["coverage"]}
    return parse_config(AuditConfig, {"run": run, **sections}, where="test")


def with_kept(scores: Scores) -> Scores:
    return replace(
        scores,
        kept={
            "created_at": [DATES[i % len(DATES)] for i in range(N)],
            "outcome": [FATES[i % 3] for i in range(N)],
            "topic": ["water" if i % 2 else None for i in range(N)],
        },
    )


def write_tables(folder: Path) -> None:
    ids = [post["post_id"] for post in posts(N)]
    rows = [f"{post_id},{'yes' if i % 3 else 'no'},{'yes' if i % 2 else ''}" for i, post_id in enumerate(ids)]
    (folder / "people.csv").write_text("\n".join(["post_id,zhang,wang", *rows]) + "\n", encoding="utf-8")
    rows = [f"{post_id},{'fake' if i % 4 else 'real'}" for i, post_id in enumerate([*ids[:50], "strange"])]
    (folder / "other.csv").write_text("\n".join(["post_id,label", *rows]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return job(tmp_path_factory.mktemp("known"), model, posts(N))


@pytest.fixture
def report(bundle: Path, scored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AuditReport:
    read = FinishedJob.scores
    monkeypatch.setattr(FinishedJob, "scores", lambda job: with_kept(read(job)))
    write_tables(tmp_path)
    sources = AuditSources(tmp_path / "audit.toml", bundle, scored, (), texts=False)
    return run_audit(config(**SECTIONS), sources, created_at="2026-11-22T00:00:00+00:00")


def test_A8_each_thing_known_is_among_the_inputs_with_what_did_not_match(report: AuditReport, tmp_path: Path) -> None:
    entries = {entry["role"]: entry for entry in report.provenance["inputs"]}
    assert entries["outcome"]["rows"] == N
    assert (entries["period"]["rows"], entries["period"]["unreadable"]) == (50, 10)
    assert entries["group"]["rows"] == N // 2
    assert entries["annotations"] == {
        "role": "annotations",
        "name": "people.csv",
        "rows": N,
        "sha256": sha256_file(tmp_path / "people.csv"),
        "licence": "",
    }
    other = entries["other"]
    assert (other["rows"], other["only_scores"], other["only_other"]) == (50, 10, 1)
    assert AuditReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_R6_no_name_of_an_annotator_is_in_the_report(report: AuditReport) -> None:
    whole = json.dumps(report.to_json(), ensure_ascii=False)
    assert "zhang" not in whole
    assert "wang" not in whole


def test_what_a_config_does_not_name_is_left_out(scored: Path, model: Model, tmp_path: Path) -> None:
    scores = open_job(scored).scores()
    found = read_side_data(config(), tmp_path / "a.toml", scores, model.taxonomy, progress=Silent())
    assert found == SideData(())


def test_groups_and_tags_of_a_job(scored: Path, model: Model, tmp_path: Path) -> None:
    scores = with_kept(open_job(scored).scores())
    sections = {"group": {"column": "topic"}, "other": [{"name": "again", "scores": str(scored)}]}
    found = read_side_data(config(**sections), tmp_path / "a.toml", scores, model.taxonomy, progress=Silent())
    assert found.groups is not None
    assert found.groups.tolist() == ["water" if i % 2 else "" for i in range(N)]
    assert np.array_equal(found.others[0].marked, scores.alleged)
    assert found.entries[1].sha256 == sha256_file(scored / "job.json")


def test_domains_an_event_and_covariates_of_a_job(scored: Path, model: Model, tmp_path: Path) -> None:
    scores = with_kept(open_job(scored).scores())
    dated = {"period": SECTIONS["period"], "event": {"from": "2020-01-02", "to": "2020-01-03"}}
    sections = {
        "domain": [{"columns": ["outcome"]}, {"columns": ["topic"], "by_period": True, "against": ["water", "2020"]}],
        "regression": {"levels": ["outcome"], "by_period": True},
        **dated,
    }
    found = read_side_data(config(**sections), tmp_path / "a.toml", scores, model.taxonomy, progress=Silent())
    assert [one.name for one in found.domains] == ["outcome", "topic × period"]
    assert found.domains[1].values == ("water, 2020",)
    assert found.event is not None
    assert found.event.during.sum() == 40
    assert found.covariates is not None
    assert found.covariates.told == "outcome, period"
    rows = {entry.role: (entry.name, entry.rows) for entry in found.entries}
    assert rows["event"] == ("2020-01-02 – 2020-01-03", 40)
    assert rows["regression"] == ("outcome, period", 50)


@pytest.mark.parametrize(
    ("section", "error"),
    [
        ({"period": {"column": "when"}}, ConfigError),
        ({"outcome": {"column": "outcome", "removed": ["gone"]}}, LabelError),
        ({"annotations": {"file": "people.csv", "columns": ["zhang", "wang"], "about": "clout"}}, LabelError),
        ({"domain": [{"columns": ["where"]}]}, ConfigError),
        ({"regression": {"levels": ["topic"]}}, ConfigError),
        ({"period": SECTIONS["period"], "event": {"from": "2022-01-01", "to": "2022-01-09"}}, ReadError),
        ({"other": [{"name": "b", "file": "other.csv", "column": "label", "unlabelled": 0.1}]}, ScoresMismatch),
    ],
)
def test_bad_input_is_refused_before_anything_is_measured(
    section: dict[str, Any], error: type[Exception], scored: Path, model: Model, tmp_path: Path
) -> None:
    write_tables(tmp_path)
    scores = with_kept(open_job(scored).scores())
    with pytest.raises(error, match="nothing was measured"):
        read_side_data(config(**section), tmp_path / "a.toml", scores, model.taxonomy, progress=Silent())
