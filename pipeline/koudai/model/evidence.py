"""Evidence: the terms of a post that contribute most to each tag alleged of it.

Promises: a term's contribution to the log-odds is that of `koudai.model.explanation.contributions`; only terms with a
positive contribution are evidence; the evidence of a post depends only on that post, its tags and the model, and shows
only terms of the model's vocabulary, none of them from a contact or a link of the post, whatever the model has learnt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.errors import UsageError
from koudai.limits import EVIDENCE_TERMS
from koudai.model.model import Model
from koudai.model.ngrams.blocks import block_features
from koudai.model.ngrams.growing import read_only
from koudai.taxonomy import Taxonomy
from koudai.text.arrow import numbers, strings
from koudai.text.characters.hazards import without_surrogates
from koudai.text.compiled.kernels import kernels
from koudai.text.utf8 import Utf8

if TYPE_CHECKING:
    import pyarrow as pa
    import scipy.sparse as sp

_TOGETHER = 1024
"""Posts whose features are in memory at the same time."""


class StrongestTerms(NamedTuple):
    """The terms that contribute most to each tag, and their contributions.

    Attributes
    ----------
    posts, categories : ndarray of int64, shape (n_tags,)
        Post and category of each tag, as row and column indices, by post, then category.
    counts : ndarray of int64, shape (n_tags,)
        Number of terms of each tag.
    features : ndarray of int64, shape (sum of counts,)
        Rows of the model's weights, tag after tag, largest contribution first.
    added : ndarray of float64, shape (sum of counts,)
        Contributions to the log-odds, above 0.

    Examples
    --------
    >>> none = np.zeros(0, np.int64)
    >>> len(StrongestTerms(none, none, none, none, np.zeros(0)).posts)
    0
    """

    posts: NDArray[np.int64]
    categories: NDArray[np.int64]
    counts: NDArray[np.int64]
    features: NDArray[np.int64]
    added: NDArray[np.float64]


def check_terms(most: int) -> None:
    """Raise `UsageError` unless `most` is a valid number of terms of evidence.

    Examples
    --------
    >>> check_terms(5)
    >>> try:
    ...     check_terms(101)
    ... except UsageError as error:
    ...     print(error.expected)
    0 to 100 terms of evidence per tag
    """
    if not 0 <= most <= EVIDENCE_TERMS.value:
        raise UsageError(
            what="the number of terms of evidence is out of range",
            got=most,
            expected=f"0 to {EVIDENCE_TERMS.value} {EVIDENCE_TERMS.unit}",
            todo="`evidence`",
        )


def specific(alleged: NDArray[np.bool_], taxonomy: Taxonomy, categories: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which alleged categories have no alleged category below them.

    Parameters
    ----------
    alleged : ndarray of bool, shape (n_posts, n_keys)
        Columns are all keys of the taxonomy.
    taxonomy
        The taxonomy.
    categories
        Columns of the result; every alleged key outside them must have an alleged category below it.

    Returns
    -------
    ndarray of bool, shape (n_posts, n_categories)

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> child = next(key for key in taxonomy.keys if taxonomy.parent[key])
    >>> alleged = np.array([[key in (child, taxonomy.parent[child]) for key in taxonomy.keys]])
    >>> found = specific(alleged, taxonomy, taxonomy.keys)
    >>> [key for key, one in zip(taxonomy.keys, found[0], strict=True) if one] == [child]
    True
    """
    column = {key: place for place, key in enumerate(taxonomy.keys)}
    last = alleged.copy()
    for key in taxonomy.keys:
        above = taxonomy.parent[key]
        if above is not None:
            last[:, column[above]] &= ~alleged[:, column[key]]
    return np.asarray(last[:, [column[key] for key in categories]])


