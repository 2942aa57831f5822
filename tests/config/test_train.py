"""The section of the classifier: the default, names and parameters of before, and what is no such section."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from koudai.config.train import ModelSection
from koudai.model.fitting.classifiers import CLASSIFIERS, make_classifier


@pytest.mark.parametrize(
    ("told", "name", "params"),
    [
        ({}, "DualLinearSVC", {"C": 0.5}),
        ({"params": {"C": 3.0}}, "DualLinearSVC", {"C": 3.0}),
        ({"classifier": "DualLinearSVC"}, "DualLinearSVC", {}),
        (
            {"classifier": "linear_svc", "params": {"balanced": True}},
            "DualLinearSVC",
            {"C": 0.5, "class_weight": "balanced"},
        ),
        ({"classifier": "logistic", "params": {"balanced": False}}, "DualLogisticRegression", {"C": 20.0}),
        ({"classifier": "nb_svm", "params": {"alpha": 2.0}}, "NBSVM", {"alpha": 2.0}),
        ({"classifier": "complement_nb", "params": {"norm": True}}, "ComplementNB", {"alpha": 0.3, "norm": True}),
        (
            {"classifier": "logistic", "params": {"balanced": "yes"}},
            "DualLogisticRegression",
            {"C": 20.0, "balanced": "yes"},
        ),
    ],
)
def test_a_classifier_is_named_as_its_estimator_and_names_of_before_are_read_as_they_were_meant(
    told: dict[str, Any], name: str, params: dict[str, Any]
) -> None:
    section = ModelSection.model_validate(told)
    assert (section.classifier, section.params) == (name, params)
    assert ModelSection.model_validate(section.model_dump(mode="json")) == section
    assert name in CLASSIFIERS
    if "balanced" not in params:
        make_classifier(section.classifier, section.params)


@pytest.mark.parametrize(
    "told", [[], {"classifier": 1}, {"classifier": ["logistic"]}, {"params": 3}, {"params": {"C": [1]}}, {"x": 1}]
)
def test_what_is_no_section_is_refused(told: Any) -> None:
    with pytest.raises(ValidationError):
        ModelSection.model_validate(told)
