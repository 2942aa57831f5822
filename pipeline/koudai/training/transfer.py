"""Transfer: how well a model fitted on some corpora does on the posts of another.

Promises: test posts with a near-duplicate among the posts to fit on of any corpus are left out; all cells of a column
are measured on the same posts, the test side of one corpus; a corpus with labels of one class only is tested on (by
accuracy) but never fitted on by itself. Terms, idf, weights, calibration and thresholds come from the posts of the fit
alone; averaged vectors, if there are any, from the background of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.errors import LabelError
from koudai.model.bundle.markdown import with_interval
from koudai.model.deciding.calibration import different
from koudai.model.evaluation import MetricValue, TransferValue
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.model import Model
from koudai.model.scorer import probabilities
from koudai.progress import Progress
from koudai.text.jieba.segment import Segmenter
from koudai.training.cross_validation import MEASURED, CrossData, cross_validated, enough_clusters, figure_of
from koudai.training.evaluate import evaluate
from koudai.training.features import Features, count_features
from koudai.training.fit import FitData, FittedCategory, fit_categories
from koudai.training.tilts import NOT_KNOWN, tilted, with_refits

if TYPE_CHECKING:
    from koudai.training.prepare import Prepared

ALL = "all"
ALL_BUT = "all but "
OF_TWO, OF_ONE = ("macro_f1", "average_precision", "auc"), ("accuracy",)
"""Metrics where a corpus's test side has both classes of a category, and where it has only one."""
SHOWN = {
    "macro_f1": "macro-F1",
    "auc": "AUC",
    "accuracy": "accuracy where a corpus has posts only in or only out of it",
}
"""Metrics that are shown, and their names in print."""
_REFITS = 7
"""Tilted samples that are fitted to, for a corpus that is tested on others."""

Build = Callable[[Features, list[FittedCategory], tuple[str, ...]], Model]


def by_corpus(
    prepared: Prepared,
    model: Model,
    proba: NDArray[np.float32],
    *,
    fitted_on: str = ALL,
    tested_on: tuple[str, ...] | None = None,
) -> list[TransferValue]:
    """Evaluate a model on the test side of each corpus separately, leaving out leaked posts.

    Parameters
    ----------
    prepared
        The run.
    model
        A model fitted on posts of the run.
    proba : ndarray of float32, shape (n_test, n_categories)
        Of the test posts, in corpus order; columns as the model's categories.
    fitted_on
        Name of the posts that the model was fitted on.
    tested_on
        Names of corpora; by default all.

    Returns
    -------
    list of TransferValue
        For each category, the corpora that have labels for it on the test side.
    """
    corpus, test = prepared.corpus, prepared.split.test
    labels, groups, source = corpus.labels[test], prepared.groups[test], corpus.source[test]
    unseen = ~prepared.split.leaked[test]
    found = []
    for place, key in enumerate(model.categories):
        column = model.taxonomy.column(key)
        for name in tested_on or corpus.sources:
            rows = np.flatnonzero(unseen & (source == name) & (labels[:, column] >= 0))
            if not len(rows):
                continue
            y = labels[rows, column]
            figures = evaluate(
                y,
                proba[rows, place].astype(np.float64),
                threshold=float(model.threshold[place]),
                groups=groups[rows],
                metrics=OF_TWO if (y == 1).any() and (y == 0).any() else OF_ONE,
            )
            found += [TransferValue(**vars(one), category=key, fitted_on=fitted_on, tested_on=name) for one in figures]
    return found


