"""Evidence: which terms of a post contributed most to each tag that was alleged of it.

Promises: what a term adds is exactly what `koudai.model.explanation.contributions` says it adds to the log-odds; only
terms that push towards the tag are evidence; a post's evidence depends on that post, its tags and the model alone. Of
a post it shows terms of the model's vocabulary and nothing else.
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

_TOGETHER = 1024
"""Posts whose features lie in memory at once."""


class Spoken(NamedTuple):
    """The terms that contributed most to each alleged tag, and by how much.

    Attributes
    ----------
    posts, categories : ndarray of int64, shape (n_tags,)
        Which category was alleged of which post, in the order of posts, then of categories.
    counts : ndarray of int64, shape (n_tags,)
        Number of terms of each tag.
    features : ndarray of int64, shape (sum of counts,)
        Rows of the model's weights, tag after tag, the strongest first.
    added : ndarray of float64, shape (sum of counts,)
        Contribution of each to the log-odds; above 0.

    Examples
    --------
    >>> none = np.zeros(0, np.int64)
    >>> len(Spoken(none, none, none, none, np.zeros(0)).posts)
    0
    """

    posts: NDArray[np.int64]
    categories: NDArray[np.int64]
    counts: NDArray[np.int64]
    features: NDArray[np.int64]
    added: NDArray[np.float64]


def check_terms(most: int) -> None:
    """Raise `UsageError` unless evidence of `most` terms can be given.

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
    """Return which categories are alleged while none below them is.

    Parameters
    ----------
    alleged : ndarray of bool, shape (n_posts, n_keys)
        Columns are all keys of the taxonomy.
    taxonomy
        Its tree.
    categories
        Columns of the result; a category that is not among them is never alleged without one below it.

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


def spoken(model: Model, posts: Utf8, tagged: NDArray[np.bool_], most: int) -> Spoken:
    """Return the terms that added most to the log-odds of tags.

    Parameters
    ----------
    model
        The model that alleged them.
    posts
        Raw posts.
    tagged : ndarray of bool, shape (n_posts, n_categories)
        The tags.
    most
        Terms per tag.
    """
    where = np.flatnonzero(tagged.any(axis=1))
    parts = [_spoken(model, posts, tagged, where[at : at + _TOGETHER], most) for at in range(0, len(where), _TOGETHER)]
    if not parts:
        none = np.zeros(0, np.int64)
        return Spoken(none, none, none, none, np.zeros(0))
    return Spoken(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _spoken(
    model: Model, posts: Utf8, tagged: NDArray[np.bool_], where: NDArray[np.int64], most: int
) -> tuple[NDArray[Any], ...]:
    from koudai.model.evidence_kernels import PostFeatures, Strongest

    part = posts.part(int(where[0]), int(where[-1]) + 1)
    wanted = np.zeros(part.posts, dtype=bool)
    wanted[where - where[0]] = True
    features = block_features(model.blocks, model.normalizer.many(part.take(wanted)), model.segmenter)
    rows, categories = np.nonzero(tagged[where])
    terms, added = np.empty(len(rows) * most, np.int64), np.empty(len(rows) * most)
    counts = np.zeros(len(rows), np.int64)
    arrays = features.indptr.astype(np.int64, copy=False), features.indices.astype(np.int32, copy=False), features.data
    told = map(read_only, (np.ascontiguousarray(model.weights), model.slope, rows, categories))
    _kernels().strongest(PostFeatures(*map(read_only, arrays)), *told, most, Strongest(terms, added, counts))
    used = (np.arange(most) < counts[:, None]).ravel()
    return where[rows], categories, counts, terms[used], added[used]


def evidence(model: Model, posts: Utf8, alleged: NDArray[np.bool_], most: int) -> pa.ListArray:
    """Return for each post the terms that contributed most to the tags alleged of it.

    Parameters
    ----------
    model, posts
        As for `spoken`.
    alleged : ndarray of bool, shape (n_posts, n_keys)
        Columns are all keys of the model's taxonomy. A category with another below it that is alleged too stands for
        that one and has no evidence of its own.
    most
        Terms per category.

    Returns
    -------
    pyarrow.ListArray of struct ``category`` string, ``term`` string, ``log_odds`` float32
        In the order of the taxonomy, then the strongest first; empty where nothing is alleged.

    Raises
    ------
    UsageError
        If `most` is above EVIDENCE_TERMS.
    """
    import pyarrow as pa

    check_terms(most)
    found = spoken(model, posts, specific(alleged, model.taxonomy, model.categories), most)
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
