"""Each classifier against another way to the same numbers: scikit-learn's decisions, or the formula of the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB

from koudai.model.fitting.classifiers import make_classifier
from koudai.model.fitting.classifiers.linear import LinearSvc, Logistic
from koudai.model.fitting.classifiers.nb_svm import NbSvm
from koudai.model.fitting.classifiers.scikit_learn import ComplementNBFits

Arrays = tuple[sp.csr_matrix, NDArray[np.int8], NDArray[np.float64]]


def drawn(seed: int, n: int = 80, n_features: int = 12) -> Arrays:
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.4).astype(np.int8)
    dense = random.random((n, n_features)) * (random.random((n, n_features)) < 0.4)
    dense[:, :3] += 0.6 * y[:, None] * random.random((n, 3))
    return sp.csr_matrix(dense), y, random.uniform(0.5, 2.0, n)


def decision(name: str, arrays: Arrays, **params: Any) -> NDArray[np.float64]:
    x, y, weight = arrays
    weights, intercept = make_classifier(name, params).fit(x, y, weight, seed=1)
    return np.asarray(x @ weights + intercept)


def minimised(loss: Callable[[NDArray[np.float64]], float], size: int) -> NDArray[np.float64]:
    found = minimize(loss, np.zeros(size), method="BFGS", options={"maxiter": 2000, "gtol": 1e-7})
    return np.asarray(found.x)


@pytest.mark.parametrize("seed", range(3))
def test_complement_nb_is_the_difference_of_scikit_learn_s_log_likelihoods(seed: int) -> None:
    for norm in (False, True):
        x, y, weight = drawn(seed)
        model = ComplementNB(alpha=0.3, norm=norm).fit(x, y, sample_weight=weight)
        joint = model.predict_joint_log_proba(x)
        expected = joint[:, 1] - joint[:, 0]
        assert np.allclose(decision("ComplementNB", (x, y, weight), alpha=0.3, norm=norm), expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_complement_nb_is_the_formula_of_the_paper(seed: int) -> None:
    """Rennie et al. 2003, section 3.1: each class by the log of the term's share in the other one."""
    x, y, weight = drawn(seed)
    dense = x.toarray() * weight[:, None]
    theta = [np.log((dense[y != c].sum(axis=0) + 0.3) / (dense[y != c].sum() + 0.3 * x.shape[1])) for c in (0, 1)]
    assert np.allclose(decision("ComplementNB", (x, y, weight), alpha=0.3), x @ (theta[0] - theta[1]), atol=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_logistic_is_the_maximum_of_its_likelihood(seed: int) -> None:
    """Liblinear's loss: the intercept is penalised as one more weight, of a feature that is 1 everywhere."""
    x, y, weight = drawn(seed)
    dense = np.c_[x.toarray(), np.ones(len(y))]
    signs = 2.0 * y - 1.0

    def loss(w: NDArray[np.float64]) -> float:
        return float(0.5 * w @ w + 2.0 * np.sum(weight * np.logaddexp(0.0, -signs * (dense @ w))))

    found = minimised(loss, dense.shape[1])
    assert np.allclose(decision("DualLogisticRegression", (x, y, weight), C=2.0), dense @ found, atol=2e-3)
    lbfgs = LogisticRegression(C=2.0, fit_intercept=False, solver="lbfgs", tol=1e-10, max_iter=5000)
    assert np.allclose(lbfgs.fit(dense, y, sample_weight=weight).decision_function(dense), dense @ found, atol=1e-3)


@pytest.mark.parametrize("seed", range(2))
def test_linear_svc_is_the_minimum_of_the_squared_hinge(seed: int) -> None:
    x, y, weight = drawn(seed)
    dense = np.c_[x.toarray(), np.ones(len(y))]
    signs = 2.0 * y - 1.0

    def loss(w: NDArray[np.float64]) -> float:
        return float(0.5 * w @ w + 0.5 * np.sum(weight * np.maximum(0.0, 1.0 - signs * (dense @ w)) ** 2))

    assert np.allclose(
        decision("DualLinearSVC", (x, y, weight), C=0.5), dense @ minimised(loss, dense.shape[1]), atol=1e-2
    )


@pytest.mark.parametrize("seed", range(2))
def test_nb_svm_is_a_linear_svc_on_features_scaled_by_the_log_count_ratio(seed: int) -> None:
    """Wang & Manning 2012: r = log((p/|p|₁) / (q/|q|₁)) with p and q the smoothed counts of both classes."""
    x, y, weight = drawn(seed)
    counts = x.toarray() * weight[:, None]
    p, q = (1.0 + counts[y == c].sum(axis=0) for c in (1, 0))
    scaled = sp.csr_matrix(x.toarray() * np.log((p / p.sum()) / (q / q.sum())))
    expected = decision("DualLinearSVC", (scaled, y, weight), C=1.0)
    assert np.allclose(decision("NBSVM", (x, y, weight)), expected, atol=1e-3)


@pytest.mark.parametrize(("name", "c"), [("DualLogisticRegression", 20.0), ("DualLinearSVC", 0.5), ("NBSVM", 1.0)])
def test_balanced_gives_a_rare_class_the_weight_of_the_common_one(name: str, c: float) -> None:
    x, y, _ = drawn(5, n=200)
    rare = np.flatnonzero((y == 0) | (np.cumsum(y) <= 8))
    arrays = (x[rare], y[rare], np.ones(len(rare)))
    plain, balanced = (decision(name, arrays, C=c, class_weight=balanced) for balanced in (None, "balanced"))
    assert (balanced > 0).sum() > (plain > 0).sum()
    recall = [(d[arrays[1] == 1] > 0).mean() for d in (plain, balanced)]
    assert recall[1] >= recall[0]


NAMED = {
    "ComplementNB": ComplementNBFits,
    "DualLinearSVC": LinearSvc,
    "DualLogisticRegression": Logistic,
    "NBSVM": NbSvm,
}


@pytest.mark.parametrize("name", NAMED)
def test_the_name_stands_for_its_class_with_its_defaults(name: str) -> None:
    assert make_classifier(name, {}) == NAMED[name]()
