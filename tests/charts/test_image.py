"""Images: a plot is drawn as PNG without a browser, the same each time, in the page's colours, names as text only."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from koudai.charts.image import COLOURS, image_png, image_svg
from koudai.charts.plot import Plot

HOSTILE = "<script>alert(1)</script>谣言 fill=\"var(--ink)\" <image href='file:///etc/hostname'/>"


@pytest.fixture
def plot() -> Plot:
    plot = Plot(200, 100)
    plot.add("rect", x=0, y=0, width=50, height=9, fill="accent", stroke="ink")
    plot.text(HOSTILE, 5, 50, anchor="start")
    return plot


def test_names_are_text_and_never_markup(plot: Plot) -> None:
    root = ElementTree.fromstring(image_svg(plot, title=HOSTILE))
    assert {one.tag.rpartition("}")[2] for one in root.iter()} == {"svg", "g", "rect", "text"}
    assert [one.text for one in root.iter() if one.tag.endswith("}text")] == [HOSTILE, HOSTILE]


def test_every_colour_is_the_light_one_of_the_page(plot: Plot, root: Path) -> None:
    style = (root / "pipeline/koudai/render/templates/base.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--(\w+): light-dark\((#\w+),", style))
    assert COLOURS.items() <= light.items()
    drawn = ElementTree.fromstring(image_svg(plot, title=""))
    paints = {one.get(name) for one in drawn.iter() for name in ("fill", "stroke")} - {None, "none"}
    assert paints == {COLOURS[name] for name in ("surface", "accent", "ink", "muted")}


def test_the_same_plot_is_the_same_image_whose_pixels_are_as_many_as_its_scale_says(plot: Plot) -> None:
    small, large = (image_png(plot, title="谣言", scale=scale) for scale in (1.0, 2.0))
    assert large == image_png(plot, title="谣言")
    for image, scale in ((small, 1), (large, 2)):
        assert image.startswith(b"\x89PNG")
        assert int.from_bytes(image[16:20], "big") == 216 * scale, "the plot with its margins"
        assert int.from_bytes(image[20:24], "big") == (108 + 24) * scale, "and the title"
