"""koudai's solver: linear support vector machine (squared hinge loss) and logistic regression, with an l2 penalty.

Both are fitted by dual coordinate descent and differ only in the loss; they are the estimators
`koudai.DualLinearSVC` and `koudai.DualLogisticRegression`, but stop at the gap that the run asks for.

Source: Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear SVM"; Yu, Huang & Lin 2011, "Dual
coordinate descent methods for logistic regression and maximum entropy models".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.fitting.classifiers import Classifier, classifier
from koudai.model.fitting.dual import balance, solve


@dataclass(frozen=True)
class _Penalised(Classifier):
    C: float = 1.0
    class_weight: str | None = None
    tol: float | None = None
    inner_products_alone: ClassVar[bool] = True
    logistic: ClassVar[bool]

    def fit(
        self, features: sp.csr_matrix, y: NDArray[np.int8], weight: NDArray[np.float64], *, seed: int
    ) -> tuple[NDArray[np.float64], float]:
        """Fit one category; see `Classifier.fit`."""
        weights, intercepts = self.fit_parts(features, y, weight[:, None], seed=seed)
        return weights[:, 0].copy(), float(intercepts[0])

    def fit_parts(
        self,
        features: sp.csr_matrix,
        y: NDArray[np.int8],
        weight: NDArray[np.float64],
        *,
        seed: int,
        gap: float | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fit several times; see `Classifier.fit_parts`."""
        costs = self.C * (balance(y, weight) if self.class_weight else weight)
        return solve(features, y, costs, logistic=self.logistic, seed=seed, gap=self.tol or gap)


@classifier("DualLinearSVC")
@dataclass(frozen=True)
class LinearSvc(_Penalised):
    """Linear support vector machine with squared hinge loss.

    `C` is the inverse strength of the penalty; `class_weight` "balanced" weighs both classes alike;
    `tol` is the largest duality gap as a share of the loss, by default what the run asks for.

    Examples
    --------
    >>> LinearSvc(C=0.25)
    LinearSvc(C=0.25, class_weight=None, tol=None)
    """

    logistic: ClassVar[bool] = False


@classifier("DualLogisticRegression")
@dataclass(frozen=True)
class Logistic(_Penalised):
    """Logistic regression with an l2 penalty.

    `C` is the inverse strength of the penalty; `class_weight` "balanced" weighs both classes alike;
    `tol` is the largest duality gap as a share of the loss, by default what the run asks for.

    Examples
    --------
    >>> Logistic(C=10.0)
    Logistic(C=10.0, class_weight=None, tol=None)
    """

    logistic: ClassVar[bool] = True
