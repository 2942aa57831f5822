"""Which intervals koudai prints: those that measures declare, of the evaluation, of comparisons; and their worlds.

Promises: what a measure declares is read from its declaration, so that a new one cannot be forgotten; a kind that is no
interval of a truth says why. Simulates nothing.
"""

from __future__ import annotations

from koudai.audit.measures import MEASURES, measures_in_order
from koudai.training.evaluate import BIASED, CALIBRATION_ERROR, FIGURES, METRICS
from koudai.training.intervals import IntervalKind
from tests.benchmarks.world import worlds

NO_TRUTH: dict[IntervalKind, str] = {
    "range over runs": "the least and the greatest of several runs: of k runs and one more, that one lies inside in "
    "(k − 1)/(k + 1) of all cases, whatever is measured; there is no truth that it would hold",
}
"""Kinds without a world, and why."""
OF_TRAINING: tuple[tuple[str, IntervalKind], ...] = (
    *(
        (f"evaluation.{name}", "score" if name in ("auc", CALIBRATION_ERROR) else "wilson, effective n")
        for name in FIGURES
        if name not in BIASED
    ),
    *((f"evaluation.classes_{name}", "wilson, effective n") for name in ("accuracy", "macro_f1")),
    *((f"compare.{name}", "paired") for name in METRICS if name not in BIASED),
    ("comparison.difference", "paired"),
)
"""Intervals that no measure declares: of the evaluation of a trained model, and of two models or audits."""


def declared() -> list[tuple[str, IntervalKind]]:
    """Return every statistic that prints an interval, ``measure.statistic``, with the kind of it."""
    found = [
        (f"{name}.{one.key}", kind)
        for name in measures_in_order()
        for one in MEASURES[name].declares.statistics
        for kind in (one.interval, one.sampled)
        if kind is not None
    ]
    return [*found, *OF_TRAINING]


def worlds_of() -> dict[tuple[str, str], list[str]]:
    """Return the names of the worlds of each statistic and kind."""
    found: dict[tuple[str, str], list[str]] = {}
    for world in worlds().values():
        for statistic in world.of:
            found.setdefault((statistic, world.kind), []).append(world.name)
    return found


def without_a_world() -> list[str]:
    """Return what prints an interval that no world tries."""
    tried = worlds_of()
    return [f"{name} ({kind})" for name, kind in declared() if kind not in NO_TRUTH and (name, kind) not in tried]
