"""Assignment of groups to stratified folds: compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from koudai.text.compiled.jit import allocating, compiled

_NEAR, _NEARLY = 1e-8, 1e-5
u = np.uint64


@compiled
def unevenness(shares: Any) -> Any:
    """Return the standard deviation over folds of a class's share, averaged over classes."""
    folds = len(shares)
    total = 0.0
    for label in range(2):
        mean = 0.0
        for fold in range(folds):
            mean += shares[u(fold), u(label)]
        mean /= folds
        spread = 0.0
        for fold in range(folds):
            spread += (shares[u(fold), u(label)] - mean) * (shares[u(fold), u(label)] - mean)
        total += math.sqrt(spread / folds)
    return total / 2.0


@allocating
def deal(groups: Any, totals: Any, folds: Any, chosen: Any) -> None:
    """Assign each group in turn to the fold that gives the smallest unevenness; of near ties the smallest fold.

    `groups` and `totals` are the numbers of posts with label 0 and 1, per group and in all.
    """
    held, shares = np.zeros((folds, 2)), np.zeros((folds, 2))
    for group in range(len(chosen)):
        best, least, fewest = 0, np.inf, np.inf
        for fold in range(folds):
            for label in range(2):
                shares[u(fold), u(label)] = (held[u(fold), u(label)] + groups[u(group), u(label)]) / totals[u(label)]
            value = unevenness(shares)
            for label in range(2):
                shares[u(fold), u(label)] = held[u(fold), u(label)] / totals[u(label)]
            full = held[u(fold), u(0)] + held[u(fold), u(1)]
            if value < least or (abs(value - least) <= _NEAR + _NEARLY * least and full < fewest):
                best, least, fewest = fold, value, full
        chosen[u(group)] = best
        for label in range(2):
            held[u(best), u(label)] += groups[u(group), u(label)]
            shares[u(best), u(label)] = held[u(best), u(label)] / totals[u(label)]
