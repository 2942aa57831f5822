"""The evaluation of a run: its figures per category, where its labels came from, and what the split leaks.

Promises: every figure is given for all test posts and for those without a near-duplicate among the posts fitted on;
each category states what it was validated on: real posts, a proxy, posts written for a project, or nothing. Curves are
lists of points. Holds no post.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.cores import side_by_side
from koudai.corpus.corpus import Corpus
from koudai.corpus.labelled import labelled_rows
from koudai.corpus.reading.quarantine import reasons_of
from koudai.corpus.sources import fit_of
from koudai.corpus.split import Split, describe_split
from koudai.model.evaluation import (
    CategoryEvaluation,
    ClassMatrix,
    CorpusDescription,
    Evaluation,
    Points,
)
from koudai.model.model import Model
from koudai.progress import Advance
from koudai.taxonomy import Taxonomy
from koudai.training.coverage import describe_coverage
from koudai.training.evaluate import bin_of, evaluate
from koudai.training.slices import describe_slices, slices_of

_CURVE_POINTS = 60


@dataclass(frozen=True)
class ScoredRun:
    """The posts of a run, and the model's output for the test posts.

    Parameters
    ----------
    corpus, split, groups
        All posts of the run, their sides and near-duplicate groups.
    proba : ndarray of float32, shape (n_test, n_categories)
        Of the test posts, in corpus order.
    abstained : ndarray of bool, shape (n_test,)
        Whether the model abstains on each test post.
    """

    corpus: Corpus
    split: Split
    groups: NDArray[np.int64]
    proba: NDArray[np.float32]
    abstained: NDArray[np.bool_]


def describe(
    model: Model,
    tested: ScoredRun,
    *,
    seed: int,
    coverage: float | None = None,
    advance: Advance = lambda steps, told=None: None,
) -> Evaluation:
    """Evaluate a model on the test side of its run.

    Parameters
    ----------
    model
        The model, before it is saved.
    tested
        The posts of its run, with its output for the test side.
    seed
        Of the run; it is noted.
    coverage
        Wanted coverage of the model's conformal sets, if it has any.
    advance
        Progress callback: 1 per category.

    Returns
    -------
    Evaluation
        Without the parts that are measured elsewhere: decisions, learning curves, transfer, classes, background,
        search, casebook.
    """
    corpus, split, groups, proba = tested.corpus, tested.split, tested.groups, tested.proba
    columns = model.taxonomy.columns(model.categories)
    posts_of = {name: corpus.source == name for name in corpus.sources}
    fit_of_source, test_of_source = (
        {name: corpus.labels[posts & side] for name, posts in posts_of.items()} for side in (split.fit, split.test)
    )
    test_labels = corpus.labels[split.test]
    test_groups = groups[split.test]
    leaked = split.leaked[split.test]
    test = corpus.take(split.test)
    slices = slices_of(test.texts, test.topic)
    categories = {}
    for place, (key, column) in enumerate(zip(model.categories, columns, strict=True)):
        known = test_labels[:, column] >= 0
        y, p = test_labels[known, column], proba[known, place].astype(np.float64)
        fresh = ~leaked[known]
        measured = partial(evaluate, threshold=float(model.threshold[place]))
        jobs: list[Callable[[], Any]] = [
            partial(measured, y, p, groups=test_groups[known]),
            partial(
                describe_slices,
                y,
                p,
                test_groups[known],
                {kind: names[known] for kind, names in slices.items()},
                threshold=float(model.threshold[place]),
            ),
        ]
        if not fresh.all():
            jobs.append(partial(measured, y[fresh], p[fresh], groups=test_groups[known][fresh]))
        whole, sliced, *seen_apart = side_by_side(_done, jobs)
        unseen = seen_apart[0] if seen_apart else whole
        test_rows = _rows(test_of_source, column)
        sets = None
        if model.sets is not None and coverage is not None:
            sets = describe_coverage(
                y,
                proba[known, place],
                test_groups[known],
                sets=model.sets[:, place],
                target=coverage,
                exclusive=model.taxonomy.exclusive,
            )
        categories[key] = CategoryEvaluation(
            validated_on=_validated_on(corpus, test_rows, key, model.taxonomy),
            threshold=float(model.threshold[place]),
            fit_rows=_rows(fit_of_source, column),
            test_rows=test_rows,
            abstained=int(tested.abstained[known].sum()),
            all=tuple(whole),
            unseen=tuple(unseen),
            confusion=_confusion(y, p >= float(model.threshold[place])) if len(y) else (),
            slices=sliced,
            precision_recall=_precision_recall(y, p),
            reliability=_reliability(y, p),
            coverage=sets,
        )
        advance(1)
    return Evaluation(
        categories=categories,
        corpora={
            name: CorpusDescription(
                title=source.title,
                kind=source.kind,
                licence=source.licence,
                citation=source.citation,
                rows=int(posts_of[name].sum()),
                digest=corpus.take(posts_of[name]).digest,
            )
            for name, source in corpus.sources.items()
        },
        quarantined=len(corpus.quarantined),
        reasons=reasons_of(corpus.quarantined),
        noticed=corpus.noticed,
        dropped=corpus.dropped,
        split=describe_split(split, corpus, groups),
        labelled=tuple(labelled_rows(corpus, split, model.taxonomy, model.categories)),
        test_digest=test.digest,
        seed=seed,
        matrix=_matrix(model.categories, test_labels[:, columns], proba) if model.taxonomy.exclusive else None,
    )


def _done(job: Callable[[], Any]) -> Any:
    return job()


def _rows(labels: dict[str, NDArray[np.int8]], column: int) -> dict[str, tuple[int, int]]:
    return {name: (int((of[:, column] == 1).sum()), int((of[:, column] == 0).sum())) for name, of in labels.items()}


def _validated_on(corpus: Corpus, rows: dict[str, tuple[int, int]], key: str, taxonomy: Taxonomy) -> str:
    there = {fit_of(corpus.sources, name, key, taxonomy=taxonomy) for name, (ones, _) in rows.items() if ones > 0}
    if not any(zeros for _, zeros in rows.values()):
        return "none"
    return next((fit for fit in ("real", "proxy", "written") if fit in there), "none")


def _confusion(y: NDArray[np.int8], tagged: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(((y == label) & (tagged == tag)).sum()) for tag in (False, True)) for label in (0, 1))


def _matrix(categories: tuple[str, ...], labels: NDArray[np.int8], proba: NDArray[np.float32]) -> ClassMatrix:
    labelled = (labels == 1).sum(axis=1) == 1
    truth, p = np.argmax(labels[labelled] == 1, axis=1), proba[labelled]
    featureless = np.isnan(p).any(axis=1)
    said = np.where(featureless, len(categories), np.argmax(np.nan_to_num(p), axis=1))
    counts = np.zeros((len(categories), len(categories) + 1), dtype=int)
    np.add.at(counts, (truth, said), 1)
    return ClassMatrix(categories, tuple(map(tuple, counts.tolist())))


def _precision_recall(y: NDArray[np.int8], p: NDArray[np.float64]) -> Points:
    if not (y == 1).any():
        return ()
    order = np.argsort(-np.nan_to_num(p), kind="stable")
    ranked = np.nan_to_num(p)[order]
    last_of_equals = np.append(ranked[1:] < ranked[:-1], True)
    hits = np.cumsum(y[order] == 1)[last_of_equals]
    ranks = np.flatnonzero(last_of_equals) + 1
    places = np.unique(np.linspace(0, len(hits) - 1, _CURVE_POINTS).astype(int))
    return tuple((float(hits[i] / hits[-1]), float(hits[i] / ranks[i])) for i in places)


def _reliability(y: NDArray[np.int8], p: NDArray[np.float64]) -> Points:
    p = np.nan_to_num(p)
    place = bin_of(p)
    return tuple(
        (float(p[place == b].mean()), float((y[place == b] == 1).mean()), int((place == b).sum()))
        for b in range(10)
        if (place == b).any()
    )
