"""What a model card says beside its table of figures: what was not done as asked, coverage, slices, learning curves.

Promises: a part that was not measured is left out whole; every figure has its n.
"""

from __future__ import annotations

from typing import Any

from koudai.model.bundle.markdown import plain, shown, table

COVERAGE = ("category", "wanted", "in", "n", "out", "n", "both", "neither")
SLICES = ("category", "slice", "F1", "n (in)")
WEAKEST, FEW = 5, 30
"""Slices shown per category, and the posts that a slice must have of either class to be shown."""
_FIGURE = ("value", "low", "high")


def details(evaluation: dict[str, Any]) -> str:
    """Return all that was measured of these, as paragraphs, or nothing."""
    return "".join(part(evaluation) for part in (warnings, coverage, slices, learning_curves))


def warnings(evaluation: dict[str, Any]) -> str:
    """Return what could not be done as the config asks, as a paragraph, or nothing."""
    said = [
        f"- {key}: {plain(warning)}"
        for key, entry in evaluation["categories"].items()
        for warning in entry.get("decided", {}).get("warnings", ())
    ]
    return "\n\n**Not done as asked:**\n\n" + "\n".join(said) if said else ""


def coverage(evaluation: dict[str, Any]) -> str:
    """Return the coverage of conformal sets as a paragraph, or nothing."""
    rows = []
    for key, entry in evaluation["categories"].items():
        if found := entry.get("coverage"):
            sides = [cell for name in ("in", "out") for cell in (shown(found[name]), f"{found[name]['n']:,}")]
            rows.append([key, f"{found['target']:g}", *sides, f"{found['both']:,}", f"{found['neither']:,}"])
    if not rows:
        return ""
    return f"""

Conformal sets: of the test posts in a category, and of those out of it, how many have a set that holds what they are.
*Both* and *neither*: posts whose set does not decide.

{table(COVERAGE, rows)}"""


def slices(evaluation: dict[str, Any]) -> str:
    """Return the weakest slices of each category as a paragraph, or nothing."""
    rows = []
    for key, entry in evaluation["categories"].items():
        large = [
            one
            for one in entry.get("slices", ())
            if one["metric"] == "f1" and one["value"] is not None and FEW <= one["in"] <= one["n"] - FEW
        ]
        rows += [
            [key, f"{one['slice']}: {plain(one['of'])}", shown(one), f"{one['n']:,} ({one['in']:,})"]
            for one in sorted(large, key=lambda one: one["value"])[:WEAKEST]
        ]
    if not rows:
        return ""
    return f"""

The {WEAKEST} weakest slices by topic, length in characters and script, of those with {FEW} posts in and {FEW} out;
chosen by their F1, which makes them look weaker than new posts would.

{table(SLICES, rows)}"""


def learning_curves(evaluation: dict[str, Any]) -> str:
    """Return the learning curves as a paragraph, or nothing."""
    lines = []
    for key, entry in evaluation["categories"].items():
        points = [
            f"{shown({'low': None, 'high': None, **dict(zip(_FIGURE, f1, strict=False))})} from {posts:,.0f}"
            for posts, *f1 in entry.get("learning_curve", ())
        ]
        lines += [f"- {key}: {'; '.join(points)}"] if points else []
    if not lines:
        return ""
    return "\n\nF1 by the number of posts fitted on, out of fold within those to fit on:\n\n" + "\n".join(lines)
