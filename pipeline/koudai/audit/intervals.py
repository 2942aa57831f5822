"""Kinds of 95 % interval that a figure can have, and Wilson's, which a share of independent posts gets.

Promises: the ends lie in [0, 1] and around the share; a share of nothing has neither value nor interval. Intervals of
stratified samples are made in `sample/stratified_interval.py`, those of resampled posts where they are resampled.
"""

from __future__ import annotations

import math
from typing import Literal

Z95 = 1.959963984540054
"""The quantile of the standard normal distribution that a two-sided 95 % interval needs."""
IntervalKind = Literal["wilson", "bootstrap over posts", "bootstrap over groups", "design-based", "paired", "by chance"]
"""Kinds of 95 % interval. ``wilson``: of a share of independent posts. ``bootstrap over posts``: percentiles over
samples of posts, cases or pairs, drawn with replacement; ``over groups``: of whole near-duplicate groups.
``design-based``: the score test inverted, under the sampling design. ``paired``: of a difference of two shares of the
same posts. ``by chance``: no confidence interval, but the range of the figure when chance alone decides.
"""


def wilson(hits: int, n: int) -> tuple[float | None, float | None, float | None]:
    """Return a share and its 95 % interval: ``(hits/n, low, high)``, all None where n = 0.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Examples
    --------
    >>> [round(one, 3) for one in wilson(3, 12)]
    [0.25, 0.089, 0.532]
    >>> wilson(0, 0)
    (None, None, None)
    """
    if n == 0:
        return None, None, None
    z, share = Z95, hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))
