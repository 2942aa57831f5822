"""Splits: conformal sets fitted on some posts and tested on others, and models of several splits that disagree."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from koudai.audit.trying.rashomon import STATISTICS, SplitPosts, Verdicts, disagreement
from koudai.model.deciding.conformal import fit_sets, possible
from koudai.training.intervals import clustered_wilson, wilson
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.performance import POSTS, population

SPLITS = 8
MODELS = 20
WHOLE = (600, 400)
"""Splits, and posts of each, of which the truth is the mean."""
Held = tuple[NDArray[np.bool_], NDArray[np.int64]]
Disagreeing = tuple[list[SplitPosts], str]


def sets(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts to fit sets on, and others, in groups of near-duplicates, to test them on."""
    of = population(cell.of["share"], 2.0)
    fitted, tested = generator.integers(0, POSTS, (2, cell.n))
    y = (generator.random((2, cell.n)) < of.q[np.stack([fitted, tested])]).astype(np.int8)
    limits = fit_sets(of.p[fitted, None], y[0][:, None], coverage=cell.of["coverage"])
    inside, outside = (one[:, 0] for one in possible(of.p[:, None], limits))
    truth = float((of.q * inside + (1 - of.q) * outside).mean())
    times = np.minimum(generator.geometric(0.55, cell.n), 64)
    right = np.where(y[1] == 1, inside[tested], outside[tested])
    return Sample(truth, (np.repeat(right, times), np.repeat(np.arange(cell.n), times)))


def by_cluster(given: Held) -> Ends:
    """Koudai's."""
    return clustered_wilson(*given)[1:3]


def by_post(given: Held) -> Ends:
    """Wilson's, as if posts were independent."""
    return wilson(int(given[0].sum()), len(given[0]))[1:]


def split(generator: np.random.Generator, n: int, of: dict[str, float], first: int) -> SplitPosts:
    """Draw posts that are sure but for some, and models that are of one mind but for chance and for their split."""
    times = np.minimum(generator.geometric(0.7, n), 9)
    sure = generator.normal(0, 3, n) - 1 + of["apart"] * generator.normal()
    p = expit(sure + generator.normal(0, 0.8, (MODELS + 1, n))).repeat(times, axis=1)
    groups = first + np.repeat(np.arange(n), times)
    tags = p > 0.5
    return SplitPosts(Verdicts(tags[0], tags[1:], p[0], p[1:], groups), furthest=0)


@cache
def truths(apart: float) -> dict[str, float]:
    """Return the mean of each statistic over many splits."""
    random = np.random.default_rng(3)
    cells = [split(random, WHOLE[1], {"apart": apart}, 0).values for _ in range(WHOLE[0])]
    return {name: float(np.concatenate([one[name] for one in cells]).mean()) for name in STATISTICS}


def disagreeing(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw the verdicts of the models of several splits."""
    n = cell.n // SPLITS
    cells = [split(generator, n, cell.of, one * n) for one in range(SPLITS)]
    return Sample(truths(cell.of["apart"])[cell.of["statistic"]], (cells, cell.of["statistic"]))


def over_splits(given: Disagreeing) -> Ends:
    """Koudai's."""
    return disagreement(given[0])[given[1]][1:]


def over_posts(given: Disagreeing) -> Ends:
    """Mean ± 1.96 standard errors of posts."""
    values = np.concatenate([one.values[given[1]] for one in given[0]]).astype(np.float64)
    half = 1.96 * float(values.std()) / np.sqrt(len(values))
    return float(values.mean()) - half, float(values.mean()) + half


WORLDS = (
    World(
        name="The coverage of conformal sets",
        of=("conformal.coverage",),
        kind="wilson, effective n",
        about="Sets are fitted on n posts and tested on n groups of near-duplicates; how many of all "
        "posts have a set of these that holds what they are is the truth.",
        cells=tuple(
            Cell(f"{n:,}, {share:.0%} in it, 1−α = {coverage:g}", n, {"share": share, "coverage": coverage})
            for n in (100, 400)
            for share in (0.1, 0.5)
            for coverage in (0.8, 0.9)
        ),
        draw=sets,
        ends=by_cluster,
        naive="Wilson by posts",
        naive_ends=by_post,
    ),
    World(
        name="Disagreement of models as good",
        of=tuple(f"multiplicity.{name}" for name in STATISTICS),
        kind="wilson, effective n",
        about=f"{MODELS} models in each of {SPLITS} splits judge groups of near-duplicates, n in all; in some cells "
        "the splits differ. The truth is the mean over many splits.",
        cells=tuple(
            Cell(
                f"{n:,}, {name}, splits {'differ' if apart else 'alike'}",
                n,
                {"statistic": name, "apart": apart},
            )
            for n in (160, 800)
            for name in STATISTICS
            for apart in (0.0, 1.0)
        ),
        draw=disagreeing,
        ends=over_splits,
        naive="mean ± 1.96 s.e., by post",
        naive_ends=over_posts,
    ),
)
