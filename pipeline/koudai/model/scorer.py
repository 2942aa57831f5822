"""The scorer: from posts to probabilities, and from probabilities to alleged tags or abstention.

Promises: every post is either scored or abstains with a reason; a post without a known term abstains
(``no-features``) and is never given the majority class; a parent is alleged when a child is, and is never less
probable; NaN for a post with features is an error, never a label. The scores of a post depend only on that post and
the model. Holds no post text.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ScoringError
from koudai.model.decision import ScoredBatch, decide
from koudai.model.evidence import evidence
from koudai.model.model import Model
from koudai.model.ngrams.blocks import cut_for
from koudai.model.outline import Outline, Traits
from koudai.text.arrow import strings
from koudai.text.characters.hazards import has_words, hazard_flags
from koudai.text.utf8 import Utf8, as_utf8

if TYPE_CHECKING:
    import pyarrow as pa

Posts = Utf8 | Sequence[str] | Any
_TOGETHER = 2048
"""Posts per batch: small enough that their bytes stay in the processor's cache."""


def decisions(model: Model, posts: Posts, *, workers: int = 1) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the linear decisions of raw posts, and whether each post has any known feature.

    Parameters
    ----------
    model
        A fitted model.
    posts
        As bytes, Arrow strings or Python strings.
    workers
        Number of threads.

    Returns
    -------
    decision : ndarray of float64, shape (n_posts, n_columns)
        One column per category, see `Model.columns`.
    known : ndarray of bool, shape (n_posts,)
        Whether the post has a letter, digit or ideograph and at least one known term.
    """
    found = _decided(model, as_utf8(posts), workers=workers)
    return found.decision, found.known


class _Decided(NamedTuple):
    """Decisions, whether each post has features, how many of its terms are known, and its bytes when normalised."""

    decision: NDArray[np.float64]
    known: NDArray[np.bool_]
    found: NDArray[np.int64]
    size: NDArray[np.int64]


def _decided(model: Model, posts: Utf8, *, workers: int = 1) -> _Decided:
    intercept = model.columns[1]
    decision = np.zeros((posts.posts, len(intercept) + 1))
    known, size = np.zeros(posts.posts, dtype=bool), np.zeros(posts.posts, np.int64)

    def decide_some(start: int) -> None:
        some = slice(start, start + _TOGETHER)
        normalised = model.normalizer.many(posts.part(some.start, some.stop))
        ready = cut_for(model.blocks, normalised, model.segmenter)
        for block, rows in zip(model.blocks, model.rows, strict=True):
            block.vocabulary.decide(ready, rows, sublinear_tf=block.sublinear_tf, out=decision[some])
        known[some] = has_words(normalised) & (decision[some, -1] > 0)
        size[some] = np.diff(normalised.offsets)

    starts = range(0, posts.posts, _TOGETHER)
    if workers == 1 or len(starts) < 2:
        for start in starts:
            decide_some(start)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(decide_some, starts))
    return _Decided(decision[:, :-1] + intercept, known, decision[:, -1].astype(np.int64), size)


def probabilities(model: Model, posts: Posts, *, workers: int = 1) -> NDArray[np.float32]:
    """Return the probability of each category for raw posts.

    Parameters
    ----------
    model, posts, workers
        As for `decisions`.

    Returns
    -------
    ndarray of float32, shape (n_posts, n_categories)
        Columns in taxonomy order; NaN throughout for a post without features.

    Raises
    ------
    ScoringError
        If a probability of a post with features is NaN.
    """
    return _probabilities(model, _decided(model, as_utf8(posts), workers=workers))


def _probabilities(model: Model, found: _Decided) -> NDArray[np.float32]:
    known = found.known
    proba = model.calibrated(found.decision).astype(np.float32)
    if not np.isfinite(proba[known]).all():
        column = model.categories[int(np.argwhere(~np.isfinite(proba))[0][1])]
        raise ScoringError(what="a probability is not a number", where=f"category {column}", todo="train again")
    proba = model.taxonomy.joint_probabilities(proba, model.categories)
    proba[~known] = np.nan
    return proba


def score(model: Model, ids: Sequence[str] | pa.StringArray, posts: Posts, *, terms: int = 0) -> ScoredBatch:
    """Score raw posts.

    Parameters
    ----------
    model
        A fitted model.
    ids, posts
        One id and one text per post, as for `decisions`; may be empty.
    terms
        Terms of evidence per tag; 0 for no evidence.

    Returns
    -------
    ScoredBatch

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> from koudai.model.ngrams.blocks import FeatureBlock
    >>> from koudai.text.characters.normalize import Normalizer
    >>> from koudai.text.jieba.segment import Segmenter
    >>> one = np.ones(1)
    >>> model = Model(
    ...     name="one term",
    ...     taxonomy=find_taxonomy("cac-2023", configs=bundled("configs")),
    ...     categories=("rumour",),
    ...     normalizer=Normalizer(()),
    ...     segmenter=Segmenter(),
    ...     blocks=(FeatureBlock("chars", (1, 1), ("传",), one, sublinear_tf=False),),
    ...     weights=np.ones((1, 1), np.float32),
    ...     intercept=0 * one,
    ...     slope=one,
    ...     offset=0 * one,
    ...     threshold=one / 2,
    ...     abstain=0.0,
    ...     validated_on={"rumour": "none"},
    ...     config={},
    ... )
    >>> scored = score(model, ["1", "2"], ["传", "🎉"])
    >>> scored.tags(), scored.reasons(), f"{scored.proba[0, 0]:.3f}"
    ([('rumour',), ()], ['', 'no-features'], '0.731')
    """
    import pyarrow as pa

    posts = as_utf8(posts)
    found = _decided(model, posts)
    proba = _probabilities(model, found)
    alleged, reason = decide(proba, model.taxonomy, model.categories, model.threshold, model.abstain, model.sets)
    return ScoredBatch(
        ids=ids if isinstance(ids, pa.Array) else strings(ids),
        categories=model.categories,
        proba=proba,
        keys=model.taxonomy.keys,
        alleged=alleged,
        reason=reason,
        hazards=hazard_flags(posts),
        model_digest=model.digest,
        evidence=evidence(model, posts, alleged, terms) if terms else None,
        outline=Outline.of(Traits(posts, found.size, found.found), proba, model.categories),
    )
