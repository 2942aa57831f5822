"""Linear models by dual coordinate descent: several fits on subsets of the same posts at once.

Promises: the loss of a fit is within the relative tolerance `TIGHT_GAP` of the optimum, by its duality gap (for n below
`MANY` posts, the tolerance is multiplied by ``(n / MANY) ** 3``, at least 1e-9); the same seed gives the same numbers,
whatever the number of cores and the other fits. A fit that has not converged after `SWEEPS` passes over all posts, as
with a huge cost, stops there.

The form is liblinear's: ``w @ w / 2 + b * b / 2 + sum(cost * loss)``, the intercept b being the weight of one more
feature that is 1 in every post.

Source: as in `dual_kernels`; Fan et al. 2008, "LIBLINEAR: a library for large linear classification".
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.cores import cores
from koudai.text.compiled.kernels import kernels

if TYPE_CHECKING:
    from koudai.model.fitting.dual_kernels import Fit, FitPosts

TIGHT_GAP = 1e-3
"""Relative duality gap at which a fit that is kept or measured stops: its AUC is within .001 of the optimum's."""
LOOSE_GAP = 0.03
"""As `TIGHT_GAP`, for fits to one of many bootstrap samples: the remaining error is far smaller than the spread between
samples."""
MANY = 100_000
SWEEPS = 1000
_MEASURED = 0.4
"""Initial estimate of the true duality gap divided by the gap accumulated during an updating pass."""
_NOTHING = -1000.0
_WORTH_THREADS = 5_000_000
"""Numbers in the features from which on fits that one pass could take are shared among threads, which costs more in
all."""
_LINE = 8


