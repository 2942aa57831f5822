"""Performance: figures of a model on labelled posts, differences of two models on the same posts, two audits."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from koudai.audit.frame import ALL, Figure
from koudai.audit.judging.measured import measured
from koudai.audit.kept_posts import KeptPosts
from koudai.audit.moved import independent, mcnemar, on_same_posts
from koudai.training.intervals import Z95, clustered_wilson, wilson
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR, RANKED
from koudai.training.judging.paired import paired_difference
from tests.benchmarks.world import Cell, Ends, Sample, World

POSTS = 40_000
WEAK, STRONG = 1.0, 2.5
"""How strongly labels hang on what the model sees: AUC of .75 and .92."""


class Population(NamedTuple):
    """Posts: probability of being in the category, and what two models say of them."""

    q: NDArray[np.float64]
    p: NDArray[np.float64]
    other: NDArray[np.float64]


@cache
def population(share: float, slope: float, alike: float = 0.9) -> Population:
    """Return posts whose labels hang on what the models see, and what these see with noise of their own."""
    random = np.random.default_rng(5)
    seen, noise, own = (random.normal(size=POSTS) for _ in range(3))
    middle = brentq(lambda a: expit(a + slope * seen).mean() - share, -30, 30)
    p = expit(middle + slope * seen + 0.5 * noise)
    other = expit(middle + slope * seen + 0.8 * (alike * noise + np.sqrt(1 - alike**2) * own))
    return Population(expit(middle + slope * seen), p, other)


def judged(y: NDArray[np.float64], p: NDArray[np.float64], cluster: NDArray[np.int64] | None = None) -> JudgedPosts:
    """Return posts, tagged from .4 on."""
    rows = np.arange(len(y))
    return JudgedPosts(y, p, p >= 0.4, rows, rows if cluster is None else cluster)


def true(name: str, of: Population, p: NDArray[np.float64]) -> float:
    """Return a figure over the whole population; a post of which q is in the category counts as that much of one."""
    found = LINEAR[name](judged(of.q, p))
    assert found is not None
    return found.value


@cache
def truth(name: str, share: float, slope: float) -> float:
    """Return a figure of the first model."""
    of = population(share, slope)
    return true(name, of, of.p)


@cache
def true_difference(name: str, share: float, slope: float, alike: float) -> float:
    """Return a figure of the first model less that of the second."""
    of = population(share, slope, alike)
    return true(name, of, of.p) - true(name, of, of.other)


def labelled(generator: np.random.Generator, cell: Cell, *, name: str) -> Sample:
    """Draw labelled posts, each alone or as a group of near-duplicates."""
    of = population(cell.of["share"], cell.of["slope"])
    drawn = generator.integers(0, POSTS, cell.n)
    y = (generator.random(cell.n) < of.q[drawn]).astype(np.float64)
    times = np.minimum(generator.geometric(0.55, cell.n), 64) if cell.of["copies"] else np.ones(cell.n, dtype=int)
    posts = judged(np.repeat(y, times), np.repeat(of.p[drawn], times), np.repeat(np.arange(cell.n), times))
    return Sample(truth(name, cell.of["share"], cell.of["slope"]), posts)


def of_posts(given: JudgedPosts, *, name: str) -> Ends:
    """Koudai's."""
    return measured(given, name)[1:3]


def plain(given: JudgedPosts, *, name: str) -> Ends:
    """Value ± 1.96 standard errors, each post taken for independent."""
    found = LINEAR[name](replace(given, cluster=np.arange(len(given))))
    if found is None:
        return None, None
    half = Z95 * float(np.sqrt((given.weight**2) @ found.influence**2))
    return found.value - half, found.value + half


def two(generator: np.random.Generator, cell: Cell, *, name: str) -> Sample:
    """Draw labelled posts that two models judge."""
    share, slope, alike = cell.of["share"], cell.of["slope"], cell.of["alike"]
    of = population(share, slope, alike)
    drawn = generator.integers(0, POSTS, cell.n)
    y = (generator.random(cell.n) < of.q[drawn]).astype(np.float64)
    return Sample(true_difference(name, share, slope, alike), (judged(y, of.p[drawn]), judged(y, of.other[drawn])))


