"""Parts of all posts, such as platforms, from one drawn sample: their shares, and how these differ."""

from __future__ import annotations

from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.domains import DomainShares, SampledLabels, domain_shares
from koudai.audit.sample.estimate import aims
from koudai.training.intervals import Z95
from tests.benchmarks.world import Cell, Ends, Sample, World
from tests.benchmarks.worlds.sampled import design, drawn, scored

PARTS = np.array([0.5, 0.3, 0.15, 0.05])
TILT = np.array([1.0, 0.5, 2.0, 1.0])
"""Shares of all posts that the parts are, and how much likelier a post in the category is to be of each."""
SLOPE = PARTS * (np.arange(4) - PARTS @ np.arange(4)) / (PARTS @ (np.arange(4) - PARTS @ np.arange(4)) ** 2)
"""Weights of the slope of a line through the shares of the parts, were they periods."""
FEWEST = 5
"""Labels of posts in the category that are expected in the smallest part, below which a cell has no bar."""


class Given(NamedTuple):
    """What was estimated, with and without the model, and the weights that are asked for."""

    aided: DomainShares
    alone: DomainShares
    weights: NDArray[np.float64]


@cache
def place(model: str, share: float) -> NDArray[np.int64]:
    """Return the part of each post: what it is of hangs together with whether it is in the category."""
    y = scored(model, share)[0].y
    chance = np.where(y[:, None] == 1, PARTS * TILT / (PARTS @ TILT), PARTS)
    luck = np.random.default_rng([3, *model.encode()]).random(len(y))
    return (luck[:, None] > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)


def labels(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a sample and estimate the shares of all parts."""
    of = cell.of["model"], cell.of["share"]
    y, rows, where = scored(*of)[0].y, drawn(generator, cell), place(*of)
    posts = design(*of, cell.n)[0]
    made = aims(posts, rows, y[rows])
    assert made is not None
    found = [
        domain_shares(posts, SampledLabels(rows, y[rows]), place=where, power=power, domains=len(PARTS))
        for power in (made[2]["ppi++"].power, 0.0)
    ]
    aided, alone = found
    assert aided is not None
    assert alone is not None
    weights = np.array(cell.of["weights"], dtype=np.float64)
    truth = np.bincount(where, y) / np.bincount(where)
    return Sample(float(weights @ truth), Given(aided, alone, weights))


def estimated(given: Given, *, alone: bool = False) -> Ends:
    """Koudai's."""
    shares = given.alone if alone else given.aided
    if (given.weights != 0).sum() == 1:
        at = int(given.weights.argmax())
        return (float(shares.low[at]), float(shares.high[at])) if shares.told[at] else (None, None)
    found = shares.contrast(given.weights)
    return found.low, found.high


def slope(given: Given) -> Ends:
    """Koudai's, of a line through all parts."""
    return given.aided.slope(given.weights)[1:3]


def linearised(given: Given) -> Ends:
    """Estimate by labels alone ± 1.96 standard errors, as R's `survey` gives it."""
    value = float(np.nan_to_num(given.alone.value) @ given.weights)
    half = Z95 * float(np.sqrt(given.weights @ given.alone.covariance @ given.weights))
    return value - half, value + half


def _cells(named: dict[str, tuple[float, ...]], *, least: int = FEWEST) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            f"{name}, {model} model, share {share:g}, {n:,} labels",
            n,
            {"model": model, "share": share, "weights": weights},
            **({} if _expected(weights) * share * n >= least else {"bar": None}),
        )
        for name, weights in named.items()
        for model in ("good", "useless")
        for share in (0.05, 0.3)
        for n in (400, 1000)
    )


def _expected(weights: tuple[float, ...]) -> float:
    """Return the share of posts in the category that the smallest of the parts holds."""
    return float((PARTS * TILT / (PARTS @ TILT))[np.array(weights) != 0].min())


_ABOUT = (
    "20,000 scored posts, some drawn as by `koudai sample` and labelled; four parts hold 50, 30, 15 and 5 % of them, "
    "and their shares differ by a factor of four. The truth is that of all posts. In parentheses: fewer than 5 "
    "labels of posts that are in are to be expected in a part, and intervals are too wide, as they have to be."
)
_NAIVE = "labels alone ± 1.96 linearised s.e."
_WHERE = ("prevalence_by_group", "prevalence_over_time", "prevalence_around_event")
_ONE = {"the half": (1.0, 0, 0, 0), "a sixth": (0, 0, 1.0, 0), "a twentieth": (0, 0, 0, 1.0)}
_TWO = {"the half less a third": (1.0, -1.0, 0, 0), "a sixth less a third": (0, -1.0, 1.0, 0)}
WORLDS = (
    World(
        "Prevalence of a part",
        tuple(f"{where}.prevalence" for where in _WHERE),
        "design-based",
        _ABOUT,
        _cells(_ONE),
        labels,
        estimated,
        _NAIVE,
        linearised,
    ),
    World(
        "Prevalence of a part: labels alone",
        tuple(f"{where}.labels_alone" for where in _WHERE),
        "design-based",
        _ABOUT,
        _cells(_ONE),
        labels,
        partial(estimated, alone=True),
        _NAIVE,
        linearised,
        drawn_as="Prevalence of a part",
    ),
    World(
        "The difference of two parts",
        (*(f"{where}.difference" for where in _WHERE), "prevalence_around_event.window"),
        "design-based",
        _ABOUT,
        _cells(_TWO),
        labels,
        estimated,
        _NAIVE,
        linearised,
        drawn_as="Prevalence of a part",
    ),
    World(
        "The trend of four periods",
        ("prevalence_over_time.trend",),
        "design-based",
        _ABOUT.replace("four parts hold", "four periods hold") + " It is the slope through all four shares.",
        _cells({"slope": tuple(SLOPE.tolist())}, least=0),
        labels,
        slope,
        _NAIVE,
        linearised,
        drawn_as="Prevalence of a part",
    ),
)
