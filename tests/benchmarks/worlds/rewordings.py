"""Rewordings: answers under two wordings, two runs each, of posts alone and of near-duplicates that are read alike."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from koudai.audit.measures.wording import mean_interval
from koudai.audit.wording_runs import Runs, again, between, rate
from koudai.training.intervals import clustered_ratio
from tests.benchmarks.world import BAR, Cell, Ends, Sample, World

WHOLE = 2_000_000
SHARES = ("tagged", "agreement", "turned", "tags_left", "asked_again")
DIFFERENCES = ("wording_adds", "tag_difference")
TOLD = {
    "tagged": "tagged",
    "agreement": "agreement",
    "turned": "turned",
    "tags_left": "left",
    "asked_again": "asked again",
    "wording_adds": "added",
    "tag_difference": "difference",
}
Floats = NDArray[np.float64]
Given = tuple[str, Runs, Runs, NDArray[np.int64]]


def chances(generator: np.random.Generator, n: int, share: float, keeps: float) -> tuple[Floats, Floats]:
    """Draw the chance of a tag of each post, under the first wording and under the second; most are near 0 or 1."""
    p = generator.beta(0.3, 0.3 * (1 - share) / share, n)
    moved = generator.random(n) < 1 - keeps
    return p, np.where(moved, p * generator.random(n), p)


@cache
def truth(statistic: str, share: float, keeps: float) -> float:
    """Return a figure of all posts, from their chances."""
    p, q = chances(np.random.default_rng(1), WHOLE, share, keeps)
    both, either = p * q, p + q - p * q
    return {
        "tagged": float(p.mean()),
        "agreement": float((1 - either + both).mean()),
        "turned": float((either - both).mean() / either.mean()),
        "tags_left": float(both.mean() / p.mean()),
        "asked_again": float((p**2).mean() / p.mean()),
        "wording_adds": float(((p - q) ** 2).mean()),
        "tag_difference": float((q - p).mean()),
    }[statistic]


def draw(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw two runs under each wording."""
    of = cell.of
    times = np.minimum(generator.geometric(0.55, cell.n), 20) if of["copies"] else np.ones(cell.n, dtype=int)
    clusters = np.repeat(np.arange(cell.n), times)
    runs = [
        (generator.random((len(clusters), 2)) < one[clusters][:, None]).astype(np.int8)
        for one in chances(generator, cell.n, of["share"], of["keeps"])
    ]
    return Sample(truth(of["statistic"], of["share"], of["keeps"]), (of["statistic"], *runs, clusters))


def by_cluster(given: Given) -> Ends:
    """Koudai's."""
    statistic, first, second, clusters = given
    pair, own, ones = between(first, second), again(first), np.ones(len(first))
    if statistic in DIFFERENCES:
        values = pair.added if statistic == "wording_adds" else pair.second - pair.first
        return mean_interval(values, clusters, np.random.default_rng(1))
    parts = {
        "tagged": (rate(first), ones),
        "agreement": (pair.agree, ones),
        "turned": (pair.either - pair.both, pair.either),
        "tags_left": (pair.both, pair.first),
        "asked_again": (own.both, own.first),
    }[statistic]
    return clustered_ratio(*parts, clusters)[1:3]


def by_post(given: Given) -> Ends:
    """The same, as if posts were independent."""
    return by_cluster((*given[:3], np.arange(len(given[1]))))


def _cells(statistics: tuple[str, ...]) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            f"{TOLD[statistic]}, {n:,} {'groups' if copies else 'posts'}, {share:.0%}, {keeps:.0%} read as before",
            n,
            {"statistic": statistic, "share": share, "keeps": keeps, "copies": copies},
            BAR if n * share >= 15 and (statistic in SHARES or not 0 < n * share * (1 - keeps) < 15) else None,
        )
        for statistic in statistics
        for n in (100, 400)
        for copies in (False, True)
        for share in (0.05, 0.3)
        for keeps in (1.0, 0.5)
    )


_ABOUT = (
    "Each post has a chance of a tag, near 0 or 1 for most; under the second wording it is a part of that in as many "
    "posts as are not read as before. Two runs under each; near-duplicates have one chance. The truth is that of "
    "2,000,000 posts. Cells in which fewer than 15 tagged posts are to be expected have no bar; of differences, those "
    "in which fewer than 15 of these are read otherwise."
)
WORLDS = (
    World(
        name="Two wordings: shares",
        of=tuple(f"wording.{one}" for one in SHARES),
        kind="wilson, effective n",
        about=_ABOUT,
        cells=_cells(SHARES),
        draw=draw,
        ends=by_cluster,
        naive="each post alone",
        naive_ends=by_post,
    ),
    World(
        name="Two wordings: what the wording adds",
        of=tuple(f"wording.{one}" for one in DIFFERENCES),
        kind="bootstrap over clusters",
        about="The same answers.",
        cells=_cells(DIFFERENCES),
        draw=draw,
        ends=by_cluster,
        naive="each post alone",
        naive_ends=by_post,
    ),
)
