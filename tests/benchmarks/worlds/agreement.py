"""Agreement: annotators who err, with posts alone and with posts of events whose difficulty differs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.measures.agreement import (
    agreement_interval,
    alpha,
    kappa,
    kappa_interval,
    sheet_interval,
    sums_by_cluster,
)
from koudai.audit.measures.set_agreement import sets_interval, weighted_sets
from koudai.audit.set_labels import SetLabels
from tests.benchmarks.world import Cell, Ends, Sample, World

WHOLE = 400_000
PEOPLE = 3
SCORED = 20_000
TOLD = {"alpha": "α", "observed_agreement": "observed", "kappa": "κ"}
Given = tuple[str, NDArray[np.int32], NDArray[np.int64]]
Sheet = tuple[str, NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]


def posts(generator: np.random.Generator, n: int, of: dict[str, Any]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Draw what annotators say: right with a probability, which in a third of the events is lower."""
    sizes = np.maximum(1, np.round(generator.lognormal(2.0, 0.8, n))).astype(int) if of["events"] else np.ones(n, int)
    clusters = np.repeat(np.arange(n), sizes)
    true = generator.random(len(clusters)) < of["share"]
    right = np.where((generator.random(n) < 1 / 3)[clusters] & bool(of["events"]), of["right"] - 0.15, of["right"])
    errs = generator.random((len(clusters), PEOPLE)) >= right[:, None]
    return (true[:, None] ^ errs).astype(np.int32), clusters


def value(statistic: str, coded: NDArray[np.int32]) -> float:
    """Return a statistic of a table of annotations; κ is of the first two annotators."""
    if statistic == "alpha":
        return alpha(coded, 2)
    if statistic == "kappa":
        table = np.bincount(coded[:, 0] * 2 + coded[:, 1], minlength=4).reshape(2, 2)
        return float(kappa(table.astype(np.float64)))
    both = coded.sum(axis=1)
    return float(1 - (2 * both * (PEOPLE - both)).mean() / (PEOPLE * (PEOPLE - 1)))