def transfer_matrix(
    prepared: Prepared, segmenter: Segmenter, build: Build, *, progress: Progress
) -> list[TransferValue]:
    """Return the transfer matrix: fitted on each corpus and, for categories in more than two, on all but each.

    Parameters
    ----------
    prepared
        The run.
    segmenter
        Word segmenter of the run.
    build
        Builds a model from features, fitted categories and their names.
    progress
        Progress callback.

    Returns
    -------
    list of TransferValue
        As from `by_corpus`, in order of categories, for those that at least two corpora label.
    """
    corpus, split = prepared.corpus, prepared.split
    knowing = {key: _knowing(prepared, key) for key in prepared.categories}
    shared = {key for key, names in knowing.items() if len(names) > 1}
    source = corpus.source[split.fit]
    fits: list[tuple[str, NDArray[np.bool_], tuple[str, ...] | None]] = [
        *((name, source == name, None) for name in corpus.sources),
        *((ALL_BUT + name, source != name, (name,)) for name in corpus.sources),
    ]
    test = corpus.take(split.test).texts
    found = []
    with progress.stage("fitting on some corpora, testing on others", len(fits)) as advance:
        for called, mask, tested_on in fits:
            rows = np.flatnonzero(mask)
            names = tuple(
                key
                for key in prepared.categories
                if key in shared
                and _can_be_fitted(prepared, rows, key)
                and (tested_on is None or (tested_on[0] in knowing[key] and len(knowing[key]) > 2))
            )
            if names:
                features = _counted(prepared, segmenter, rows)
                model = build(features, _fitted(prepared, features, rows, names), names)
                proba = probabilities(model, test)
                found += by_corpus(prepared, model, proba, fitted_on=called, tested_on=tested_on)
            advance(1)
    return sorted(found, key=lambda one: prepared.categories.index(one.category))


def refuse_alone(prepared: Prepared) -> None:
    """Raise `LabelError` unless at least two corpora label the same category."""
    if all(len(_knowing(prepared, key)) < 2 for key in prepared.categories):
        known = [f"{key}: {', '.join(_knowing(prepared, key))}" for key in prepared.categories]
        raise LabelError(
            what="`leave_one_source_out` needs a category that two corpora of this run label",
            expected="at least two [[corpus]] that label the same category",
            got="\n".join(known),
            happened="nothing was trained",
            todo="name another corpus that labels one of these, or train without `leave_one_source_out`",
        )


def _knowing(prepared: Prepared, key: str) -> list[str]:
    """Return the corpora that have labels for a category."""
    known = prepared.corpus.labels[:, prepared.taxonomy.column(key)] >= 0
    return [name for name in prepared.corpus.sources if known[prepared.corpus.source == name].any()]


def _can_be_fitted(prepared: Prepared, rows: NDArray[np.intp], key: str) -> bool:
    posts = np.flatnonzero(prepared.split.fit)[rows]
    says = prepared.corpus.labels[posts, prepared.taxonomy.column(key)]
    return all(len(np.unique(prepared.groups[posts[says == value]])) > 1 for value in (1, 0))


def _counted(prepared: Prepared, segmenter: Segmenter, rows: NDArray[np.intp]) -> Features:
    """Return the features of some of the posts to fit on, counted in these alone."""
    texts, background = prepared.corpus.texts, prepared.background
    own = [texts[post] for post in np.flatnonzero(prepared.split.fit)[rows]]
    return count_features(own, prepared.config, () if background is None else background.texts, segmenter=segmenter)


def _fitted(
    prepared: Prepared, features: Features, rows: NDArray[np.intp], names: tuple[str, ...]
) -> list[FittedCategory]:
    config, posts = prepared.config, np.flatnonzero(prepared.split.fit)[rows]
    columns = prepared.taxonomy.columns(names)
    return fit_categories(
        FitData(
            features.matrix,
            prepared.corpus.labels[posts][:, columns],
            prepared.corpus.weight[posts],
            prepared.groups[posts],
            classifier=make_classifier(config.model.classifier, config.model.params),
            seed=config.run.seed,
        ),
        names=names,
        section=config.decide,
    )


def as_matrix(measured: Iterable[TransferValue], category: str, metric: str) -> tuple[list[str], list[list[str]]]:
    """Return one metric of one category as the header and rows of a table: corpora fitted on by corpora tested on.

    A cell is the value with its interval, ``-`` if undefined, empty if not measured; the header gives corpus and n.
    """
    cells = [one for one in measured if one.category == category and one.metric == metric]
    tested = {one.tested_on: one.n for one in cells}
    fitted = dict.fromkeys(one.fitted_on for one in cells)
    values = {(one.fitted_on, one.tested_on): with_interval(one) for one in cells}
    header = ["fitted on", *(f"{name}, n = {n:,}" for name, n in tested.items())]
    return header, [[row, *(values.get((row, column), "") for column in tested)] for row in fitted]


