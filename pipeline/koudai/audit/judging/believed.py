"""Whether probabilities can be believed of all scored posts, from a returned sample whose labels stand for 1/π posts.

Promises: every figure speaks of the posts that were sampled from; what was observed has an interval by the design, of
a bin the share among the bin's posts, whose number is known; probabilities are means over all posts, not only over the
labelled ones. Posts without a probability are left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import SAMPLE, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.judging.equation_interval import Asked, equation_interval, share_equation
from koudai.audit.judging.measured import measured
from koudai.audit.judging.sources import JudgedSource, sampled_source
from koudai.training.evaluate import BINS, bin_of


def believed(given: AuditInput, column: int) -> list[Figure]:
    """Return the calibration of a category on the sample: observed and predicted, of all posts and by bin, ECE, Brier.

    Parameters
    ----------
    given
        The audit's input.
    column
        Index of the category among those that have scores.
    """
    source = sampled_source(given, column)
    if source is None:
        return []
    key, p = given.categories[column], source.said.p
    known = np.isfinite(p) if source.among is None else np.isfinite(p) & source.among
    figures = _observed(key, SAMPLE, source, np.flatnonzero(known))
    posts, gaps = source.posts(source.said, known), 0.0
    if posts is not None:
        brier = measured(posts, "brier")
        figures.append(Figure(key, SAMPLE, "brier", brier.value, brier.n, brier.low, brier.high, brier.kind))
    place, whole = bin_of(np.nan_to_num(p, nan=0.0)), True
    for one in range(BINS):
        inside = np.flatnonzero(known & (place == one))
        if not len(inside):
            continue
        found = _observed(key, f"{SAMPLE}, {one / BINS:.1f}-{(one + 1) / BINS:.1f}", source, inside)
        figures += found
        whole &= found[0].value is not None
        gaps += abs((found[0].value or 0.0) - (found[1].value or 0.0)) * float(len(inside) / known.sum())
    figures.append(Figure(key, SAMPLE, "ece", gaps if whole else None, source.labels(known)))
    return figures


def _observed(key: str, group: str, source: JudgedSource, where: NDArray[np.intp]) -> list[Figure]:
    """Return the share of some posts that is in the category, by the sample, and the mean of their probabilities."""
    n, predicted = source.labels(where), float(source.said.p[where].mean()) if len(where) else None
    posts = source.posts(source.said, where)
    observed = Figure(key, group, "observed", None, n)
    if posts is not None and posts.cells is not None:
        cells = posts.cells
        rate = cells.rate(posts.y)
        value = float(rate @ cells.strata.share)
        ((low, high),) = equation_interval(
            cells.strata, rate, Asked(share_equation(np.ones(len(rate), dtype=bool)), value)
        )
        observed = Figure(key, group, "observed", value, n, low, high, "design-based")
    return [observed, Figure(key, group, "predicted", predicted, n)]
