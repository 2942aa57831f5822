"""Runs in a SQLite store: what they carry, that a bundle is one run, and that a failure loses nothing."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from koudai.cli.app import run_command
from koudai.config.train import TrackSection
from koudai.errors import NotTracked, StorageError
from koudai.model.bundle.bundle import load_bundle
from koudai.training.tracking import runs
from koudai.training.tracking.checkout import COMMIT, DIRTY, code_state
from koudai.training.tracking.events import events_of, read_spool
from koudai.training.tracking.runs import Tracked, send, send_files, spool_path
from tests.training.tracking.bundles import altered, member
from tests.training.tracking.conftest import NewSection


def client(section: TrackSection) -> Any:
    import mlflow

    return mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)


@pytest.fixture(scope="module")
def section(stored: NewSection) -> TrackSection:
    return stored()


@pytest.fixture(scope="module")
def sent(section: TrackSection, bundle: Path) -> Tracked:
    return send(bundle, section, code=code_state())


def test_a_run_carries_settings_figures_datasets_and_the_state_of_the_code(
    sent: Tracked, section: TrackSection, bundle: Path
) -> None:
    run = client(section).get_run(sent.run_id)
    evaluation = member(bundle, "evaluation.json")
    assert run.info.status == "FINISHED"
    assert run.data.params["model.classifier"] == "DualLinearSVC"
    assert run.data.params["run.seed"] == "20230310"
    figures = {one["metric"]: one for one in evaluation["categories"]["impersonation"]["all"]}
    assert run.data.metrics["impersonation/f1"] == pytest.approx(figures["f1"]["value"])
    assert run.data.metrics["impersonation/f1_low"] == pytest.approx(figures["f1"]["low"])
    assert run.data.metrics["impersonation/f1_n"] == figures["f1"]["n"]
    assert run.data.tags["koudai.validated_on.impersonation"] == "written"
    assert run.data.tags[COMMIT] == code_state()[COMMIT]
    assert run.data.tags.get(DIRTY) == code_state().get(DIRTY)
    assert [one.dataset.digest for one in run.inputs.dataset_inputs] == [evaluation["corpora"]["seed"]["digest"]]


def test_a_run_carries_card_config_terms_and_drawings(sent: Tracked, section: TrackSection, bundle: Path) -> None:
    here = client(section)
    names = {one.path for one in here.list_artifacts(sent.run_id)}
    assert names >= {"MODEL_CARD.md", "config.json", "evaluation.json", "top_terms.json"}
    for kind in ("precision_recall", "reliability", "confusion"):
        drawn = {one.path for one in here.list_artifacts(sent.run_id, kind)}
        assert drawn == {f"{kind}/{key}.png" for key in load_bundle(bundle).categories}


def test_the_figures_belong_to_the_registered_version_too(sent: Tracked, section: TrackSection) -> None:
    here = client(section)
    version = here.get_model_version(sent.model, sent.version)
    assert version.run_id == sent.run_id
    run = here.get_run(sent.run_id)
    (logged,) = here.search_logged_models([run.info.experiment_id])
    assert {one.key: one.value for one in logged.metrics} == run.data.metrics


def test_a_bundle_sent_twice_is_one_run_and_one_version(sent: Tracked, section: TrackSection, bundle: Path) -> None:
    assert send(bundle, section) == sent
    here = client(section)
    experiment = here.get_experiment_by_name(section.experiment)
    assert len(here.search_runs([experiment.experiment_id])) == 1
    assert [str(one.version) for one in here.search_model_versions(f"name = '{sent.model}'")] == [sent.version]
    history = here.get_metric_history(sent.run_id, "impersonation/f1")
    assert len(history) == 1


@pytest.mark.slow
def test_what_is_lacking_of_run_and_version_is_made_and_the_rest_stays(
    stored: NewSection, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run cut short behind its version gets no second version; a version that was deleted comes again, in its run."""
    copy, section = Path(shutil.copytree(bundle, tmp_path / "small")), stored()
    monkeypatch.setattr(runs, "_PACKAGE", tmp_path / "small")  # any folder does for the code

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(runs, "_log_dataset", interrupt)
        with pytest.raises(KeyboardInterrupt):
            send(copy, section)
    here = client(section)
    (version,) = here.search_model_versions(f"name = '{section.registered_model}'")
    tracked = send(copy, section)
    assert (tracked.run_id, tracked.version) == (version.run_id, str(version.version))
    assert here.get_run(tracked.run_id).info.status == "FINISHED"
    here.delete_model_version(section.registered_model, tracked.version)
    again = send(copy, section)
    assert (again.run_id, again.version) == (tracked.run_id, "2")
    assert len(here.get_metric_history(tracked.run_id, "impersonation/f1")) == 1
    assert here.get_model_version_by_alias(section.registered_model, "candidate").run_id == tracked.run_id


