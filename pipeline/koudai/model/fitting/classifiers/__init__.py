"""Classifiers: ways to fit a linear decision function. A new one is a new file here; nothing else changes.

A file registers a subclass of `Classifier`, a frozen dataclass, under the name that configs use. Its fields are the
parameters, with defaults; its `fit` returns the weights and the intercept of a linear decision function for one
category. What is fitted is plain numbers: nothing of a classifier is kept in a bundle.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.errors import ConfigError, UsageError
from koudai.registry import Registry, did_you_mean


class Classifier(abc.ABC):
    """One way to fit a linear decision function: a frozen dataclass, whose fields are the parameters.

    Attributes
    ----------
    takes_negative : bool
        Whether features may be below 0.
    inner_products_alone : bool
        Whether the fit depends on the features only through their inner products, so that equal columns may be merged
        (`koudai.model.fitting.equal_columns`).

    Examples
    --------
    >>> make_classifier("nb_svm", {}).takes_negative
    False
    """

    takes_negative: ClassVar[bool] = True
    inner_products_alone: ClassVar[bool] = False

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


CLASSIFIERS: Registry[Callable[..., Classifier]] = Registry("classifier", package="koudai.model.fitting.classifiers")
classifier = CLASSIFIERS.register
MOST = 1e9
"""Largest value of a parameter; beyond it the solvers no longer converge."""


def make_classifier(name: str, params: dict[str, Any]) -> Classifier:
    """Return the classifier called `name` with `params` over its defaults.

    Raises
    ------
    ConfigError
        If the name or a parameter is unknown, or a parameter is of another type or not positive; lists every problem.

    Examples
    --------
    >>> from koudai.model.fitting.classifiers import make_classifier
    >>> make_classifier("linear_svc", {"C": 2.0})
    LinearSvc(C=2.0, balanced=False)
    """
    try:
        factory = CLASSIFIERS[name]
    except UsageError as error:
        raise ConfigError(error.what, where="model.classifier", expected=error.expected, todo=error.todo) from None
    known = {item.name: item for item in dataclasses.fields(factory)}  # type: ignore[arg-type]
    wrong = []
    for key, value in params.items():
        if key not in known:
            wrong.append(f"{key}: {name} has no such parameter; {did_you_mean(key, list(known)) or 'none is near'}")
            continue
        default = known[key].default
        number = isinstance(default, int | float) and not isinstance(default, bool)
        if number and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST):
            wrong.append(f"{key}: expected a number above 0 and at most {MOST:g}, got {value!r}")
        elif not number and type(value) is not type(default):
            wrong.append(f"{key}: expected {type(default).__name__}, got {value!r}")
    if wrong:
        raise ConfigError(
            what=f"{len(wrong)} problem(s) with the parameters of {name}",
            where="model.params",
            expected=", ".join(f"{key} (default {item.default})" for key, item in known.items()),
            got="\n".join(wrong),
        )
    return factory(**params)
