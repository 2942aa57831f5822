"""Evaluation: figures of a trained model on unseen posts, of classes, and of two models on the same posts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.training.bootstrap import percentile_interval
from koudai.training.evaluate import METRICS, evaluate, judged
from koudai.training.intervals import IntervalKind
from koudai.training.judging.linear import RANKED
from koudai.training.judging.paired import paired_difference
from koudai.training.multiclass import evaluate_classes
from tests.benchmarks.resampling import percentiles
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.performance import POSTS, STRONG, WEAK, Population, population, true

THRESHOLD = 0.4
FEW_HITS, FEW_DIFFERENT, FEW_IN = 5, 15, 15
"""Hits, posts tagged otherwise, and posts in the category, fewer of which a cell with a bar is not expected to have."""
NAMES = ("precision", "recall", "f1", "macro_f1", "accuracy", "average_precision", "auc", "brier")
Values = NDArray[np.float64]


class Scored(NamedTuple):
    """Labels, what two models say, and near-duplicate groups."""

    y: NDArray[np.int8]
    p: Values
    other: Values
    groups: NDArray[np.int64]


def figure(name: str, q: Values, p: Values) -> float:
    """Return a figure of posts that are in the category with probability `q`."""
    tagged = p >= THRESHOLD
    if name == "accuracy":
        return float(np.where(tagged, q, 1 - q).mean())
    if name == "macro_f1":
        both = ((q, tagged), (1 - q, ~tagged))
        return float(np.mean([2 * (one * of).sum() / (one.sum() + of.sum()) for one, of in both]))
    return true(name, Population(q, p, p), p)


@cache
def truth(name: str, share: float, slope: float) -> tuple[float, float]:
    """Return a figure of both models over all posts."""
    of = population(share, slope)
    return figure(name, of.q, of.p), figure(name, of.q, of.other)


def draw(generator: np.random.Generator, cell: Cell) -> Scored:
    """Draw labelled posts, each alone or as a group of near-duplicates."""
    of = population(cell.of["share"], cell.of["slope"])
    drawn = generator.integers(0, POSTS, cell.n)
    y = (generator.random(cell.n) < of.q[drawn]).astype(np.int8)
    times = np.minimum(generator.geometric(0.55, cell.n), 64) if cell.of["copies"] else np.ones(cell.n, dtype=int)
    columns = (y, of.p[drawn], of.other[drawn], np.arange(cell.n))
    return Scored(*(np.repeat(one, times) for one in columns))


def one_model(generator: np.random.Generator, cell: Cell, *, name: str) -> Sample:
    """Draw posts that one model judges."""
    return Sample(truth(name, cell.of["share"], cell.of["slope"])[0], draw(generator, cell))


def two_models(generator: np.random.Generator, cell: Cell, *, name: str) -> Sample:
    """Draw posts that two models judge."""
    first, second = truth(name, cell.of["share"], cell.of["slope"])
    return Sample(second - first, draw(generator, cell))


def evaluated(given: Scored, *, name: str) -> Ends:
    """Koudai's."""
    (found,) = evaluate(given.y, given.p, threshold=THRESHOLD, groups=given.groups, metrics=(name,))
    return found.low, found.high


def by_post(given: Scored, *, name: str) -> Ends:
    """Percentiles over samples of posts."""
    return percentiles(METRICS[name], given.y, given.p, np.arange(len(given.y)), threshold=THRESHOLD)


def compared(given: Scored, *, name: str) -> Ends:
    """Koudai's."""
    sides = [judged(given.y, p, threshold=THRESHOLD, groups=given.groups) for p in (given.other, given.p)]
    return paired_difference(*sides, name)[1:3]


def of_two_intervals(given: Scored, *, name: str) -> Ends:
    """The difference of two intervals, squared and added, as if of other posts."""
    (a,), (b,) = (
        evaluate(given.y, p, threshold=THRESHOLD, groups=given.groups, metrics=(name,)) for p in (given.p, given.other)
    )
    if None in (a.value, a.low, a.high, b.value, b.low, b.high):
        return None, None
    less, more = np.hypot(b.value - b.low, a.high - a.value), np.hypot(b.high - b.value, a.value - a.low)  # type: ignore[operator]
    return float(b.value - a.value - less), float(b.value - a.value + more)  # type: ignore[operator]


def _bar(name: str, share: float, slope: float, n: int, *, two: bool) -> dict[str, Any]:
    """Return that a cell has no bar, if too little is to be expected in it for the figure."""
    of = population(share, slope)
    first, second = of.p >= THRESHOLD, of.other >= THRESHOLD
    if name in RANKED:
        few = share * n < FEW_IN
    elif two:
        few = n * ((first != second) * (of.q if name == "recall" else 1)).mean() < FEW_DIFFERENT
    else:
        few = name != "accuracy" and n * (of.q * first).mean() < FEW_HITS
    return {"bar": None} if few else {}