def paired(given: tuple[JudgedPosts, JudgedPosts], *, name: str) -> Ends:
    """Koudai's."""
    return paired_difference(*given, name)[1:3]


def of_two_intervals(given: tuple[JudgedPosts, JudgedPosts], *, name: str) -> Ends:
    """The difference of two figures, as if of different posts: both intervals, squared and added."""
    ends = [measured(one, name) for one in given]
    if any(one.value is None or one.low is None or one.high is None for one in ends):
        return None, None
    a, b = ends
    value = a.value - b.value  # type: ignore[operator]
    less = np.hypot(a.value - a.low, b.high - b.value)  # type: ignore[operator]
    more = np.hypot(a.high - a.value, b.value - b.low)  # type: ignore[operator]
    return float(value - less), float(value + more)


def audits(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw the tags that two models give the same posts; in cells of power the truth asked for is no difference."""
    share, apart, agree = cell.of["share"], cell.of["apart"], cell.of["agree"]
    changed = 1 - agree
    gained = (changed + apart) / 2 / (1 - share)
    lost = (changed - apart) / 2 / share
    before, u = generator.random(cell.n) < share, generator.random(cell.n)
    after = np.where(before, u >= lost, u < gained)
    return Sample(0.0 if cell.of["power"] else apart, (before, after))


def tested(given: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Ends:
    """Koudai's: McNemar's test and its interval."""
    found = mcnemar(*given, None)
    return (None, None) if found is None else (found.low, found.high)


def overlapping(given: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Ends:
    """Two Wilson intervals: they overlap where this interval holds 0."""
    (_, low, high), (_, other_low, other_high) = (wilson(int(one.sum()), len(one)) for one in given)
    return other_low - high, other_high - low  # type: ignore[operator]


def other_posts(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw two audits' shares of tagged posts, each of groups of near-duplicates, of which some are in both."""
    share, apart, same = cell.of["share"], cell.of["apart"], round(cell.n * cell.of["same"])
    number = [np.arange(cell.n), np.arange(cell.n) + cell.n - same]
    tag = generator.random(2 * cell.n) < share
    more = generator.random(2 * cell.n) < apart / (1 - share)
    times = np.minimum(generator.geometric(0.55, 2 * cell.n), 64)
    rows = [np.repeat(one, times[one]) for one in number]
    hits = [tag[rows[0]], (tag | more)[rows[1]]]
    return Sample(apart, (rows, hits))


def moved(given: tuple[list[NDArray[np.int64]], list[NDArray[np.bool_]]]) -> Ends:
    """Koudai's: by the posts that both have, or by the two intervals where there are none."""
    rows, hits = given
    figures, kept = [], []
    for own, tagged in zip(rows, hits, strict=True):
        found = clustered_wilson(tagged, own)
        figures.append(Figure("x", ALL, "alleged", found.value, len(own), found.low, found.high, found.kind))
        _, first = np.unique(own, return_index=True)
        place = own.astype(np.uint64) * np.uint64(64) + (
            np.arange(len(own)) - first[np.searchsorted(own[first], own)]
        ).astype(np.uint64)
        kept.append(KeptPosts(place, own, [""] * len(own), {"x": tagged.astype(np.int8)}, {}, {}))
    test = on_same_posts("coverage", figures[1], *kept) or independent(*figures)
    return (None, None) if test is None else (test.low, test.high)


def as_if_posts_were_others(given: tuple[list[NDArray[np.int64]], list[NDArray[np.bool_]]]) -> Ends:
    """The difference of two shares of other, independent posts ± 1.96 standard errors."""
    (a, b), (m, n) = (float(one.mean()) for one in given[1]), (len(one) for one in given[1])
    half = Z95 * float(np.sqrt(a * (1 - a) / m + b * (1 - b) / n))
    return b - a - half, b - a + half


def _cells(*, fewest: int) -> tuple[Cell, ...]:
    """Return cells of labelled posts; those in which ten of a class are hardly to be expected have no bar."""
    found = []
    for share in (0.05, 0.2, 0.5):
        for slope in (WEAK, STRONG):
            for n in (100, 400, 1500):
                about = f"share {share:g}, {'weak' if slope == WEAK else 'strong'} model, n {n:,}"
                of: dict[str, Any] = {"share": share, "slope": slope, "copies": False}
                found.append(Cell(about, n, of, **({} if share * n >= fewest else {"bar": None})))
    of = {"share": 0.2, "slope": STRONG, "copies": True}
    return (*found, Cell("share 0.2, strong model, 400 groups of near-duplicates", 400, of))


def _pairs(name: str) -> tuple[Cell, ...]:
    """Return cells of two models; those with few posts of a class, or few that are tagged otherwise, have no bar."""
    found = []
    fewest, fewest_alike = (25, 25) if name in RANKED else (90, 300) if name == "recall" else (60, 90)
    for share in (0.1, 0.3):
        for alike in (0.5, 0.95):
            for n in (100, 300, 1000):
                of: dict[str, Any] = {"share": share, "slope": 2.0, "alike": alike}
                few = share * n < (fewest_alike if alike > 0.9 else fewest)
                about = f"share {share:g}, {'much' if alike > 0.9 else 'somewhat'} alike, n {n:,}"
                found.append(Cell(about, n, of, **({"bar": None} if few else {})))
    return tuple(found)


_KINDS: dict[str, Any] = {"auc": "score"}
_ALSO = {"average_precision": ("drift.average_precision",)}
_ABOUT = "Labels are drawn by a probability that the model sees with noise; the truth is the figure over all posts."
WORLDS = (
    *(
        World(
            f"Performance: {name}",
            (f"performance.{name}", f"performance.other_{name}", *_ALSO.get(name, ())),
            _KINDS.get(name, "wilson, effective n"),
            _ABOUT,
            _cells(fewest=fewest),
            partial(labelled, name=name),
            partial(of_posts, name=name),
            "value ± 1.96 s.e., by post",
            partial(plain, name=name),
        )
        for name, fewest in (("f1", 10), ("average_precision", 15), ("auc", 15), ("brier", 15))
    ),
    *(
        World(
            f"Performance beside another model: {name}",
            (f"performance.{name}_less_other",),
            "paired",
            "Two models that see the same posts with noise that is partly the same. There is an interval only where "
            "they tag six posts or more otherwise; cells in which fewer than about fifteen are expected have no bar.",
            _pairs(name),
            partial(two, name=name),
            partial(paired, name=name),
            "two intervals, squared and added",
            partial(of_two_intervals, name=name),
        )
        for name in LINEAR
    ),
    World(
        "Two audits of the same posts",
        ("comparison.difference",),
        "paired",
        "Tags of two models, of which the share that agrees is known. In cells of power, what is held is 0: the rest "
        "of 100 % is how often a difference is found.",
        (
            *(
                Cell(
                    f"shares differ by {apart:g}, {agree:.0%} agree, n {n:,}",
                    n,
                    {"share": 0.2, "apart": apart, "agree": agree, "power": False},
                )
                for apart in (0.0, 0.03)
                for agree in (0.8, 0.95)
                for n in (300, 1000)
            ),
            *(
                Cell(
                    f"power: shares differ by 0.03, 95% agree, n {n:,}",
                    n,
                    {"share": 0.2, "apart": 0.03, "agree": 0.95, "power": True},
                    None,
                )
                for n in (300, 1000)
            ),
        ),
        audits,
        tested,
        "overlap of two Wilson intervals",
        overlapping,
    ),
    World(
        "Two audits of other posts",
        ("comparison.difference",),
        "paired",
        "n groups of near-duplicates in either audit, of which none, or the share of the cell, are in both; the second "
        "model tags what the first does, and more. By two intervals where no posts are the same.",
        tuple(
            Cell(
                f"{n:,}, {share:.0%} and {share + apart:.0%} tagged, {same:.0%} in both",
                n,
                {"share": share, "apart": apart, "same": same},
            )
            for n in (100, 400)
            for share, apart in ((0.1, 0.0), (0.3, 0.1))
            for same in (0.0, 0.5)
        ),
        other_posts,
        moved,
        "independent posts",
        as_if_posts_were_others,
    ),
)
