"""Splits: which posts a model is fitted on and which it is tested on.

Promises: a group of near-duplicates never stands on both sides of a group split; what an official split leaks is
counted and marked post by post, never repaired in silence; the same seed gives the same split whatever the order of
posts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.config import SplitSection
from pipeline.corpus.corpus import Corpus
from pipeline.errors import ConfigError, LabelError, TooFewPosts


@dataclass(frozen=True)
class Split:
    """Masks over a corpus, each of shape (n_posts,).

    `fit` and `test` share no post. `leaked` marks test posts of which a near-duplicate is in `fit`; ``test &
    ~leaked`` is what the model has never seen anything like.
    """

    fit: NDArray[np.bool_]
    test: NDArray[np.bool_]
    leaked: NDArray[np.bool_]


def split_corpus(corpus: Corpus, groups: NDArray[np.int64], section: SplitSection, *, seed: int) -> Split:
    """Divide a corpus as its config says.

    Parameters
    ----------
    corpus
        Posts with their sources' own splits.
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate group of each post.
    section
        ``use = "official"``: by the values of the split column. ``use = "group"``: whole groups at random, `test_share`
        of them to the test side.
    seed
        Of the random division.

    Raises
    ------
    ConfigError
        If a side of the official split is named both to fit and to test on.
    LabelError
        If the official split lacks a side that the config names.
    TooFewPosts
        If either side is empty.
    """
    if section.use == "official":
        both = sorted(set(section.fit) & set(section.test))
        if both:
            raise ConfigError(
                what=f"split.fit and split.test both name {', '.join(both)}",
                where="split.fit and split.test",
                expected="no post on both sides",
                happened="nothing was trained on",
                todo="take it out of one of them",
            )
        values = sorted(set(corpus.split))
        missing = [name for name in (*section.fit, *section.test) if name not in values]
        if missing:
            raise LabelError(
                what=f"the corpus has no split called {', '.join(missing)}",
                where="split.fit and split.test",
                expected=", ".join(value or "(none)" for value in values),
                todo="name the sides that are there, or set split.use = 'group'",
            )
        fit = np.isin(corpus.split, section.fit)
        test = np.isin(corpus.split, section.test)
    else:
        first: dict[int, str] = {}
        for group, source, post_id in zip(groups.tolist(), corpus.source, corpus.ids, strict=True):
            name = f"{seed}\0{source}\0{post_id}"
            first[group] = min(first.get(group, name), name)
        draw = {group: _draw(name) for group, name in first.items()}
        test = np.array([draw[group] < section.test_share for group in groups.tolist()], dtype=bool)
        fit = ~test
    if not fit.any() or not test.any():
        raise TooFewPosts(
            what="one side of the split is empty",
            got=f"{int(fit.sum())} posts to fit on, {int(test.sum())} to test on",
            todo="bring more posts, or another split",
        )
    return Split(fit=fit, test=test, leaked=test & np.isin(groups, groups[fit]))


def _draw(text: str) -> float:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64
