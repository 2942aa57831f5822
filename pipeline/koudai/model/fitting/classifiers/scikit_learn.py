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
        return self.decision(model)

    @classmethod
    def decision(cls, model: Any) -> tuple[NDArray[np.float64], float]:
        """Return weights and intercept of a fitted estimator's decision for the category."""
        return np.array(model.coef_, dtype=np.float64).ravel(), float(np.ravel(model.intercept_)[0])


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

    @classmethod
    def decision(cls, model: Any) -> tuple[NDArray[np.float64], float]:
        """Return the difference of the two classes' weights; without a prior, as scikit-learn has it for two."""
        return np.asarray(model.feature_log_prob_[1] - model.feature_log_prob_[0], dtype=np.float64), 0.0