def across(data: CrossData, source: NDArray[np.object_], *, category: str) -> list[TransferValue]:
    """Return the AUC of one category for each pair of a corpus to fit on and a corpus to test on.

    Terms and idf are those of the posts fitted on. Intervals include the draw of the posts tested on and of those
    fitted on: within a corpus as in `cross_validated`, across corpora by adding the two variances, as the draws are
    independent of each other.

    Parameters
    ----------
    data
        Data of one category: labels are 1, 0 or -1 (unknown). Posts of a near-duplicate group that is in several
        corpora are fitted on but not tested on.
    source : ndarray of object, shape (n_posts,)
        The corpus of each post.
    category
        Its name.

    Returns
    -------
    list of TransferValue
        Sorted by name, for the corpora that label the category; a corpus is fitted on if each class has at least two
        groups. The value is None where the posts tested on are of one class.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from koudai.training.counted_posts import CountedPosts
    >>> labels = np.array([1, 0] * 4, np.int8)
    >>> counts = sp.csr_matrix(np.stack([labels, 1 - labels], axis=1).astype(np.int32))
    >>> counted = CountedPosts((counts,), (np.ones(2),), min_df=1, sublinear_tf=True)
    >>> data = CrossData(counted, labels, np.arange(8), make_classifier("DualLinearSVC", {}), seed=1)
    >>> found = across(data, np.array(["a"] * 4 + ["b"] * 4, object), category="rumour")
    >>> [(one.fitted_on, one.tested_on, one.value) for one in found]
    [('a', 'a', 1.0), ('a', 'b', 1.0), ('b', 'a', 1.0), ('b', 'b', 1.0)]
    """
    labels, groups = data.labels, data.groups
    alone = ~in_several(groups, source)
    names = sorted({str(name) for name in source[labels >= 0]})
    rows = {name: np.flatnonzero((labels >= 0) & (source == name)) for name in names}
    both = replace(data, labels=np.where(labels == 1, 1, 0).astype(np.int8))
    found = []
    for name in (name for name in names if min(different(labels[rows[name]], groups[rows[name]])) > 1):
        cells = _elsewhere(both, rows[name], {other: rows[other] for other in names if other != name}, alone)
        cells[name] = cross_validated(both.take(rows[name]), metrics=("auc",), tested=alone[rows[name]])[0]
        found += [
            TransferValue(**vars(cells[tested]), category=category, fitted_on=name, tested_on=tested)
            for tested in names
        ]
    return found


def _elsewhere(
    data: CrossData, fit: NDArray[np.intp], others: dict[str, NDArray[np.intp]], alone: NDArray[np.bool_]
) -> dict[str, MetricValue]:
    """Return the AUC on the posts at each of `others` of a model that is fitted on those at `fit`."""
    if not others:
        return {}
    random = np.random.default_rng([data.seed, 2])
    wide = enough_clusters(data.labels[fit], data.clusters[fit])
    refits = _REFITS if wide else 0
    weights = np.zeros((len(data.labels), 1 + refits))
    weights[fit] = _tilts(random, data.clusters[fit], refits)
    decision = data.decided(weights)
    found = {}
    for name, rows in others.items():
        rows = rows[alone[rows]]
        some, tilts = data.take(rows), _tilts(random, data.clusters[rows], MEASURED)
        figures = [some.measured(decision[rows, at], tilts, ("auc",))[:, 0] for at in range(1 + refits)]
        known = wide and enough_clusters(some.labels, some.clusters)
        variance = with_refits(np.stack(figures)[None], together=False) if known else NOT_KNOWN
        found[name] = figure_of("auc", float(figures[0][0]), len(rows), variance)
    return found


def _tilts(random: np.random.Generator, clusters: NDArray[np.int64], tilts: int) -> NDArray[np.float64]:
    """Return the weights of posts, shape (n_posts, 1 + tilts), 1 in the first column."""
    names, place = np.unique(clusters, return_inverse=True)
    return np.concatenate([np.ones((len(names), 1)), tilted(random, len(names), tilts)], axis=1)[place]


def in_several(groups: NDArray[np.int64], source: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return whether each post has a near-duplicate in another corpus, shape (n_posts,).

    Examples
    --------
    >>> in_several(np.array([5, 5, 6]), np.array(["a", "b", "a"], object)).tolist()
    [True, True, False]
    """
    if not len(groups):
        return np.zeros(0, dtype=bool)
    _, group = np.unique(groups, return_inverse=True)
    _, corpus = np.unique(source.astype(str), return_inverse=True)
    pairs = np.unique(np.stack([group, corpus]), axis=1)
    return np.asarray(np.bincount(pairs[0])[group] > 1)
