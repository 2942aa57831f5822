"""koudai's fast solver as estimators of scikit-learn: `DualLogisticRegression`, `DualLinearSVC` and `NBSVM`.

Promises: they pass scikit-learn's checks of estimators, but for the equivalence of weights and repeated rows, which
holds to the tolerance of the solver, as for scikit-learn's own `LinearSVC`; the same `random_state` gives the same
numbers on any number of cores. Several classes are each fitted against the rest, in one pass over the data.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils import check_random_state, compute_class_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, check_non_negative, validate_data

from koudai.model.deciding.calibration import sigmoid
from koudai.model.fitting.classifiers.nb_svm import NbSvm
from koudai.model.fitting.dual import solve

Numbers = NDArray[np.float64]


class _Linear(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What the three have in common."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "C": [Interval(Real, 0, None, closed="neither")],
        "tol": [Interval(Real, 0, None, closed="neither")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "random_state": ["random_state"],
    }
    C: float
    tol: float
    class_weight: Any
    random_state: Any

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> _Linear:
        """Fit the classifier.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Classes, two or more.
        sample_weight : array of shape (n_samples,), optional
            A sample of weight 0 is left out.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64, accept_large_sparse=False)
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        self.classes_, place = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2 or len(np.unique(place[weight > 0])) < 2:
            message = "This solver needs samples of at least 2 classes, but the data contains only one class"
            raise ValueError(message)
        by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=y, sample_weight=weight)
        positive = np.arange(1, 2) if len(self.classes_) == 2 else np.arange(len(self.classes_))
        labels = (place[:, None] == positive).astype(np.int8)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        weights, intercepts = self._solve(sp.csr_matrix(X), labels, weight * by_class[place], seed)
        self.coef_, self.intercept_ = np.ascontiguousarray(weights.T), intercepts
        return self

    def decision_function(self, X: Any) -> Numbers:
        """Return the decisions, shape (n_samples,) for two classes, else (n_samples, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        found: Numbers = safe_sparse_dot(X, self.coef_.T, dense_output=True) + self.intercept_
        return found.ravel() if found.shape[1] == 1 else found

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the classes, shape (n_samples,)."""
        decision = self.decision_function(X)
        which = (decision > 0).astype(np.intp) if decision.ndim == 1 else decision.argmax(axis=1)
        found: NDArray[Any] = self.classes_[which]
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _solve(self, X: sp.csr_matrix, labels: NDArray[np.int8], weight: Numbers, seed: int) -> tuple[Numbers, Numbers]:
        """Return weights, shape (n_features, n_fits), and intercepts."""
        raise NotImplementedError


class DualLinearSVC(_Linear):
    """Linear support vector machine with squared hinge loss and l2 penalty, the intercept penalised too.

    What `sklearn.svm.LinearSVC` fits, by the same dual coordinate descent, in compiled code that fits several classes
    in one pass.

    Parameters
    ----------
    C
        Inverse strength of the penalty.
    tol
        Largest duality gap as a share of the loss.
    class_weight : dict, "balanced" or None
        Weights of classes.
    random_state
        Of the order in which samples are visited.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
    intercept_ : ndarray of shape (1,) or (n_classes,)
    n_features_in_ : int

    Examples
    --------
    >>> from koudai import DualLinearSVC
    >>> DualLinearSVC(random_state=1).fit([[0.0], [1.0], [2.0]], ["no", "no", "yes"]).predict([[3.0]]).tolist()
    ['yes']
    """

    def __init__(
        self, *, C: float = 1.0, tol: float = 1e-6, class_weight: Any = None, random_state: Any = None
    ) -> None:
        self.C = C
        self.tol = tol
        self.class_weight = class_weight
        self.random_state = random_state

    def _solve(self, X: sp.csr_matrix, labels: NDArray[np.int8], weight: Numbers, seed: int) -> tuple[Numbers, Numbers]:
        return _fitted(X, labels, self.C * weight, logistic=False, seed=seed, gap=self.tol)


