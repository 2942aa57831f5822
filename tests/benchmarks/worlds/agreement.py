"""Agreement: annotators who err, with posts alone and with posts of events whose difficulty differs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.measures.agreement import alpha, alpha_interval
from tests.benchmarks.world import Cell, Ends, Sample, World

WHOLE = 400_000
PEOPLE = 3


def posts(generator: np.random.Generator, n: int, of: dict[str, Any]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Draw what annotators say: right with a probability, which in a third of the events is lower."""
    sizes = np.maximum(1, np.round(generator.lognormal(2.0, 0.8, n))).astype(int) if of["events"] else np.ones(n, int)
    clusters = np.repeat(np.arange(n), sizes)
    true = generator.random(len(clusters)) < of["share"]
    right = np.where((generator.random(n) < 1 / 3)[clusters] & bool(of["events"]), of["right"] - 0.15, of["right"])
    errs = generator.random((len(clusters), PEOPLE)) >= right[:, None]
    return (true[:, None] ^ errs).astype(np.int32), clusters


@cache
def truth(share: float, right: float, events: bool) -> float:
    """α of a population."""
    of = {"share": share, "right": right, "events": events}
    return alpha(posts(np.random.default_rng(1), WHOLE // (10 if events else 1), of)[0], 2)


def draw(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a table of annotations."""
    of = cell.of
    return Sample(truth(of["share"], of["right"], of["events"]), posts(generator, cell.n, of))


def by_cluster(given: tuple[NDArray[np.int32], NDArray[np.int64]]) -> Ends:
    """Koudai's."""
    return alpha_interval(*given, values=2, generator=np.random.default_rng(1))


def by_post(given: tuple[NDArray[np.int32], NDArray[np.int64]]) -> Ends:
    """The same, as if posts were independent."""
    return alpha_interval(given[0], np.arange(len(given[0])), values=2, generator=np.random.default_rng(1))


def _cells(events: bool) -> tuple[Cell, ...]:
    told = "events" if events else "posts"
    return tuple(
        Cell(f"{n:,} {told}, {share:.0%}, right {right:.0%}", n, {"share": share, "right": right, "events": events})
        for n in ((100, 300) if events else (100, 300))
        for share in (0.1, 0.5)
        for right in (0.8, 0.95)
    )


WORLDS = (
    World(
        name="Krippendorff's α",
        of=("agreement.alpha", "agreement.observed_agreement", "agreement.kappa"),
        kind="bootstrap over clusters",
        about="Three annotators, each right with the probability of the cell; a share of posts is in the category. In "
        "a third of the events of about ten posts they are right less often. The truth is α of 400,000 posts.",
        cells=_cells(False) + _cells(True),
        draw=draw,
        ends=by_cluster,
        naive="bootstrap over posts",
        naive_ends=by_post,
    ),
)