def solve(
    features: sp.csr_matrix,
    y: NDArray[np.int8],
    costs: NDArray[np.float64],
    *,
    logistic: bool,
    seed: int,
    gap: float | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a linear decision function once for each column of `costs`.

    Parameters
    ----------
    features : csr matrix, shape (n_posts, n_features)
    y : ndarray of int8, shape (n_posts,) or (n_posts, n_fits)
        1 or 0, of each post, or of each post in each fit.
    costs : ndarray of float64, shape (n_posts, n_fits)
        Cost of each post's loss in each fit; 0 if the post is not part of it.
    logistic
        Logistic loss, ``ln(1 + exp(-m))`` of the margin m; else squared hinge loss, ``max(0, 1 - m)**2``.
    seed
        Seed of the order in which posts are visited.
    gap
        Tolerance: largest duality gap, relative to the loss; see above for the default.

    Returns
    -------
    weights : ndarray of float64, shape (n_features, n_fits)
    intercepts : ndarray of float64, shape (n_fits,)

    Examples
    --------
    >>> features, y = sp.csr_matrix(np.array([[1.0, 0.0], [0.0, 1.0]])), np.array([1, 0], np.int8)
    >>> weights, intercepts = solve(features, y, np.ones((2, 1)), logistic=False, seed=1)
    >>> weights.round(3).ravel().tolist(), abs(intercepts.round(3)).tolist()
    ([0.667, -0.667], [0.0])
    """
    lanes, fits = _kernels().LANES, costs.shape[1]
    features = features.tocsr()
    threads = cores() if features.nnz > _WORTH_THREADS else 1
    rows = np.flatnonzero(costs.any(axis=1))
    groups = np.array_split(np.arange(fits), max(-(-fits // lanes), min(fits, threads)))
    whole = _posts(features)

    def fitted(group: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        posts = _of_lanes(whole, y if y.ndim == 1 else y[:, group], costs[:, group])
        weights, intercepts = _solve(posts, rows, features.shape[1], logistic, seed, gap)
        return weights[:, : len(group)], intercepts[: len(group)]

    with ThreadPoolExecutor(cores()) as pool:
        parts = list(pool.map(fitted, groups))
    return np.concatenate([weights for weights, _ in parts], axis=1), np.concatenate([one for _, one in parts])


def balance(y: NDArray[np.int8], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rescale `weight`, shape (n_posts, n_fits), so that both classes have half of the total weight of each column; `y`
    is that of `solve`.

    Examples
    --------
    >>> balance(np.array([1, 0, 0, 0], np.int8), np.ones((4, 1)))[:, 0].round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    if y.ndim == 1:
        sums = np.stack([weight[y == label].sum(axis=0) for label in (0, 1)])
    else:
        sums = np.stack([np.where(y == label, weight, 0.0).sum(axis=0) for label in (0, 1)])
    factors = sums.sum(axis=0) / (2.0 * np.maximum(sums, np.finfo(float).tiny))
    return np.asarray(weight * (factors[y] if y.ndim == 1 else np.where(y == 1, factors[1], factors[0])))


@kernels("koudai.model.fitting.dual_kernels", what="the fitting")
def _kernels(_: Any) -> None:
    """Fit one post."""
    posts = _of_lanes(_posts(sp.csr_matrix(np.eye(1))), np.ones(1, np.int8), np.zeros((1, 1)))
    _solve(posts, np.arange(1), 1, False, 0)


def _posts(features: sp.csr_matrix) -> FitPosts:
    """Return features as the kernel takes them, without labels and costs."""
    from koudai.model.fitting.dual_kernels import FitPosts

    data, indptr = np.ascontiguousarray(features.data, np.float64), features.indptr.astype(np.int64)
    norms, none = np.empty(len(indptr) - 1), np.empty((0, 0))
    _kernels().square_norms(data, indptr, norms)
    return FitPosts(data, features.indices, indptr, norms, signs=none, costs=none)


def _of_lanes(posts: FitPosts, y: NDArray[np.int8], costs: NDArray[np.float64]) -> FitPosts:
    width = _kernels().LANES
    signs, lanes = np.ones((len(costs), width)), np.zeros((len(costs), width))
    signs[:, : costs.shape[1]] = np.where(y == 1, 1.0, -1.0) if y.ndim == 2 else np.where(y == 1, 1.0, -1.0)[:, None]
    lanes[:, : costs.shape[1]] = costs
    return posts._replace(signs=signs, costs=lanes)


def _solve(
    posts: FitPosts, rows: NDArray[np.intp], n_features: int, logistic: bool, seed: int, gap: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from koudai.model.fitting.dual_kernels import Fit

    visit, lanes = _kernels().visit, _kernels().LANES
    fit = Fit(
        weights=_aligned(n_features * lanes),
        intercept=np.zeros(lanes),
        dual=np.full((len(posts.signs), lanes), _NOTHING if logistic else 0.0),
        open=np.ones(lanes),
        loss=np.zeros(lanes),
        gain=np.zeros(lanes),
        tie=np.zeros(lanes),
    )
    members = (posts.costs > 0.0).sum(axis=0)
    tolerance = np.full(lanes, gap) if gap else TIGHT_GAP * np.clip(members / MANY, 1e-3, 1.0) ** 3
    fit.open[members == 0] = 0.0
    random = np.random.default_rng(seed)
    ratio = np.full(lanes, _MEASURED)
    here = np.asarray(posts.costs.any(axis=1))
    mine = rows[here[rows]]
    for _ in range(SWEEPS):
        order = random.permutation(rows)
        visit(order if len(mine) == len(rows) else order[here[order]], posts, fit, logistic, True)
        met = _gap(fit)
        near = (ratio * met <= tolerance) & (fit.open > 0.0)
        if near.any():
            visit(mine, posts, fit, logistic, False)
            fit.open[near & (_gap(fit) <= tolerance)] = 0.0
            ratio = np.where(near, _gap(fit) / np.maximum(met, np.finfo(float).tiny), ratio)
        if not fit.open.any():
            break
    return fit.weights.reshape(-1, lanes), fit.intercept


def _aligned(size: int) -> NDArray[np.float64]:
    """Return zeros that begin where a line of the cache does, so that no vector lies across two."""
    room = np.zeros(size + _LINE)
    begin = -room.ctypes.data // room.itemsize % _LINE
    return room[begin : begin + size]


def _gap(fit: Fit) -> NDArray[np.float64]:
    """Return the duality gap of each fit as a share of its loss, penalty included."""
    return np.asarray((fit.loss - fit.gain + fit.tie) / np.maximum(fit.loss + 0.5 * fit.tie, np.finfo(float).tiny))
