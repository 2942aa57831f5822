"""Linear support vector machine (squared hinge loss) and logistic regression, both with an l2 penalty.

Both are fitted by dual coordinate descent and differ only in the loss.

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
    C: float
    balanced: bool
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
        costs = self.C * (balance(y, weight) if self.balanced else weight)
        return solve(features, y, costs, logistic=self.logistic, seed=seed, gap=gap)


@classifier("linear_svc")
@dataclass(frozen=True)
class LinearSvc(_Penalised):
    """Linear support vector machine with squared hinge loss.

    `C` is the inverse strength of the penalty; `balanced` weighs both classes alike, however rare one is.

    Examples
    --------
    >>> LinearSvc(C=0.25)
    LinearSvc(C=0.25, balanced=False)
    """

    C: float = 0.5
    balanced: bool = False
    logistic: ClassVar[bool] = False


@classifier("logistic")
@dataclass(frozen=True)
class Logistic(_Penalised):
    """Logistic regression with an l2 penalty.

    `C` is the inverse strength of the penalty; `balanced` weighs both classes alike, however rare one is.

    Examples
    --------
    >>> Logistic(C=10.0)
    Logistic(C=10.0, balanced=False)
    """

    C: float = 20.0
    balanced: bool = False
    logistic: ClassVar[bool] = True
