"""The search: the same winner whatever stops it and however many threads fit, of the posts to fit on alone."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.config.load import load_config, parse_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError, JobLocked, PlanMismatch, StorageError
from koudai.storage.durable import locked
from koudai.training import folds
from koudai.training.folds import deal_folds
from koudai.training.prepare import Prepared, prepare
from koudai.training.search import search as module
from koudai.training.search.objective import FitPart, fit_part
from koudai.training.search.record import FILE
from koudai.training.search.search import SearchResult, search, trials_folder
from koudai.training.search.space import applied, default_space
from koudai.training.train import train_model


def changed(config: TrainConfig, **sections: dict[str, Any]) -> TrainConfig:
    values = config.model_dump(mode="json")
    for name, fields in sections.items():
        values[name] |= fields
    return parse_config(TrainConfig, values, where="a test")


def untimed(found: SearchResult) -> list[dict[str, Any]]:
    return [{**asdict(trial), "seconds": 0} for trial in found.trials]


@pytest.fixture(scope="module")
def whole_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search") / "small.search"


@pytest.fixture(scope="module")
def whole(config: TrainConfig, part: FitPart, whole_folder: Path) -> SearchResult:
    return search(config, part, whole_folder)


def test_the_winner_is_the_best_of_the_trials(whole: SearchResult, config: TrainConfig) -> None:
    values = [trial.value for trial in whole.trials]
    assert len(values) == 6
    assert whole.best.value == max(values)
    assert [trial.value for trial in whole.ranked()] == sorted(values, reverse=True)
    assert whole.config == applied(config, whole.best.settings)
    assert whole.trials[0].settings == {}
    assert all(trial.seconds > 0 for trial in whole.trials)
    summary = whole.summary
    assert (summary.trials, summary.failed, summary.metric) == (6, 0, "macro_f1")
    assert (summary.folds, summary.seed) == (2, config.run.seed)
    assert (summary.value, summary.as_configured) == (max(values), values[0])
    assert summary.settings == whole.best.settings
    assert [one.value for one in summary.tried] == values
    assert trials_folder(Path("models/x")) == Path("models/x.search")


@pytest.mark.slow
def test_P6_the_same_winner_and_bundle_however_many_threads(
    whole: SearchResult,
    config: TrainConfig,
    prepared: Prepared,
    part: FitPart,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digests = set()
    for threads in (1, 2):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=threads: range(cores))
        found = search(config, part, tmp_path / f"search{threads}")
        assert untimed(found) == untimed(whole)
        assert found.summary == whole.summary
        won = replace(prepared, config=found.config)
        digests.add(train_model(won, tmp_path / f"bundle{threads}", search=found.summary).model.digest)
    assert len(digests) == 1


def test_the_test_side_decides_nothing(
    whole: SearchResult, config: TrainConfig, prepared: Prepared, tmp_path: Path
) -> None:
    corpus, fit = prepared.corpus, prepared.split.fit
    texts = [
        text if mine else f"别的{number}" for number, (text, mine) in enumerate(zip(corpus.texts, fit, strict=True))
    ]
    labels = np.where(fit[:, None], corpus.labels, 1 - np.maximum(corpus.labels, 0)).astype(np.int8)
    other = replace(prepared, corpus=replace(corpus, texts=texts, labels=labels))
    assert search(config, fit_part(other), tmp_path / "search").summary == whole.summary


@pytest.mark.slow
def test_P3_an_interrupt_in_a_trial_changes_nothing(
    whole: SearchResult, config: TrainConfig, part: FitPart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def interrupted(*arguments: object, **named: object) -> float:
        calls.append(1)
        if len(calls) in (1, 4):
            raise KeyboardInterrupt
        return objective(*arguments, **named)  # type: ignore[arg-type]

    objective = module.objective
    monkeypatch.setattr(module, "objective", interrupted)
    for kept in (0, 2):
        with pytest.raises(KeyboardInterrupt) as stopped:
            search(config, part, tmp_path / "search")
        (said,) = stopped.value.__notes__
        assert (
            said == f"{kept} of 6 trials are kept in {tmp_path / 'search'}, and the same command goes on with the next"
        )
    assert untimed(search(config, part, tmp_path / "search")) == untimed(whole)
    search(config, part, tmp_path / "search")
    assert len(calls) == 6 + 2 - (6 - len({str(trial.settings) for trial in whole.trials}))


@pytest.mark.slow
def test_a_finished_search_can_go_on_for_longer(
    whole: SearchResult, config: TrainConfig, part: FitPart, tmp_path: Path
) -> None:
    folder = tmp_path / "search"
    fewer = search(changed(config, search={"trials": 3}), part, folder)
    assert untimed(fewer) == untimed(whole)[:3]
    renamed = changed(config, run={"name": "other"}, track={"experiment": "other"})
    assert untimed(search(renamed, part, folder)) == untimed(whole)
    assert search(changed(config, search={"trials": 3}), part, folder).summary == fewer.summary


def test_J7_a_search_does_not_go_on_with_other_posts_or_settings(
    whole: SearchResult, whole_folder: Path, config: TrainConfig, part: FitPart
) -> None:
    before = (whole_folder / FILE).read_bytes()
    for differs, other in {
        "posts": (config, replace(part, digest="another")),
        "run": (changed(config, run={"seed": 7}), part),
        "decide": (changed(config, decide={"folds": 3}), part),
        "metric": (changed(config, search={"metric": "auc"}), part),
        "space": (changed(config, search={"space": {"model.params.C": {"low": 1, "high": 2}}}), part),
    }.items():
        with pytest.raises(PlanMismatch) as caught:
            search(*other, whole_folder)
        assert str(caught.value.got).startswith(f"{differs}: ")
        assert "\n" not in str(caught.value.got)
    assert (whole_folder / FILE).read_bytes() == before


def test_a_trial_that_fails_alone_is_noted_and_the_search_goes_on(
    config: TrainConfig, part: FitPart, tmp_path: Path
) -> None:
    failing = changed(config, search={"trials": 8, "space": {"features.min_df": {"choices": [2, 100_000]}}})
    found = search(failing, part, tmp_path / "search")
    failed = [trial for trial in found.trials if trial.error is not None]
    assert 0 < len(failed) < 7
    assert found.summary.failed == len(failed)
    assert found.best.value is not None
    for trial in failed:
        assert trial.settings == {"features.min_df": 100_000}
        assert trial.value is None
        assert "no words are left to learn from" in str(trial.error)


def test_a_value_that_is_no_number_fails_its_trial(
    config: TrainConfig, part: FitPart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = iter([0.5, float("nan"), 0.75, float("inf"), 0.25, 0.125])
    monkeypatch.setattr(module, "objective", lambda *_, **__: next(values))
    found = search(changed(config, search={"space": default_c()}), part, tmp_path / "search")
    assert [trial.value for trial in found.trials] == [0.5, None, 0.75, None, 0.25, 0.125]
    assert found.best.number == 2
    assert "macro_f1 is not defined" in str(found.trials[1].error)


def default_c() -> dict[str, Any]:
    return {"model.params.C": {"low": 0.01, "high": 100.0, "log": True}}


def test_equal_values_go_to_the_first(
    config: TrainConfig, part: FitPart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "objective", lambda *_, **__: 0.5)
    assert search(config, part, tmp_path / "search").best.number == 0


def test_a_search_of_which_every_trial_fails_says_why(config: TrainConfig, part: FitPart, tmp_path: Path) -> None:
    hopeless = changed(config, features={"min_df": 100_000}, search={"trials": 3})
    with pytest.raises(ConfigError, match="every one of 3 trials failed") as caught:
        search(hopeless, part, tmp_path / "search")
    lines = str(caught.value.got).split("\n")
    assert len(lines) == 3
    assert lines[0].startswith("as configured: no words are left to learn from")
    assert "features.chars = " in lines[1]
    assert all("no words are left" in line for line in lines)


@pytest.mark.slow
def test_folds_are_dealt_once_per_category_for_every_trial_fit_and_learning_curve(
    searching: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealt: list[int] = []
    monkeypatch.setattr(
        folds, "deal_folds", lambda y, *given, **named: dealt.append(len(y)) or deal(y, *given, **named)
    )
    deal = deal_folds
    config = changed(load_config(TrainConfig, searching), evaluate={"learning_curve": (0.5, 1.0)}, search={"trials": 3})
    prepared = prepare(config, searching)
    found = search(config, fit_part(prepared), tmp_path / "search")
    result = train_model(replace(prepared, config=found.config), tmp_path / "bundle", search=found.summary)
    assert len(found.trials) > 1
    assert all(one.learning_curve for one in result.evaluation.categories.values())
    assert len(dealt) == len(prepared.categories)


def test_a_timeout_ends_a_search_but_not_before_its_first_trial(
    whole: SearchResult, config: TrainConfig, part: FitPart, tmp_path: Path
) -> None:
    found = search(changed(config, search={"timeout": 1e-9}), part, tmp_path / "search")
    assert untimed(found) == untimed(whole)[:1]
    assert found.summary.trials == 1


def test_J6_one_search_at_a_time_in_a_folder(config: TrainConfig, part: FitPart, tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(JobLocked):
        search(config, part, tmp_path)


def test_a_folder_that_cannot_be_written_is_named(config: TrainConfig, part: FitPart, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "search"):
        with pytest.raises(StorageError) as caught:
            search(config, part, folder)
        assert str(folder) in str(caught.value)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root can write everywhere")
def test_a_folder_without_permission_is_named(config: TrainConfig, part: FitPart, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="Permission denied"):
        search(config, part, tmp_path / "search")


@pytest.mark.slow
def test_any_config_can_be_searched(config: TrainConfig, part: FitPart, tmp_path: Path) -> None:
    bare = config.model_copy(update={"search": None})
    assert set(default_space(bare)) > {"model.classifier", "features.chars"}
    found = search(
        changed(bare.model_copy(update={"search": config.search}), search={"space": {}, "trials": 3}), part, tmp_path
    )
    assert found.summary.failed == 0
    assert {name for trial in found.trials for name in trial.settings} >= {"features.min_df", "features.sublinear_tf"}
