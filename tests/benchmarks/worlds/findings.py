"""Findings where there is nothing to find: tests, words that are shown, posts that are said to differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.moved import mcnemar
from koudai.audit.trying.two_sample import holm, two_sample_test
from koudai.audit.word_contrast import WordContrast
from koudai.model.outline import Outline, bins_of
from koudai.model.profile import Profile, TraitBins
from tests.benchmarks.world import AT_MOST_5, LEVEL, Cell, Ends, Sample, World, not_found
from tests.benchmarks.worlds.refits import periods

WORDS = 3000
CATEGORIES = 14
TRAITS = {"length": (0.35, 0.12), "terms": (0.5, 0.15), "script": (0.2, 0.25)}
"""Mean and spread of each trait of a post, in units of its range of bins."""
Two = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64] | None]


def of_periods(given: Any) -> Ends:
    """Koudai's."""
    counted, sides, seed = given
    return not_found(two_sample_test(counted, sides, generator=np.random.default_rng(seed)).p)


def of_auc(given: Any) -> Ends:
    """Found where the interval of the AUC lies above a half."""
    counted, sides, seed = given
    low = two_sample_test(counted, sides, generator=np.random.default_rng(seed)).low
    return not_found(0.0 if low is not None and low > 0.5 else 1.0)


