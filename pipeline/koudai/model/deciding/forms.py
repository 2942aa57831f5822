"""Forms: several linear forms of each category whose probabilities are averaged, or forms that share out one post.

Promises: what a calibration over folds or a softmax of scikit-learn's gives, a model brought in with them gives too.
koudai's own models have one form per category, and none of this.

Source: `sklearn.calibration.CalibratedClassifierCV` (an ensemble averages the probabilities of its folds),
`sklearn.linear_model.LogisticRegression` (of several classes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ScoringError
from koudai.model.deciding.calibration import sigmoid

LINKS = ("sigmoid", "share", "softmax")
"""How a fold makes probabilities of its decisions: each by itself, each by itself and divided by their sum, or
``exp(d)`` divided by their sum."""


@dataclass(frozen=True)
class Forms:
    """The forms of a model's categories: those of the first fold, then those of the second, and so on.

    Parameters
    ----------
    link
        One of `LINKS`.
    intercept, slope, offset : ndarray of float64, shape (n_folds * n_categories,)
        What is linked is ``slope * (x @ weights + intercept) + offset``.
    weights : ndarray of float32, shape (n_features, n_folds * n_categories), or None
        None of one fold: the model's own weights.

    Raises
    ------
    ScoringError
        If the link is none, or shapes and numbers are not those of forms.

    Examples
    --------
    >>> two = np.zeros(2)
    >>> Forms("softmax", two, two + 1, two).proba(np.array([[0.0, np.log(3.0)]]), 2).round(3).tolist()
    [[0.25, 0.75]]
    """

    link: str
    intercept: NDArray[np.float64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    weights: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.link not in LINKS:
            raise ScoringError(what="unknown link of forms", expected=", ".join(LINKS), got=self.link)
        numbers = (self.intercept, self.slope, self.offset)
        alike = all(one.shape == (len(self.slope),) for one in numbers)
        if not alike or not all(np.isfinite(one).all() for one in numbers):
            raise ScoringError(what="forms are not as many finite intercepts, slopes and offsets")
        if self.weights is not None and not np.isfinite(self.weights).all():
            raise ScoringError(what="weights of forms hold something that is not a finite number")

    def check(self, n_features: int, n_categories: int) -> None:
        """Raise `ScoringError` if these are not forms of as many features and categories."""
        n = len(self.slope)
        one = self.weights is None and n == n_categories
        many = self.weights is not None and n and n % n_categories == 0 and self.weights.shape == (n_features, n)
        if not (one or many):
            raise ScoringError(
                what="forms have another shape than the model",
                expected=f"{n_features} features, a multiple of {n_categories} forms",
                got=f"{n} forms, weights of shape {None if self.weights is None else self.weights.shape}",
            )

    def proba(self, decision: NDArray[np.float64], n_categories: int) -> NDArray[np.float64]:
        """Return the probabilities, shape (n_posts, n_categories), of decisions, one column per form."""
        linked = (self.slope * decision + self.offset).reshape(len(decision), -1, n_categories)
        linked = np.exp(linked - linked.max(axis=2, keepdims=True)) if self.link == "softmax" else sigmoid(linked)
        if self.link != "sigmoid":
            total = linked.sum(axis=2, keepdims=True)
            linked = np.divide(linked, total, out=np.full_like(linked, 1.0 / n_categories), where=total > 0)
        proba: NDArray[np.float64] = linked.mean(axis=1)
        return proba
