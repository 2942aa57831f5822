"""Labelled rows: what each corpus of a run says of each category, and how many of its posts say so.

Promises: a corpus that says nothing of a category has no row; counts are of posts with a label, never of silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.corpus import Corpus
from koudai.corpus.sources import fit_of
from koudai.corpus.split import Split
from koudai.taxonomy import Taxonomy

HEADER = (
    "category",
    "corpus",
    "stands for it as",
    "weight",
    "fitted on 1",
    "fitted on 0",
    "tested on 1",
    "tested on 0",
)


@dataclass(frozen=True)
class LabelledRow:
    """What one corpus says of one category.

    Parameters
    ----------
    category, corpus
        Which.
    stands_for
        How well, see `koudai.corpus.sources.fit_of`.
    weight
        Of its posts.
    fit, test
        Posts in the category and out of it, to fit on and to test on.
    """

    category: str
    corpus: str
    stands_for: str
    weight: float
    fit: tuple[int, int]
    test: tuple[int, int]


def labelled_rows(corpus: Corpus, split: Split, taxonomy: Taxonomy, categories: tuple[str, ...]) -> list[LabelledRow]:
    """Return a row for each category and each corpus that says anything of it."""
    posts_of = {name: corpus.source == name for name in corpus.sources}
    labels_of = {
        (name, side): corpus.labels[posts & mask]
        for name, posts in posts_of.items()
        for side, mask in (("fit", split.fit), ("test", split.test))
    }
    rows = []
    for key in categories:
        column = taxonomy.column(key)
        for name, posts in posts_of.items():
            fit, test = (_counts(labels_of[name, side][:, column]) for side in ("fit", "test"))
            if any([*fit, *test]):
                weight = float(corpus.weight[np.argmax(posts)])
                stands_for = fit_of(corpus.sources, name, key, taxonomy=taxonomy)
                rows.append(LabelledRow(key, name, stands_for, weight, fit, test))
    return rows


def _counts(labels: NDArray[np.int8]) -> tuple[int, int]:
    return int((labels == 1).sum()), int((labels == 0).sum())


def as_table(rows: Iterable[LabelledRow]) -> list[list[str | float]]:
    """Return rows as the cells of a table under `HEADER`."""
    return [[row.category, row.corpus, row.stands_for, row.weight, *row.fit, *row.test] for row in rows]
