"""Drawings: charts of one category's evaluation for MLflow: precision-recall, reliability, learning curve, confusion.

Promises: draws only the numbers it is given; labels its axes and, for confusion counts, n; uses the same charting code
as reports. Does not log: that is `runs.py`.
"""

from __future__ import annotations

from typing import Any

from koudai.charts.vega import Spec, layer, layered, nominal, png, quantity, theme

_AXES = {
    "precision_recall": ("recall", "precision"),
    "reliability": ("mean probability", "share in the category"),
    "learning_curve": ("posts fitted on", "F1"),
    "confusion": ("alleged", "labelled"),
}
KINDS = tuple(_AXES)
_COLOURS = {"ink": "#222222", "muted": "#555555", "line": "#dddddd", "accent": "#3b5b92", "second": "#999999"}
_SIZE = {"width": 320, "height": 280}


def evaluation_chart(kind: str, category: str, values: list[list[float]]) -> Spec:
    """Return a chart in Vega-Lite.

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

    Examples
    --------
    >>> evaluation_chart("confusion", "rumour", [[80, 5], [3, 12]])["title"]
    'rumour, n = 100 (alleged)'
    """
    if kind == "confusion":
        n = int(sum(sum(row) for row in values))
        return {**_confusion(values), "title": f"{category}, n = {n:,} (alleged)"}
    return {**_curve(kind, values), "title": f"{category} (alleged)"}


def evaluation_png(kind: str, category: str, values: list[list[float]]) -> bytes:
    """Return `evaluation_chart` as a PNG image; parameters are the same."""
    return png(evaluation_chart(kind, category, values), config=theme(_COLOURS, background="white"))


def _curve(kind: str, points: list[list[float]]) -> Spec:
    x_name, y_name = _AXES[kind]
    names = ("x", "y", "n") if kind == "reliability" else ("x", "y", "low", "high")
    rows = [dict(zip(names, point, strict=False)) for point in points]
    scale: Spec = {"zero": True, "nice": True} if kind == "learning_curve" else {"domain": [0, 1]}
    x = quantity("x", scale=scale, axis={"title": x_name, "format": ",~d" if kind == "learning_curve" else ".1~f"})
    y = quantity("y", scale={"domain": [0, 1]}, axis={"title": y_name, "format": ".1~f"})
    accent = _COLOURS["accent"]
    layers = [layer("line", {"color": accent, "strokeWidth": 1.5}, x=x, y=y)]
    if kind == "learning_curve":
        layers.append(
            layer("rule", {"color": accent, "strokeWidth": 1}, x=quantity("x"), y=quantity("low"), y2={"field": "high"})
        )
        layers.append(layer("circle", {"color": accent, "size": 20, "opacity": 1}, x=quantity("x"), y=quantity("y")))
    if kind == "reliability":
        dashed = {"color": _COLOURS["second"], "strokeDash": [4, 3], "strokeWidth": 1}
        diagonal = layer("line", dashed, x=quantity("x"), y=quantity("y"))
        layers.append({**diagonal, "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}})
        size = quantity("n", scale={"range": [10, 100], "zero": True}, legend=None)
        layers.append(layer("circle", {"color": accent, "opacity": 1}, x=quantity("x"), y=quantity("y"), size=size))
    return layered(rows, layers, **_SIZE)


def _confusion(counts: list[list[float]]) -> Spec:
    x_name, y_name = _AXES["confusion"]
    most = max(max(row) for row in counts)
    rows: list[dict[str, Any]] = [
        {
            "labelled": label,
            "alleged": tag,
            "text": f"{int(count):,}",
            "strength": count / max(most, 1),
            "colour": "white" if count > 0.6 * most else _COLOURS["ink"],
        }
        for label, row in zip(("out", "in"), counts, strict=True)
        for tag, count in zip(("no", "yes"), row, strict=True)
    ]
    axis = {"grid": False}
    place = {"x": nominal("alleged", title=x_name, axis=axis), "y": nominal("labelled", title=y_name, axis=axis)}
    strength = quantity("strength", scale={"domain": [0, 1], "range": [0, 1]}, legend=None)
    text = {"text": nominal("text"), "color": {"field": "colour", "type": "nominal", "scale": None}}
    return layered(
        rows,
        [
            layer("rect", {"color": _COLOURS["accent"]}, **place, opacity=strength),
            layer("text", {"fontSize": 12}, **place, **text),
        ],
        **_SIZE,
    )
