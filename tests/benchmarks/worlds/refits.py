"""Refits: models fitted anew on simulated posts of random words, within a corpus, across two, of two periods; and odds
ratios whose tag and outcome both hang on the month.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.audit.odds_ratio import odds_ratio
from koudai.audit.trying.two_sample import two_sample_test
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.counted_posts import CountedPosts
from koudai.training.cross_validation import CrossData, cross_validated
from koudai.training.evaluate import METRICS, evaluate, reweighted
from koudai.training.transfer import across
from tests.benchmarks.world import Cell, Ends, Sample, World

WORDS = 300
FITTED = 0.8
TESTED = 1000
TRUTHS = 400
FIGURES = ("auc", "average_precision", "f1")
MONTHS = 6


def posts(generator: np.random.Generator, y: NDArray[np.int8], signal: float) -> sp.csr_matrix:
    """Return word counts of posts: a quarter of the words lean to one side."""
    lean = np.where(np.arange(WORDS) < WORDS // 4, np.where(y == 1, signal, -signal)[:, None], 0.0)
    return sp.csr_matrix(generator.poisson(0.03 * (1.0 + lean)).astype(np.int32))


def labels(generator: np.random.Generator, n: int, share: float) -> NDArray[np.int8]:
    """Return labels, each 1 with the probability `share`."""
    return (generator.random(n) < share).astype(np.int8)


def cross_data(counts: sp.csr_matrix, y: NDArray[np.int8], seed: int) -> CrossData:
    """Return posts that are each a group of their own."""
    counted = CountedPosts((counts,), (np.ones(WORDS),), 2, sublinear_tf=True)
    return CrossData(
        counted, y, np.arange(len(y)), make_classifier("DualLinearSVC", {"C": 0.5, "class_weight": "balanced"}), seed
    )


@cache
def truths(fitted: int, share: float, signal: float) -> dict[str, float]:
    """Return the mean of each metric over models fitted on so many posts, each on a thousand others."""
    found = []
    for number in range(TRUTHS):
        random = np.random.default_rng([number, fitted])
        y = np.concatenate([labels(random, fitted, share), labels(random, TESTED, share)])
        data = cross_data(posts(random, y, signal), y, number)
        own = np.arange(len(y)) < fitted
        decision = data.decided(own.astype(np.float64)[:, None])[:, 0]
        found.append(data.measured(decision, np.ones((len(y), 1)), FIGURES, tested=~own)[0])
    return dict(zip(FIGURES, np.mean(found, axis=0).tolist(), strict=True))


def within(metric: str) -> Callable[[np.random.Generator, Cell], Sample]:
    """Return a draw of posts of one corpus."""

    def draw(generator: np.random.Generator, cell: Cell) -> Sample:
        y = labels(generator, cell.n, cell.of["share"])
        data = cross_data(posts(generator, y, cell.of["signal"]), y, int(generator.integers(2**31)))
        truth = truths(round(FITTED * cell.n), cell.of["share"], cell.of["signal"])[metric]
        return Sample(truth, (metric, data))

    return draw


def with_refits_ends(given: tuple[str, CrossData]) -> Ends:
    """Koudai's."""
    (found,) = cross_validated(given[1], metrics=(given[0],))
    return found.low, found.high


def fixed_fit_ends(given: tuple[str, CrossData]) -> Ends:
    """The interval of held-out posts, the fits being as they are."""
    metric, data = given
    (found,) = evaluate(
        data.labels,
        data.decisions(data.dealt(0))[:, 0],
        threshold=0.0,
        groups=data.groups,
        metrics=(metric,),
    )
    return found.low, found.high


