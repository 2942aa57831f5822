"""The search space: which settings of a config a search varies, their ranges, and the config with some of them applied.

Promises: unknown settings and impossible values are all reported together, before the first trial; the config of a
trial is validated like one written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from koudai.config.load import parse_config
from koudai.config.search import Dimension, SearchSection
from koudai.config.train import FeaturesSection, TextSection, TrainConfig
from koudai.errors import ConfigError, number_of
from koudai.model.fitting.classifiers import CLASSIFIERS, make_classifier
from koudai.registry import did_you_mean
from koudai.text.characters.normalize import Normalizer

_SEARCHED = ("ComplementNB", "DualLinearSVC", "DualLogisticRegression", "NBSVM")
"""Classifiers of the default space: the fast ones, of which the others are slower kin."""
CLASSIFIER, PARAMS = "model.classifier", "model.params."
Space = dict[str, Dimension]
Settings = Mapping[str, Any]
"""Values of settings by name, such as ``{"features.chars": [1, 3], "model.params.C": 2.0}``."""


def default_space(config: TrainConfig) -> Space:
    """Return the default space: n-gram ranges of the configured blocks, `min_df`, `sublinear_tf`, the fast
    classifiers, and their parameters.
    """
    space = {
        "features.words": Dimension(choices=([1, 1], [1, 2])),
        "features.chars": Dimension(choices=([1, 2], [1, 3], [1, 4])),
        "features.min_df": Dimension(choices=(2, 3)),
        "features.sublinear_tf": Dimension(choices=(True, False)),
        CLASSIFIER: Dimension(choices=_SEARCHED),
        f"{PARAMS}C": Dimension(low=0.01, high=100.0, log=True),
        f"{PARAMS}alpha": Dimension(low=0.01, high=10.0, log=True),
        f"{PARAMS}class_weight": Dimension(choices=("balanced", None)),
    }
    absent = {f"features.{name}" for name in ("words", "chars") if getattr(config.features, name) is None}
    return {name: space[name] for name in space if name not in absent}


def known_settings() -> list[str]:
    """Return the names of all settings that can be varied.

    Examples
    --------
    >>> [name for name in known_settings() if name in ("model.classifier", "model.params.C", "model.params.dual")]
    ['model.classifier', 'model.params.C', 'model.params.dual']
    """
    params = {key for name in CLASSIFIERS for key in _params(name)}
    return [
        *(f"text.{name}" for name in TextSection.model_fields),
        *(f"features.{name}" for name in FeaturesSection.model_fields if name not in ("user_dict", "stop_words")),
        CLASSIFIER,
        *(f"{PARAMS}{key}" for key in sorted(params)),
    ]


def space_of(config: TrainConfig) -> Space:
    """Return the space of a search of `config`.

    Raises
    ------
    ConfigError
        If a setting does not exist, or cannot have a value of its range or one of its choices; lists every problem.
    """
    space = (config.search or SearchSection()).space
    if not space:
        return default_space(config)
    known, wrong = known_settings(), []
    classifiers = _classifiers(config, space)
    for name, dimension in space.items():
        if name not in known:
            wrong.append(f"{name}: cannot be varied; {did_you_mean(name, known) or 'none is near'}")
        elif name.startswith(PARAMS) and not any(name.removeprefix(PARAMS) in _params(one) for one in classifiers):
            wrong.append(f"{name}: no such parameter of {' or '.join(classifiers)}")
        else:
            for value in dimension.choices or (dimension.low, dimension.high):
                problem = _problem(config, classifiers, name, value)
                wrong += [f"{name} = {json.dumps(value, ensure_ascii=False)}: {problem}"] if problem else []
    if wrong:
        raise ConfigError(
            what=number_of(len(wrong), "problem") + " with what is searched",
            where="search.space",
            expected=f"any of {', '.join(known)}, each with values that it can have",
            got="\n".join(wrong),
            happened="no trial was made",
        )
    return space


def belongs(name: str, classifier: str) -> bool:
    """Return whether a setting applies to `classifier`.

    Examples
    --------
    >>> belongs("model.params.C", "LinearSVC"), belongs("model.params.C", "ComplementNB")
    (True, False)
    """
    return not name.startswith(PARAMS) or name.removeprefix(PARAMS) in _params(classifier)


def applied(config: TrainConfig, settings: Settings) -> TrainConfig:
    """Return `config` with other settings.

    Parameters of the config's own classifier are kept unless varied; those of another classifier have their defaults.

    Raises
    ------
    ConfigError
        If the resulting config is not valid.

    Examples
    --------
    >>> values = {"run": {"name": "mine", "taxonomy": "cac-2023"}, "corpus": [{"source": "seed"}]}
    >>> config = TrainConfig.model_validate(values)
    >>> applied(config, {"features.min_df": 3}).features.min_df
    3
    """
    values = config.model_dump(mode="json")
    if settings.get(CLASSIFIER, config.model.classifier) != config.model.classifier:
        values["model"]["params"] = {}
    for name, value in settings.items():
        *sections, field = name.split(".")
        place = values
        for section in sections:
            place = place[section]
        place[field] = value
    found = parse_config(TrainConfig, values, where="search.space")
    Normalizer(found.text.steps)
    make_classifier(found.model.classifier, found.model.params)
    return found


def as_toml(config: TrainConfig, space: Space) -> str:
    """Return the settings of `config` that are in `space`, and its classifier, as lines of TOML."""
    lines = []
    for section in ("text", "features"):
        values = getattr(config, section).model_dump(mode="json")
        varied = [name for name in values if f"{section}.{name}" in space and values[name] is not None]
        lines += [f"[{section}]", *(f"{name} = {_toml(values[name])}" for name in varied), ""] if varied else []
    params = ", ".join(f"{name} = {_toml(value)}" for name, value in config.model.params.items() if value is not None)
    lines += ["[model]", f"classifier = {_toml(config.model.classifier)}", f"params = {{ {params} }}"]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _classifiers(config: TrainConfig, space: Space) -> list[str]:
    """Return the classifiers in a space, or the config's; unknown names are left out."""
    named = space[CLASSIFIER].choices if CLASSIFIER in space else ()
    return [name for name in named if isinstance(name, str) and name in CLASSIFIERS] or [config.model.classifier]


def _params(classifier: str) -> list[str]:
    return list(CLASSIFIERS[classifier].parameters())


def _problem(config: TrainConfig, classifiers: list[str], name: str, value: Any) -> str:
    """Return why a value is not valid for a setting, ``""`` if it is."""
    try:
        if name.startswith(PARAMS):
            key = name.removeprefix(PARAMS)
            for classifier in classifiers:
                if key in _params(classifier):
                    make_classifier(classifier, {key: value})
            return ""
        section, field = name.split(".")
        read = getattr(applied(config, {name: value}), section).model_dump(mode="json")[field]
    except ConfigError as error:
        return str(error.got or error.what)
    return "" if json.dumps(read) == json.dumps(value) else f"would be read as {json.dumps(read)}"