@pytest.mark.slow
def test_an_interrupted_run_is_kept_and_completed(
    stored: NewSection, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, section = Path(shutil.copytree(bundle, tmp_path / "small")), stored()

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(runs, "log_model", interrupt)
        with pytest.raises(KeyboardInterrupt):
            send(copy, section, code={COMMIT: "c0ffee"})
    assert read_spool(spool_path(copy)) == events_of(copy, code={COMMIT: "c0ffee"})
    tracked = send(copy, section)
    assert not spool_path(copy).exists()
    here = client(section)
    (run,) = here.search_runs([here.get_experiment_by_name(section.experiment).experiment_id])
    assert (run.info.run_id, run.info.status) == (tracked.run_id, "FINISHED")
    assert run.data.tags[COMMIT] == "c0ffee"
    assert run.data.metrics["impersonation/f1_n"] > 0


@pytest.mark.slow
def test_K1_tracking_that_is_down_leaves_bundle_and_spool(
    tmp_path: Path, small_config: Path, capsys: pytest.CaptureFixture[str], section: TrackSection
) -> None:
    out = tmp_path / "m"
    settings = ["track.enabled=true", "track.uri=http://me:hunter2@127.0.0.1:9", "decide.folds=2"]
    code = run_command(
        ["train", str(small_config), "--out", str(out), *(x for one in settings for x in ("--set", one))]
    )
    err = capsys.readouterr().err
    assert code == 6
    assert "trained and saved, not tracked" in err
    assert f"koudai track {out}" in err
    assert "hunter2" not in err
    assert load_bundle(out).categories
    assert read_spool(spool_path(out)) == events_of(out, code=code_state())
    assert run_command(["track", str(out)]) == 2
    assert "--uri" in capsys.readouterr().err
    assert run_command(["track", str(out), "--uri", section.uri]) == 0
    assert not spool_path(out).exists()


def test_K1_without_mlflow_nothing_is_lost(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "small"))
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(NotTracked, match="ModuleNotFoundError") as caught:
        send(copy, TrackSection())
    assert caught.value.todo == f"`api.track('{copy}')`"
    assert read_spool(spool_path(copy)) == events_of(copy)


@pytest.mark.slow
def test_K1_a_locked_store_is_known_at_once(section: TrackSection, sent: Tracked, bundle: Path, tmp_path: Path) -> None:
    copy = altered(bundle, tmp_path / "other", config={**member(bundle, "config.json"), "note": "another"})
    with contextlib.closing(sqlite3.connect(section.uri.removeprefix("sqlite:///"))) as other, other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(NotTracked, match="database is locked"):
            send(copy, section)
        other.rollback()
    assert spool_path(copy).exists()


def test_K1_a_store_that_cannot_be_written_is_not_tracked(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    section = TrackSection(uri=f"sqlite:///{tmp_path}/file/mlflow.db")
    with pytest.raises(NotTracked) as caught:
        send_files([bundle / "manifest.json"], section, run_name="x")
    assert caught.value.exit_code == 6


def test_K1_a_spool_that_cannot_be_written_hides_nothing(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*arguments: object) -> None:
        raise StorageError(what="the disk refused")

    monkeypatch.setattr(runs, "write_bytes", refuse)
    with pytest.raises(NotTracked, match="will be made from it again"):
        send(bundle, TrackSection(uri="http://127.0.0.1:9"))


def test_files_of_an_audit_are_attached_to_a_run(section: TrackSection, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    metrics = {f"coverage/k{number}": float(number) for number in range(1300)}
    run_id = send_files(
        [tmp_path / "report.json"], section, run_name="an audit", metrics=metrics, tags={"koudai.audited_model": "d"}
    )
    assert [one.path for one in client(section).list_artifacts(run_id)] == ["report.json"]
    run = client(section).get_run(run_id)
    assert run.data.metrics == metrics
    assert run.data.tags["koudai.audited_model"] == "d"
