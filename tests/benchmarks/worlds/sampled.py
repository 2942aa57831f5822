"""Drawn samples: how much is in a category, how many labels are wrong, and how good a model is, over all posts."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import SAMPLE
from koudai.audit.judging.equation_interval import Asked, equation_interval, share_equation
from koudai.audit.judging.measured import measured
from koudai.audit.judging.sources import JudgedSource, Said
from koudai.audit.sample.estimate import ESTIMATORS, aims
from koudai.audit.sample.stratified_interval import stratified_interval
from koudai.training.intervals import Z95
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR
from koudai.training.judging.measured import CONFUSION
from koudai.training.judging.strata import Strata
from tests.audit.sample import simulated
from tests.benchmarks.world import Cell, Ends, Sample, World

TAGGED = 0.4
OTHERS = ("", "other_")
OF = {
    **{name: tuple(f"performance.{who}{name}" for who in OTHERS) for name in LINEAR},
    "false_negatives": ("performance.false_negatives", "performance.true_negatives"),
}
OF["precision"] += ("performance.true_positives", "performance.false_positives")
OF["brier"] += ("calibration.brier",)
FLAGGED, WRONG = (0.92, 0.08), (0.5, 2.5)
"""Labels that are not flagged and that are; how many times as often as all labels they are wrong."""
SIZES = np.array([20_000.0, 5_000.0])
"""Labels of posts that are out of the category and of posts that are in it."""
Given = tuple[Any, NDArray[np.int64], NDArray[np.float64]]
Looked = tuple[Strata, NDArray[np.float64]]


@cache
def scored(model: str, share: float) -> tuple[simulated.World, dict[str, float]]:
    """Return scored posts and the figures over all of them."""
    world, rows = simulated.world(model, share), np.arange(20_000)
    whole = JudgedPosts(world.y, world.f, world.f >= TAGGED, rows, rows)
    figures = {name: one.value for name, of in LINEAR.items() if (one := of(whole)) is not None}
    return world, {**figures, CONFUSION[2]: float((world.y * (world.f < TAGGED)).mean()), "observed": world.share}


@cache
def design(model: str, share: float, n: int) -> tuple[Any, list[NDArray[np.int64]], list[int]]:
    """Return all posts, those of each stratum, and how many of them are drawn."""
    each, posts = scored(model, share)[0].drawn(n)
    return posts, [np.flatnonzero(posts.stratum == one) for one in range(len(each))], each.tolist()


def drawn(generator: np.random.Generator, cell: Cell) -> NDArray[np.int64]:
    """Draw posts as `koudai sample` does."""
    _, members, each = design(cell.of["model"], cell.of["share"], cell.n)
    return np.concatenate(
        [generator.choice(own, n, replace=False, shuffle=False) for own, n in zip(members, each, strict=True)]
    )


def drawn_sample(generator: np.random.Generator, cell: Cell, *, name: str) -> Sample:
    """Draw a sample that says how good the model is."""
    world, figures = scored(cell.of["model"], cell.of["share"])
    rows, y = drawn(generator, cell), np.full(len(world.y), np.nan)
    y[rows] = world.y[rows]
    every, stratum = np.arange(len(y)), design(cell.of["model"], cell.of["share"], cell.n)[0].stratum
    source = JudgedSource(SAMPLE, y, Said(world.f, world.f >= TAGGED), every, every, stratum=stratum)
    return Sample(figures[name], source.posts(source.said))


def of_sample(given: JudgedPosts | None, *, name: str) -> Ends:
    """Koudai's."""
    return (None, None) if given is None else measured(given, name)[1:3]


def observed(given: JudgedPosts | None) -> Ends:
    """Koudai's, of the share that is in the category."""
    if given is None or given.cells is None:
        return None, None
    cells, rate = given.cells, given.cells.rate(given.y)
    value = float(rate @ cells.strata.share)
    ((low, high),) = equation_interval(cells.strata, rate, Asked(share_equation(np.ones(len(rate), dtype=bool)), value))
    return low, high


def linearised(given: JudgedPosts | None, *, name: str) -> Ends:
    """Value ± 1.96 linearised standard errors under the design."""
    if given is None:
        return None, None
    if name in LINEAR:
        found = LINEAR[name](given)
        value, influence = (0.0, given.y) if found is None else found
    else:
        influence = given.y if name == "observed" else given.y * ~given.tagged
        value = float(given.weight @ influence)
    half = Z95 * float(np.sqrt(given.variance(influence)))
    return value - half, value + half


