"""The alternative-annotator test: what its means are, and how often a machine that loses by ε is found to be equal."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.alternative import QUANTITIES, AlternativeTest, Quantity
from tests.benchmarks.world import AT_MOST_5, BAR, Cell, Ends, Sample, World

WHOLE = 200_000
PEOPLE = 3
TOLD: dict[Quantity, str] = {
    "advantage": "ρ",
    "people_advantage": "the person's",
    "disagreement": "disagreement",
    "people_disagreement": "among people",
    "more_disagreement": "more",
}
EPSILON = 0.1
Labels = NDArray[np.int8]
Given = tuple[Quantity, AlternativeTest]


def posts(
    generator: np.random.Generator, n: int, share: float, machine: float, events: bool
) -> tuple[Labels, Labels, NDArray[np.int64]]:
    """Draw what people and a machine say: right with a probability, which in a third of the events is lower."""
    sizes = np.maximum(1, np.round(generator.lognormal(1.0, 0.8, n))).astype(int) if events else np.ones(n, int)
    clusters = np.repeat(np.arange(n), sizes)
    true = generator.random(len(clusters)) < share
    hard = (generator.random(n) < 1 / 3)[clusters] & events
    right = np.column_stack([np.where(hard, one - 0.15, one) for one in (*[0.9] * PEOPLE, machine)])
    said = (true[:, None] ^ (generator.random(right.shape) >= right)).astype(np.int8)
    return said[:, :PEOPLE], said[:, PEOPLE], clusters


@cache
def truth(quantity: Quantity, share: float, machine: float, events: bool, balanced: bool) -> float:
    """Return a mean of a population."""
    random = np.random.default_rng(1)
    found = AlternativeTest(
        *posts(random, WHOLE // (4 if events else 1), share, machine, events), balanced=balanced
    ).mean(quantity)
    assert found.value is not None
    return found.value


def draw(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts that three people and a machine labelled."""
    of = cell.of
    said = posts(generator, cell.n, of["share"], of["machine"], of["events"])
    return Sample(
        truth(of["quantity"], **_setting(of)), (of["quantity"], AlternativeTest(*said, balanced=of["balanced"]))
    )


def _setting(of: dict[str, Any]) -> dict[str, Any]:
    return {name: of[name] for name in ("share", "machine", "events", "balanced")}


def by_cluster(given: Given) -> Ends:
    """Koudai's."""
    found = given[1].mean(given[0])
    return found.low, found.high


def by_post(given: Given) -> Ends:
    """The same, as if posts were independent."""
    test = given[1]
    alone = AlternativeTest(test.people, test.machine, np.arange(len(test.people)), balanced=test.balanced)
    return by_cluster((given[0], alone))


def losing(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts that three people labelled, and a machine that each of them leads by ε."""
    people, machine, clusters = posts(generator, cell.n, cell.of["share"], 0.9, cell.of["events"])
    worse = generator.random(len(machine)) < cell.of["worse"]
    return Sample(0.0, AlternativeTest(people, np.where(worse, 1 - machine, machine), clusters))


def winning(test: AlternativeTest) -> Ends:
    """Koudai's: whether it is found that the machine equals half of the annotators, which it does not."""
    rate = test.winning(epsilon=EPSILON).rate
    return (0.0, 1.0) if rate is not None and rate < 0.5 else (2.0, 2.0)


def winning_by_post(test: AlternativeTest) -> Ends:
    """The paper's: each post stands alone."""
    return winning(AlternativeTest(test.people, test.machine, np.arange(len(test.people))))


def _cells(quantities: tuple[Quantity, ...]) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            f"{TOLD[quantity]}, {n:,} {'events' if events else 'posts'}, {share:.0%}, machine right {machine:.0%}"
            + ", both labels alike" * balanced,
            n,
            {"quantity": quantity, "share": share, "machine": machine, "events": events, "balanced": balanced},
            BAR if not balanced or n * share >= 100 else None,
        )
        for quantity in quantities
        for n in (100, 400)
        for events in (False, True)
        for share, balanced in ((0.1, False), (0.4, False), (0.1, True), (0.4, True))
        for machine in (0.75, 0.9)
    )


WORLDS = (
    World(
        name="In the place of an annotator",
        of=tuple(f"alternative_annotator.{one}" for one in QUANTITIES[:4]),
        kind="wilson, effective n",
        about="Three people who are right on 90 % of posts and a machine that is right as often as the cell says, in a "
        "third of the events of about three posts less often; a share of posts is in the category. The truth is that "
        "of 200,000 posts. Both labels alike rests on the posts of the rarer label: cells in which fewer than 100 are "
        "to be expected have no bar.",
        cells=_cells(QUANTITIES[:4]),
        draw=draw,
        ends=by_cluster,
        naive="each post alone",
        naive_ends=by_post,
    ),
    World(
        name="How much more a machine disagrees",
        of=("alternative_annotator.more_disagreement",),
        kind="cluster-robust",
        about="The same people and machines.",
        cells=_cells(QUANTITIES[4:]),
        draw=draw,
        ends=by_cluster,
        naive="each post alone",
        naive_ends=by_post,
    ),
    World(
        name="A machine that loses by ε",
        of=("alternative_annotator.winning_rate",),
        kind="p-value",
        about="The same people, and a machine as good as they are with so many of its labels turned round that each of "
        "them leads it by ε = 0.1. What is held is that it is not found to equal half of them.",
        cells=tuple(
            Cell(
                f"{n:,} {'events' if events else 'posts'}, {share:.0%}",
                n,
                {"share": share, "events": events, "worse": worse},
                AT_MOST_5,
            )
            for n in (100, 400)
            for share in (0.1, 0.4)
            for events, worse in ((False, 0.156), (True, 0.197))
        ),
        draw=losing,
        ends=winning,
        naive="each post alone",
        naive_ends=winning_by_post,
    ),
)
