"""Made samples whose annotators err, with what is true of each post, for the tests of what corrects them."""

from __future__ import annotations

import numpy as np

SHARES = np.array([0.03, 0.3, 0.8])


def people(
    n: int, *, raters: int = 3, seed: int = 0, sensitivity: float = 0.85, specificity: float = 0.96
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the strata of `n` posts, what is true, what each rater says, and a third of the truth as adjudicated."""
    random = np.random.default_rng(seed)
    stratum = np.arange(n) % len(SHARES)
    truth = (random.random(n) < SHARES[stratum]).astype(np.int8)
    luck = random.random((raters, n))
    answers = np.where(truth == 1, luck < sensitivity, luck < 1 - specificity).astype(np.int8)
    gold = np.where(random.random(n) < 1 / 3, truth, -1).astype(np.int8)
    return stratum, truth, answers, gold
