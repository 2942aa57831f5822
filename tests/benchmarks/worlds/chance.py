"""Chance: ranges within which a figure lies where chance alone decides it, and how often such figures are inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept_columns import KEPT, REMOVED, Outcomes
from koudai.audit.measures.label_disagreement import DRAWS
from koudai.audit.repeated_fates import RepeatedFates
from koudai.audit.trying.confident import disagreement_by_chance, disagreement_of
from koudai.training.calibration_error import calibrated_range
from koudai.training.intervals import Z95
from tests.benchmarks.world import Cell, Ends, Sample, World

SHAPES = {"half": (1.0, 1.0), "a tenth": (0.3, 2.7)}
MONTHS = 6
Believed = tuple[NDArray[np.float64], NDArray[np.int64], int]
Fates = tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], int]


def probabilities(generator: np.random.Generator, cell: Cell) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw probabilities of posts, each alone or as a group of near-duplicates."""
    times = np.minimum(generator.geometric(0.55, cell.n), 64) if cell.of["copies"] else np.ones(cell.n, dtype=int)
    p = generator.beta(*SHAPES[cell.of["shape"]], cell.n) if "shape" in cell.of else generator.random(cell.n)
    if "bin" in cell.of:
        p = cell.of["bin"] + p / 10
    return np.repeat(p, times), np.repeat(np.arange(cell.n), times)


def observed(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw a bin of posts whose probabilities are right."""
    p, groups = probabilities(generator, cell)
    y = generator.random(cell.n)[groups] < p
    return Sample(float(y.mean()), (p, groups, int(generator.integers(2**31))))


def of_bin(given: Believed) -> Ends:
    """Koudai's."""
    return calibrated_range(given[0], groups=given[1], seed=given[2])


def as_if_alone(given: Believed) -> Ends:
    """Mean ± 1.96 standard errors of independent posts."""
    p = given[0]
    half = Z95 * float(np.sqrt((p * (1 - p)).sum())) / len(p)
    return float(p.mean()) - half, float(p.mean()) + half


def contradicted(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw labels none of which is wrong."""
    p, groups = probabilities(generator, cell)
    y = (generator.random(cell.n)[groups] < p).astype(np.int8)
    return Sample(float(disagreement_of(y, p)[0]), (p, groups, int(generator.integers(2**31))))


def if_none_is_wrong(given: Believed, *, draws: int = DRAWS) -> Ends:
    """Koudai's."""
    drawn = disagreement_by_chance(given[0], given[1], np.random.default_rng(given[2]), draws=draws)[:, 0]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def by_post(given: Believed) -> Ends:
    """The same, as if posts were independent."""
    return if_none_is_wrong((given[0], np.arange(len(given[0])), given[2]), draws=DRAWS // 4)


def dealt(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw repeated posts whose outcomes are those of their months, whatever they say."""
    times = np.minimum(1 + generator.geometric(0.6, cell.n), 9)
    group = np.concatenate([np.repeat(np.arange(cell.n), times), cell.n + np.arange(2 * cell.n)])
    month = generator.integers(0, MONTHS, len(group))
    removed = generator.random(len(group)) < cell.of["share"] * (0.5 + month / (MONTHS - 1))
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1]))[: cell.n]
    sums = np.add.reduceat(removed[: times.sum()].astype(int), first)
    truth = float(((sums > 0) & (sums < times)).mean())
    return Sample(truth, (removed, group, month, int(generator.integers(2**31))))


def _ranges(given: Fates, same: dict[str, Any]) -> Ends:
    removed, group, _, seed = given
    fate = np.where(removed, REMOVED, KEPT).astype(np.int8)
    found = RepeatedFates(
        Outcomes(np.where(removed, "gone", "kept").astype(object), fate, {}), same, np.random.default_rng(seed)
    )
    one = next(one for one in found.figures("identical", group) if one.statistic == "different_by_chance")
    return one.low, one.high


def within_months(given: Fates) -> Ends:
    """Koudai's."""
    return _ranges(given, {"same month": given[2]})


def at_any_time(given: Fates) -> Ends:
    """The same without the months: outcomes of any repeated post."""
    return _ranges(given, {})


_INSIDE = "No confidence interval, but a range of chance: what is held is a figure that chance alone decided."
WORLDS = (
    World(
        name="A bin of a calibrated model",
        of=("calibration.predicted",),
        kind="by chance",
        about=f"{_INSIDE} n posts, or groups of near-duplicates, with probabilities from the bound of the cell on to a "
        "tenth more, all of them right; the share that is in the category.",
        cells=tuple(
            Cell(f"{n:,}{' with copies' if copies else ''}, from {low:g} on", n, {"bin": low, "copies": copies})
            for n in (100, 300)
            for low in (0.1, 0.5)
            for copies in (False, True)
        ),
        draw=observed,
        ends=of_bin,
        naive="mean ± 1.96 s.e.",
        naive_ends=as_if_alone,
    ),
    World(
        name="Disagreement if no label is wrong",
        of=("label_disagreement.disagreement_if_none_is_wrong",),
        kind="by chance",
        about=f"{_INSIDE} Labels are drawn from the probabilities of n posts, or groups of near-duplicates; the "
        "disagreement of words with them.",
        cells=tuple(
            Cell(f"{n:,}{' with copies' if copies else ''}, {shape}", n, {"shape": shape, "copies": copies})
            for n in (100, 400)
            for shape in SHAPES
            for copies in (False, True)
        ),
        draw=contradicted,
        ends=if_none_is_wrong,
        naive="drawn by post",
        naive_ends=by_post,
    ),
    World(
        name="Different outcomes by chance",
        of=("outcome.different_by_chance", "outcome.different_moderation_by_chance"),
        kind="by chance",
        about=f"{_INSIDE} n posts that come two to nine times, among as many others; which copy is removed depends on "
        "its month alone. The share of posts whose copies met different outcomes.",
        cells=tuple(
            Cell(f"{n:,}, {share:.0%} removed", n, {"share": share}) for n in (100, 400) for share in (0.05, 0.3)
        ),
        draw=dealt,
        ends=within_months,
        naive="whatever the month",
        naive_ends=at_any_time,
    ),
)
