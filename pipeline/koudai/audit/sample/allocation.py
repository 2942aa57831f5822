"""How many posts of a sample come from each stratum.

Promises: the numbers add up, no stratum that holds posts goes without, none gives more than it has; apart from that
they are in proportion to size times spread, which is best for the estimate of a share.

Source: Neyman 1934, "On the two different aspects of the representative method".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FLOOR = 2
"""Posts that a stratum gives at least, if it has them and the sample is large enough for it."""


def allocate(size: ArrayLike, spread: ArrayLike, n: int, *, at_least: ArrayLike | None = None) -> NDArray[np.int64]:
    """Divide `n` posts among strata.

    Parameters
    ----------
    size : array_like of int, shape (n_strata,)
        Posts in each.
    spread : array_like of float, shape (n_strata,)
        Standard deviation expected in each.
    n
        Between what `at_least` adds up to and what `size` does.
    at_least : array_like of int, shape (n_strata,)
        Posts that each gives in any case; by default `FLOOR`, or 1 where `n` does not reach for that.

    Returns
    -------
    ndarray of int64, shape (n_strata,)

    Examples
    --------
    >>> allocate([900, 100], [0.1, 0.5], 20).tolist()
    [13, 7]
    """
    held = np.asarray(size, dtype=np.int64)
    if at_least is None:
        least = np.minimum(FLOOR, held)
        least = least if least.sum() <= n else np.minimum(1, held)
    else:
        least = np.asarray(at_least, dtype=np.int64)
    if not least.sum() <= n <= held.sum():
        message = f"{n} posts cannot be drawn from strata that give {least.sum()} to {held.sum()}"
        raise ValueError(message)
    wanted = held * np.asarray(spread, dtype=np.float64)
    wanted = np.where(held > 0, np.maximum(wanted, 1e-12), 0.0)
    low, high = 0.0, float(n + held.sum()) / max(float(wanted[wanted > 0].min(initial=1.0)), 1e-12)
    while low < (middle := (low + high) / 2) < high:
        if np.minimum(np.maximum(middle * wanted, least), held).sum() > n:
            high = middle
        else:
            low = middle
    exact = np.clip(low * wanted, least, held)
    found: NDArray[np.int64] = np.maximum(np.floor(exact + 1e-9).astype(np.int64), least)
    rest = n - int(found.sum())
    order = np.argsort(-(exact - found), kind="stable")
    while rest > 0:
        for at in order:
            if rest and found[at] < held[at]:
                found[at] += 1
                rest -= 1
    return found
