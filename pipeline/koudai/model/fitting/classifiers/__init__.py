"""Classifiers: ways to fit the one linear form. A new one is a new file here; nothing else changes.

A file registers a class under the name that configs use. Its fields are the parameters, with defaults; its `fit`
returns the weights and the intercept of a linear decision function for one category.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.errors import ConfigError, UsageError
from koudai.registry import Registry, did_you_mean


class Classifier(Protocol):
    """One way to fit a linear decision function."""

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
            Of whatever is random in the fit.

        Returns
        -------
        weights : ndarray of float64, shape (n_features,)
        intercept : float
            The decision is ``features @ weights + intercept``; larger means more probable.
        """
        ...


@runtime_checkable
class FitsParts(Protocol):
    """A classifier that fits several times at once, on parts of the same posts, in less time than one after another."""

    def fit_parts(
        self,
        features: sp.csr_matrix,
        y: NDArray[np.int8],
        weight: NDArray[np.float64],
        *,
        seed: int,
        gap: float | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fit one category several times; as the function `fit_parts`."""
        ...


CLASSIFIERS: Registry[Callable[..., Classifier]] = Registry("classifier", package="koudai.model.fitting.classifiers")
classifier = CLASSIFIERS.register
MOST = 1e9
"""Largest value of a parameter; beyond it the solvers no longer converge."""


def takes_negative(classifier: Classifier) -> bool:
    """Return whether a classifier takes features below 0; one that does not says ``non_negative = True``."""
    return not getattr(classifier, "non_negative", False)


def needs_inner_products_alone(classifier: Classifier) -> bool:
    """Return whether equal columns may be merged (`koudai.model.fitting.equal_columns`): a classifier that decides the
    same
    for all features of the same inner products says ``inner_products = True``.
    """
    return getattr(classifier, "inner_products", False)


def fit_parts(
    classifier: Classifier,
    features: sp.csr_matrix,
    y: NDArray[np.int8],
    weight: NDArray[np.float64],
    *,
    seed: int,
    gap: float | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit one category once for each column of `weight`.

    Parameters
    ----------
    classifier, features, y, seed
        As for `Classifier.fit`.
    weight : ndarray of float64, shape (n_posts, n_fits)
        Weight of each post in each fit; 0 if the post is not part of it. A fit without posts is all zeros.
    gap
        How near to the optimum will do, for a classifier that can stop early: `koudai.model.fitting.dual.solve`.

    Returns
    -------
    weights : ndarray of float64, shape (n_features, n_fits)
    intercepts : ndarray of float64, shape (n_fits,)
    """
    if isinstance(classifier, FitsParts):
        return classifier.fit_parts(features, y, weight, seed=seed, gap=gap)
    weights, intercepts = np.zeros((features.shape[1], weight.shape[1])), np.zeros(weight.shape[1])
    for k in range(weight.shape[1]):
        rows = np.flatnonzero(weight[:, k])
        if len(rows):
            weights[:, k], intercepts[k] = classifier.fit(features[rows], y[rows], weight[rows, k], seed=seed)
    return weights, intercepts


def make_classifier(name: str, params: dict[str, Any]) -> Classifier:
    """Return the classifier called `name` with `params` over its defaults.

    Raises
    ------
    ConfigError
        If the name or a parameter is unknown, or a parameter is of another type or not positive; lists every problem.
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
