"""Linear support vector machine with squared hinge loss, by liblinear.

Source: Fan et al. 2008, "LIBLINEAR: a library for large linear classification".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from pipeline.model.classifiers import classifier


@classifier("linear_svc")
@dataclass(frozen=True)
class LinearSvc:
    """`C` is the inverse strength of the penalty; `balanced` weighs both classes alike, however rare one is."""

    C: float = 0.5
    balanced: bool = False

    def fit(
        self, features: sp.csr_matrix, y: NDArray[np.int8], weight: NDArray[np.float64], *, seed: int
    ) -> tuple[NDArray[np.float64], float]:
        """Fit one category; see `Classifier.fit`."""
        from sklearn.svm import LinearSVC

        model = LinearSVC(
            C=self.C, class_weight="balanced" if self.balanced else None, random_state=seed, max_iter=10_000
        ).fit(features, y, sample_weight=weight)
        return model.coef_[0], float(model.intercept_[0])
