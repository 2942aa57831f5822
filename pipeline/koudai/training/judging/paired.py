"""Differences between two models on the same labelled posts: each post is in both figures, so that what they share
cancels out.

Promises: the interval is that of the difference, not of two figures; it is never zero wide; there is none where the
models differ on fewer than `FEWEST_DIFFERENT` of the posts that a figure rests on, or where fewer than `FEWEST` posts
are in the category or out of it. How often the intervals hold the truth: `python -m tests.benchmarks.coverage`.

Sources: Agresti & Min 2005, "Simple improved confidence intervals for comparing matched proportions"; DeLong, DeLong &
Clarke-Pearson 1988 (two AUCs on the same posts).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from koudai.training.intervals import Z95
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR_OF_TESTS, RANKED, Linear
from koudai.training.judging.measured import FEWEST, enough
from koudai.training.judging.strata import Floats

FEWEST_DIFFERENT = 6
_MORE = 0.25
"""Posts that are added to each of the eight cells of label by tag by tag."""
_DOUBT = 2.0


class PairedDifference(NamedTuple):
    """A difference with its interval and its standard error; None where undefined.

    Examples
    --------
    >>> PairedDifference(0.1, 0.02, 0.18, 0.04, 200).z
    2.5
    """

    value: float | None
    low: float | None
    high: float | None
    error: float | None
    n: int

    @property
    def z(self) -> float | None:
        """The difference in standard errors."""
        return self.value / self.error if self.value is not None and self.error else None


def paired_difference(here: JudgedPosts, there: JudgedPosts, name: str) -> PairedDifference:
    """Return a figure of `here` less that of `there`.

    Parameters
    ----------
    here, there
        The same posts with the same labels, weights and clusters, as two models see them.
    name
        Of `koudai.training.judging.linear.LINEAR_OF_TESTS`.

    Examples
    --------
    >>> y = np.repeat([1.0, 0.0], 50)
    >>> rows = np.arange(100)
    >>> one, other = (JudgedPosts(y, np.full(100, 0.5), rows < to, rows, rows) for to in (48, 30))
    >>> found = paired_difference(one, other, "recall")
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.36, 0.22, 0.49)
    """
    figures = [LINEAR_OF_TESTS[name](one) for one in (here, there)]
    if figures[0] is None or figures[1] is None:
        return PairedDifference(None, None, None, None, len(here))
    value = figures[0].value - figures[1].value
    ins, outs = enough(here)
    influence = figures[0].influence - figures[1].influence
    if min(ins, outs) < FEWEST:
        return PairedDifference(value, None, None, None, len(here))
    if name in RANKED:
        from scipy.special import stdtrit

        error = math.sqrt(here.variance(influence))
        if not error:
            return PairedDifference(value, None, None, None, len(here))
        half = float(stdtrit(max(min(ins, outs) - 1, 1.0), 0.975)) * error
        return PairedDifference(value, max(-1.0, value - half), min(1.0, value + half), error, len(here))
    different = (here.tagged != there.tagged) & ((here.y > 0) | (name != "recall"))
    if here.worth(here.weight * different) < FEWEST_DIFFERENT:
        return PairedDifference(value, None, None, None, len(here))
    return _of_tags(here, there, name, value, influence)


def _of_tags(here: JudgedPosts, there: JudgedPosts, name: str, value: float, influence: Floats) -> PairedDifference:
    """Return the difference of figures of tags, with a quarter of a post more in each cell of label, tag and tag."""
    n = len(here)
    both = 2 * here.tagged + there.tagged
    shares = (
        np.bincount(both, here.weight * here.y, minlength=4),
        np.bincount(both, here.weight * (1 - here.y), minlength=4),
    )
    weight = ((n * np.concatenate(shares) + _MORE) / (n + 8 * _MORE)).astype(np.float64)
    y, cells = np.repeat([1.0, 0.0], 4), np.tile(np.arange(4), 2)
    figures: list[Linear] = []
    for tagged in (cells >= 2, cells % 2 == 1):
        found = LINEAR_OF_TESTS[name](JudgedPosts(y, y, tagged, cells, np.arange(8), weights=weight))
        assert found is not None
        figures.append(found)
    off = figures[0].influence - figures[1].influence
    plain = float(here.weight @ (influence * influence)) / n
    different = float(np.count_nonzero(here.tagged != there.tagged))
    seen = here.variance(influence) / plain if plain > 0 else 1.0
    effect = (different * seen + _DOUBT) / (different + _DOUBT)
    error = math.sqrt(effect * float(weight @ (off * off)) / (n + 8 * _MORE))
    centre = figures[0].value - figures[1].value
    low, high = max(-1.0, centre - Z95 * error), min(1.0, centre + Z95 * error)
    return PairedDifference(value, min(low, value), max(high, value), error, n)
