"""An audit frame: the figures of one measure, each with its n and its interval.

Promises: no bare numbers: every row has n, and a value that rests on nothing (n = 0) is missing, never 0 or 1; rows
keep taxonomy order; JSON in, JSON out. Knows nothing of how figures are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

COLUMNS = ("category", "group", "statistic", "value", "n", "low", "high", "interval")
ALL = "*"
"""The `category` of a figure about all categories together, and the `group` of one about all posts."""
Z95 = 1.959963984540054
"""The quantile of the standard normal distribution that a two-sided 95 % interval needs."""
IntervalKind = Literal["wilson", "bootstrap over posts", "bootstrap over groups", "design-based", "paired", "by chance"]
"""Kinds of 95 % interval. ``wilson``: of a share of independent posts. ``bootstrap over posts``: percentiles over
samples of posts, cases or pairs, drawn with replacement; ``over groups``: of whole near-duplicate groups.
``design-based``: the score test inverted, under the sampling design. ``paired``: of a difference of two shares of the
same posts. ``by chance``: no confidence interval, but the range of the figure when chance alone decides.
"""


@dataclass(frozen=True)
class Figure:
    """One figure.

    Parameters
    ----------
    category
        A key of the taxonomy, or `ALL`.
    group
        What part of the posts, or which term, theme, bin, function or other category; `ALL` for all posts.
    statistic
        What is counted, in the field's own term.
    value
        None where it is not defined.
    n
        Posts (cases, pairs) it rests on.
    low, high
        Ends of the 95 % interval, None where there is none.
    interval
        Its kind; None where there is none, or where it is not said yet: then it is the one that the measure declares.
    """

    category: str
    group: str
    statistic: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    interval: IntervalKind | None = None

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None:
                object.__setattr__(self, name, float(number) if math.isfinite(number) and self.n > 0 else None)
        object.__setattr__(self, "n", int(self.n))
        if self.low is None and self.high is None:
            object.__setattr__(self, "interval", None)


@dataclass(frozen=True)
class AuditFrame:
    """The figures of one measure, in the order they are read."""

    measure: str
    figures: tuple[Figure, ...]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one plain dict per figure, with the keys `COLUMNS`."""
        return [{name: getattr(figure, name) for name in COLUMNS} for figure in self.figures]

    @staticmethod
    def from_rows(measure: str, rows: list[dict[str, Any]]) -> AuditFrame:
        """Return the frame that `to_rows` was called on."""
        return AuditFrame(measure, tuple(Figure(**row) for row in rows))

    def to_pandas(self) -> Any:
        """Return the figures as a `pandas.DataFrame` with the columns `COLUMNS`."""
        import pandas as pd

        return pd.DataFrame(self.to_rows(), columns=list(COLUMNS))


def wilson(hits: int, n: int) -> tuple[float | None, float | None, float | None]:
    """Return a share and its 95 % interval: ``(hits/n, low, high)``, all None where n = 0.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if n == 0:
        return None, None, None
    z, share = Z95, hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def share(category: str, group: str, statistic: str, hits: int, n: int) -> Figure:
    """Return the figure of a share with its Wilson interval."""
    value, low, high = wilson(int(hits), int(n))
    return Figure(category, group, statistic, value, int(n), low, high, "wilson")
