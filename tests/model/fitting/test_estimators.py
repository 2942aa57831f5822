"""koudai's solver as estimators of scikit-learn (koudai.model.fitting.estimators): checks, numbers and errors."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from koudai import NBSVM, DualLinearSVC, DualLogisticRegression
from koudai.model.fitting.classifiers import make_classifier

AS_LINEAR_SVC = {
    f"check_sample_weight_equivalence_on_{kind}_data": "holds to the tolerance, as for LinearSVC"
    for kind in ("dense", "sparse")
}
RNG = np.random.default_rng(20230310)
X = sp.random_array((300, 40), density=0.2, format="csr", rng=RNG)
TWO = np.where(X @ RNG.normal(size=40) > 0.3, "in", "out")
THREE = np.array(["a", "b", "c"])[(X @ RNG.normal(size=(40, 3))).argmax(axis=1)]


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [DualLogisticRegression(), DualLinearSVC(), NBSVM()], ids=repr)
def test_every_check_of_scikit_learn_s_is_passed(estimator: Any) -> None:
    expected = dict(AS_LINEAR_SVC)
    if isinstance(estimator, NBSVM):  # naive Bayes of scikit-learn's has no class_weight, and so no such check
        expected["check_class_weight_classifiers"] = "gives negative features, which the tags say it may not"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = check_estimator(estimator, expected_failed_checks=expected, on_skip=None)
    assert len(done) > 50
    assert {one["status"] for one in done} <= {"passed", "skipped", "xfail"}


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("weight", [None, RNG.integers(0, 3, 300).astype(float)], ids=["plain", "weighted"])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_optimum_is_that_of_liblinear(y: Any, weight: Any, class_weight: Any) -> None:
    """But for balanced classes, of several: liblinear leaves the posts out of a class as they are."""
    told = {"C": 5.0, "class_weight": class_weight, "random_state": 7}
    mine = DualLinearSVC(**told, tol=1e-12).fit(X, y, sample_weight=weight)
    if y is TWO or class_weight is None:
        theirs = LinearSVC(**told, tol=1e-10, max_iter=100_000).fit(X, y, sample_weight=weight)
        assert np.abs(mine.coef_ - theirs.coef_).max() < 1e-4
        assert np.abs(mine.intercept_ - theirs.intercept_).max() < 1e-4
        assert (mine.predict(X) == theirs.predict(X)).all()
    if y is TWO:
        mine = DualLogisticRegression(**told, tol=1e-12).fit(X, y, sample_weight=weight)
        theirs = LogisticRegression(**told, solver="liblinear", tol=1e-9, max_iter=10_000)
        theirs.fit(X, y, sample_weight=weight)
        assert np.abs(mine.predict_proba(X) - theirs.predict_proba(X)).max() < 1e-4
    else:
        proba = DualLogisticRegression(**told).fit(X, y, sample_weight=weight).predict_proba(X)
        assert np.allclose(proba.sum(axis=1), 1.0)


def test_they_are_the_classifiers_of_configs() -> None:
    y = (TWO == "in").astype(np.int8)
    features = sp.csr_matrix(X)
    for name, estimator in (
        ("DualLogisticRegression", DualLogisticRegression),
        ("DualLinearSVC", DualLinearSVC),
        ("NBSVM", NBSVM),
    ):
        weights, intercept = make_classifier(name, {"C": 2.0}).fit(features, y, np.ones(300), seed=1)
        mine = estimator(C=2.0, random_state=1).fit(X, y)
        assert np.abs(mine.coef_[0] - weights).max() < 1e-2
        assert abs(mine.intercept_[0] - intercept) < 1e-2
        again = clone(mine).fit(X, y)
        assert np.array_equal(again.coef_, mine.coef_)
        assert np.array_equal(pickle.loads(pickle.dumps(mine)).predict(X), mine.predict(X))


@pytest.mark.parametrize(
    ("estimator", "told"),
    [
        (DualLogisticRegression(C=0), "'C' parameter"),
        (DualLinearSVC(tol=-1), "'tol' parameter"),
        (NBSVM(alpha="x"), "'alpha' parameter"),
        (DualLinearSVC(class_weight="even"), "'class_weight' parameter"),
    ],
)
def test_parameters_are_checked(estimator: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        estimator.fit(X, TWO)
    with pytest.raises(ValueError, match="one class"):
        type(estimator)().fit(X, np.zeros(300))
    with pytest.raises(ValueError, match="Negative values"):
        NBSVM().fit(-X, TWO)
