"""Logistic regression of a category on what is known of all posts, from one drawn sample of labels."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.domains import SampledLabels
from koudai.audit.sample.estimate import Population
from koudai.audit.sample.sampled_regression import sampled_regression
from koudai.training.intervals import Z95
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.domains import place
from tests.benchmarks.worlds.sampled import design, drawn, scored

Floats = NDArray[np.float64]
TERMS = {"a third against the half": 1, "a sixth against the half": 2, "a number": 3}


class Given(NamedTuple):
    """All posts, what is known of them, the labels, and which coefficient is asked for."""

    population: Population
    terms: Floats
    labels: SampledLabels
    at: int


@cache
def known(model: str, share: float) -> tuple[Floats, Floats]:
    """Return the terms of every post (parts, and a number that is larger if it is in), and the true coefficients."""
    y, part = scored(model, share)[0].y, place(model, share)
    number = np.random.default_rng([4, *model.encode()]).normal(size=len(y)) + 0.5 * y
    part = np.where(part == 3, 0, part)
    terms = np.stack([np.ones(len(y)), part == 1, part == 2, number], axis=1).astype(np.float64)
    every = SampledLabels(np.arange(len(y)), y)
    found = sampled_regression(Population(np.zeros(len(y), int), y), every, terms, power=0.0)
    assert found is not None
    return terms, found.value


def labels(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a sample; the truth is the coefficient over all posts."""
    of = cell.of["model"], cell.of["share"]
    rows = drawn(generator, cell)
    terms, truth = known(*of)
    at = TERMS[cell.of["term"]]
    given = Given(design(*of, cell.n)[0], terms, SampledLabels(rows, scored(*of)[0].y[rows]), at)
    return Sample(float(truth[at]), given)


def estimated(given: Given) -> Ends:
    """Koudai's, on the scale of log odds."""
    found = sampled_regression(given.population, given.labels, given.terms)
    return (None, None) if found is None else (float(found.ends[0][given.at]), float(found.ends[1][given.at]))


def of_the_model(given: Given) -> Ends:
    """The regression of the model's tags, as if they were facts."""
    tags = (given.population.f >= 0.5).astype(np.float64)
    every = SampledLabels(np.arange(len(tags)), tags)
    found = sampled_regression(Population(np.zeros(len(tags), int), tags), every, given.terms, power=0.0)
    if found is None:
        return None, None
    mu = 1 / (1 + np.exp(-given.terms @ found.value))
    bend = given.terms.T @ (given.terms * (mu * (1 - mu))[:, None])
    half = Z95 * float(np.sqrt(np.linalg.inv(bend)[given.at, given.at]))
    return float(found.value[given.at]) - half, float(found.value[given.at]) + half


WORLDS = (
    World(
        "An odds ratio from a sample",
        ("prevalence_regression.odds_ratio",),
        "design-based",
        "20,000 scored posts, some drawn as by `koudai sample` and labelled; a logistic regression on the part of a "
        "post and a number. The truth is the coefficient over all posts. In parentheses: fewer than 30 labels in the "
        "category are to be expected, so that the audit gives no interval.",
        tuple(
            Cell(
                f"{term}, {model} model, share {share:g}, {n:,} labels",
                n,
                {"model": model, "share": share, "term": term},
                **({} if n * share >= 30 else {"bar": None}),
            )
            for term in TERMS
            for model in ("good", "fair", "useless")
            for share in (0.05, 0.3)
            for n in (400, 1000)
        ),
        labels,
        estimated,
        "the model’s tags taken for facts",
        of_the_model,
    ),
)
