"""The profile of a training run: how the posts look that it is fitted on, counted as if each had not been there.

Promises: made of at most `MOST` posts of a side, drawn by whole near-duplicate groups; a term counts as known of a post
if it would be in the vocabulary without the post's near-duplicate group; probabilities are those of unseen test posts
by the model itself. The same run gives the same profile. Not used by any choice of the run.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.model.model import Model
from koudai.model.ngrams.blocks import cut_for, document_frequencies
from koudai.model.outline import Traits, probability_bins
from koudai.model.profile import Profile, TraitBins
from koudai.text.utf8 import of_texts
from koudai.training.prepare import Prepared

MOST = 5_000
"""Posts of each side that a profile rests on."""


def profile_of(prepared: Prepared, model: Model, test_proba: NDArray[np.float32]) -> Profile | None:
    """Return the profile of a run, None if there are too few posts.

    Parameters
    ----------
    prepared
        The run.
    model
        Fitted in it.
    test_proba : ndarray of float32, shape (n_test, n_categories)
        Its probabilities of the test side.
    """
    random = np.random.default_rng(prepared.config.run.seed)
    groups, split = prepared.groups, prepared.split
    fit = _drawn(np.flatnonzero(split.fit), groups, random)
    posts = of_texts(prepared.corpus.take(fit).texts)
    normalised = model.normalizer.many(posts)
    some = cut_for(model.blocks, normalised, model.segmenter)
    rows, found = int(split.fit.sum()), np.zeros(len(fit), np.int64)
    for block in model.blocks:
        counts = block.vocabulary.count(some)
        found += known_elsewhere(
            counts, document_frequencies(block, rows), groups[fit], min_df=prepared.config.features.min_df
        )
    traits = Traits(posts, np.diff(normalised.offsets), found)
    places = np.flatnonzero(~split.leaked[split.test])
    unseen = _drawn(places, groups[split.test], random)
    probabilities = probability_bins(test_proba[unseen], model.categories)
    parts = [TraitBins(traits.bins(), groups[fit]), TraitBins(probabilities, groups[split.test][unseen])]
    return Profile.of(parts, fitted=rows, seed=prepared.config.run.seed)


def known_elsewhere(
    counts: sp.csr_matrix, frequency: NDArray[np.int64], group: NDArray[np.int64], *, min_df: int
) -> NDArray[np.int64]:
    """Return how many terms of each post would be in the vocabulary if its near-duplicate group had not been there.

    Parameters
    ----------
    counts : csr matrix, shape (n_posts, n_terms)
        Of some of the posts fitted on, groups whole.
    frequency : ndarray of int64, shape (n_terms,)
        In how many of all posts fitted on each term occurs.
    group : ndarray of int64, shape (n_posts,)
    min_df
        In how many posts a term has to occur. One that occurs in fewer is there for its vector, and stays.

    Examples
    --------
    >>> counts = sp.csr_matrix([[1, 2, 1], [0, 1, 1], [0, 0, 1]])
    >>> known_elsewhere(counts, np.array([1, 2, 3]), np.array([0, 0, 2]), min_df=1).tolist()
    [1, 1, 1]
    """
    own = np.ones(len(counts.indices), np.int64)
    number = np.unique(group, return_inverse=True)[1]
    several = np.flatnonzero(np.bincount(number)[number] > 1)
    if len(several):
        there = counts[several]
        there.data = np.ones(len(there.data), np.int64)
        of = np.unique(number[several], return_inverse=True)[1]
        dealt = sp.csr_matrix((np.ones(len(of), np.int64), (of, np.arange(len(of)))))
        sums = ((dealt @ there)[of]).multiply(there).tocsr()
        sums.sort_indices()
        spans = [np.arange(counts.indptr[row], counts.indptr[row + 1]) for row in several]
        own[np.concatenate(spans)] = sums.data
    without = frequency[counts.indices] - own
    stays = (without >= min_df) | (frequency[counts.indices] < min_df)
    sums_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(stays)])
    return np.asarray(sums_before[counts.indptr[1:]] - sums_before[counts.indptr[:-1]])


def _drawn(rows: NDArray[np.intp], groups: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.intp]:
    """Return rows of whole groups, at most `MOST`."""
    number = np.unique(groups[rows], return_inverse=True)[1]
    sizes = np.bincount(number)
    order = random.permutation(len(sizes))
    return rows[np.isin(number, order[np.cumsum(sizes[order]) <= MOST])]
