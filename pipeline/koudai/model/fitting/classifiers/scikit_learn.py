"""scikit-learn's own linear classifiers, fitted by scikit-learn, with its own parameters and defaults.

Promises: what a config says is checked against the estimator's parameter constraints, and tried together, before any
post is read; the same seed gives the same numbers on any number of cores. For that one fit runs at a time in each
process, with one thread of BLAS: liblinear draws from one generator for the whole process, whatever its random state,
and the last digits of a sum of many threads depend on how many there are. joblib's processes fit side by side.

Source: Pedregosa et al. 2011, "Scikit-learn: machine learning in Python"; Rennie et al. 2003, "Tackling the poor
assumptions of naive Bayes text classifiers" (ComplementNB).
"""

from __future__ import annotations

import functools
import importlib
import inspect
import threading
import warnings
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.fitting.classifiers import MOST, SET, Classifier, classifier

_TRIED = 40
"""Posts of the fit by which parameters are tried together."""


@dataclass(frozen=True)
class _Estimated(Classifier):
    params: dict[str, Any] = field(default_factory=dict)
    named: ClassVar[str]
    module: ClassVar[str] = "sklearn.linear_model"

    @classmethod
    def estimator(cls) -> Any:
        """Return the class of the estimator."""
        return getattr(importlib.import_module(cls.module), cls.named)

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """Return the estimator's parameters and their defaults."""
        given = inspect.signature(cls.estimator()).parameters.values()
        return {one.name: one.default for one in given if one.name not in SET}

    @classmethod
    def problem(cls, name: str, value: Any) -> str:
        """Return which constraints of the estimator's a value meets none of."""
        from sklearn.utils._param_validation import Hidden, make_constraint

        allowed = [one for one in cls.estimator()._parameter_constraints[name] if not isinstance(one, Hidden)]
        if isinstance(value, bool):
            fits = "boolean" in allowed
        elif isinstance(value, int | float) and abs(value) > MOST:
            fits = False
        else:
            fits = any(make_constraint(one).is_satisfied_by(value) for one in allowed)
        if fits:
            return ""
        return f"expected {' or '.join(str(make_constraint(one)) for one in allowed)}, got {value!r}"

    @classmethod
    def of(cls, params: dict[str, Any]) -> Classifier:
        """Return the classifier; raises `ValueError` if the estimator refuses the parameters together."""
        made, y = cls(params), np.arange(_TRIED, dtype=np.int8) % 2
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.fit(sp.csr_matrix(np.stack([y, 1 - y], axis=1).astype(np.float64)), y, np.ones(_TRIED), seed=0)
        return made

    def fit(
        self, features: sp.csr_matrix, y: NDArray[np.int8], weight: NDArray[np.float64], *, seed: int
    ) -> tuple[NDArray[np.float64], float]:
        """Fit one category; see `Classifier.fit`."""
        from threadpoolctl import threadpool_limits

        drawn = {"random_state": seed} if "random_state" in inspect.signature(self.estimator()).parameters else {}
        with _one_at_a_time(), threadpool_limits(1, user_api="blas"):
            model = self.estimator()(**self.params, **drawn).fit(features, y, sample_weight=weight)
        weights, intercept = weights_of(model)
        return weights[:, 0].copy(), float(intercept[0])


def weights_of(model: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights and intercepts of a fitted linear estimator, shapes (n_features, n_decisions) and (n_decisions,).

    Of naive Bayes, which has two classes here, they are the difference of the two; ComplementNB then heeds no prior.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> weights, intercept = weights_of(LinearSVC().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]))
    >>> weights.shape, intercept.shape
    ((2, 1), (1,))
    """
    if hasattr(model, "feature_log_prob_"):
        weights = model.feature_log_prob_[1] - model.feature_log_prob_[0]
        heeded = type(model).__name__ == "MultinomialNB"
        prior = model.class_log_prior_[1] - model.class_log_prior_[0] if heeded else 0.0
        return np.asarray(weights, np.float64)[:, None], np.array([prior], np.float64)
    coef = model.coef_.toarray() if hasattr(model.coef_, "toarray") else np.asarray(model.coef_, np.float64)
    weights = np.atleast_2d(coef).T
    return weights, np.broadcast_to(np.asarray(model.intercept_, np.float64).ravel(), (weights.shape[1],)).copy()


@functools.cache
def _one_at_a_time() -> threading.Lock:
    return threading.Lock()


@classifier("LogisticRegression")
class LogisticRegressionFits(_Estimated):
    """Logistic regression by lbfgs, or by another of scikit-learn's solvers.

    Examples
    --------
    >>> LogisticRegressionFits.parameters()["C"]
    1.0
    """

    named = "LogisticRegression"


@classifier("LinearSVC")
class LinearSVCFits(_Estimated):
    """Linear support vector machine by liblinear."""

    named = "LinearSVC"
    module = "sklearn.svm"


@classifier("SGDClassifier")
class SGDClassifierFits(_Estimated):
    """A linear support vector machine, or with another `loss` another linear model, by stochastic gradient descent."""

    named = "SGDClassifier"


@classifier("RidgeClassifier")
class RidgeClassifierFits(_Estimated):
    """Least squares to 1 and -1, with an l2 penalty."""

    named = "RidgeClassifier"


@classifier("ComplementNB")
class ComplementNBFits(_Estimated):
    """Complement naive Bayes: each class judged by how unlike the other class its terms are; robust when one class is
    rare. Nothing in it is random.
    """

    named = "ComplementNB"
    module = "sklearn.naive_bayes"
    takes_negative: ClassVar[bool] = False
