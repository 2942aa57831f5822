"""The scorer: posts into probabilities, and probabilities into alleged tags or silence.

Promises: every post is either scored or abstains with a reason; a post without a known term abstains
(``no-features``) and never falls to the majority; a parent is alleged when a child is, and is never less probable;
a probability that is not a number is an error, never a label. A post's scores depend on that post and the model
alone. Holds no post text.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ScoringError
from pipeline.model.blocks import cut_for, transform
from pipeline.model.calibration import sigmoid
from pipeline.model.model import Model
from pipeline.taxonomy import Taxonomy
from pipeline.text.hazards import hazards, worded
from pipeline.text.utf8 import Utf8, as_utf8, of_texts

Posts = Utf8 | Sequence[str] | Any
_TOGETHER = 2048
"""Posts that go through all steps together, so that their bytes stay near."""
NO_FEATURES, UNCERTAIN = "no-features", "uncertain"


@dataclass(frozen=True)
class ScoredBatch:
    """What a model says of posts.

    Parameters
    ----------
    ids
        One per post.
    categories
        Columns of `proba`, in taxonomy order.
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN throughout for a post without features.
    alleged
        Keys alleged of each post, parents included, in taxonomy order.
    abstained : ndarray of bool, shape (n_posts,)
    reason
        ``""``, ``"no-features"`` or ``"uncertain"``.
    hazards
        What was noticed on each raw post.
    model_digest
        Of the bundle that scored.
    """

    ids: list[str]
    categories: tuple[str, ...]
    proba: NDArray[np.float32]
    alleged: list[tuple[str, ...]]
    abstained: NDArray[np.bool_]
    reason: list[str]
    hazards: list[list[str]]
    model_digest: str

    def to_table(self) -> Any:
        """Return a `pyarrow.Table`: ``post_id``, ``p_<category>`` float32 each, ``alleged``, ``abstained``, ``reason``,
        ``hazards``; the model's digest in the schema's metadata. A missing probability is null.
        """
        import pyarrow as pa

        columns: dict[str, Any] = {"post_id": pa.array(self.ids, pa.string())}
        for place, key in enumerate(self.categories):
            columns[f"p_{key}"] = pa.array(self.proba[:, place], pa.float32(), from_pandas=True)
        columns["alleged"] = pa.array([list(keys) for keys in self.alleged], pa.list_(pa.string()))
        columns["abstained"] = pa.array(self.abstained, pa.bool_())
        columns["reason"] = pa.array(self.reason, pa.string())
        columns["hazards"] = pa.array(self.hazards, pa.list_(pa.string()))
        return pa.table(columns).replace_schema_metadata({"koudai.model_digest": self.model_digest})


def decisions(model: Model, posts: Posts, *, workers: int = 1) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the linear decisions of raw posts, and which posts have any feature at all.

    Parameters
    ----------
    model
        A fitted model.
    posts
        As bytes, Arrow strings or Python strings.
    workers
        Threads that share the posts.

    Returns
    -------
    decision : ndarray of float64, shape (n_posts, n_categories)
    known : ndarray of bool, shape (n_posts,)
        Whether the post holds a letter, digit or ideograph and at least one known term.
    """
    posts = as_utf8(posts)
    decision = np.zeros((posts.posts, len(model.categories) + 1))
    known = np.zeros(posts.posts, dtype=bool)

    def decide_some(start: int) -> None:
        some = slice(start, start + _TOGETHER)
        normalised = model.normalizer.many(posts.part(some.start, some.stop))
        ready = cut_for(model.blocks, normalised, model.segmenter)
        for block, rows in zip(model.blocks, model.rows, strict=True):
            block.vocabulary.decide(ready, rows, sublinear_tf=block.sublinear_tf, out=decision[some])
        known[some] = worded(normalised) & (decision[some, -1] > 0)

    starts = range(0, posts.posts, _TOGETHER)
    if workers == 1 or len(starts) < 2:
        for start in starts:
            decide_some(start)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(decide_some, starts))
    return decision[:, :-1] + model.intercept, known


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
        If a probability of a post with features is not a number.
    """
    decision, known = decisions(model, posts, workers=workers)
    proba = sigmoid(model.slope * decision + model.offset).astype(np.float32)
    if not np.isfinite(proba[known]).all():
        column = model.categories[int(np.argwhere(~np.isfinite(proba))[0][1])]
        raise ScoringError(what="a probability is not a number", where=f"category {column}", todo="train again")
    if model.taxonomy.exclusive:
        total = proba.sum(axis=1, keepdims=True)
        proba = np.divide(proba, total, out=proba, where=total > 0)
    proba = model.taxonomy.close_probabilities(proba, model.categories)
    proba[~known] = np.nan
    return proba


def score(model: Model, ids: Sequence[str], texts: Sequence[str]) -> ScoredBatch:
    """Score raw posts.

    Parameters
    ----------
    model
        A fitted model.
    ids, texts
        One each per post; texts may hold anything, also nothing.

    Returns
    -------
    ScoredBatch
    """
    proba = probabilities(model, texts)
    alleged, reason = decide(proba, model.taxonomy, model.categories, model.threshold, model.abstain)
    return ScoredBatch(
        ids=list(ids),
        categories=model.categories,
        proba=proba,
        alleged=alleged,
        abstained=np.array([why != "" for why in reason], dtype=bool),
        reason=reason,
        hazards=[hazards(text) for text in texts],
        model_digest=model.digest,
    )


def decide(
    proba: NDArray[np.float32],
    taxonomy: Taxonomy,
    categories: tuple[str, ...],
    threshold: NDArray[np.float64],
    abstain: float,
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Turn probabilities into alleged tags or silence.

    Parameters
    ----------
    proba : ndarray of float32, shape (n_posts, n_categories)
    taxonomy, categories
        The columns of `proba` and their tree.
    threshold : ndarray of float64, shape (n_categories,)
    abstain
        Width of the band: within ``abstain / 2`` of a threshold a category is undecided. In an exclusive taxonomy
        thresholds do not matter: the most probable category is undecided if it leads the next by less than `abstain`.

    Returns
    -------
    alleged
        Per post the keys alleged, parents included. In an exclusive taxonomy the most probable one.
    reason
        ``"no-features"`` where probabilities are NaN; ``"uncertain"`` where nothing is alleged and some category is
        undecided; else ``""``.
    """
    if taxonomy.exclusive:
        surely, undecided = _most_probable(proba, abstain)
    else:
        surely = proba >= threshold + abstain / 2.0
        undecided = (proba >= threshold - abstain / 2.0) & ~surely
    alleged: list[tuple[str, ...]] = []
    reason: list[str] = []
    for post in range(len(proba)):
        found = {categories[column] for column in np.flatnonzero(surely[post])}
        found |= {above for key in found for above in taxonomy.ancestors(key)}
        alleged.append(tuple(key for key in taxonomy.keys if key in found))
        if np.isnan(proba[post]).any():
            reason.append(NO_FEATURES)
        else:
            reason.append(UNCERTAIN if not found and undecided[post].any() else "")
    return alleged, reason


