"""Running an audit from a config: the command line comes first, and what is missing is said before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit.audit import QUARANTINE, AuditSources, audit_to_folder, refits_folder
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.errors import ConfigError, OutputExists
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.job import run
from koudai.scoring.plan import ScoreSettings, make_plan


def take(config: Path, out: Path, *, model: Path | None = None, scores: Path | None = None) -> list[str]:
    report = audit_to_folder(
        load_config(AuditConfig, config),
        AuditSources(config, model, scores),
        out,
        created_at="2026-11-22T00:00:00Z",
        progress=Silent(),
    )
    return list(report.frames)


@pytest.fixture(scope="module")
def job(bundle: Path, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    posts = folder / "a.csv"
    posts.write_text("post_id,text\n1,各位观众晚上好，AI主播为您播报\n2,今天食堂的茄子没放糖\n", encoding="utf-8")
    plan = make_plan([posts], model=model.digest, settings=ScoreSettings(shard_size=10))
    run(plan, model, folder / "job")
    return folder / "job"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "audit.toml"
    path.write_text("[run]\nname = 'a'\ntaxonomy = 'cac-2023'\n", encoding="utf-8")
    return path


def test_measures_without_their_input_are_left_out_and_listed(
    config: Path, bundle: Path, job: Path, tmp_path: Path
) -> None:
    assert take(config, tmp_path / "out", model=bundle, scores=job) == [
        "coverage",
        "hazards",
        "shift",
        "overlap",
        "themes",
        "definition",
        "terms",
    ]
    assert '"needs": [\n    "labels"' in (tmp_path / "out" / "report.json").read_text(encoding="utf-8")


def test_paths_in_a_config_start_at_the_config(config: Path, bundle: Path, job: Path, tmp_path: Path) -> None:
    (tmp_path / "m").symlink_to(bundle)
    (tmp_path / "s").symlink_to(job)
    config.write_text("model = 'm'\nscores = 's'\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    assert "coverage" in take(config, tmp_path / "out")


def test_no_model_or_scores_is_said_before_the_folder_is_made(config: Path, bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs a model and its scores"):
        take(config, tmp_path / "out", model=bundle)
    assert not (tmp_path / "out").exists()


def test_a_table_needs_neither_and_its_quarantine_lies_beside_the_report(config: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("post_id,rumour\n1,0.5\n2,1.5\n", encoding="utf-8")
    table = "[table]\nname = 'bert'\nfile = 't.csv'\nquarantined = 0.5\n"
    config.write_text(config.read_text(encoding="utf-8") + table, encoding="utf-8")
    assert take(config, tmp_path / "out") == ["coverage", "overlap"]
    assert '"where": "t.csv:3"' in (tmp_path / "out" / QUARANTINE).read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="not both"):
        take(config, tmp_path / "second", scores=tmp_path)
    assert not (tmp_path / "second").exists()


def test_a_folder_that_holds_something_is_refused(config: Path, bundle: Path, job: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputExists):
        take(config, tmp_path, model=bundle, scores=job)


def test_refits_are_kept_beside_the_report() -> None:
    assert refits_folder(Path("audits/mine")) == Path("audits/mine.refits")
