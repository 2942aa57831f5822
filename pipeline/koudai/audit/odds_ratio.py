"""Odds ratios: by how much the odds of an outcome are larger with a tag, all else that is given being equal.

Promises: a logistic regression by maximum likelihood; intervals from a sandwich variance over clusters; levels of a
covariate within which the outcome does not vary are left out, as they say nothing of the tag; without posts of both
outcomes with and without the tag there is no value. An odds ratio is an association and no cause.

Source: Liang & Zeger 1986, "Longitudinal data analysis using generalized linear models" (the sandwich); Cameron &
Miller 2015, "A practitioner's guide to cluster-robust inference".
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

FEWEST = 20
"""Levels of a covariate with fewer posts are taken together."""
_STEPS = 30
_NEAR = 1e-8


class OddsRatio(NamedTuple):
    """An odds ratio with its 95 % interval and the posts it rests on; None where undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def odds_ratio(
    outcome: NDArray[np.bool_],
    tag: NDArray[np.bool_],
    *,
    clusters: NDArray[np.int64],
    levels: tuple[NDArray[np.int64], ...] = (),
    numbers: tuple[NDArray[np.float64], ...] = (),
) -> OddsRatio:
    """Return the odds ratio of an outcome with against without a tag.

    Parameters
    ----------
    outcome, tag : ndarray of bool, shape (n_posts,)
    clusters : ndarray of int64, shape (n_posts,)
        Equal numbers are one cluster.
    levels : tuple of ndarray of int64, shape (n_posts,)
        Covariates that name something, such as months; each level has its own intercept.
    numbers : tuple of ndarray of float64, shape (n_posts,)
        Covariates that count something.

    Examples
    --------
    >>> tag, outcome = np.arange(400) < 200, np.arange(400) % 4 == 0
    >>> outcome[:50] = True
    >>> found = odds_ratio(outcome, tag, clusters=np.arange(400))
    >>> round(found.value, 3), found.n, found.low < 2.31 < found.high
    (2.31, 400, True)
    """
    rows = np.arange(len(outcome))
    pooled = [_pooled(one) for one in levels]
    while True:  # leaving out rows of one covariate may leave a level of another without variation
        varied = np.ones(len(rows), dtype=bool)
        for one in pooled:
            varied &= _varies(one[rows], outcome[rows])
        if varied.all():
            break
        rows = rows[varied]
    y, x, n = outcome[rows].astype(np.float64), tag[rows], len(rows)
    if not n or len(np.unique(2 * x + y)) < 4:
        return OddsRatio(None, None, None, n)
    dense = np.stack([np.ones(n), x.astype(np.float64), *((one[rows] - one[rows].mean()) for one in numbers)], axis=1)
    design = sp.hstack([sp.csr_matrix(dense), *(_dummies(one[rows]) for one in pooled)], format="csr")
    beta = _fitted(design, y)
    if beta is None:
        return OddsRatio(None, None, None, n)
    p = _expit(design @ beta)
    inverse = np.linalg.pinv(_information(design, p), hermitian=True)
    place = np.unique(clusters[rows], return_inverse=True)[1]
    m = int(place.max()) + 1
    if m < 2:
        return OddsRatio(math.exp(beta[1]), None, None, n)
    own = (design @ inverse[:, 1]) * (y - p)
    spread = math.sqrt(m / (m - 1) * float((np.bincount(place, weights=own) ** 2).sum()))
    half = _quantile(m) * spread
    return OddsRatio(math.exp(beta[1]), math.exp(beta[1] - half), math.exp(beta[1] + half), n)


def _pooled(level: NDArray[np.int64]) -> NDArray[np.int64]:
    _, place, counts = np.unique(level, return_inverse=True, return_counts=True)
    return np.where(counts[place] >= FEWEST, place, -1)


def _varies(level: NDArray[np.int64], outcome: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, place = np.unique(level, return_inverse=True)
    hits = np.bincount(place, weights=outcome)
    return np.asarray(((hits > 0) & (hits < np.bincount(place)))[place])


def _dummies(level: NDArray[np.int64]) -> sp.csr_matrix:
    """Return a column for each level but the first."""
    names, place = np.unique(level, return_inverse=True)
    rows = np.flatnonzero(place)
    return sp.csr_matrix((np.ones(len(rows)), (rows, place[rows] - 1)), shape=(len(level), len(names) - 1))


def _information(design: sp.csr_matrix, p: NDArray[np.float64]) -> NDArray[np.float64]:
    weighted = design.copy()
    weighted.data = design.data * np.repeat(p * (1.0 - p), np.diff(design.indptr))
    return np.asarray((design.T @ weighted).toarray())


def _fitted(design: sp.csr_matrix, y: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the coefficients by Newton's method; None if they do not settle, as where a covariate decides."""
    beta = np.zeros(design.shape[1])
    beta[0] = math.log(y.mean() / (1.0 - y.mean()))
    for _ in range(_STEPS):
        p = _expit(design @ beta)
        step = np.linalg.lstsq(_information(design, p), design.T @ (y - p), rcond=None)[0]
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _NEAR:
            return np.asarray(beta)
    return None


def _expit(t: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit

    return np.asarray(expit(t))


def _quantile(clusters: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(clusters - 1, 0.975))
