"""Trials in MLflow: each a run within the bundle's, once, with what it set, what it reached and how long it took."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from koudai.config.train import TrackSection
from koudai.training.tracking import runs
from koudai.training.tracking.events import events_of, read_spool
from koudai.training.tracking.runs import send, spool_path
from koudai.training.tracking.store import open_mlflow
from koudai.training.tracking.trials import TRIAL
from tests.training.tracking.bundles import altered, member
from tests.training.tracking.conftest import NewSection

TRIED = [
    {"number": 0, "settings": {}, "value": 0.5, "error": None},
    {"number": 1, "settings": {"model.params.C": 2.0, "features.chars": [1, 3]}, "value": 0.75, "error": None},
    {"number": 2, "settings": {"model.params.C": 9.0}, "value": None, "error": "no words are left"},
]
SEARCH = {
    "trials": 3,
    "failed": 1,
    "metric": "macro_f1",
    "value": 0.75,
    "as_configured": 0.5,
    "settings": TRIED[1]["settings"],
    "folds": 3,
    "seed": 1,
    "tried": TRIED,
}
SECONDS = {0: 1.5, 1: 2.5, 2: 0.25}


@pytest.fixture
def searched(bundle: Path, tmp_path: Path) -> Path:
    """A bundle that a search led to."""
    return altered(bundle, tmp_path / "searched", evaluation={**member(bundle, "evaluation.json"), "search": SEARCH})


def runs_of(section: TrackSection) -> list[Any]:
    with open_mlflow(section.uri) as mlflow:
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(section.experiment).experiment_id
        return list(client.search_runs([experiment]))


def trials_of(section: TrackSection) -> dict[str, Any]:
    found = [run for run in runs_of(section) if TRIAL in run.data.tags]
    assert len({run.data.tags[TRIAL] for run in found}) == len(found)
    return {run.data.tags[TRIAL]: run for run in found}


@pytest.mark.slow
def test_each_trial_is_a_run_within_the_run_of_the_bundle(stored: NewSection, searched: Path) -> None:
    section = stored()
    sent = send(searched, section, seconds=SECONDS)
    trials = trials_of(section)
    assert sorted(trials) == ["0", "1", "2"]
    assert {run.data.tags["mlflow.parentRunId"] for run in trials.values()} == {sent.run_id}
    assert trials["1"].data.params == {"model.params.C": "2.0", "features.chars": "[1, 3]"}
    assert [trials[n].data.metrics for n in "012"] == [
        {"macro_f1": 0.5, "seconds": 1.5},
        {"macro_f1": 0.75, "seconds": 2.5},
        {"seconds": 0.25},
    ]
    assert [trials[n].info.status for n in "012"] == ["FINISHED", "FINISHED", "FAILED"]
    assert trials["2"].data.tags["koudai.error"] == "no words are left"
    (parent,) = (run for run in runs_of(section) if run.info.run_id == sent.run_id)
    assert (parent.data.metrics["search/macro_f1"], parent.data.metrics["search/trials"]) == (0.75, 3)
    assert send(searched, section) == sent
    assert len(trials_of(section)) == 3


@pytest.mark.slow
def test_trials_that_were_cut_short_are_completed(
    stored: NewSection, searched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = stored()
    with open_mlflow(section.uri) as mlflow, monkeypatch.context() as patched:
        ended, calls = mlflow.MlflowClient.set_terminated, []

        def cut_short(self: Any, run_id: str, status: str | None = None, **named: Any) -> None:
            calls.append(status)
            if len(calls) == 2:
                raise KeyboardInterrupt
            ended(self, run_id, status, **named)

        patched.setattr(mlflow.MlflowClient, "set_terminated", cut_short)
        with pytest.raises(KeyboardInterrupt):
            send(searched, section, seconds=SECONDS)
    assert sorted(trials_of(section)) == ["0", "1"]
    assert read_spool(spool_path(searched)) == events_of(searched, seconds=SECONDS)
    sent = send(searched, section)  # the spool knows the seconds
    trials = trials_of(section)
    assert [trials[n].info.status for n in "012"] == ["FINISHED", "FINISHED", "FAILED"]
    assert [trials[n].data.metrics["seconds"] for n in "012"] == [1.5, 2.5, 0.25]
    assert {run.data.tags["mlflow.parentRunId"] for run in trials.values()} == {sent.run_id}


def test_a_bundle_without_a_search_has_no_trials(bundle: Path) -> None:
    assert not [event for event in events_of(bundle) if event["kind"] == "trial"]
    assert not [
        name
        for event in events_of(bundle)
        if event["kind"] == "metrics"
        for name in event["metrics"]
        if "search" in name
    ]
    assert runs.log_trials(None, None, []) is None


def test_trials_are_known_on_every_page_of_runs_and_finished_ones_are_left_alone() -> None:
    class Page(list[Any]):
        token: str | None = None

    def run(number: str | None, run_id: str, status: str) -> Any:
        tags = {} if number is None else {TRIAL: number}
        return SimpleNamespace(data=SimpleNamespace(tags=tags), info=SimpleNamespace(run_id=run_id, status=status))

    class Client:
        """MLflow with two pages of runs within the bundle's, one of them somebody else's."""

        def __init__(self) -> None:
            self.done: list[tuple[str, str]] = []

        def search_runs(self, *_: object, page_token: str | None, **__: object) -> Page:
            if page_token == "more":
                return Page([run("1", "half", "RUNNING")])
            page = Page([run(None, "other", "FINISHED"), run("0", "whole", "FINISHED")])
            page.token = "more"
            return page

        def log_batch(self, run_id: str, **_: object) -> None:
            self.done.append((run_id, "logged"))

        def set_terminated(self, run_id: str, status: str) -> None:
            self.done.append((run_id, status))

    client, parent = Client(), SimpleNamespace(run_id="parent", run_name="small", experiment_id="1")
    events = [{"kind": "trial", "number": n, "parameters": {}, "metrics": {}, "tags": {}} for n in (0, 1)]
    runs.log_trials(client, parent, events)
    assert client.done == [("half", "logged"), ("half", "FINISHED")]
