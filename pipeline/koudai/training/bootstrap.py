"""The bootstrap: number of samples, drawing of groups, and percentile intervals.

Promises: whole groups of near-duplicates are drawn, so that repeats do not make intervals too narrow; a sample depends
only on the generator. Does not compute the statistic of a sample.

Source: Davison & Hinkley 1997, sections 3.8 (resampling of clusters) and 5.3 (percentile interval).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 500
"""Bootstrap samples for the interval of a main figure."""
FEWER_RESAMPLES = 200
"""Bootstrap samples where there are many figures, such as those of slices, or a sample is expensive."""
_FEWEST = 20


def draw_groups(generator: np.random.Generator, groups: int) -> NDArray[np.int64]:
    """Return the groups of one sample, drawn with replacement, shape (n_groups,).

    Examples
    --------
    >>> draw_groups(np.random.default_rng(1), 3).tolist()
    [1, 1, 2]
    """
    return generator.integers(0, groups, groups)


def count_groups(generator: np.random.Generator, groups: int) -> NDArray[np.int64]:
    """Return how often each group is drawn in one sample, shape (n_groups,).

    Examples
    --------
    >>> count_groups(np.random.default_rng(1), 3).tolist()
    [0, 2, 1]
    """
    return np.bincount(draw_groups(generator, groups), minlength=groups)


def percentile_interval(samples: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % quantiles of bootstrap values; (None, None) if fewer than 20 of them are defined.

    Examples
    --------
    >>> percentile_interval(np.arange(201.0))
    (5.0, 195.0)
    >>> percentile_interval(np.array([np.nan] * 30))
    (None, None)
    """
    defined = samples[np.isfinite(samples)]
    if len(defined) < _FEWEST:
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)
