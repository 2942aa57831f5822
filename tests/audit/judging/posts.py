"""Posts with labels and probabilities, and a stratified sample of them, for the tests of figures of a model."""

from __future__ import annotations

import numpy as np

from koudai.audit.frame import SAMPLE
from koudai.audit.judging.sources import JudgedSource, Said
from koudai.training.judging.judged import JudgedPosts


def judged(n: int = 300, seed: int = 1, *, share: float = 0.3, copies: int = 1) -> JudgedPosts:
    """Return posts, each `copies` times in a cluster of its own; probabilities have ties."""
    random = np.random.default_rng(seed)
    y = (random.random(n) < share).astype(np.float64)
    p = np.round(np.clip(0.35 * y + 0.65 * random.random(n), 0, 1), 2)
    y, p = np.repeat(y, copies), np.repeat(p, copies)
    return JudgedPosts(y, p, p >= 0.5, np.arange(n * copies), np.repeat(np.arange(n), copies))


def weighted(n: int = 300, seed: int = 1) -> JudgedPosts:
    """Return posts with weights of their own."""
    one = judged(n, seed)
    weights = np.random.default_rng(seed + 1).random(n)
    return JudgedPosts(one.y, one.p, one.tagged, one.row, one.cluster, weights=weights)


def stratified(seed: int = 1, *, posts: int = 2000, each: int = 40) -> tuple[JudgedSource, np.ndarray]:
    """Return a sample of `each` posts from each of three score strata, and the labels of all posts."""
    random = np.random.default_rng(seed)
    p = random.beta(0.5, 1.5, posts)
    y = (random.random(posts) < p).astype(np.float64)
    stratum = np.digitize(p, [0.1, 0.5])
    known = np.full(posts, np.nan)
    for one in range(3):
        drawn = random.choice(np.flatnonzero(stratum == one), each, replace=False)
        known[drawn] = y[drawn]
    rows = np.arange(posts)
    return JudgedSource(SAMPLE, known, Said(p, p >= 0.4), rows, rows, stratum=stratum), y