@cache
def truth(statistic: str, share: float, right: float, events: bool) -> float:
    """Return a statistic of a population."""
    of = {"share": share, "right": right, "events": events}
    return value(statistic, posts(np.random.default_rng(1), WHOLE // (10 if events else 1), of)[0])


def draw(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a table of annotations."""
    of = cell.of
    return Sample(
        truth(of["statistic"], of["share"], of["right"], of["events"]), (of["statistic"], *posts(generator, cell.n, of))
    )


def by_cluster(given: Given) -> Ends:
    """Koudai's."""
    statistic, coded, clusters = given
    random = np.random.default_rng(1)
    if statistic == "kappa":
        return kappa_interval(coded[:, :2], clusters, values=2, generator=random)
    return agreement_interval(coded, clusters, statistic=statistic, values=2, generator=random)


def by_post(given: Given) -> Ends:
    """The same, as if posts were independent."""
    return by_cluster((*given[:2], np.arange(len(given[1]))))


@cache
def scored(share: float, right: float) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return what annotators would say of all scored posts, and strata by what a model says of them."""
    random = np.random.default_rng(2)
    coded, _ = posts(random, SCORED, {"share": share, "right": right, "events": False})
    f = coded.mean(axis=1) * 0.6 + 0.4 * random.random(SCORED)
    return coded, np.digitize(f, (0.2, 0.6)).astype(np.int64)


def sheet(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a sample with as many posts of each stratum, as far as there are so many."""
    coded, stratum = scored(cell.of["share"], cell.of["right"])
    size = np.bincount(stratum)
    drawn = np.concatenate(
        [
            generator.choice(np.flatnonzero(stratum == one), cell.n // len(size), replace=False)
            for one in range(len(size))
        ]
    )
    return Sample(
        value(cell.of["statistic"], coded),
        (cell.of["statistic"], coded[drawn], stratum[drawn], size.astype(np.float64)),
    )


def of_sheet(given: Sheet) -> Ends:
    """Koudai's."""
    statistic, coded, stratum, size = given
    coded = coded[:, :2] if statistic == "kappa" else coded
    return sheet_interval(coded, stratum, size, statistic=statistic, seed=1)[1:]


def unweighted(given: Sheet) -> Ends:
    """The same, as if each label stood for as many posts."""
    return by_post((*given[:2], np.arange(len(given[1]))))


@cache
def truth_of_sets(right: float, events: bool) -> float:
    """Return α of sets of a population."""
    marked, _ = sets(np.random.default_rng(1), WHOLE // (80 if events else 8), right, events)
    found = SetLabels.of(marked)
    return float(found.alpha(found.sums.sum(axis=0, keepdims=True))[0])


def sets(
    generator: np.random.Generator, n: int, right: float, events: bool
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Draw what annotators say of three categories of 30, 20 and 10 %: right as `posts` has it, in each apart."""
    sizes = np.maximum(1, np.round(generator.lognormal(2.0, 0.8, n))).astype(int) if events else np.ones(n, int)
    clusters = np.repeat(np.arange(n), sizes)
    hard = (generator.random(n) < 1 / 3)[clusters] & events
    true = generator.random((len(clusters), 1, 3)) < np.array([0.3, 0.2, 0.1])
    errs = generator.random((len(clusters), PEOPLE, 3)) >= np.where(hard, right - 0.15, right)[:, None, None]
    return (true ^ errs).astype(np.int8), clusters


def draw_sets(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw sets of categories by three annotators."""
    of = cell.of
    return Sample(truth_of_sets(of["right"], of["events"]), sets(generator, cell.n, of["right"], of["events"]))


def of_sets(given: tuple[NDArray[np.int8], NDArray[np.int64]]) -> Ends:
    """Koudai's."""
    found = SetLabels.of(given[0])
    return sets_interval(found, sums_by_cluster(found.sums, given[1][found.rows]), np.random.default_rng(1))[1:]


def of_sets_by_post(given: tuple[NDArray[np.int8], NDArray[np.int64]]) -> Ends:
    """The same, as if posts were independent."""
    return of_sets((given[0], np.arange(len(given[1]))))


@cache
def scored_sets(right: float) -> tuple[NDArray[np.int8], NDArray[np.int64], float]:
    """Return what annotators would say of all scored posts, strata by what a model says of them, and α."""
    random = np.random.default_rng(2)
    marked, _ = sets(random, SCORED, right, False)
    f = marked.max(axis=2).mean(axis=1) * 0.6 + 0.4 * random.random(SCORED)
    whole = SetLabels.of(marked)
    value = float(whole.alpha(whole.sums.sum(axis=0, keepdims=True))[0])
    return marked, np.digitize(f, (0.2, 0.6)).astype(np.int64), value


def sheet_of_sets(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a sample with as many posts of each stratum."""
    marked, stratum, truth = scored_sets(cell.of["right"])
    size = np.bincount(stratum)
    drawn = np.concatenate(
        [
            generator.choice(np.flatnonzero(stratum == one), cell.n // len(size), replace=False)
            for one in range(len(size))
        ]
    )
    return Sample(truth, (marked[drawn], stratum[drawn], size.astype(np.float64)))


def of_sheet_of_sets(given: tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.float64]]) -> Ends:
    """Koudai's."""
    found = SetLabels.of(given[0])
    return weighted_sets(found, given[1][found.rows], given[2], seed=1)[1:]


def sets_unweighted(given: tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.float64]]) -> Ends:
    """The same, as if each label stood for as many posts."""
    return of_sets_by_post((given[0], np.arange(len(given[0]))))


def _cells(events: bool) -> tuple[Cell, ...]:
    told = "events" if events else "posts"
    return tuple(
        Cell(
            f"{TOLD[statistic]}, {n:,} {told}, {share:.0%}, right {right:.0%}",
            n,
            {"statistic": statistic, "share": share, "right": right, "events": events},
        )
        for statistic in TOLD
        for n in (100, 300)
        for share in (0.1, 0.5)
        for right in (0.8, 0.95)
    )


_OF = ("agreement.alpha", "agreement.observed_agreement", "agreement.kappa")
WORLDS = (
    World(
        name="Agreement",
        of=_OF,
        kind="bootstrap over clusters",
        about="Three annotators, each right with the probability of the cell; a share of posts is in the category. In "
        "a third of the events of about ten posts they are right less often. The truth is that of 400,000 posts; κ is "
        "that of two of them.",
        cells=_cells(False) + _cells(True),
        draw=draw,
        ends=by_cluster,
        naive="bootstrap over posts",
        naive_ends=by_post,
    ),
    World(
        name="Agreement in a returned sample",
        of=_OF,
        kind="bootstrap over posts",
        about="The same annotators on a sample of 20,000 scored posts, as many from each of three strata by what a "
        "model says of them.",
        cells=tuple(
            Cell(
                f"{TOLD[statistic]}, {n:,} posts, {share:.0%}, right {right:.0%}",
                n,
                {"statistic": statistic, "share": share, "right": right},
            )
            for statistic in TOLD
            for n in (150, 450)
            for share, right in ((0.1, 0.95), (0.5, 0.8))
        ),
        draw=sheet,
        ends=of_sheet,
        naive="each label alike",
        naive_ends=unweighted,
    ),
    World(
        name="Agreement on sets",
        of=("set_agreement.alpha_sets",),
        kind="bootstrap over clusters",
        about="Three annotators and three categories of 30, 20 and 10 %, which they get right as above. The truth is "
        "that of 50,000 posts.",
        cells=tuple(
            Cell(f"{n:,} {'events' if events else 'posts'}, right {right:.0%}", n, {"right": right, "events": events})
            for n in (100, 300)
            for events in (False, True)
            for right in (0.8, 0.95)
        ),
        draw=draw_sets,
        ends=of_sets,
        naive="bootstrap over posts",
        naive_ends=of_sets_by_post,
    ),
    World(
        name="Agreement on sets in a returned sample",
        of=("set_agreement.alpha_sets",),
        kind="bootstrap over posts",
        about="The same on a sample of 20,000 scored posts, as many from each of three strata.",
        cells=tuple(
            Cell(f"{n:,} posts, right {right:.0%}", n, {"right": right}) for n in (150, 450) for right in (0.8, 0.95)
        ),
        draw=sheet_of_sets,
        ends=of_sheet_of_sets,
        naive="each label alike",
        naive_ends=sets_unweighted,
    ),
)