def _cells(name: str, *, two: bool = False) -> tuple[Cell, ...]:
    found = []
    for share in (0.05, 0.2, 0.5):
        for slope in (WEAK, STRONG):
            for n in (100, 400, 1500):
                about = f"share {share:g}, {'weak' if slope == WEAK else 'strong'} model, n {n:,}"
                of: dict[str, Any] = {"share": share, "slope": slope, "copies": False}
                found.append(Cell(about, n, of, **_bar(name, share, slope, n, two=two)))
    of = {"share": 0.2, "slope": STRONG, "copies": True}
    last = Cell("share 0.2, strong model, 400 groups of near-duplicates", 400, of)
    return (*found, replace(last, bar=None) if two and name in ("recall",) else last)


CLASSES = {3: (0.6, 0.3, 0.1), 10: (0.4, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05, 0.04, 0.03, 0.03)}
"""Shares of classes, by their number."""
RIGHT = 0.75


@cache
def shown(classes: int) -> Values:
    """Return the shares of posts of each class that a model puts into each: most of them right, the others as it
    pleases.
    """
    shares = np.array(CLASSES[classes])
    wrong = np.random.default_rng(3).dirichlet(np.ones(classes), classes)
    return np.asarray(shares[:, None] * (RIGHT * np.eye(classes) + (1 - RIGHT) * wrong))


def classes(generator: np.random.Generator, cell: Cell, *, name: str) -> Sample:
    """Draw posts of several classes, each alone or as a group of near-duplicates that are nearly of one mind."""
    table = shown(cell.of["classes"])
    k = len(table)
    times = np.minimum(generator.geometric(0.55, cell.n), 64) if cell.of["copies"] else np.ones(cell.n, dtype=int)
    groups = np.repeat(np.arange(cell.n), times)
    drawn = generator.choice(k * k, cell.n, p=table.ravel())[groups]
    right, held, given = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    truth = {"accuracy": right.sum(), "macro_f1": (2 * right / (held + given)).mean()}[name]
    return Sample(float(truth), (*np.divmod(drawn, k), k, groups))


def of_classes(given: tuple[Any, Any, int, Any], *, name: str) -> Ends:
    """Koudai's."""
    true, guessed, k, groups = given
    found = next(one for one in evaluate_classes(true, guessed, k, groups=groups) if one.metric == name)
    return found.low, found.high


def classes_by_post(given: tuple[Any, Any, int, Any], *, name: str) -> Ends:
    """Percentiles over samples of posts."""
    true, guessed, k, _ = given
    table = np.bincount(true * k + guessed, minlength=k * k)
    drawn = np.random.default_rng(1).multinomial(len(true), table / table.sum(), 200).reshape(-1, k, k)
    right, held, told = np.einsum("ijj->ij", drawn), drawn.sum(axis=2), drawn.sum(axis=1)
    if name == "accuracy":
        return percentile_interval(right.sum(axis=1) / len(true))
    there = held > 0
    f1 = np.divide(2 * right, held + told, out=np.zeros(held.shape), where=there)
    return percentile_interval(f1.sum(axis=1) / there.sum(axis=1))


_KINDS: dict[str, IntervalKind] = {"auc": "score"}
_ABOUT = "Labels are drawn by a probability that the model sees with noise; the truth is the figure over all posts."
WORLDS = (
    *(
        World(
            f"Evaluation: {name}",
            (f"evaluation.{name}",),
            _KINDS.get(name, "wilson, effective n"),
            _ABOUT,
            _cells(name),
            partial(one_model, name=name),
            partial(evaluated, name=name),
            "percentiles over posts",
            partial(by_post, name=name),
        )
        for name in NAMES
    ),
    *(
        World(
            f"Classes: {name}",
            (f"evaluation.classes_{name}",),
            "wilson, effective n",
            f"Posts of three or ten classes of uneven size, of which a model gets {RIGHT:.0%} right. The truth is the "
            "figure of the population.",
            tuple(
                Cell(
                    f"{count} classes, {n:,}{' groups of near-duplicates' if copies else ''}",
                    n,
                    {"classes": count, "copies": copies},
                    **({"bar": None} if name == "macro_f1" and n * min(CLASSES[count]) * RIGHT < FEW_HITS else {}),
                )
                for count in CLASSES
                for n, copies in ((100, False), (400, False), (400, True), (1500, False))
            ),
            partial(classes, name=name),
            partial(of_classes, name=name),
            "percentiles over posts",
            partial(classes_by_post, name=name),
        )
        for name in ("accuracy", "macro_f1")
    ),
    *(
        World(
            f"Two trained models: {name}",
            (f"compare.{name}",),
            "paired",
            "Two models that see the same posts with noise that is mostly the same; the truth is the difference over "
            "all posts. There is an interval of tags only where six posts or more are tagged otherwise; cells in which "
            f"fewer than {FEW_DIFFERENT} are expected have no bar.",
            _cells(name, two=True)[1::2],
            partial(two_models, name=name),
            partial(compared, name=name),
            "two intervals, squared and added",
            partial(of_two_intervals, name=name),
        )
        for name in NAMES
    ),
)
