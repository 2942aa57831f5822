"""A sample in two waves: the second is drawn where the labels of the first say that they tell most."""

from __future__ import annotations

from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.estimate import Population, aims
from koudai.audit.sample.second_wave import drawn_in_all
from koudai.audit.sample.stratified_interval import stratified_interval
from koudai.training.intervals import Z95
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.sampled import design, scored


class Given(NamedTuple):
    """All posts, those of both waves, and their labels."""

    posts: Population
    rows: NDArray[np.int64]
    y: NDArray[np.float64]


@cache
def means(model: str, share: float, n: int) -> NDArray[np.float64]:
    """Return the mean of the scores of each stratum."""
    posts = design(model, share, n)[0]
    return np.asarray(np.bincount(posts.stratum, scored(model, share)[0].f) / posts.size)[:, None]


def waves(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw both waves, as `koudai sample` and `koudai sample --continue` do."""
    model, share, first = cell.of["model"], cell.of["share"], cell.of["first"]
    world = scored(model, share)[0]
    posts, members, each = design(model, share, first)
    early = [generator.choice(own, n, replace=False, shuffle=False) for own, n in zip(members, each, strict=True)]
    yes = np.array([world.y[rows].sum() for rows in early])[:, None]
    size, drawn = posts.size.astype(np.int64), np.array(each)
    known = drawn[:, None].astype(float)
    total = drawn_in_all(size, drawn, (yes, known), means(model, share, first), n=cell.n - first)
    late = [
        generator.choice(np.setdiff1d(own, rows, assume_unique=True), more, replace=False, shuffle=False)
        for own, rows, more in zip(members, early, total - drawn, strict=True)
    ]
    rows = np.concatenate([*early, *late])
    return Sample(world.share, Given(posts, rows, world.y[rows]))


def estimated(given: Given, *, name: str) -> Ends:
    """Koudai's."""
    made = aims(given.posts, given.rows, given.y)
    assert made is not None
    strata, rate, found = made
    aim = found[name]
    low, high = stratified_interval(strata, rate, estimate=aim.value, gain=aim.gain, added=aim.added)
    return float(low), float(high)


def all_alike(given: Given) -> Ends:
    """Return the share of the labels, as if all had been drawn alike, ± 1.96 standard errors."""
    value, n = float(given.y.mean()), len(given.y)
    half = Z95 * float(np.sqrt(value * (1 - value) / n))
    return value - half, value + half


FEWEST_HITS = 5
"""Posts of the category in a sample, on average, below which a cell has no bar."""
WORLDS = tuple(
    World(
        name=f"Two waves: {name}",
        of=("prevalence.prevalence",),
        kind="design-based",
        about="20,000 scored posts: a first wave as `koudai sample` draws it is labelled, and its labels decide where "
        "`koudai sample --continue` draws the second. The interval is that of both, with the probabilities of the "
        "manifest. The truth is the share of all posts.",
        cells=tuple(
            Cell(
                f"{model} model, share {share:g}, {first:,} and {n - first:,} labels",
                n,
                {"model": model, "share": share, "first": first},
                **({} if share * n >= FEWEST_HITS else {"bar": None}),
            )
            for model in ("good", "useless", "too low")
            for share in (0.01, 0.05, 0.3)
            for first, n in ((200, 400), (200, 1000))
        ),
        draw=waves,
        ends=partial(estimated, name=name),
        naive="share of the labels",
        naive_ends=all_alike,
        drawn_as="Two waves",
    )
    for name in ("design", "ppi++")
)
