"""Vega-Lite: the building blocks of charts, and their rendering as PNG, for whoever shows images and no pages.

Promises: numbers and names enter as data only; axis labels are horizontal; the same specification gives the same image.
Needs no browser, no display and no network. Chooses no figures and no words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLOT_WIDTH, PLOT_HEIGHT = 232, 132
Spec = dict[str, Any]
"""A chart, or a part of one, in the language of Vega-Lite."""


def theme(colours: Mapping[str, str], *, background: str = "transparent") -> Spec:
    """Return the look of charts, for the ``config`` of a specification.

    Parameters
    ----------
    colours
        Colours of ``muted`` (labels and titles) and ``line`` (the grid).
    background
        Background colour.

    Examples
    --------
    >>> theme({"muted": "#666666", "line": "#dddddd"})["axis"]["gridColor"]
    '#dddddd'
    """
    return {
        "aria": False,
        "background": background,
        "padding": {"left": 6, "right": 10, "top": 6, "bottom": 2},
        "view": {"stroke": None, "continuousWidth": PLOT_WIDTH, "continuousHeight": PLOT_HEIGHT},
        "axis": {
            "labelAngle": 0,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "labelColor": colours["muted"],
            "titleColor": colours["muted"],
            "gridColor": colours["line"],
            "domain": False,
            "ticks": False,
            "labelPadding": 4,
            "titlePadding": 8,
        },
    }


def layered(rows: list[dict[str, Any]], layers: list[Spec], **size: int) -> Spec:
    """Return a chart of layers; a layer draws its own data if it has any, else `rows`.

    Examples
    --------
    >>> chart = layered([{"x": 1, "y": 2}], [layer("line", {}, x=quantity("x"), y=quantity("y"))], width=100)
    >>> chart["data"]["values"], chart["width"]
    ([{'x': 1, 'y': 2}], 100)
    """
    return {"data": {"values": rows}, "layer": layers, **size}


def layer(mark: str, look: Spec, **encoding: Spec) -> Spec:
    """Return one layer: its mark, the properties of the mark, and the encoding of fields.

    Examples
    --------
    >>> layer("bar", {"height": 9}, x=quantity("n"))
    {'mark': {'type': 'bar', 'height': 9}, 'encoding': {'x': {'field': 'n', 'type': 'quantitative'}}}
    """
    return {"mark": {"type": mark, **look}, "encoding": encoding}


def quantity(field: str, **how: Any) -> Spec:
    """Return the encoding of a quantitative field.

    Examples
    --------
    >>> quantity("x", scale={"domain": [0, 1]})
    {'field': 'x', 'type': 'quantitative', 'scale': {'domain': [0, 1]}}
    """
    return {"field": field, "type": "quantitative", **how}


def nominal(field: str, **how: Any) -> Spec:
    """Return the encoding of a nominal field, in the order of the data.

    Examples
    --------
    >>> nominal("label")
    {'field': 'label', 'type': 'nominal', 'sort': None}
    """
    return {"field": field, "type": "nominal", "sort": None, **how}


def png(chart: Spec, *, config: Spec, scale: float = 2.0) -> bytes:
    """Return a chart as a PNG image with `scale` pixels per unit of length; `config` is a `theme`.

    Examples
    --------
    >>> chart = layered([{"n": 3}], [layer("bar", {}, x=quantity("n"))])
    >>> png(chart, config=theme({"muted": "#666666", "line": "#dddddd"}), scale=1)[1:4]
    b'PNG'
    """
    import vl_convert

    return bytes(vl_convert.vegalite_to_png({**chart, "config": config}, scale=scale))
