"""Vega-Lite: a chart is drawn as PNG without a browser, the same each time, with names as data only."""

from __future__ import annotations

from xml.etree import ElementTree

import vl_convert

from koudai.charts.vega import layer, layered, nominal, png, quantity, theme

THEME = theme({"muted": "#555555", "line": "#dddddd"}, background="white")
HOSTILE = "<script>alert(1)</script>谣言"
CHART = layered([{"x": 1.5, "name": HOSTILE}], [layer("bar", {}, x=quantity("x"), y=nominal("name"))])


def drawing() -> str:
    return str(vl_convert.vegalite_to_svg({**CHART, "config": THEME}))


def test_names_are_text_and_never_markup() -> None:
    root = ElementTree.fromstring(drawing())
    assert not [one for one in root.iter() if one.tag.endswith("script")]
    assert HOSTILE in {"".join(one.itertext()) for one in root.iter() if one.tag.endswith("}text")}


def test_the_same_chart_is_the_same_drawing() -> None:
    assert drawing() == drawing()
    assert png(CHART, config=THEME) == png(CHART, config=THEME)


def test_a_png_has_more_pixels_the_greater_the_scale() -> None:
    small, large = (png(CHART, config=THEME, scale=scale) for scale in (1.0, 2.0))
    for image in (small, large):
        assert image.startswith(b"\x89PNG")
    widths = [int.from_bytes(image[16:20], "big") for image in (small, large)]
    assert abs(widths[1] - 2 * widths[0]) <= 2
