"""NB-SVM: a linear support vector machine over features scaled by their naive-Bayes log-count ratio.

The scale is folded back into the weights, so what is kept is the same one linear form.

Source: Wang & Manning 2012, "Baselines and bigrams: simple, good sentiment and topic classification" (without their
interpolation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.fitting.classifiers import Classifier, classifier
from koudai.model.fitting.dual import balance, solve


@classifier("NBSVM")
@dataclass(frozen=True)
class NbSvm(Classifier):
    """A linear support vector machine over features scaled by their naive-Bayes log-count ratio.

    `C` is the inverse strength of the penalty; `alpha` the count added to every term in the ratio; `class_weight`
    and `tol` are as of `koudai.model.fitting.classifiers.linear.LinearSvc`.

    Examples
    --------
    >>> NbSvm(C=0.25)
    NbSvm(C=0.25, alpha=1.0, class_weight=None, tol=None)
    """

    C: float = 1.0
    alpha: float = 1.0
    class_weight: str | None = None
    tol: float | None = None
    takes_negative: ClassVar[bool] = False

    def fit(
        self,
        features: sp.csr_matrix,
        y: NDArray[np.int8],
        weight: NDArray[np.float64],
        *,
        seed: int,
        gap: float | None = None,
    ) -> tuple[NDArray[np.float64], float]:
        """Fit one category; see `Classifier.fit`, and `koudai.model.fitting.dual.solve` for `gap`."""

        def shares(of: NDArray[np.bool_]) -> NDArray[np.float64]:
            counts = self.alpha + features[of].T @ weight[of]
            return np.asarray(counts / counts.sum())

        ratio = np.log(shares(y == 1) / shares(y == 0))
        scaled = features.multiply(ratio).tocsr()
        costs = self.C * (balance(y, weight[:, None]) if self.class_weight else weight[:, None])
        weights, intercepts = solve(scaled, y, costs, logistic=False, seed=seed, gap=self.tol or gap)
        return weights[:, 0] * ratio, float(intercepts[0])