def elsewhere(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw two corpora of as many posts."""
    y = np.concatenate([labels(generator, cell.n, 0.5) for _ in range(2)])
    data = cross_data(posts(generator, y, cell.of["signal"]), y, int(generator.integers(2**31)))
    return Sample(truths(cell.n, 0.5, cell.of["signal"])["auc"], data)


def across_ends(data: CrossData) -> Ends:
    """Koudai's."""
    source = np.array(["a", "b"], dtype=object)[np.arange(len(data.labels)) * 2 // len(data.labels)]
    (found,) = (one for one in across(data, source, category="x") if (one.fitted_on, one.tested_on) == ("a", "b"))
    return found.low, found.high


def one_fit_ends(data: CrossData) -> Ends:
    """The interval of the posts tested on, the fit being as it is."""
    own = np.arange(len(data.labels)) * 2 < len(data.labels)
    decision = data.decided(own.astype(np.float64)[:, None])[~own, 0]
    (found,) = evaluate(
        data.labels[~own],
        decision,
        threshold=0.0,
        groups=data.groups[~own],
        metrics=("auc",),
    )
    return found.low, found.high


def periods(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw as many posts of either period."""
    y = np.repeat(np.array([0, 1], np.int8), cell.n // 2)
    counted = CountedPosts((posts(generator, y, cell.of["signal"]),), (np.ones(WORDS),), 2, sublinear_tf=True)
    seed = int(generator.integers(2**31))
    return Sample(_nearest_mean(round(FITTED * cell.n), cell.of["signal"]), (counted, y == 1, seed))


@cache
def _nearest_mean(fitted: int, signal: float) -> float:
    """Return the mean AUC of the nearest of two means, fitted on so many posts, on a thousand others."""
    found = []
    for number in range(TRUTHS):
        random = np.random.default_rng([number, fitted])
        y = np.concatenate([labels(random, fitted, 0.5), labels(random, TESTED, 0.5)])
        own = np.arange(fitted)
        counted = CountedPosts((posts(random, y, signal),), (np.ones(WORDS),), 2, sublinear_tf=True)
        features = counted.fitted_on(own)
        means = [features[own[y[own] == side]].mean(axis=0) for side in (1, 0)]
        decision = np.asarray(features @ np.asarray(means[0] - means[1]).ravel())
        sums = reweighted(
            y[fitted:], decision[fitted:], threshold=0.0, groups=np.arange(TESTED), weights=np.ones((1, TESTED))
        )
        found.append(float(METRICS["auc"](sums)[0]))
    return float(np.mean(found))


def two_sample_ends(given: tuple[CountedPosts, NDArray[np.bool_], int]) -> Ends:
    """Koudai's."""
    counted, sides, seed = given
    found = two_sample_test(counted, sides, generator=np.random.default_rng(seed))
    return found.low, found.high


def classifier_ends(given: tuple[CountedPosts, NDArray[np.bool_], int]) -> Ends:
    """The interval of held-out posts under a support vector machine, the fits being as they are."""
    counted, sides, seed = given
    y = sides.astype(np.int8)
    made = make_classifier("DualLinearSVC", {"C": 0.5, "class_weight": "balanced"})
    return fixed_fit_ends(("auc", CrossData(counted, y, np.arange(len(y)), made, seed)))


Fates = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]


def fates(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts whose tag and outcome both hang on the month, with near-duplicates of one mind."""
    month = generator.integers(0, MONTHS, cell.n)
    tag = generator.random(cell.n) < 0.15 + 0.1 * month
    odds = np.exp(-1.5 + 0.4 * month + np.log(cell.of["ratio"]) * tag)
    outcome = generator.random(cell.n) < odds / (1.0 + odds)
    clusters = np.repeat(np.arange(cell.n), np.minimum(generator.geometric(0.6, cell.n), 9))
    return Sample(cell.of["ratio"], (outcome[clusters], tag[clusters], month[clusters], clusters))


def adjusted_ends(given: Fates) -> Ends:
    """Koudai's."""
    outcome, tag, month, clusters = given
    found = odds_ratio(outcome, tag, clusters=clusters, levels=(month,))
    return found.low, found.high


def plain_ends(given: Fates) -> Ends:
    """Without the month, as if posts were independent."""
    outcome, tag, _, clusters = given
    found = odds_ratio(outcome, tag, clusters=np.arange(len(clusters)))
    return found.low, found.high


_SIGNALS = {"nothing to learn": 0.0, "some": 0.5, "much": 0.9}
_CELLS = tuple(
    Cell(f"{n:,}, {told}{', a fifth in it' if share < 0.5 else ''}", n, {"signal": signal, "share": share})
    for n in (200, 400)
    for told, signal in _SIGNALS.items()
    for share in (0.5, 0.2)
    if share == 0.5 or (signal == _SIGNALS["much"] and n == 400)
)
_EVEN = tuple(cell for cell in _CELLS if cell.of["share"] == 0.5)
_PERIODS = tuple(Cell(f"{n:,}, {told}", n, {"signal": one}) for n in (100, 400) for told, one in _SIGNALS.items())

WORLDS = (
    *(
        World(
            name=f"{name} of refits within a corpus",
            of=of,
            kind="jackknife with refits",
            about="n posts of 300 words, a quarter of which lean to one side by nothing, a half or nine tenths. The "
            "truth is the mean over models fitted on four fifths of n, each tested on a thousand others. No interval "
            "below 50 posts of either class.",
            cells=_CELLS,
            draw=within(metric),
            ends=with_refits_ends,
            naive="the fits as they are",
            naive_ends=fixed_fit_ends,
            drawn_as="refits within a corpus",
        )
        for name, metric, of in (
            ("AUC", "auc", ("transfer.auc", "outcome.auc")),
            ("Average precision", "average_precision", ("learnability.average_precision",)),
            ("F1", "f1", ("learnability.f1",)),
        )
    ),
    World(
        name="AUC of refits across corpora",
        of=("transfer.auc",),
        kind="jackknife with refits",
        about="The same posts, n to fit on and n others to test on.",
        cells=_EVEN,
        draw=elsewhere,
        ends=across_ends,
        naive="the fit as it is",
        naive_ends=one_fit_ends,
    ),
    World(
        name="AUC of two periods",
        of=("drift.auc", "drift.auc_of_all"),
        kind="jackknife with refits",
        about="The same posts, half of n of either period. The truth is the mean over models fitted on four fifths.",
        cells=_PERIODS,
        draw=periods,
        ends=two_sample_ends,
        naive="the fits as they are",
        naive_ends=classifier_ends,
    ),
    World(
        name="Odds ratio, month being equal",
        of=("outcome.odds_ratio", "outcome.odds_ratio_adjusted"),
        kind="cluster-robust",
        about="n groups of near-duplicates of six months; tag and outcome are both more frequent in later ones.",
        cells=tuple(Cell(f"{n:,}, {ratio:g}", n, {"ratio": ratio}) for n in (200, 1000) for ratio in (1.0, 2.0)),
        draw=fates,
        ends=adjusted_ends,
        naive="without month and clusters",
        naive_ends=plain_ends,
    ),
)
