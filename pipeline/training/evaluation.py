"""The evaluation of a run: its figures per category, where its labels came from, and what the split leaks, as plain
data.

Promises: figures on all test posts and on those unlike any post fitted on stand side by side; each category says on
what it was validated: real posts, a proxy, posts written for a project, or nothing. Curves are kept as points.
Holds no post.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.sources import fit_of
from pipeline.corpus.split import Split
from pipeline.model.model import Model
from pipeline.progress import Advance
from pipeline.training.evaluate import bin_of, evaluate

_CURVE_POINTS = 60


def describe(
    model: Model,
    *,
    corpus: Corpus,
    split: Split,
    groups: NDArray[np.int64],
    proba: NDArray[np.float32],
    abstained: NDArray[np.bool_],
    seed: int,
    advance: Advance = lambda steps: None,
) -> dict[str, Any]:
    """Return everything measured on a model's test side.

    Parameters
    ----------
    model
        The model, before it is saved.
    corpus, split, groups
        All posts of the run, their sides and near-duplicate groups.
    proba : ndarray of float32, shape (n_test, n_categories)
        Of the test posts, in corpus order.
    abstained : ndarray of bool, shape (n_test,)
        Posts of the test side on which the model is silent.
    seed
        Of the bootstrap.
    advance
        Called with 1 per category.

    Returns
    -------
    dict
        ``corpora`` (per source rows, digest, licence), ``split`` (sizes and leak) and ``categories``: per key
        ``validated_on``, ``threshold``, ``fit_rows`` and ``test_rows`` (per source [1s, 0s]), ``all`` and ``unseen``
        (lists of figures), ``precision_recall`` and ``reliability`` (points).
    """
    columns = [model.taxonomy.keys.index(key) for key in model.categories]
    posts_of = {name: corpus.source == name for name in corpus.sources}
    fit_of_source, test_of_source = (
        {name: corpus.labels[posts & side] for name, posts in posts_of.items()} for side in (split.fit, split.test)
    )
    test_labels = corpus.labels[split.test]
    test_groups = groups[split.test]
    leaked = split.leaked[split.test]
    categories = {}
    for place, (key, column) in enumerate(zip(model.categories, columns, strict=True)):
        known = test_labels[:, column] >= 0
        y, p = test_labels[known, column], proba[known, place].astype(np.float64)
        fresh = ~leaked[known]
        measured = partial(evaluate, threshold=float(model.threshold[place]), seed=seed)
        whole = measured(y, p, groups=test_groups[known])
        unseen = whole if fresh.all() else measured(y[fresh], p[fresh], groups=test_groups[known][fresh])
        test_rows = _rows(test_of_source, column)
        categories[key] = {
            "validated_on": _validated_on(corpus, test_rows, key),
            "threshold": float(model.threshold[place]),
            "fit_rows": _rows(fit_of_source, column),
            "test_rows": test_rows,
            "abstained": int(abstained[known].sum()),
            "all": [figure.to_dict() for figure in whole],
            "unseen": [figure.to_dict() for figure in unseen],
            "precision_recall": _precision_recall(y, p),
            "reliability": _reliability(y, p),
        }
        advance(1)
    return {
        "corpora": {
            name: {
                "title": source.title,
                "kind": source.kind,
                "licence": source.licence,
                "citation": source.citation,
                "rows": int(posts_of[name].sum()),
                "digest": corpus.take(posts_of[name]).digest,
            }
            for name, source in corpus.sources.items()
        },
        "quarantined": len(corpus.quarantined),
        "dropped": corpus.dropped,
        "split": {
            "fit": int(split.fit.sum()),
            "test": int(split.test.sum()),
            "unused": int((~split.fit & ~split.test).sum()),
            "leaked": int(split.leaked.sum()),
        },
        "categories": categories,
        "seed": seed,
    }


def figure(evaluation: dict[str, Any], category: str, metric: str, *, part: str = "all") -> dict[str, Any]:
    """Return one figure of an evaluation: ``metric``, ``value``, ``n``, ``low``, ``high``."""
    found: dict[str, Any] = next(item for item in evaluation["categories"][category][part] if item["metric"] == metric)
    return found


def _rows(labels: dict[str, NDArray[np.int8]], column: int) -> dict[str, list[int]]:
    return {name: [int((of[:, column] == value).sum()) for value in (1, 0)] for name, of in labels.items()}


def _validated_on(corpus: Corpus, rows: dict[str, list[int]], key: str) -> str:
    there = {fit_of(corpus.sources, name, key) for name, (ones, _) in rows.items() if ones > 0}
    if not any(zeros for _, zeros in rows.values()):
        return "none"
    return next((fit for fit in ("real", "proxy", "written") if fit in there), "none")


def _precision_recall(y: NDArray[np.int8], p: NDArray[np.float64]) -> list[list[float]]:
    if not (y == 1).any():
        return []
    order = np.argsort(-np.nan_to_num(p), kind="stable")
    ranked = np.nan_to_num(p)[order]
    last_of_equals = np.append(ranked[1:] < ranked[:-1], True)
    hits = np.cumsum(y[order] == 1)[last_of_equals]
    ranks = np.flatnonzero(last_of_equals) + 1
    places = np.unique(np.linspace(0, len(hits) - 1, _CURVE_POINTS).astype(int))
    return [[float(hits[i] / hits[-1]), float(hits[i] / ranks[i])] for i in places]


def _reliability(y: NDArray[np.int8], p: NDArray[np.float64]) -> list[list[float]]:
    p = np.nan_to_num(p)
    place = bin_of(p)
    return [
        [float(p[place == b].mean()), float((y[place == b] == 1).mean()), int((place == b).sum())]
        for b in range(10)
        if (place == b).any()
    ]