def _most_probable(proba: NDArray[np.float32], abstain: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    filled = np.nan_to_num(proba, nan=-1.0)
    top = np.zeros(proba.shape, dtype=bool)
    top[np.arange(len(proba)), np.argmax(filled, axis=1)] = True
    top &= np.isfinite(proba)
    ranked = np.sort(filled, axis=1)
    ahead = ranked[:, -1] - ranked[:, -2] >= abstain if proba.shape[1] > 1 else np.ones(len(proba), dtype=bool)
    return top & ahead[:, None], top & ~ahead[:, None]


def contributions(model: Model, text: str) -> list[dict[str, Any]]:
    """Return what each term of one post adds to each category's log-odds; they sum to the log-odds, exactly.

    Returns
    -------
    list of dict
        Per category ``category``, ``probability`` (of the log-odds alone: before those of an exclusive taxonomy are
        made to add up to 1, and before parents are raised to their children; None without features), ``base``
        (log-odds of a post with no terms) and ``terms``: pairs of term and log-odds added, largest first.
    """
    features = transform(model.blocks, model.normalizer.many(of_texts([text])), model.segmenter)
    names = model.terms()
    _, known = decisions(model, [text])
    explained = []
    for column, key in enumerate(model.categories):
        slope = float(model.slope[column])
        added = features.data * model.weights[features.indices, column].astype(np.float64) * slope
        order = np.lexsort((features.indices, -np.abs(added)))
        base = slope * float(model.intercept[column]) + float(model.offset[column])
        total = base + float(added.sum())
        explained.append(
            {
                "category": key,
                "probability": float(sigmoid(np.array(total))) if known[0] else None,
                "base": base,
                "terms": [(names[features.indices[i]], float(added[i])) for i in order],
            }
        )
    return explained