def strongest_terms(
    model: Model, posts: Utf8, tagged: NDArray[np.bool_], most: int, *, hide: bool = False
) -> StrongestTerms:
    """Return the terms with the largest positive contributions to the log-odds of each tag.

    Parameters
    ----------
    model
        The model that assigned the tags.
    posts
        Raw posts.
    tagged : ndarray of bool, shape (n_posts, n_categories)
        The tags.
    most
        Largest number of terms per tag.
    hide
        Whether terms that a post has only in contacts and links are left out. A model that hides these has none.
    """
    where = np.flatnonzero(tagged.any(axis=1))
    parts = [
        _strongest(model, posts, tagged, where[at : at + _TOGETHER], most, hide=hide)
        for at in range(0, len(where), _TOGETHER)
    ]
    if not parts:
        none = np.zeros(0, np.int64)
        return StrongestTerms(none, none, none, none, np.zeros(0))
    return StrongestTerms(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _strongest(
    model: Model, posts: Utf8, tagged: NDArray[np.bool_], where: NDArray[np.int64], most: int, *, hide: bool
) -> tuple[NDArray[Any], ...]:
    from koudai.model.evidence_kernels import PostFeatures, Strongest

    part = posts.part(int(where[0]), int(where[-1]) + 1)
    wanted = np.zeros(part.posts, dtype=bool)
    wanted[where - where[0]] = True
    features = _features(model, part.take(wanted), hide=hide)
    rows, categories = np.nonzero(tagged[where])
    terms, added = np.empty(len(rows) * most, np.int64), np.empty(len(rows) * most)
    counts = np.zeros(len(rows), np.int64)
    arrays = features.indptr.astype(np.int64, copy=False), features.indices.astype(np.int32, copy=False), features.data
    told = map(read_only, (np.ascontiguousarray(model.weights), model.slope, rows, categories))
    _kernels().strongest(PostFeatures(*map(read_only, arrays)), *told, most, Strongest(terms, added, counts))
    used = (np.arange(most) < counts[:, None]).ravel()
    return where[rows], categories, counts, terms[used], added[used]


def _features(model: Model, posts: Utf8, *, hide: bool) -> sp.csr_matrix:
    """Return the features of posts, if asked for without those that stand only in contacts and links."""
    found = block_features(model.blocks, model.normalizer.many(posts), model.segmenter)
    if model.normalizer.hides or not hide:
        return found
    kept = block_features(model.blocks, model.normalizer.hiding().many(posts), model.segmenter)
    return found.multiply(kept != 0).tocsr()


def evidence(model: Model, posts: Utf8, alleged: NDArray[np.bool_], most: int) -> pa.ListArray:
    """Return for each post the terms that contribute most to the tags alleged of it.

    Parameters
    ----------
    model, posts
        As for `strongest_terms`.
    alleged : ndarray of bool, shape (n_posts, n_keys)
        Columns are all keys of the model's taxonomy. A category gets no evidence if one below it is alleged, too.
    most
        Largest number of terms per category.

    Returns
    -------
    pyarrow.ListArray of struct ``category`` string, ``term`` string, ``log_odds`` float32
        By category in taxonomy order, then largest contribution first; empty where nothing is alleged.

    Raises
    ------
    UsageError
        If `most` is above EVIDENCE_TERMS.
    """
    import pyarrow as pa

    check_terms(most)
    found = strongest_terms(model, posts, specific(alleged, model.taxonomy, model.categories), most, hide=True)
    which, places = np.unique(found.features, return_inverse=True)
    names = strings(without_surrogates(name) for name in model.named(which))
    of_post = np.zeros(len(alleged) + 1, np.int64)
    np.add.at(of_post, found.posts + 1, found.counts)
    terms = pa.StructArray.from_arrays(
        [
            strings(model.categories).take(numbers(np.repeat(found.categories, found.counts))),
            names.take(numbers(places.astype(np.int64))),
            numbers(found.added.astype(np.float32)),
        ],
        names=["category", "term", "log_odds"],
    )
    return pa.ListArray.from_arrays(numbers(of_post.cumsum().astype(np.int32)), terms)


@kernels("koudai.model.evidence_kernels", what="the picking of evidence")
def _kernels(module: Any) -> None:
    """Pick from nothing."""
    types = (np.int64, np.int32, np.float64, np.float32, np.float64, np.int64, np.int64)
    arrays: list[Any] = [np.zeros((1, 1) if kind is np.float32 else 0, kind) for kind in types]
    rows, *told = module.PostFeatures(*map(read_only, arrays[:3])), *map(read_only, arrays[3:])
    module.strongest(rows, *told, 1, module.Strongest(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)))
