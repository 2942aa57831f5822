"""Classifiers: ways to fit a linear decision function. A new one is a new file here; nothing else changes.

A file registers a subclass of `Classifier` under the name that configs use: that of an estimator, scikit-learn's or
koudai's own, whose parameters it takes by their names. Its `fit` returns the weights and the intercept of a linear
decision function for one category. What is fitted is plain numbers: nothing of a classifier is kept in a bundle.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.errors import ConfigError, UsageError, number_of
from koudai.registry import Registry, did_you_mean


class Classifier(abc.ABC):
    """One way to fit a linear decision function: a frozen dataclass, whose fields are the parameters, each a number
    above 0, or `class_weight`.

    Attributes
    ----------
    takes_negative : bool
        Whether features may be below 0.
    inner_products_alone : bool
        Whether the fit depends on the features only through their inner products, so that equal columns may be merged
        (`koudai.model.fitting.equal_columns`).

    Examples
    --------
    >>> make_classifier("NBSVM", {}).takes_negative
    False
    """

    takes_negative: ClassVar[bool] = True
    inner_products_alone: ClassVar[bool] = False

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """Return the parameters and their defaults, None where the fit chooses."""
        return {item.name: item.default for item in dataclasses.fields(cls)}  # type: ignore[arg-type]

    @classmethod
    def problem(cls, name: str, value: Any) -> str:
        """Return why a parameter cannot have a value, ``""`` if it can."""
        if name == "class_weight":
            return "" if value in (None, "balanced") else f"expected 'balanced', got {value!r}"
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MOST
        fits = fits or (value is None and cls.parameters()[name] is None)
        return "" if fits else f"expected a number above 0 and at most {MOST:g}, got {value!r}"

    @classmethod
    def of(cls, params: dict[str, Any]) -> Classifier:
        """Return the classifier with parameters that have no problem each by itself; raises `ValueError` if they
        cannot be had together.
        """
        return cls(**params)

    @abc.abstractmethod
    def fit(
        self, features: sp.csr_matrix, y: NDArray[np.int8], weight: NDArray[np.float64], *, seed: int
    ) -> tuple[NDArray[np.float64], float]:
        """Fit one category.

        Parameters
        ----------
        features : csr matrix, shape (n_posts, n_features)
        y : ndarray of int8, shape (n_posts,)
            1 or 0; both occur.
        weight : ndarray of float64, shape (n_posts,)
            Weight of each post, positive.
        seed
            Seed of all randomness in the fit.

        Returns
        -------
        weights : ndarray of float64, shape (n_features,)
        intercept : float
            The decision is ``features @ weights + intercept``; larger means more probable.
        """

    def fit_parts(
        self,
        features: sp.csr_matrix,
        y: NDArray[np.int8],
        weight: NDArray[np.float64],
        *,
        seed: int,
        gap: float | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fit once for each column of `weight`.

        Parameters
        ----------
        features, seed
            As for `fit`.
        y : ndarray of int8, shape (n_posts,) or (n_posts, n_fits)
            1 or 0, of one category, or of a category for each fit.
        weight : ndarray of float64, shape (n_posts, n_fits)
            Weight of each post in each fit; 0 if the post is not part of it. A fit without posts is all zeros.
        gap
            Tolerance, for classifiers that can stop early: see `koudai.model.fitting.dual.solve`.

        Returns
        -------
        weights : ndarray of float64, shape (n_features, n_fits)
        intercepts : ndarray of float64, shape (n_fits,)
        """
        weights, intercepts = np.zeros((features.shape[1], weight.shape[1])), np.zeros(weight.shape[1])
        for k in range(weight.shape[1]):
            rows = np.flatnonzero(weight[:, k])
            if len(rows):
                of_fit = y[rows] if y.ndim == 1 else y[rows, k]
                weights[:, k], intercepts[k] = self.fit(features[rows], of_fit, weight[rows, k], seed=seed)
        return weights, intercepts


CLASSIFIERS: Registry[type[Classifier]] = Registry("classifier", package="koudai.model.fitting.classifiers")
classifier = CLASSIFIERS.register
MOST = 1e9
"""Largest value of a parameter; beyond it the solvers no longer converge."""


def make_classifier(name: str, params: dict[str, Any]) -> Classifier:
    """Return the classifier called `name` with `params` over its defaults.

    Raises
    ------
    ConfigError
        If the name or a parameter is unknown, or a value is not one that the estimator takes; lists every problem.

    Examples
    --------
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> make_classifier("DualLinearSVC", {"C": 2.0})
    LinearSvc(C=2.0, class_weight=None, tol=None)
    """
    try:
        kind = CLASSIFIERS[name]
    except UsageError as error:
        raise ConfigError(error.what, where="model.classifier", expected=error.expected, todo=error.todo) from None
    known, wrong = kind.parameters(), []
    for key, value in params.items():
        if key not in known:
            near = did_you_mean(key, list(known)) or "none is near"
            wrong.append(f"{key}: {'the run sets it' if key in SET else f'{name} has no such parameter; {near}'}")
        elif problem := kind.problem(key, value):
            wrong.append(f"{key}: {problem}")
    try:
        if not wrong:
            return kind.of(params)
    except ValueError as error:
        wrong = [str(error)]
    raise ConfigError(
        what=f"{number_of(len(wrong), 'problem')} with the parameters of {name}",
        where="model.params",
        expected=", ".join(f"{key} (default {default})" for key, default in known.items()),
        got="\n".join(wrong),
    )


SET = ("random_state", "n_jobs", "verbose", "warm_start")
"""Parameters of estimators that are no parameters of a config: the seed is the run's, as `run.seed`."""
