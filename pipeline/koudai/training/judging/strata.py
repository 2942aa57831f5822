"""How many posts each stratum of a sample holds, and how many of them carry a label.

Promises: what strata weigh, what their variance counts for, and how far an interval of them reaches. Which post is of
which stratum is said in `koudai.audit.sample`.

Source: Cochran 1977, "Sampling Techniques", chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strata:
    """How many posts each stratum holds, and how many of them carry a label.

    Parameters
    ----------
    size, labelled : ndarray of float64, shape (n_strata,)
        No stratum is without posts or without labels.

    Examples
    --------
    >>> strata = Strata(np.array([900.0, 100.0]), np.array([20.0, 10.0]))
    >>> strata.share.tolist()
    [0.9, 0.1]
    """

    size: Floats
    labelled: Floats

    @property
    def share(self) -> Floats:
        """Share of all posts in each stratum."""
        return np.asarray(self.size / self.size.sum())

    @property
    def factor(self) -> Floats:
        """What a stratum's variance per post counts for in that of the estimate, W²(1 − n/N)/n."""
        return self.share**2 * (1 - self.labelled / self.size) / self.labelled

    @property
    def reach(self) -> float:
        """Standard deviations to either side of an estimate: Student's t, strata that are labelled whole left out."""
        from scipy.special import stdtrit

        return float(stdtrit(max((self.labelled - 1)[self.open].sum(), 1.0), 0.975))

    @property
    def open(self) -> NDArray[np.bool_]:
        """Strata of which not every post is labelled."""
        return self.labelled < self.size
