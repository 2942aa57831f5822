"""Curves: precision-recall and reliability of one category, drawn for MLflow from the points of an evaluation.

Promises: draws what the points say and nothing else; names its axes; opens no window.
"""

from __future__ import annotations

from typing import Any

_AXES = {
    "precision_recall": ("recall", "precision"),
    "reliability": ("mean probability", "share in the category"),
}


def draw(curve: str, category: str, points: list[list[float]]) -> Any:
    """Return a `matplotlib.figure.Figure` of one curve.

    Parameters
    ----------
    curve
        ``"precision_recall"`` or ``"reliability"``.
    category
        Shown as the title.
    points
        Pairs of x and y; a third number, if any, is the n of the point and sets its size.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    x, y = [point[0] for point in points], [point[1] for point in points]
    axes.plot(x, y, color="#3b5b92", linewidth=1.5)
    if curve == "reliability":
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
        most = max(point[2] for point in points)
        axes.scatter(x, y, s=[10 + 90 * point[2] / most for point in points], color="#3b5b92")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=_AXES[curve][0], ylabel=_AXES[curve][1], title=f"{category} (alleged)")
    return figure
