"""Labelled rows: the number of labelled posts of each category in each corpus of a run.

Promises: a corpus without labels of a category has no row; posts with an unknown label are not counted.
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
    """The labels of one category in one corpus.

    Parameters
    ----------
    category, corpus
        Key of the category, name of the corpus.
    stands_for
        How well the corpus stands for the category; see `koudai.corpus.sources.fit_of`.
    weight
        Weight of the posts of the corpus.
    fit, test
        Number of posts with label 1 and with label 0, to fit on and to test on.

    Examples
    --------
    >>> LabelledRow("rumour", "weibo21", "proxy", 1.0, fit=(40, 60), test=(10, 15)).fit
    (40, 60)
    """

    category: str
    corpus: str
    stands_for: str
    weight: float
    fit: tuple[int, int]
    test: tuple[int, int]


def labelled_rows(corpus: Corpus, split: Split, taxonomy: Taxonomy, categories: tuple[str, ...]) -> list[LabelledRow]:
    """Return a row for each category and each corpus with labels of it.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> from koudai.config.source import Source
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> labels = np.full((3, len(taxonomy.keys)), -1, np.int8)
    >>> labels[:, 0] = 1, 0, 1
    >>> name = np.array(["mine"] * 3, dtype=object)
    >>> sources = {"mine": Source(name="mine", file="mine.csv", kind="written")}
    >>> corpus = Corpus(["1", "2", "3"], ["x", "y", "z"], labels, name, name, np.ones(3), sources)
    >>> fit = np.array([True, True, False])
    >>> (row,) = labelled_rows(corpus, Split(fit, ~fit, leaked=fit & False), taxonomy, taxonomy.keys)
    >>> row.stands_for, row.fit, row.test
    ('written', (1, 1), (1, 0))
    """
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
    """Return rows as the cells of a table with the columns `HEADER`.

    Examples
    --------
    >>> as_table([LabelledRow("rumour", "weibo21", "proxy", 1.0, fit=(40, 60), test=(10, 15))])
    [['rumour', 'weibo21', 'proxy', 1.0, 40, 60, 10, 15]]
    """
    return [[row.category, row.corpus, row.stands_for, row.weight, *row.fit, *row.test] for row in rows]
