"""Means: of what a swap of terms does to each case or post, in which most change nothing; and of gaps within pairs."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from koudai.audit.measures.overreach import gap_interval
from koudai.training.bootstrap import percentile_interval
from koudai.training.intervals import clustered_mean
from tests.benchmarks.world import Cell, Ends, Sample, World, near

ALIKE = 0.9
Given = tuple[NDArray[np.float64], NDArray[np.int64]]


def flips(generator: np.random.Generator, share: float, n: int) -> NDArray[np.float64]:
    """Draw for each post the share of its swaps that change the tag: none in most, any share in the others."""
    return np.asarray((generator.random(n) < 2 * share) * generator.random(n))


def changes(generator: np.random.Generator, share: float, n: int) -> NDArray[np.float64]:
    """Draw for each post how far the probability moves: little in most, far in some."""
    return np.asarray(generator.beta(0.5, 0.5 * (1 - share) / share, n))


KINDS = {"flips": flips, "changes": changes}


def draw(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts, each alone or as a group of near-duplicates that are nearly of one mind."""
    share, of = near(generator, cell.of["mean"]), KINDS[cell.of["kind"]]
    times = np.minimum(generator.geometric(0.55, cell.n), 64) if cell.of["copies"] else np.ones(cell.n, dtype=int)
    clusters = np.repeat(np.arange(cell.n), times)
    alike = generator.random(len(clusters)) < np.sqrt(ALIKE)
    values = np.where(alike, of(generator, share, cell.n)[clusters], of(generator, share, len(clusters)))
    return Sample(share, (values, clusters))


def by_cluster(given: Given) -> Ends:
    """Koudai's."""
    return clustered_mean(*given)[1:3]


def bootstrap(given: Given, *, generator: int = 1) -> Ends:
    """Percentiles over samples of posts."""
    random, n = np.random.default_rng(generator), len(given[0])
    return percentile_interval(random.choice(given[0], size=(300, n)).mean(axis=1))


def gaps(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw the gaps of minimal pairs: probabilities of a model that tells so many of them apart."""
    told = generator.random(cell.n) < cell.of["told"]
    low, high = generator.beta(1, 6, cell.n), generator.beta(6, 1, cell.n)
    other = generator.beta(1, 6, cell.n)
    return Sample(cell.of["told"] * (6 / 7 - 1 / 7), (np.where(told, high, other) - low, np.arange(cell.n)))


def of_gaps(given: Given) -> Ends:
    """Koudai's."""
    return gap_interval(given[0], np.random.default_rng(1))


WORLDS = (
    World(
        name="What a swap of terms changes",
        of=tuple(f"term_swap.{one}{on}" for one in ("flip_rate", "mean_change") for on in ("", "_on_posts")),
        kind="wilson, effective n",
        about="n cases, or groups of near-duplicates of which nine tenths are of one mind. Flips: with twice the "
        "probability of the cell some of a post's swaps change the tag, any share of them. Changes of the probability: "
        "beta-distributed, small in most. The truth is the mean.",
        cells=tuple(
            Cell(
                f"{n:,}{' with copies' if copies else ''}, {kind}, mean {mean:g}",
                n,
                {"kind": kind, "mean": mean, "copies": copies},
                **({} if kind == "changes" or n * mean >= 5 else {"bar": None}),
            )
            for kind in KINDS
            for mean in (0.03, 0.15)
            for n in (100, 200)
            for copies in (False, True)
        ),
        draw=draw,
        ends=by_cluster,
        naive="percentiles over posts",
        naive_ends=bootstrap,
    ),
    World(
        name="The gap of minimal pairs",
        of=("overreach.pair_gap",),
        kind="bootstrap over posts",
        about="n pairs, of which the model tells the share of the cell apart. The truth is the mean gap.",
        cells=tuple(
            Cell(f"{n:,}, told apart {told:.0%}", n, {"told": told}, **({} if n >= 100 else {"bar": None}))
            for n in (20, 100, 300)
            for told in (0.0, 0.2, 0.5, 0.9)
        ),
        draw=gaps,
        ends=of_gaps,
        naive="percentiles over pairs",
        naive_ends=partial(bootstrap, generator=2),
    ),
)
