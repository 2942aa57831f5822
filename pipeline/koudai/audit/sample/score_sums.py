"""The scores of all posts, summed by stratum: what a sample is designed from, and what it may be expected to tell.

Promises: every scored or abstained post counts once; of a job a shard is in memory at a time, and one small number per
post. Reads no text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.scored_posts import ScoredPosts
from koudai.audit.sample.strata import finest
from koudai.errors import UsageError
from koudai.progress import Progress
from koudai.registry import did_you_mean
from koudai.training.judging.strata import Floats


@dataclass(frozen=True, eq=False)
class ScoreSums:
    """Scores by stratum.

    Parameters
    ----------
    model
        Digest of the model that scored.
    categories
        Of the sample.
    code : ndarray of uint16, shape (n_posts,)
        The finest stratum of each post.
    size : ndarray of int64, shape (n_finest,)
        Posts of each.
    held, expected : ndarray of float64, shape (n_finest, n_categories)
        Their sums of p(1 - p), and of p; a post without a probability adds nothing.

    Examples
    --------
    >>> sums = ScoreSums("m", ("c",), np.zeros(2, np.uint16), np.array([2]), np.array([[0.5]]), np.array([[1.0]]))
    >>> sums.posts
    2
    """

    model: str
    categories: tuple[str, ...]
    code: NDArray[np.uint16]
    size: NDArray[np.int64]
    held: Floats
    expected: Floats

    @property
    def posts(self) -> int:
        """Scored and abstained posts."""
        return len(self.code)


def score_sums(posts: ScoredPosts, categories: tuple[str, ...], *, progress: Progress) -> ScoreSums:
    """Sum the scores of all posts.

    Raises
    ------
    UsageError
        If one of `categories` has no scores; all that have are taken if none is named.
    ReadError, StorageError
        If scores can no longer be read.
    """
    with progress.stage("looking at scores", posts.totals.read - posts.totals.quarantined) as advance:
        codes: list[NDArray[np.uint16]] = []
        model, chosen = "", categories
        columns: list[int] = []
        held = expected = np.zeros((0, 0))
        for part in posts.parts():
            if not codes:
                model, chosen = part.model_digest, _known(categories, part.categories)
                columns = [part.categories.index(key) for key in chosen]
                held, expected = (np.zeros((4 + 3 * len(chosen), len(chosen))) for _ in range(2))
            proba = part.proba[:, columns]
            code = finest(proba, part.alleged[:, columns], part.abstained)
            p = np.nan_to_num(proba.astype(np.float64), nan=0.0)
            for column in range(len(chosen)):
                held[:, column] += np.bincount(code, p[:, column] * (1 - p[:, column]), minlength=len(held))
                expected[:, column] += np.bincount(code, p[:, column], minlength=len(held))
            codes.append(code)
            advance(len(code))
    code = np.concatenate(codes)
    return ScoreSums(model, chosen, code, np.bincount(code, minlength=len(held)), held, expected)


def _known(wanted: tuple[str, ...], there: tuple[str, ...]) -> tuple[str, ...]:
    for key in wanted:
        if key not in there:
            raise UsageError(
                what=f"there are no scores of category {key!r}",
                expected=", ".join(there),
                happened="nothing was written",
                todo=did_you_mean(key, list(there)),
            )
    return tuple(key for key in there if key in wanted) if wanted else there
