"""Samples whose annotators err: by how they agree, what was adjudicated, and where it is known how often they err."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import majority
from koudai.audit.sample.annotator_errors import likely_shares, starts_meet, strata_differ
from koudai.audit.sample.answer_counts import count_answers
from koudai.audit.sample.corrected import by_overlap, combined, rogan_gladen
from koudai.audit.sample.estimate import Population, estimate
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.sampled import design, drawn, scored


class Given(NamedTuple):
    """All posts, those drawn, what people say, what was adjudicated, and how often they err."""

    population: Population
    rows: NDArray[np.int64]
    labels: NDArray[np.int8]
    gold: NDArray[np.int8]
    errors: tuple[float, float]

    @property
    def stratum(self) -> NDArray[np.int64]:
        return self.population.stratum[self.rows]


def labelled(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a sample, what each annotator says of it, and a quarter of it that is adjudicated."""
    of, rows = cell.of, drawn(generator, cell)
    world = scored(of["model"], of["share"])[0]
    y, (sensitivity, specificity) = world.y[rows] == 1, of["errors"]
    own, one = generator.random((of["people"], len(y))), generator.random(len(y))
    luck = np.where(generator.random(len(y)) < of["shared"], one, own)
    labels = np.where(y, luck < sensitivity, luck < 1 - specificity).astype(np.int8)
    gold = np.where(generator.permutation(len(y)) < len(y) // 4, y, -1).astype(np.int8)
    posts = design(of["model"], of["share"], cell.n)[0]
    return Sample(world.share, Given(posts, rows, labels, gold, (sensitivity, specificity)))


def agreeing(given: list[Given]) -> list[Ends]:
    """Koudai's, by how annotators agree."""
    first = given[0]
    labels = np.stack([one.labels for one in given])
    counts = count_answers(first.stratum, labels, size=first.population.size)
    found = likely_shares(counts)
    told = starts_meet(counts, found)
    told &= strata_differ(counts) | (labels.shape[1] > 2)
    return [(one.low, one.high) if sure else (None, None) for one, sure in zip(found, told, strict=True)]


def agreeing_alone(given: Given) -> Ends:
    """Koudai's, by how annotators agree, where it is identified."""
    found = by_overlap(given.stratum, given.labels, given.population.size)
    return (None, None) if found is None or found.share is None else (found.share.low, found.share.high)


def adjudicated(given: list[Given]) -> list[Ends]:
    """Koudai's, by what was adjudicated."""
    first = given[0]
    answers = np.stack([combined(one.labels) for one in given])[:, None]
    gold = np.stack([one.gold for one in given])
    found = likely_shares(count_answers(first.stratum, answers, gold, size=first.population.size))
    return [(one.low, one.high) for one in found]


def adjudicated_alone(given: Given) -> Ends:
    """The same, of one sample."""
    return adjudicated([given])[0]


def as_known(given: Given) -> Ends:
    """Koudai's, where it is known how often people err."""
    low, high = taken_for_right(given)
    assert low is not None
    assert high is not None
    return rogan_gladen(low, *given.errors), rogan_gladen(high, *given.errors)


def taken_for_right(given: Given) -> Ends:
    """Koudai's of `prevalence`, which takes labels for right."""
    one = estimate(given.population, given.rows, majority(given.labels))["design"]
    return one.low, one.high


def _cells(people: int, *, shared: float = 0.0, bar: bool = True, fewest: float = 0) -> tuple[Cell, ...]:
    """Every share, size and pair of rates; without a bar where fewer than `fewest` posts are in, on average."""
    said = " of three, half of errors shared" if shared else ""
    return tuple(
        Cell(
            f"share {share:g}, {n:,} labels{said}, sensitivity {se:g}, specificity {sp:g}",
            n,
            {"model": "fair", "share": share, "people": people, "errors": (se, sp), "shared": shared},
            **({} if bar and share * n >= fewest else {"bar": None}),
        )
        for share in (0.01, 0.05, 0.2)
        for n in (400, 1000)
        for se, sp in ((0.8, 0.95), (0.95, 0.99))
    )


_POSTS = "20,000 scored posts, some drawn as by `koudai sample` with a fair model, and labelled by people who err. "
_NAIVE = "labels taken for right"
_OF = ("prevalence_corrected.prevalence",)
WORLDS = (
    World(
        "Annotators who err: three",
        _OF,
        "likelihood ratio",
        _POSTS + "Three label every post. In parentheses: half of the posts mislead all three alike, which the labels "
        "do not tell.",
        (*_cells(3), *_cells(3, shared=0.5, bar=False)),
        labelled,
        agreeing_alone,
        _NAIVE,
        taken_for_right,
        together=agreeing,
    ),
    World(
        "Annotators who err: two",
        _OF,
        "likelihood ratio",
        _POSTS + "Two label every post; the strata tell the rest. *Given* is where that is identified.",
        _cells(2),
        labelled,
        agreeing_alone,
        _NAIVE,
        taken_for_right,
        together=agreeing,
    ),
    World(
        "Annotators who err: a quarter adjudicated",
        _OF,
        "likelihood ratio",
        _POSTS + "One labels every post, or three do of whom half of the posts mislead all alike; a quarter of the "
        "posts are adjudicated. In parentheses: four of the posts are in, on average, and most strata have none.",
        (*_cells(1, fewest=5), *_cells(3, shared=0.5, fewest=5)),
        labelled,
        adjudicated_alone,
        _NAIVE,
        taken_for_right,
        together=adjudicated,
    ),
    World(
        "Annotators who err as often as is known",
        _OF,
        "design-based",
        _POSTS + "One labels every post; how often people err is known.",
        _cells(1),
        labelled,
        as_known,
        _NAIVE,
        taken_for_right,
    ),
)
