"""Classifiers by name: unknown names and parameters are refused, all at once, with what is known."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.linear_model
import sklearn.naive_bayes
import sklearn.svm
from hypothesis import given, settings
from hypothesis import strategies as st

import koudai
from koudai.errors import ConfigError
from koudai.model.fitting.classifiers import CLASSIFIERS, SET, make_classifier

NAMES = CLASSIFIERS.names()
OWN = ["DualLinearSVC", "DualLogisticRegression", "NBSVM"]


@pytest.mark.parametrize("name", ["os.system", "sklearn.svm.SVC", "LinearSVM", "", "pickle", "LinearSVC()"])
def test_C2_a_classifier_is_a_name_and_never_an_import_path(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_classifier(name, {})
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert f"unknown classifier {name!r}" in message
    assert "where:    model.classifier" in message
    assert f"one of {', '.join(NAMES)}" in message
    assert ("did you mean 'LinearSVC'?" in message) == (name in ("LinearSVM", "LinearSVC()"))


def test_C1_every_problem_with_the_parameters_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        make_classifier("NBSVM", {"c": 1, "C": -1, "alpha": "much", "class_weight": 1, "gamma": 2, "random_state": 3})
    message = str(caught.value)
    assert "6 problems with the parameters of NBSVM" in message
    assert "where:    model.params" in message
    for told in (
        "c: NBSVM has no such parameter; none is near",
        "C: expected a number above 0 and at most 1e+09, got -1",
        "alpha: expected a number above 0 and at most 1e+09, got 'much'",
        "class_weight: expected 'balanced', got 1",
        "random_state: the run sets it",
        "gamma: NBSVM has no such parameter",
        "C (default 1.0)",
    ):
        assert told in message


def test_C1_a_near_name_is_suggested() -> None:
    with pytest.raises(ConfigError, match="did you mean 'class_weight'"):
        make_classifier("DualLogisticRegression", {"class_weights": "balanced"})


NUMBERS = [0, -1, -0.0, float("nan"), float("inf"), -float("inf"), 10**400, 1e300, True, False, None, "1", [1], {}]


@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("name", OWN)
def test_C1_what_is_not_a_usable_number_is_refused(name: str, value: Any) -> None:
    numeric = [key for key, default in CLASSIFIERS[name].parameters().items() if isinstance(default, float)]
    assert numeric
    for parameter in numeric:
        with pytest.raises(ConfigError, match=f"{parameter}: expected a number above 0"):
            make_classifier(name, {parameter: value})


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.sampled_from(OWN), st.floats(1e-6, 1e9))
def test_good_parameters_are_kept_and_the_rest_is_the_default(name: str, number: float) -> None:
    known = CLASSIFIERS[name].parameters()
    params = {next(iter(known)): number}
    made = make_classifier(name, params)
    assert dataclasses.asdict(made) == {**known, **params}  # type: ignore[call-overload]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, next(iter(known)), 1.0)


def test_parameters_of_scikit_learn_s_are_checked_by_its_own_constraints_all_at_once() -> None:
    params = {"loss": "square", "alpha": -1, "max_iter": 2.5, "n_jobs": 2, "shuffle": 3, "C": 1}
    with pytest.raises(ConfigError) as caught:
        make_classifier("SGDClassifier", params)
    message = str(caught.value)
    assert "6 problems with the parameters of SGDClassifier" in message
    for told in (
        "loss: expected a str among {",
        "alpha: expected a float in the range [0.0, inf), got -1",
        "max_iter: expected an int in the range [1, inf), got 2.5",
        "n_jobs: the run sets it",
        "shuffle: expected an instance of 'bool'",
        "C: SGDClassifier has no such parameter",
        "penalty (default l2)",
    ):
        assert told in message
    for name, wrong, told in (
        ("LinearSVC", {"loss": "hinge", "dual": False}, "Unsupported set of arguments"),
        ("LogisticRegression", {"C": True}, "C: expected a float in the range"),
        ("LogisticRegression", {"C": 1e300}, "C: expected a float in the range"),
        ("RidgeClassifier", {"alpha": float("nan")}, "alpha: expected a float in the range"),
        ("ComplementNB", {"alpha": 10**400}, "alpha: expected a float in the range"),
    ):
        with pytest.raises(ConfigError, match=told):
            make_classifier(name, dict(wrong))
    assert make_classifier("LinearSVC", {"class_weight": "balanced", "dual": True, "max_iter": 50})


def test_names_are_those_of_estimators_with_their_parameters_and_defaults() -> None:
    """Of koudai's own, `tol` is chosen by the run where it is not given."""
    modules = (koudai, sklearn.linear_model, sklearn.svm, sklearn.naive_bayes)
    for name in NAMES:
        defaults = getattr(next(one for one in modules if hasattr(one, name)), name)().get_params()
        found = CLASSIFIERS[name].parameters()
        assert set(found) == set(defaults) - set(SET)
        assert [key for key in found if found[key] != defaults[key]] == (["tol"] if name in OWN else [])


def test_fits_of_scikit_learn_s_are_the_same_beside_others_in_other_threads() -> None:
    """One fit after another: liblinear draws from one generator for the whole process."""
    random = np.random.default_rng(0)
    features = sp.csr_matrix(random.random((300, 400)) * (random.random((300, 400)) < 0.05))
    y, weight = (random.random(300) < 0.4).astype(np.int8), np.ones((300, 6))
    for name in sorted(set(NAMES) - set(OWN)):
        made = make_classifier(name, {})
        alone, _ = made.fit(features, y, weight[:, 0], seed=1)
        with ThreadPoolExecutor(4) as pool:
            beside = [one[0] for one in pool.map(partial(made.fit, features, y, seed=1), weight.T)]
        assert all(np.array_equal(one, alone) for one in beside), name
