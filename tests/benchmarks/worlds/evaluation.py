"""Evaluation: figures of a trained model on posts it was not fitted on, and of two models on the same posts."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.training.bootstrap import percentile_interval
from koudai.training.compare import difference_interval
from koudai.training.evaluate import METRICS, evaluate, resampled
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.performance import POSTS, STRONG, WEAK, Population, population, true

THRESHOLD = 0.4
FEWEST = 15
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
    (found,) = evaluate(given.y, given.p, threshold=THRESHOLD, groups=given.groups, seed=1, metrics=(name,))
    return found.low, found.high


def percentiles(given: Scored, *, name: str) -> Ends:
    """Percentiles over samples of posts."""
    alone = np.arange(len(given.y))
    _, samples = resampled(given.y, given.p, threshold=THRESHOLD, groups=alone, seed=1, resamples=200)
    return percentile_interval(METRICS[name](samples))


def _samples(given: Scored, p: Values) -> Any:
    return resampled(given.y, p, threshold=THRESHOLD, groups=given.groups, seed=1)


def compared(given: Scored, *, name: str) -> Ends:
    """Koudai's."""
    return difference_interval(_samples(given, given.p), _samples(given, given.other), of=METRICS[name])[:2]


def of_two_intervals(given: Scored, *, name: str) -> Ends:
    """The difference of two intervals, squared and added, as if of other posts."""
    of = METRICS[name]
    found = [_samples(given, p) for p in (given.p, given.other)]
    (a, b), ends = ((float(of(one[0])[0]) for one in found), [percentile_interval(of(one[1])) for one in found])
    if any(end is None for two in ends for end in two):
        return None, None
    (low, high), (other_low, other_high) = ends
    return b - a - float(np.hypot(b - other_low, high - a)), b - a + float(np.hypot(other_high - b, a - low))  # type: ignore[operator]


def _cells(name: str) -> tuple[Cell, ...]:
    found = []
    for share in (0.05, 0.2, 0.5):
        for slope in (WEAK, STRONG):
            for n in (100, 400, 1500):
                about = f"share {share:g}, {'weak' if slope == WEAK else 'strong'} model, n {n:,}"
                of: dict[str, Any] = {"share": share, "slope": slope, "copies": False}
                few = share * n < FEWEST and name not in ("accuracy", "brier")
                found.append(Cell(about, n, of, **({"bar": None} if few else {})))
    of = {"share": 0.2, "slope": STRONG, "copies": True}
    return (*found, Cell("share 0.2, strong model, 400 groups of near-duplicates", 400, of))


_ABOUT = "Labels are drawn by a probability that the model sees with noise; the truth is the figure over all posts."
WORLDS = (
    *(
        World(
            f"Evaluation: {name}",
            (f"evaluation.{name}",),
            "bootstrap over groups",
            _ABOUT,
            _cells(name),
            partial(one_model, name=name),
            partial(evaluated, name=name),
            "percentiles over posts",
            partial(percentiles, name=name),
        )
        for name in NAMES
    ),
    *(
        World(
            f"Two trained models: {name}",
            (f"compare.{name}",),
            "bootstrap over groups",
            "Two models that see the same posts with noise that is mostly the same; the truth is the difference over "
            "all posts.",
            _cells(name)[1::2],
            partial(two_models, name=name),
            partial(compared, name=name),
            "two intervals, squared and added",
            partial(of_two_intervals, name=name),
        )
        for name in NAMES
    ),
)
