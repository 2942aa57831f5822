"""What a model card says beside its table of figures: what was not done as asked, coverage, slices, learning curves.

Promises: a part that was not measured is left out whole; every figure has its n.
"""

from __future__ import annotations

from koudai.model.bundle.markdown import plain, shown, table
from koudai.model.evaluation import Evaluation, MetricValue

COVERAGE = ("category", "wanted", "in", "n", "out", "n", "both", "neither")
SLICES = ("category", "slice", "F1", "n (in)")
WEAKEST, FEW = 5, 30
"""Slices shown per category, and the posts that a slice must have of either class to be shown."""


def details(evaluation: Evaluation) -> str:
    """Return all that was measured of these, as paragraphs, or nothing."""
    return "".join(part(evaluation) for part in (warnings, coverage, slices, learning_curves))


def warnings(evaluation: Evaluation) -> str:
    """Return what could not be done as the config asks, as a paragraph, or nothing."""
    said = [
        f"- {key}: {plain(warning)}"
        for key, entry in evaluation.categories.items()
        for warning in (entry.decided.warnings if entry.decided else ())
    ]
    return "\n\n**Not done as asked:**\n\n" + "\n".join(said) if said else ""


def coverage(evaluation: Evaluation) -> str:
    """Return the coverage of conformal sets as a paragraph, or nothing."""
    rows = []
    for key, entry in evaluation.categories.items():
        if found := entry.coverage:
            sides = [cell for side in (found.positives, found.negatives) for cell in (shown(side), f"{side.n:,}")]
            rows.append([key, f"{found.target:g}", *sides, f"{found.both:,}", f"{found.neither:,}"])
    if not rows:
        return ""
    return f"""

Conformal sets: of the test posts in a category, and of those out of it, how many have a set that holds what they are.
*Both* and *neither*: posts whose set does not decide.

{table(COVERAGE, rows)}"""


def slices(evaluation: Evaluation) -> str:
    """Return the weakest slices of each category as a paragraph, or nothing."""
    rows = []
    for key, entry in evaluation.categories.items():
        large = [
            (one.value, one)
            for one in entry.slices
            if one.metric == "f1" and one.value is not None and FEW <= one.positives <= one.n - FEW
        ]
        rows += [
            [key, f"{one.kind}: {plain(one.name)}", shown(one), f"{one.n:,} ({one.positives:,})"]
            for _, one in sorted(large, key=lambda pair: pair[0])[:WEAKEST]
        ]
    if not rows:
        return ""
    return f"""

The {WEAKEST} weakest slices by topic, length in characters and script, of those with {FEW} posts in and {FEW} out;
chosen by their F1, which makes them look weaker than new posts would.

{table(SLICES, rows)}"""


def learning_curves(evaluation: Evaluation) -> str:
    """Return the learning curves as a paragraph, or nothing."""
    lines = []
    for key, entry in evaluation.categories.items():
        points = [f"{shown(_f1(point))} from {point[0]:,.0f}" for point in entry.learning_curve]
        lines += [f"- {key}: {'; '.join(points)}"] if points else []
    if not lines:
        return ""
    return "\n\nF1 by the number of posts fitted on, out of fold within those to fit on:\n\n" + "\n".join(lines)


def _f1(point: tuple[float, ...]) -> MetricValue:
    posts, value, *ends = point
    low, high = ends or (None, None)
    return MetricValue("f1", value, round(posts), low, high)
