"""Crosswalk: U and AMI of two labellings that share something or nothing, and the paired difference."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.association import Association, mutual_information
from koudai.audit.measures.crosswalk import clustered_difference
from koudai.training.bootstrap import percentile_interval
from koudai.training.intervals import Z95
from tests.benchmarks.world import Cell, Ends, Sample, World

COPIED, FEW_HITS = 300, 5
Coded = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def population(shape: tuple[int, int], strength: float) -> NDArray[np.float64]:
    """Return the cells of a population: independent ones, mixed with a share in which one value means one other."""
    random = np.random.default_rng(5)
    rows, columns = random.dirichlet(np.full(shape[0], 1.5)), random.dirichlet(np.full(shape[1], 1.5))
    same = np.zeros(shape)
    same[np.arange(shape[0]), np.arange(shape[0]) % shape[1]] = rows
    return np.asarray((1 - strength) * np.outer(rows, columns) + strength * same)


def entropy(p: NDArray[np.float64]) -> float:
    """In nats."""
    return float(-(p[p > 0] * np.log(p[p > 0])).sum())


def draw(generator: np.random.Generator, cell: Cell, *, of_rows: float) -> Sample:
    """Draw posts, each alone or as a group of near-duplicates that has one cell."""
    p = population(cell.of["shape"], cell.of["strength"])
    rows, columns = entropy(p.sum(axis=1)), entropy(p.sum(axis=0))
    truth = (rows + columns - entropy(p.ravel())) / (of_rows * rows + (1 - of_rows) * columns)
    cells, clusters = generator.choice(p.size, size=cell.n, p=p.ravel()), np.arange(cell.n)
    if cell.of["copies"]:
        times = np.minimum(generator.geometric(0.55, cell.n), 64)
        cells, clusters = np.repeat(cells, times), np.repeat(clusters, times)
    return Sample(truth, (*np.divmod(cells, p.shape[1]), clusters))


def uncertainty(given: Coded) -> Ends:
    """Koudai's, of U."""
    return Association.of(*given).uncertainty(seed=1)[1:3]


def adjusted(given: Coded) -> Ends:
    """Koudai's, of AMI."""
    return Association.of(*given).adjusted(seed=1)[1:3]


def plug_in(given: Coded, *, of_rows: float) -> Ends:
    """Percentiles of I/D as it is counted, over samples of posts."""
    table = Association.of(given[0], given[1], None).table
    drawn = np.random.default_rng(1).multinomial(len(given[0]), table.ravel() / table.sum(), size=40)
    found = []
    for one in drawn.reshape(-1, *table.shape):
        rows, columns = (entropy(one.sum(axis=axis) / one.sum()) for axis in (1, 0))
        scale = of_rows * rows + (1 - of_rows) * columns
        found.append(mutual_information(one) / scale if scale else np.nan)
    return percentile_interval(np.array(found))


def difference(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts that two models tag; groups of near-duplicates are tagged alike."""
    share, apart = cell.of["share"], cell.of["apart"]
    here = generator.random(cell.n) < share
    there = np.where(generator.random(cell.n) < cell.of["same"], here, generator.random(cell.n) < share - apart)
    times = np.minimum(generator.geometric(0.55, cell.n), 64)
    truth = apart * (1 - cell.of["same"])
    return Sample(truth, (*(np.repeat(one, times) for one in (here, there)), np.repeat(np.arange(cell.n), times)))


def paired(given: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]) -> Ends:
    """Koudai's."""
    here, there, clusters = given
    return clustered_difference(here & ~there, there & ~here, clusters)[2:4]


def unpaired(given: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]) -> Ends:
    """As if the two shares were of other, independent posts."""
    here, there, _ = given
    a, b, n = here.mean(), there.mean(), len(here)
    half = Z95 * np.sqrt((a * (1 - a) + b * (1 - b)) / n)
    return a - b - half, a - b + half


def _differ(here: float, there: float) -> float:
    """Return the share of posts on which two models differ that tag such shares independently."""
    return here * (1 - there) + there * (1 - here)


def _cells() -> tuple[Cell, ...]:
    found = []
    for shape in ((2, 2), (2, 8), (12, 8)):
        for strength in (0.0, 0.1, 0.3, 0.7):
            for n in (100, 300, 1000):
                for copies in (False, True) if n == COPIED else (False,):
                    of: dict[str, Any] = {"shape": shape, "strength": strength, "copies": copies}
                    told = f"{n:,}{' with copies' if copies else ''}, {shape[0]}x{shape[1]}, strength {strength:g}"
                    found.append(Cell(told, n, of))
    return tuple(found)


_ABOUT = (
    "n posts, or groups of near-duplicates, in two labellings with so many values, independent (strength 0) or mixed "
    "with a share of posts in which one value means one other. The truth is that of the population."
)
WORLDS = (
    World(
        name="The uncertainty coefficient U",
        of=("crosswalk.u",),
        kind="score",
        about=_ABOUT,
        cells=_cells(),
        draw=partial(draw, of_rows=0.0),
        ends=uncertainty,
        naive="percentiles of I/H",
        naive_ends=partial(plug_in, of_rows=0.0),
    ),
    World(
        name="Adjusted mutual information",
        of=("crosswalk.ami",),
        kind="score",
        about=_ABOUT,
        cells=tuple(cell for cell in _cells() if cell.of["shape"] != (2, 2) and cell.of["strength"] != 0.1),
        draw=partial(draw, of_rows=0.5),
        ends=adjusted,
        naive="percentiles of I/M",
        naive_ends=partial(plug_in, of_rows=0.5),
    ),
    World(
        name="The difference of two models' shares of the same posts",
        of=("crosswalk.difference",),
        kind="paired",
        about="n groups of near-duplicates; the two models decide alike on the share that the cell says, and on "
        "the others the second tags less, or as much. Hits are groups on which they differ.",
        cells=tuple(
            Cell(
                f"{n:,}, {share:.0%}, same {same:.0%}, apart {apart:g}",
                n,
                {"share": share, "same": same, "apart": apart},
                **({"bar": None} if n * (1 - same) * _differ(share, share - apart) < FEW_HITS else {}),
            )
            for n in (100, 300, 1000)
            for share, apart in ((0.1, 0.0), (0.1, 0.05), (0.5, 0.0), (0.5, 0.2))
            for same in (0.5, 0.8)
        ),
        draw=difference,
        ends=paired,
        naive="as if unpaired",
        naive_ends=unpaired,
    ),
)
