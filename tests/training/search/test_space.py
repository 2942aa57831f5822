"""The space: every slip is found before the first trial and all at once; what is pasted is what won."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from koudai.config.load import parse_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.training.search.space import applied, as_toml, belongs, default_space, known_settings, space_of


def with_space(config: TrainConfig, space: dict[str, Any], **model: Any) -> TrainConfig:
    values = config.model_dump(mode="json") | {"search": {"space": space}}
    values["model"] |= model
    return parse_config(TrainConfig, values, where="a test")


@pytest.mark.parametrize(
    ("name", "dimension", "said"),
    [
        ("model.params.c", {"low": 1, "high": 2}, "did you mean 'model.params.C'?"),
        ("features.char", {"choices": [[1, 2]]}, "did you mean 'features.chars'?"),
        ("decide.abstain", {"low": 0, "high": 0.5}, "cannot be varied"),
        ("run.seed", {"low": 1, "high": 2}, "cannot be varied"),
        ("C", {"low": 1, "high": 2}, "cannot be varied"),
        ("features.words", {"low": 1, "high": 2}, "valid tuple"),
        ("features.words", {"choices": [[1, 2], [2, 1]]}, "features.words = [2, 1]"),
        ("features.words", {"choices": ["one"]}, 'features.words = "one"'),
        ("features.min_df", {"choices": [0]}, "greater than or equal to 1"),
        ("features.min_df", {"low": 1, "high": 2.5}, "features.min_df = 2.5"),
        ("features.sublinear_tf", {"choices": ["yes"]}, "would be read as true"),
        ("text.steps", {"choices": [["nfkc"], ["nfc"]]}, "unknown step of normalisation 'nfc'"),
        ("text.steps", {"choices": ["nfkc"]}, 'text.steps = "nfkc"'),
        ("model.classifier", {"choices": ["os.system"]}, "unknown classifier 'os.system'"),
        ("model.classifier", {"choices": [1]}, "model.classifier = 1"),
        ("model.params.C", {"low": 0, "high": 2}, "expected a number above 0"),
        ("model.params.C", {"choices": ["1"]}, "expected a number above 0"),
        ("model.params.class_weight", {"choices": ["even"]}, "expected 'balanced'"),
        ("model.classifier", {"choices": ["linear_svc"]}, 'would be read as "DualLinearSVC"'),
        ("model.params.alpha", {"low": 1, "high": 2}, "no such parameter of DualLogisticRegression"),
    ],
)
def test_C1_a_setting_or_value_that_cannot_be_is_named(
    config: TrainConfig, name: str, dimension: dict[str, Any], said: str
) -> None:
    wrong = {"features.mindf": {"choices": [1]}, name: dimension}
    with pytest.raises(ConfigError) as caught:
        space_of(with_space(config, wrong, classifier="DualLogisticRegression"))
    assert said in str(caught.value)
    assert "did you mean 'features.min_df'?" in str(caught.value)
    assert caught.value.exit_code == 2


def test_the_default_space_fits_every_config(config: TrainConfig) -> None:
    space = default_space(config)
    assert set(space) <= set(known_settings())
    assert set(space["model.classifier"].choices) < set(CLASSIFIERS)
    assert space_of(with_space(config, {name: one.model_dump() for name, one in space.items()})) == space
    assert space_of(config.model_copy(update={"search": None})) == space
    words = config.model_copy(update={"features": config.features.model_copy(update={"chars": None})})
    assert set(space) - set(default_space(words)) == {"features.chars"}


def test_parameters_belong_to_their_classifiers() -> None:
    assert belongs("model.params.C", "LinearSVC")
    assert not belongs("model.params.C", "ComplementNB")
    assert belongs("features.words", "ComplementNB")


def test_settings_become_a_config(config: TrainConfig) -> None:
    own = with_space(config, {}, classifier="DualLinearSVC", params={"class_weight": "balanced"})
    assert applied(own, {}) == own
    assert applied(own, {"model.params.C": 2.0}).model.params == {"class_weight": "balanced", "C": 2.0}
    other = applied(own, {"model.classifier": "LogisticRegression", "features.chars": [1, 1], "text.steps": ["nfkc"]})
    assert (other.model.classifier, other.model.params) == ("LogisticRegression", {})
    assert (other.features.chars, other.text.steps) == ((1, 1), ("nfkc",))
    assert (other.features.words, other.run, other.corpus) == (own.features.words, own.run, own.corpus)
    with pytest.raises(ConfigError, match="alpha"):
        applied(own, {"model.params.alpha": 1.0})


def test_what_is_pasted_is_what_won(config: TrainConfig) -> None:
    settings = {
        "features.sublinear_tf": False,
        "features.chars": [1, 3],
        "text.steps": ["nfkc", "links"],
        "model.classifier": "NBSVM",
        "model.params.C": 1e-05,
        "model.params.class_weight": "balanced",
    }
    won = applied(config, settings)
    space = {name: {"choices": [value]} for name, value in settings.items()}
    pasted = tomllib.loads(as_toml(won, space_of(with_space(config, space))))
    assert set(pasted) == {"text", "features", "model"}
    values = config.model_dump(mode="json")
    for section, lines in pasted.items():
        values[section] |= lines
    assert parse_config(TrainConfig, values, where="a test") == won
