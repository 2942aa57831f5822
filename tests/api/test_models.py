"""The verbs about models, from Python: configs in three forms, a data frame of predictions, nothing read back."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from koudai import TrainConfig, api, load_model
from koudai.errors import ConfigError, NotTracked, UsageError
from koudai.training.tracking import runs

TEXTS = ["各位观众晚上好，AI主播为您播报", "这个偏方能治糖尿病，停药就行", "🎉"]


def config_of(here: Path) -> dict[str, Any]:
    return tomllib.loads((here / "small.toml").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_dict_an_object_and_a_file_train_the_same_model(here: Path) -> None:
    values = config_of(here)
    given: list[Any] = [values, TrainConfig.model_validate(values), "small.toml"]
    trained = [api.train(one, out=f"m{number}") for number, one in enumerate(given)]
    assert len({one.digest for one in trained}) == 1
    assert trained[0].bundle == Path("m0")
    assert trained[0].evaluation.categories.keys() == set(trained[0].model.categories)
    assert trained[0].tracked is None
    assert load_model("m0").evaluation == trained[0].evaluation


def test_relative_paths_of_a_dict_start_in_the_working_directory(here: Path) -> None:
    values = config_of(here)
    values["corpus"] = [{"source": {"name": "own", "file": "own.csv", "columns": {"labels": "labels"}}}]
    problems, _ = api.check(values)
    assert [problem.what for problem in problems] == ["the file of corpus 'own' is not here"]
    (here / "own.csv").write_text("post_id,text,labels\n", encoding="utf-8")
    problems, _ = api.check(values)
    assert [problem.what for problem in problems] == ["one side of the split is empty"]


def test_every_problem_of_a_dict_is_named(here: Path) -> None:
    with pytest.raises(ConfigError, match=r"run\.naem: unknown key.*did you mean 'name'"):
        api.train({"run": {"naem": "a", "taxonomy": "cac-2023"}, "corpus": [{"source": "seed"}]}, out="m")
    with pytest.raises(ConfigError, match="wants section.field=value"):
        api.train("small.toml", out="m", overrides=["run.seed"])
    assert not Path("m").exists()


def test_predictions_are_the_rows_that_a_job_writes(here: Path) -> None:
    pd = pytest.importorskip("pandas")
    model = load_model("model")
    written = pd.read_parquet(here / "job" / "shards")
    found = model.predict(TEXTS, ids=["1", "2", "3"])
    pd.testing.assert_frame_equal(found, written)
    assert model.predict(TEXTS)["post_id"].tolist() == ["0", "1", "2"]
    assert model.predict([]).columns.tolist() == written.columns.tolist()
    assert "evidence" in model.predict(TEXTS, evidence=2)


def test_what_cannot_be_predicted_is_refused(here: Path) -> None:
    model = load_model("model")
    with pytest.raises(UsageError, match="one string"):
        model.predict(TEXTS[0])
    with pytest.raises(UsageError, match="1 and 3"):
        model.predict(TEXTS, ids=["1"])
    with pytest.raises(UsageError, match="terms of evidence"):
        model.predict(TEXTS, evidence=-1)


def test_an_explanation_adds_up_and_says_why_it_is_silent(here: Path) -> None:
    model = load_model("model")
    found = api.explain(model, TEXTS[0])
    for one in found.categories:
        total = one.base + sum(added for _, added in one.terms)
        assert one.probability == pytest.approx(1 / (1 + 2.718281828459045**-total), abs=1e-9)
    assert model.explain("🎉").to_json()["reason"] == "no-features"


def test_a_model_is_not_lost_to_a_tracking_server_that_is_away(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: object, **settings: object) -> None:
        raise NotTracked(what="trained and saved, not tracked")

    monkeypatch.setattr(runs, "send", away)
    trained = api.train("small.toml", out="m", overrides=["track.enabled=true"])
    assert isinstance(trained.tracked, NotTracked)
    assert load_model("m").digest == trained.digest


def test_what_categories_were_validated_on_is_read_without_building_the_model(bundle: Path) -> None:
    loaded = api.load_model(bundle)
    assert api.validated_on(bundle) == api.validated_on(loaded) == loaded.model.validated_on
