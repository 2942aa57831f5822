"""Complement naive Bayes: each class judged by how unlike the other class its terms are; robust when one class is rare.

Source: Rennie et al. 2003, "Tackling the poor assumptions of naive Bayes text classifiers".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.fitting.classifiers import Classifier, classifier


@classifier("complement_nb")
@dataclass(frozen=True)
class ComplementNb(Classifier):
    """`alpha` is the count added to every term; `norm` divides the weights of each class by their sum.

    Examples
    --------
    >>> ComplementNb(alpha=0.5)
    ComplementNb(alpha=0.5, norm=False)
    """

    alpha: float = 0.3
    norm: bool = False
    takes_negative: ClassVar[bool] = False

    def fit(
        self, features: sp.csr_matrix, y: NDArray[np.int8], weight: NDArray[np.float64], *, seed: int
    ) -> tuple[NDArray[np.float64], float]:
        """Fit one category; see `Classifier.fit`. Nothing in it is random."""
        from sklearn.naive_bayes import ComplementNB

        model = ComplementNB(alpha=self.alpha, norm=self.norm).fit(features, y, sample_weight=weight)
        return model.feature_log_prob_[1] - model.feature_log_prob_[0], 0.0
