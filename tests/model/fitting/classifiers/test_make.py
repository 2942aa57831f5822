"""Classifiers by name: unknown names and parameters are refused, all at once, with what is known."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import ConfigError
from koudai.model.fitting.classifiers import CLASSIFIERS, make_classifier

NAMES = CLASSIFIERS.names()


@pytest.mark.parametrize("name", ["os.system", "sklearn.svm.SVC", "logistics", "", "pickle", "logistic()"])
def test_C2_a_classifier_is_a_name_and_never_an_import_path(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_classifier(name, {})
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert f"unknown classifier {name!r}" in message
    assert "where:    model.classifier" in message
    assert f"one of {', '.join(NAMES)}" in message
    assert ("did you mean 'logistic'?" in message) == (name in ("logistics", "logistic()"))


def test_C1_every_problem_with_the_parameters_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        make_classifier("nb_svm", {"c": 1, "C": -1, "alpha": "much", "balanced": 1, "gamma": 2})
    message = str(caught.value)
    assert "5 problem(s) with the parameters of nb_svm" in message
    assert "where:    model.params" in message
    for told in (
        "c: nb_svm has no such parameter; none is near",
        "C: expected a number above 0 and at most 1e+09, got -1",
        "alpha: expected a number above 0 and at most 1e+09, got 'much'",
        "balanced: expected bool, got 1",
        "gamma: nb_svm has no such parameter",
        "C (default 1.0)",
    ):
        assert told in message


def test_C1_a_near_name_is_suggested() -> None:
    with pytest.raises(ConfigError, match="did you mean 'balanced'"):
        make_classifier("logistic", {"balance": True})


NUMBERS = [0, -1, -0.0, float("nan"), float("inf"), -float("inf"), 10**400, 1e300, True, False, None, "1", [1], {}]


@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("name", NAMES)
def test_C1_what_is_not_a_usable_number_is_refused(name: str, value: Any) -> None:
    fields = dataclasses.fields(CLASSIFIERS[name])  # type: ignore[arg-type]
    numeric = [item.name for item in fields if isinstance(item.default, float)]
    assert numeric
    for parameter in numeric:
        with pytest.raises(ConfigError, match=f"{parameter}: expected a number above 0"):
            make_classifier(name, {parameter: value})


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.sampled_from(NAMES), st.floats(1e-6, 1e9), st.booleans())
def test_good_parameters_are_kept_and_the_rest_is_the_default(name: str, number: float, flag: bool) -> None:
    factory = CLASSIFIERS[name]
    known = {item.name: item.default for item in dataclasses.fields(factory)}  # type: ignore[arg-type]
    params = {key: (flag if isinstance(default, bool) else number) for key, default in list(known.items())[:1]}
    made = make_classifier(name, params)
    assert dataclasses.asdict(made) == {**known, **params}  # type: ignore[call-overload]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, next(iter(known)), 1.0)
