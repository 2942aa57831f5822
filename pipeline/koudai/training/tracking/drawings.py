"""Drawings: what an evaluation says of one category, drawn for MLflow: precision-recall, reliability, learning curve,
confusion.

Promises: draws the numbers it is given and nothing else; names its axes and, where it knows it, n; opens no window.
"""

from __future__ import annotations

from typing import Any

_AXES = {
    "precision_recall": ("recall", "precision"),
    "reliability": ("mean probability", "share in the category"),
    "learning_curve": ("posts fitted on", "F1"),
    "confusion": ("alleged", "labelled"),
}
KINDS = tuple(_AXES)
_INK, _FAINT = "#3b5b92", "#999999"


def draw(kind: str, category: str, values: list[list[float]]) -> Any:
    """Return a `matplotlib.figure.Figure`.

    Parameters
    ----------
    kind
        One of `KINDS`.
    category
        Shown in the title.
    values
        For ``precision_recall`` pairs of x and y; for ``reliability`` a third number is the n of the point and sets
        its size; for ``learning_curve`` the posts fitted on, the value and, where known, the low and high end of its
        interval; for ``confusion`` counts of posts, rows out and in, columns not alleged and alleged.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4))
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.15, bottom=0.13, right=0.96, top=0.9)
    axes = figure.add_subplot()
    x_name, y_name = _AXES[kind]
    if kind == "confusion":
        n = _confusion(axes, values)
        category = f"{category}, n = {n:,}"
    else:
        _line(axes, kind, values)
    axes.set(xlabel=x_name, ylabel=y_name)
    axes.set_title(f"{category} (alleged)", fontsize=9)
    return figure


def _line(axes: Any, kind: str, points: list[list[float]]) -> None:
    x, y = [point[0] for point in points], [point[1] for point in points]
    axes.plot(x, y, color=_INK, linewidth=1.5)
    axes.set_ylim(0, 1.02)
    if kind == "learning_curve":
        known = [point for point in points if len(point) > 3]
        axes.vlines([p[0] for p in known], [p[2] for p in known], [p[3] for p in known], color=_INK, linewidth=1)
        axes.set_xlim(left=0)
        return
    axes.set_xlim(0, 1)
    if kind == "reliability":
        axes.plot([0, 1], [0, 1], color=_FAINT, linewidth=1, linestyle="--")
        most = max(point[2] for point in points)
        axes.scatter(x, y, s=[10 + 90 * point[2] / most for point in points], color=_INK)


def _confusion(axes: Any, counts: list[list[float]]) -> int:
    most = max(max(row) for row in counts)
    axes.imshow(counts, cmap="Blues", vmin=0, vmax=max(most, 1))
    for row in range(2):
        for column in range(2):
            count = int(counts[row][column])
            colour = "white" if count > 0.6 * most else "black"
            axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour)
    axes.set_xticks([0, 1], ["no", "yes"])
    axes.set_yticks([0, 1], ["out", "in"])
    return int(sum(sum(row) for row in counts))
