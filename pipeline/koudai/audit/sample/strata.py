"""The strata of a probability sample: every scored post belongs to exactly one, by its tags and its scores.

Promises: a post's stratum depends on its scores, its tags, the categories of the sample and the level alone, so that
whoever reads a sample back finds the same strata; posts that abstain and posts without a probability are strata too.
Holds one small number per post.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVELS = ("fine", "middle", "coarse")
"""By category and score band; by category where tagged, by score band where not; by tag and score band alone."""
LABELS = "labels"
"""The level of a sample of labels: its strata are those of `koudai.audit.sample.flagged`, not of scored posts."""
LOW, NEAR, SURE = 0.02, 0.2, 0.8
"""Edges of the score bands: `LOW` and `NEAR` for posts without a tag, `SURE` for those with one."""
_FIRST = 4
_POSTS_PER_STRATUM = 4


def strata_names(categories: tuple[str, ...], level: str) -> list[str]:
    """Return the names of the strata, in the order of their numbers.

    Examples
    --------
    >>> strata_names(("rumour",), "coarse")[-2:]
    ['not tagged, 0.2 or more', 'tagged']
    """
    shared = ["no probability", "abstained", f"not tagged, below {LOW:g}", f"not tagged, below {NEAR:g}"]
    near, tagged, sure = f"not tagged, {NEAR:g} or more", f"tagged, below {SURE:g}", f"tagged, {SURE:g} or more"
    if level == "fine":
        return shared + [f"{key}: {band}" for key in categories for band in (near, tagged, sure)]
    if level == "middle":
        return [*shared, near, *(f"{key}: tagged" for key in categories)]
    return [*shared, near, "tagged"]


def finest(proba: NDArray[np.float32], alleged: NDArray[np.bool_], abstained: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Return the stratum of each post at the level ``fine``.

    Parameters
    ----------
    proba, alleged : ndarray, shape (n_posts, n_categories)
        Of the categories of the sample alone; NaN where the model says nothing.
    abstained : ndarray of bool, shape (n_posts,)

    Returns
    -------
    ndarray of uint16, shape (n_posts,)
        A post counts for the category that it is tagged with, the most probable one of several, or else for the most
        probable one.

    Examples
    --------
    >>> proba = np.array([[0.9], [0.01]], dtype=np.float32)
    >>> code = finest(proba, proba > 0.5, np.array([False, False]))
    >>> [strata_names(("rumour",), "fine")[i] for i in code]
    ['rumour: tagged, 0.8 or more', 'not tagged, below 0.02']
    """
    wordless = np.asarray(np.isnan(proba).any(axis=1))
    known = np.nan_to_num(proba, nan=0.0)
    tagged = np.asarray(alleged.any(axis=1))
    lead = np.where(tagged[:, None] & ~alleged, -1.0, known).argmax(axis=1)
    top = np.take_along_axis(known, lead[:, None], axis=1)[:, 0]
    band = np.where(tagged, np.where(top >= np.float32(SURE), 2, 1), 0)
    found = _FIRST + 3 * lead + band
    found = np.where(~tagged & (top < np.float32(NEAR)), 3, found)
    found = np.where(~tagged & (top < np.float32(LOW)), 2, found)
    found = np.where(abstained, 1, found)
    return np.where(wordless, 0, found).astype(np.uint16)


def coarser(n_categories: int, level: str) -> NDArray[np.uint16]:
    """Return which stratum of `level` each stratum of the level ``fine`` belongs to.

    Examples
    --------
    >>> coarser(1, "coarse").tolist()
    [0, 1, 2, 3, 4, 5, 5]
    """
    shared = np.arange(_FIRST)
    fine = np.arange(3 * n_categories)
    if level == "fine":
        own = _FIRST + fine
    else:
        own = np.where(fine % 3 == 0, _FIRST, _FIRST + 1 + (fine // 3 if level == "middle" else 0))
    return np.concatenate([shared, own]).astype(np.uint16)


def level_for(sizes: NDArray[np.int64], n: int, n_categories: int) -> str:
    """Return the finest level that leaves `n` labels four posts for each stratum, given the sizes of the finest.

    Examples
    --------
    >>> sizes = np.array([5, 0, 900, 60, 20, 10, 5])
    >>> level_for(sizes, 400, 1), level_for(sizes, 20, 1)
    ('fine', 'middle')
    """
    for level in LEVELS:
        used = np.unique(coarser(n_categories, level)[np.flatnonzero(sizes)])
        if _POSTS_PER_STRATUM * len(used) <= n:
            return level
    return LEVELS[-1]