def labels(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a sample that says how much is in the category."""
    world, rows = scored(cell.of["model"], cell.of["share"])[0], drawn(generator, cell)
    return Sample(world.share, (design(cell.of["model"], cell.of["share"], cell.n)[0], rows, world.y[rows]))


def estimated(given: Given, *, name: str) -> Ends:
    """Koudai's, of one estimator alone."""
    made = aims(*given)
    if made is None:
        return None, None
    labelled, rate, own = made
    aim = own[name]
    low, high = stratified_interval(labelled, rate, estimate=aim.value, gain=aim.gain, added=aim.added)
    return float(low), float(high)


def normal(given: Given, *, name: str) -> Ends:
    """Estimate ± 1.96 standard errors of the labels alone."""
    made = aims(*given)
    if made is None:
        return None, None
    labelled, rate, own = made
    half = Z95 * float(np.sqrt((labelled.factor * labelled.labelled * rate * (1 - rate) / _more(labelled)).sum()))
    return own[name].value - half, own[name].value + half


def _more(labelled: Strata) -> NDArray[np.float64]:
    return np.maximum(labelled.labelled - 1, 1)


def looked_at_again(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw labels that people look at again: half of them flagged, as far as there are so many."""
    sizes = np.round(SIZES[:, None] * np.array(FLAGGED)).ravel()
    rates = np.tile(cell.of["wrong"] * np.array(WRONG), 2)
    wrong = np.round(sizes * rates)
    share = np.tile(np.array([0.5, 0.5]), 2) * np.repeat(SIZES / SIZES.sum(), 2)
    seen = np.maximum(2, np.round(cell.n * share)).astype(np.int64)
    hits = generator.hypergeometric(wrong.astype(np.int64), (sizes - wrong).astype(np.int64), seen)
    return Sample(float(wrong.sum() / sizes.sum()), (Strata(sizes, seen.astype(np.float64)), hits / seen))


def of_labels(given: Looked) -> Ends:
    """Koudai's."""
    low, high = stratified_interval(*given)
    return float(low), float(high)


def standard_error(given: Looked) -> Ends:
    """Estimate ± 1.96 standard errors."""
    strata, rate = given
    share = strata.size / strata.size.sum()
    half = Z95 * float(np.sqrt((share**2 * rate * (1 - rate) / (strata.labelled - 1)).sum()))
    return float(share @ rate) - half, float(share @ rate) + half


def _cells(models: tuple[str, ...], shares: tuple[float, ...], numbers: tuple[int, ...], least: int) -> Any:
    return tuple(
        Cell(
            f"{model} model, share {share:g}, {n:,} labels",
            n,
            {"model": model, "share": share},
            **({} if n >= least else {"bar": None}),
        )
        for model in models
        for share in shares
        for n in numbers
    )


_SAMPLES = _cells(("good", "fair"), (0.05, 0.3), (200, 400, 1000), 400)
_LABELS = _cells(("good", "useless"), (0.01, 0.05, 0.3), (100, 400, 1000), 100)
_ABOUT = "20,000 scored posts, some drawn as by `koudai sample`; the truth is the figure over all of them."
WORLDS = (
    *(
        World(
            f"Performance of a sample: {name}",
            OF[name],
            "design-based",
            _ABOUT,
            _SAMPLES,
            partial(drawn_sample, name=name),
            partial(of_sample, name=name),
            "value ± 1.96 linearised s.e.",
            partial(linearised, name=name),
        )
        for name in OF
    ),
    World(
        "What a sample says of probabilities",
        ("calibration.observed",),
        "design-based",
        "The same posts: the share that people would put into the category, strata divided by tag.",
        _SAMPLES,
        partial(drawn_sample, name="observed"),
        observed,
        "value ± 1.96 linearised s.e.",
        partial(linearised, name="observed"),
    ),
    *(
        World(
            f"Prevalence: {name}",
            ("prevalence.prevalence",),
            "design-based",
            "20,000 scored posts, some drawn as by `koudai sample` and labelled; models that know the labels well "
            "or not at all. The truth is the share of all posts.",
            _LABELS,
            labels,
            partial(estimated, name=name),
            "estimate ± 1.96 s.e. of the labels",
            partial(normal, name=name),
        )
        for name in ESTIMATORS
    ),
    World(
        "Wrong labels",
        ("label_noise.wrong",),
        "design-based",
        "25,000 labels, a fifth of them in; one in twelve is flagged, and wrong five times as often as the others. "
        "Half of those looked at again are flagged. The truth is the share of wrong labels.",
        tuple(
            Cell(f"{wrong:.0%} wrong, {n:,} looked at", n, {"wrong": wrong})
            for wrong in (0.01, 0.05, 0.2)
            for n in (100, 400, 1000)
        ),
        looked_at_again,
        of_labels,
        "estimate ± 1.96 s.e.",
        standard_error,
    ),
)
