"""Labelled rows: what each corpus of a run says of each category, and how many of its posts say so.

Promises: a corpus that says nothing of a category has no row; counts are of posts with a label, never of silence.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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


def labelled_rows(
    corpus: Corpus, split: Split, taxonomy: Taxonomy, categories: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return for each category and each corpus that says anything of it: ``category``, ``corpus``, ``stands_for``
    (see `fit_of`), ``weight``, and ``fit`` and ``test``, each [1s, 0s].
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
            fit, test = (
                [int((labels_of[name, side][:, column] == value).sum()) for value in (1, 0)] for side in ("fit", "test")
            )
            if any([*fit, *test]):
                weight = float(corpus.weight[np.argmax(posts)])
                stands_for = fit_of(corpus.sources, name, key, taxonomy=taxonomy)
                rows.append(
                    {"category": key, "corpus": name, "stands_for": stands_for, "weight": weight}
                    | {"fit": fit, "test": test}
                )
    return rows


def as_table(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Return `labelled_rows` as the cells of a table under `HEADER`."""
    return [
        [*(row[name] for name in ("category", "corpus", "stands_for", "weight")), *row["fit"], *row["test"]]
        for row in rows
    ]
