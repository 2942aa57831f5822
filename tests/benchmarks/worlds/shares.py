"""Shares: of independent posts, and of posts in clusters, near-duplicates of one mind and events that differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.training.intervals import Z95, clustered_wilson, wilson
from tests.benchmarks.world import BAR, Cell, Ends, Sample, World, near

SHARES = (0.01, 0.05, 0.2, 0.5)
ALIKE = 0.9
FEWEST = 5

OF_CASES = ("evasion.lost", "evasion.gained", "outcome.different", "outcome.different_moderation")
OF_POSTS = (
    *(f"coverage.{one}" for one in ("tagged", "abstained", "none", "quarantined", "alleged", "share")),
    "coverage.alleged_in_group",
    *(f"performance.{who}{one}" for one in ("precision", "recall") for who in ("", "other_")),
    *(f"performance.{sign}_{of}" for of in ("positives", "negatives") for sign in ("true", "false")),
    *(f"hazards.{one}" for one in ("flagged", "flagged_elsewhere", "changed", "to_abstained", "from_abstained")),
    "learnability.prevalence",
    "transfer.in_several_corpora",
    "calibration.observed",
    *(f"conformal.{one}" for one in ("both", "empty", "no_probability")),
    *(f"overlap.{one}" for one in ("jaccard", "given")),
    *(f"crosswalk.{one}" for one in ("matched", "given", "only_here", "only_there")),
    *(f"overreach.{one}" for one in ("pass_rate", "expected_present", "extra_tags")),
    *(f"overreach.{one}" for one in ("false_alarm_rate", "miss_rate", "tag_rate_on_controls")),
    *(f"evasion.{one}_on_posts" for one in ("lost", "gained")),
    *(f"definition.{one}" for one in ("holds_any", "untagged_holds_any", "in_tagged", "in_all")),
    *(f"outcome.{one}" for one in ("removed", "kept", "not_moderation")),
    *(f"drift.{one}" for one in ("dated", "alleged", "prevalence")),
    "reported_mix.measured_share",
)
"""Shares whose interval is `koudai.training.intervals.clustered_wilson`, in audits by way of `clustered_share`."""


def independent(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw independent posts."""
    share = near(generator, cell.of["share"])
    return Sample(share, (int(generator.binomial(cell.n, share)), cell.n))


def near_duplicates(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw groups of near-duplicates: most posts alone, the largest groups of 64, nine tenths alike."""
    share = near(generator, cell.of["share"])
    sizes = np.minimum(generator.zipf(cell.of["tail"], cell.n), 64) if "tail" in cell.of else None
    sizes = np.minimum(generator.geometric(0.55, cell.n), 64) if sizes is None else sizes
    clusters = np.repeat(np.arange(cell.n), sizes)
    of_group, own = generator.random(cell.n) < share, generator.random(len(clusters)) < share
    alike = generator.random(len(clusters)) < np.sqrt(ALIKE)
    return Sample(share, (np.where(alike, of_group[clusters], own), clusters))


def events(generator: np.random.Generator, cell: Cell) -> Sample:
    """Draw events of about ten posts, whose shares differ with the correlation that the cell says."""
    share, alike = near(generator, cell.of["share"]), cell.of["alike"]
    sizes = np.maximum(1, np.round(generator.lognormal(2.0, 0.8, cell.n))).astype(int)
    clusters = np.repeat(np.arange(cell.n), sizes)
    more = (1 - alike) / alike
    rates = generator.beta(share * more, (1 - share) * more, cell.n)
    return Sample(share, (generator.random(len(clusters)) < rates[clusters], clusters))


def wald(given: tuple[int, int]) -> Ends:
    """Share ± 1.96 standard errors."""
    hits, n = given
    half = Z95 * np.sqrt(hits / n * (1 - hits / n) / n)
    return hits / n - half, hits / n + half


def by_cluster(given: tuple[NDArray[np.bool_], NDArray[np.int64]]) -> Ends:
    """Koudai's."""
    found = clustered_wilson(*given)
    return found.low, found.high


def by_post(given: tuple[NDArray[np.bool_], NDArray[np.int64]]) -> Ends:
    """Wilson's, as if posts were independent."""
    _, low, high = wilson(int(given[0].sum()), len(given[0]))
    return low, high


def _cells(numbers: tuple[int, ...], told: str = "", **of: Any) -> tuple[Cell, ...]:
    return tuple(
        Cell(f"{n:,}, {share:.0%}{told}", n, {"share": share, **of}, BAR if n * share >= FEWEST or not told else None)
        for n in numbers
        for share in SHARES
    )


WORLDS = (
    World(
        name="A share of independent posts",
        of=OF_CASES,
        kind="wilson",
        about="n posts or cases, each a hit with the probability of the cell.",
        cells=_cells((100, 300, 1000)),
        draw=independent,
        ends=lambda given: wilson(*given)[1:],
        naive="share ± 1.96 s.e.",
        naive_ends=wald,
    ),
    World(
        name="A share of posts with near-duplicates",
        of=OF_POSTS,
        kind="wilson, effective n",
        about="n groups, most of one post, in which nine tenths of the posts are of one mind; in the last cells groups "
        "have a heavier tail, up to 64 posts, as in real corpora. The truth is the probability of a hit.",
        cells=_cells((100, 300, 1000), ", light tail") + _cells((300, 1000), ", heavy tail", tail=2.8),
        draw=near_duplicates,
        ends=by_cluster,
        naive="Wilson by posts",
        naive_ends=by_post,
    ),
    World(
        name="A share of posts of events",
        of=OF_POSTS,
        kind="wilson, effective n",
        about="n events of about ten posts each, whose shares differ (correlation within an event .05 or .2); the "
        "truth is the mean over events, n the number of events.",
        cells=_cells((100, 300, 1000), ", .05", alike=0.05) + _cells((100, 300, 1000), ", .2", alike=0.2),
        draw=events,
        ends=by_cluster,
        naive="Wilson by posts",
        naive_ends=by_post,
    ),
)
