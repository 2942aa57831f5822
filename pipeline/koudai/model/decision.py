"""Decisions: from probabilities to alleged tags or abstention, and the scores of many posts as columns.

Promises: a post without features abstains; a parent is alleged when a child is; no Python object is made per post
except by the methods that return lists of strings. Holds no post text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koudai.model.deciding.conformal import possible
from koudai.model.outline import Outline
from koudai.taxonomy import Taxonomy
from koudai.text.arrow import numbers, strings
from koudai.text.characters.hazards import HAZARDS

if TYPE_CHECKING:
    import pyarrow as pa

NO_FEATURES, UNCERTAIN = "no-features", "uncertain"
REASONS = ("", NO_FEATURES, UNCERTAIN)
"""Reasons for abstention; at index 0 a post does not abstain."""


@dataclass(frozen=True)
class ScoredBatch:
    """Scores and decisions of a batch of posts.

    Parameters
    ----------
    ids : pyarrow.StringArray
        One per post.
    categories
        Columns of `proba`, in taxonomy order.
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN throughout for a post without features.
    keys
        All of the taxonomy's, in its order: columns of `alleged`.
    alleged : ndarray of bool, shape (n_posts, n_keys)
        Parents included.
    reason : ndarray of uint8, shape (n_posts,)
        Indices into `REASONS`.
    hazards : ndarray of uint16, shape (n_posts,)
        Hazards noticed on each raw post, as bits: bit ``i`` is ``HAZARDS[i]``.
    model_digest
        Digest of the bundle that scored.
    evidence : pyarrow.ListArray, optional
        From `koudai.model.evidence.evidence`.
    outline
        How the posts look, for comparison with those the model was fitted on.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> alleged = np.eye(1, len(taxonomy.keys), dtype=bool)
    >>> said = ScoredBatch(
    ...     ids=strings(["1"]),
    ...     categories=("rumour",),
    ...     proba=np.array([[0.9]], np.float32),
    ...     keys=taxonomy.keys,
    ...     alleged=alleged,
    ...     reason=np.zeros(1, np.uint8),
    ...     hazards=np.zeros(1, np.uint16),
    ...     model_digest="0123456789abcdef",
    ... )
    >>> said.tags(), said.reasons()
    ([('rumour',)], [''])
    >>> said.to_table().column_names
    ['post_id', 'p_rumour', 'alleged', 'abstained', 'reason', 'hazards']
    """

    ids: pa.StringArray
    categories: tuple[str, ...]
    proba: NDArray[np.float32]
    keys: tuple[str, ...]
    alleged: NDArray[np.bool_]
    reason: NDArray[np.uint8]
    hazards: NDArray[np.uint16]
    model_digest: str
    evidence: pa.ListArray | None = None
    outline: Outline = Outline()

    @property
    def abstained(self) -> NDArray[np.bool_]:
        """Whether each post abstains; shape (n_posts,)."""
        return np.asarray(self.reason != 0)

    def tags(self) -> list[tuple[str, ...]]:
        """Return the keys alleged of each post."""
        return [tuple(keys) for keys in _lists(self.alleged, self.keys).to_pylist()]

    def reasons(self) -> list[str]:
        """Return why each post abstains, ``""`` if it does not."""
        return [REASONS[why] for why in self.reason.tolist()]

    def hazard_names(self) -> list[list[str]]:
        """Return the hazards noticed on each raw post, sorted by name."""
        found: list[list[str]] = _lists(self._noticed(), HAZARDS).to_pylist()
        return found

    def to_table(self) -> pa.Table:
        """Return a `pyarrow.Table`: ``post_id``, ``p_<category>`` float32 each, ``alleged``, ``abstained``, ``reason``,
        ``hazards``, and ``evidence`` if there is any; the model's digest in the schema's metadata. A missing
        probability is null.
        """
        import pyarrow as pa

        columns: dict[str, Any] = {"post_id": self.ids}
        for key, proba in zip(self.categories, np.ascontiguousarray(self.proba.T), strict=True):
            columns[f"p_{key}"] = numbers(proba, missing=np.isnan(proba))
        columns["alleged"] = _lists(self.alleged, self.keys)
        columns["abstained"] = numbers(self.abstained)
        columns["reason"] = strings(REASONS).take(numbers(self.reason))
        columns["hazards"] = _lists(self._noticed(), HAZARDS)
        if self.evidence is not None:
            columns["evidence"] = self.evidence
        return pa.table(columns).replace_schema_metadata({"koudai.model_digest": self.model_digest})

    def _noticed(self) -> NDArray[np.bool_]:
        bits = self.hazards[:, None] >> np.arange(len(HAZARDS), dtype=np.uint16)
        return np.asarray(bits & 1, dtype=bool)


def decide(
    proba: NDArray[np.float32],
    taxonomy: Taxonomy,
    categories: tuple[str, ...],
    threshold: NDArray[np.float64],
    abstain: float,
    sets: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Turn probabilities into alleged tags or abstention.

    Parameters
    ----------
    proba : ndarray of float32, shape (n_posts, n_categories)
    taxonomy, categories
        The columns of `proba` and their tree.
    threshold : ndarray of float64, shape (n_categories,)
    abstain
        Width of the band: within ``abstain / 2`` of a threshold a category is undecided. In an exclusive taxonomy
        thresholds do not matter: the most probable category is undecided if it leads the next by less than `abstain`,
        or if all are 0.
    sets : ndarray of float64, shape (2, n_categories), or None
        From `koudai.model.deciding.conformal.fit_sets`, in place of a band: a category is undecided where its set is
        not exactly one of "in" and "out", or contradicts the threshold. In an exclusive taxonomy the most probable
        category is undecided unless it is the only possible one.

    Returns
    -------
    alleged : ndarray of bool, shape (n_posts, n_keys)
        Columns are all keys of the taxonomy, parents included. In an exclusive taxonomy the most probable one.
    reason : ndarray of uint8, shape (n_posts,)
        Indices into `REASONS`: ``"no-features"`` where probabilities are NaN; ``"uncertain"`` where nothing is alleged
        and some category is undecided; else ``""``.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> proba = np.array([[0.9], [0.52], [0.1], [np.nan]], np.float32)
    >>> alleged, reason = decide(proba, taxonomy, ("rumour",), np.array([0.5]), 0.1)
    >>> alleged[:, taxonomy.column("rumour")].tolist()
    [True, False, False, False]
    >>> [REASONS[why] for why in reason.tolist()]
    ['', 'uncertain', '', 'no-features']
    """
    if taxonomy.exclusive:
        surely, undecided = _most_probable(proba, abstain, sets)
    elif sets is not None:
        inside, outside = possible(proba, sets)
        tagged = proba >= threshold
        surely = inside & ~outside & tagged
        undecided = np.isfinite(proba) & ~surely & (inside | ~outside | tagged)
    else:
        surely = proba >= threshold + abstain / 2.0
        undecided = (proba >= threshold - abstain / 2.0) & ~surely
    column = {key: place for place, key in enumerate(taxonomy.keys)}
    alleged = np.zeros((len(proba), len(taxonomy.keys)), dtype=bool)
    alleged[:, [column[key] for key in categories]] = surely
    for key in reversed(taxonomy.keys):
        above = taxonomy.parent[key]
        if above is not None:
            alleged[:, column[above]] |= alleged[:, column[key]]
    reason = np.where(undecided.any(axis=1) & ~alleged.any(axis=1), REASONS.index(UNCERTAIN), 0)
    reason[np.isnan(proba).any(axis=1)] = REASONS.index(NO_FEATURES)
    return alleged, reason.astype(np.uint8)


