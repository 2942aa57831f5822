"""Calibration: the debiased error of models whose probabilities are right, too bold or too high; the Brier score."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.training.calibration_error import calibration_error
from koudai.training.evaluate import brier, ece, evaluate
from tests.benchmarks.resampling import percentiles
from tests.benchmarks.world import Cell, Ends, Sample, World

WHOLE = 400_000
BINS, COPIED = 10, 300
SHAPES = {"half": (1.0, 1.0), "a fifth": (0.5, 2.0), "5%": (0.3, 6.0)}
Given = tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.int64]]


def right(p: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """Return the true probabilities of posts to which a model of this kind gives `p`."""
    slope, shift = {"calibrated": (1.0, 0.0), "bold": (0.6, 0.0), "too high": (1.0, -0.6)}[kind]
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(1 / (1 + ((1 - p) / p) ** slope * np.exp(-shift)))


@cache
def truth(kind: str, shape: str, metric: str) -> float:
    """Return the error of the population in ten bins of equally many posts, or its mean (p − y)²."""
    p = np.sort(np.random.default_rng(1).beta(*SHAPES[shape], WHOLE))
    q = right(p, kind)
    if metric == "brier":
        return float(((p - q) ** 2 + q * (1 - q)).mean())
    return float(np.sqrt(((p - q).reshape(BINS, -1).mean(axis=1) ** 2).mean()))


def draw(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts, each alone or as a group of near-duplicates with one label."""
    p = generator.beta(*SHAPES[cell.of["shape"]], cell.n)
    y = (generator.random(cell.n) < right(p, cell.of["kind"])).astype(np.int8)
    groups = np.arange(cell.n)
    if cell.of["copies"]:
        times = np.minimum(generator.geometric(0.55, cell.n), 64)
        y, p, groups = (np.repeat(one, times) for one in (y, p, groups))
    return Sample(truth(cell.of["kind"], cell.of["shape"], cell.of["metric"]), (y, p, groups))


def debiased(given: Given) -> Ends:
    """Koudai's."""
    y, p, groups = given
    return calibration_error(y, p, groups=groups)[1:]


def binned(given: Given) -> Ends:
    """Percentiles of the binned ECE."""
    y, p, groups = given
    return percentiles(ece, y, p, groups, resamples=40)


def squared(given: Given) -> Ends:
    """Koudai's, of the Brier score."""
    y, p, groups = given
    (found,) = evaluate(y, p, threshold=0.5, groups=groups, metrics=("brier",))
    return found.low, found.high


def by_post(given: Given) -> Ends:
    """Percentiles over samples of posts."""
    y, p, _ = given
    return percentiles(brier, y, p, np.arange(len(y)))


def _cells(metric: str, kinds: tuple[str, ...], shapes: tuple[str, ...]) -> tuple[Cell, ...]:
    found = []
    for n in (100, 300, 1000):
        for kind in kinds:
            for shape in shapes:
                for copies in (False, True) if n == COPIED else (False,):
                    of: dict[str, Any] = {"kind": kind, "shape": shape, "copies": copies, "metric": metric}
                    found.append(Cell(f"{n:,}{' with copies' if copies else ''}, {shape}, {kind}", n, of))
    return tuple(found)


_ABOUT = (
    "n posts, or groups of near-duplicates, about so many of which are in the category, and models whose probabilities "
    "are right, too bold (slope .6 on the logit) or too high (by .6 on it)."
)
WORLDS = (
    World(
        name="The debiased calibration error",
        of=("calibration.calibration_error", "evaluation.calibration_error"),
        kind="score",
        about=f"{_ABOUT} The truth is the root mean square of the gaps of ten bins of equally many posts, 0 for a "
        "calibrated model.",
        cells=_cells("error", ("calibrated", "bold", "too high"), tuple(SHAPES)),
        draw=draw,
        ends=debiased,
        naive="percentiles of the binned ECE",
        naive_ends=binned,
    ),
    World(
        name="The Brier score",
        of=("calibration.brier", "evaluation.brier"),
        kind="wilson, effective n",
        about=f"{_ABOUT} The truth is the mean of (p − y)² in the population.",
        cells=_cells("brier", ("bold",), ("half", "a fifth")),
        draw=draw,
        ends=squared,
        naive="bootstrap over posts",
        naive_ends=by_post,
    ),
)
