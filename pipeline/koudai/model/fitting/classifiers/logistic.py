"""Logistic regression with an l2 penalty, by dual coordinate descent.

Source: Yu, Huang & Lin 2011, "Dual coordinate descent methods for logistic regression and maximum entropy models".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.fitting.classifiers import classifier
from koudai.model.fitting.dual import balance, solve


@classifier("logistic")
@dataclass(frozen=True)
class Logistic:
    """`C` is the inverse strength of the penalty; `balanced` weighs both classes alike, however rare one is."""

    C: float = 20.0
    balanced: bool = False
    inner_products: ClassVar[bool] = True

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
        """Fit one category several times; see `koudai.model.fitting.classifiers.fit_parts`."""
        costs = self.C * (balance(y, weight) if self.balanced else weight)
        return solve(features, y, costs, logistic=True, seed=seed, gap=gap)