def _most_probable(
    proba: NDArray[np.float32], abstain: float, sets: NDArray[np.float64] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    filled = np.nan_to_num(proba, nan=-1.0)
    top = np.zeros(proba.shape, dtype=bool)
    top[np.arange(len(proba)), np.argmax(filled, axis=1)] = True
    top &= np.isfinite(proba)
    if sets is not None:
        inside, _ = possible(proba, sets)
        alone = inside.sum(axis=1, keepdims=True) == 1
        return top & inside & alone, top & ~(inside & alone)
    ranked = np.sort(filled, axis=1)
    ahead = ranked[:, -1] - ranked[:, -2] >= abstain if proba.shape[1] > 1 else np.ones(len(proba), dtype=bool)
    ahead &= ranked[:, -1] > 0  # calibration curves may map every probability to 0
    return top & ahead[:, None], top & ~ahead[:, None]


def _lists(marked: NDArray[np.bool_], names: tuple[str, ...]) -> pa.ListArray:
    """Return the names of the True columns of each row, as an Arrow array of lists of strings."""
    import pyarrow as pa

    found = np.flatnonzero(marked)
    offsets = np.searchsorted(found, np.arange(len(marked) + 1) * len(names)).astype(np.int32)
    return pa.ListArray.from_arrays(numbers(offsets), strings(names).take(numbers(found % len(names))))