def tags(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw the tags that two models give the same posts, as many of one as of the other, by category."""
    found: list[Two] = []
    for _ in range(CATEGORIES):
        here = generator.random(cell.n) < 0.2
        there = np.where(generator.random(cell.n) < cell.of["same"], here, generator.random(cell.n) < 0.2)
        times = np.minimum(generator.geometric(0.55, cell.n), 64) if cell.of["copies"] else np.ones(cell.n, dtype=int)
        clusters = np.repeat(np.arange(cell.n), times) if cell.of["copies"] else None
        found.append((np.repeat(here, times), np.repeat(there, times), clusters))
    return Sample(0.0, found)


def _p(given: Two) -> float:
    found = mcnemar(*given)
    return 1.0 if found is None else found.p


def of_one(given: list[Two]) -> Ends:
    """Koudai's, of one category."""
    return not_found(_p(given[0]))


def one_by_post(given: list[Two]) -> Ends:
    """The normal approximation of McNemar's test, as if posts were independent."""
    here, there, _ = given[0]
    gained, lost = int((there & ~here).sum()), int((here & ~there).sum())
    return not_found(0.0 if abs(gained - lost) > 1.96 * np.sqrt(max(gained + lost, 1)) else 1.0)


def of_all(given: list[Two]) -> Ends:
    """Koudai's, of any category."""
    return not_found(float(holm(np.array([_p(one) for one in given])).min()))


def any_of_all(given: list[Two]) -> Ends:
    """Any p-value below .05 as it is."""
    return not_found(min(_p(one) for one in given))


def split(generator: np.random.Generator, cell: Cell) -> Sample:
    """Deal posts to two sides; words are as frequent as Zipf's law has it, and independent of one another."""
    inside = round(cell.n * cell.of["share"])
    with_word = generator.binomial(cell.n, np.minimum(0.5, 3 / np.arange(1, WORDS + 1)))
    hits = generator.hypergeometric(with_word, cell.n - with_word, inside)
    return Sample(
        0.0,
        WordContrast([str(one) for one in range(WORDS)], np.stack([hits, with_word - hits]), (inside, cell.n - inside)),
    )


def shown(given: WordContrast) -> Ends:
    """Koudai's."""
    return not_found(0.0 if given.figures("x", "z", most=1) else 1.0)


def high_z(given: WordContrast) -> Ends:
    """Any word with z above 1.96."""
    return not_found(0.0 if (given.z > 1.96).any() else 1.0)


def home(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw posts that a model was fitted on, and others of the same kind; both come in near-duplicate groups."""

    def bins(n: int) -> tuple[dict[str, NDArray[np.intp]], NDArray[np.int64]]:
        group = np.repeat(np.arange(n), np.minimum(generator.geometric(0.7, n), 9))
        found = {}
        for name, (mean, spread) in TRAITS.items():
            of_group = generator.normal(mean, spread, n)[group] + generator.normal(0, spread / 10, len(group))
            found[name] = np.clip(of_group * bins_of(name), 0, bins_of(name) - 1).astype(np.intp)
        return found, group

    own, group = bins(cell.of["fitted"])
    profile = Profile.of([TraitBins(own, group)], fitted=len(group), seed=int(generator.integers(2**31)))
    others, _ = bins(cell.n)
    counts = {name: np.bincount(one, minlength=bins_of(name)).tolist() for name, one in others.items()}
    return Sample(0.0, (profile, Outline(counts), own))


def raised(given: Any) -> Ends:
    """Koudai's."""
    shift = given[0].compare(given[1])
    return not_found(0.0 if shift.differs else 1.0)


def smirnov(given: Any) -> Ends:
    """Any trait beyond the 5 % point of Smirnov's distance of independent posts."""
    _, outline, own = given
    for name, counts in outline.counts.items():
        there = np.bincount(own[name], minlength=len(counts))
        shares = [np.cumsum(one) / np.sum(one) for one in (counts, there)]
        if np.abs(shares[0] - shares[1]).max() > 1.358 * np.sqrt(1 / np.sum(counts) + 1 / there.sum()):
            return not_found(0.0)
    return not_found(1.0)


def _cells(bar: tuple[float, float] | None, cells: list[tuple[str, int, dict[str, Any]]]) -> tuple[Cell, ...]:
    return tuple(Cell(name, n, of, bar) for name, n, of in cells)


_NOTHING = f"No interval but a test: there is nothing to find, and what is held is that nothing was found at {LEVEL:g}."
_MODELS = _cells(
    AT_MOST_5,
    [
        (f"{n:,}{' with copies' if copies else ''}, same {same:.0%}", n, {"same": same, "copies": copies})
        for n in (100, 400)
        for same in (0.5, 0.9)
        for copies in (False, True)
    ],
)
WORLDS = (
    World(
        name="Two periods of which nothing changed",
        of=("drift.p",),
        kind="p-value",
        about=f"{_NOTHING} Posts of random words, half of n of either period.",
        cells=_cells(AT_MOST_5, [(f"{n:,}", n, {"signal": 0.0, "share": 0.5}) for n in (100, 400)]),
        draw=lambda generator, cell: Sample(0.0, periods(generator, cell).given),
        ends=of_periods,
        naive="AUC surely above a half",
        naive_ends=of_auc,
    ),
    World(
        name="Two models that tag as many posts",
        of=("comparison.p",),
        kind="p-value",
        about=f"{_NOTHING} Tags of the same posts, of which the models agree on the share of the cell, and by chance "
        "on more.",
        cells=_MODELS,
        draw=tags,
        ends=of_one,
        naive="normal, by post",
        naive_ends=one_by_post,
    ),
    World(
        name="Two models that tag as many posts, in each of fourteen categories",
        of=("comparison.p_holm",),
        kind="p-value",
        about=f"{_NOTHING} The same in {CATEGORIES} categories: a finding in any of them counts.",
        cells=_MODELS[:4],
        draw=tags,
        ends=of_all,
        naive="p as it is",
        naive_ends=any_of_all,
    ),
    World(
        name="Words of posts dealt at random",
        of=("terms.z", "outcome.z", "drift.rises", "drift.falls"),
        kind="p-value",
        about=f"{_NOTHING} {WORDS:,} words, as frequent as Zipf's law has it, n posts of which so many are tagged; a "
        "word that is shown is a finding. Four real corpora: [Words](concepts/intervals.md#words).",
        cells=_cells(
            AT_MOST_5,
            [(f"{n:,}, {share:.0%} tagged", n, {"share": share}) for n in (300, 2000) for share in (0.5, 0.1, 0.02)],
        ),
        draw=split,
        ends=shown,
        naive="any z above 1.96",
        naive_ends=high_z,
    ),
    World(
        name="Posts like those that a model was fitted on",
        of=("shift.distance",),
        kind="p-value",
        about=f"{_NOTHING} Posts with three traits, in groups of near-duplicates; n others of the same kind are "
        "compared with the model's own.",
        cells=_cells(
            AT_MOST_5,
            [
                (f"{n:,} posts, {fitted:,} groups fitted on", n, {"fitted": fitted})
                for n in (100, 500)
                for fitted in (300, 2000)
            ],
        ),
        draw=home,
        ends=raised,
        naive="Smirnov's test of each trait",
        naive_ends=smirnov,
    ),
)