class DualLogisticRegression(_Linear):
    """Logistic regression with l2 penalty, the intercept penalised too; several classes each against the rest.

    What `sklearn.linear_model.LogisticRegression(solver="liblinear")` fits.

    Parameters
    ----------
    C, tol, class_weight, random_state
        As of `DualLinearSVC`.

    Attributes
    ----------
    classes_, coef_, intercept_, n_features_in_
        As of `DualLinearSVC`.

    Examples
    --------
    >>> from koudai import DualLogisticRegression
    >>> fitted = DualLogisticRegression(C=100.0, random_state=1).fit([[0.0], [1.0]], [0, 1])
    >>> fitted.predict([[1.0]]).tolist(), fitted.predict_proba([[1.0]]).shape
    ([1], (1, 2))
    """

    def __init__(
        self, *, C: float = 1.0, tol: float = 1e-6, class_weight: Any = None, random_state: Any = None
    ) -> None:
        self.C = C
        self.tol = tol
        self.class_weight = class_weight
        self.random_state = random_state

    def predict_proba(self, X: Any) -> Numbers:
        """Return the probabilities of the classes, shape (n_samples, n_classes); of several, divided by their sum."""
        proba = sigmoid(self.decision_function(X))
        if proba.ndim == 1:
            return np.stack([1.0 - proba, proba], axis=1)
        return np.asarray(proba / proba.sum(axis=1, keepdims=True))

    def predict_log_proba(self, X: Any) -> Numbers:
        """Return the logarithms of `predict_proba`."""
        return np.log(self.predict_proba(X))

    def _solve(self, X: sp.csr_matrix, labels: NDArray[np.int8], weight: Numbers, seed: int) -> tuple[Numbers, Numbers]:
        return _fitted(X, labels, self.C * weight, logistic=True, seed=seed, gap=self.tol)


class NBSVM(_Linear):
    """A linear support vector machine over features scaled by their naive-Bayes log-count ratio.

    Source: Wang & Manning 2012, "Baselines and bigrams: simple, good sentiment and topic classification" (without their
    interpolation).

    Parameters
    ----------
    alpha
        Count added to every feature in the ratio.
    C, tol, class_weight, random_state
        As of `DualLinearSVC`.

    Attributes
    ----------
    classes_, coef_, intercept_, n_features_in_
        As of `DualLinearSVC`; the scale is folded into `coef_`.

    Examples
    --------
    >>> from koudai import NBSVM
    >>> NBSVM(random_state=1).fit([[0.0, 1.0], [1.0, 0.0]], ["out", "in"]).predict([[0.0, 2.0]]).tolist()
    ['out']
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_Linear._parameter_constraints,
        "alpha": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        C: float = 1.0,
        alpha: float = 1.0,
        tol: float = 1e-6,
        class_weight: Any = None,
        random_state: Any = None,
    ) -> None:
        self.C = C
        self.alpha = alpha
        self.tol = tol
        self.class_weight = class_weight
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    def _solve(self, X: sp.csr_matrix, labels: NDArray[np.int8], weight: Numbers, seed: int) -> tuple[Numbers, Numbers]:
        check_non_negative(X, "NBSVM (input X)")
        rows = np.flatnonzero(weight)
        way = NbSvm(C=self.C, alpha=self.alpha)
        found = [
            way.fit(X[rows], labels[rows, k], weight[rows], seed=seed, gap=self.tol) for k in range(labels.shape[1])
        ]
        return np.stack([weights for weights, _ in found], axis=1), np.array([intercept for _, intercept in found])


def _fitted(
    X: sp.csr_matrix, labels: NDArray[np.int8], costs: Numbers, *, logistic: bool, seed: int, gap: float
) -> tuple[Numbers, Numbers]:
    X.indices = X.indices.astype(np.int32, copy=False)
    return solve(X, labels, np.repeat(costs[:, None], labels.shape[1], axis=1), logistic=logistic, seed=seed, gap=gap)
