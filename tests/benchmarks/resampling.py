"""Samples of whole groups, drawn with replacement: what one would take for an interval without a thought.

Promises: a sample depends on its number alone. koudai itself needs none: its figures have intervals in closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from koudai.training.bootstrap import percentile_interval
from koudai.training.evaluate import reweighted

Values = NDArray[np.float64]


def percentiles(
    of: Callable[[Values], Values],
    y: NDArray[np.int8],
    p: Values,
    groups: NDArray[np.int64],
    *,
    threshold: float = 0.5,
    resamples: int = 200,
) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % quantiles of a metric over samples of groups."""
    times = drawn(len(np.unique(groups)), resamples)
    return percentile_interval(of(reweighted(y, p, threshold=threshold, groups=groups, weights=times)))


@lru_cache(maxsize=4)
def drawn(n: int, resamples: int) -> Values:
    """Return how often each of `n` groups is in each sample, shape (resamples, n)."""
    groups = [np.random.default_rng((1, sample)).integers(0, n, n) for sample in range(resamples)]
    return np.stack([np.bincount(one, minlength=n) for one in groups]).astype(np.float64)
