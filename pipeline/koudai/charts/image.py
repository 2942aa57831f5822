"""Image: a plot under a title as an image that stands by itself, SVG or PNG, for whoever shows images and no pages.

Promises: the drawing is that of a page in its light colours; title and data enter as text only; the same plot gives the
same image. Needs no browser, no display and no network. Chooses no figures and no words.
"""

from __future__ import annotations

import re
from html import escape

from koudai.charts.plot import Plot

COLOURS = {
    "surface": "#ffffff",
    "ink": "#1b2126",
    "muted": "#59626a",
    "line": "#e4e0d7",
    "accent": "#17626b",
    "second": "#a8530b",
}
"""Colours by their names in plots: the light ones of a page."""
_TITLE = 13
_ROOM = 24
"""Height of the title with the space below it."""
_COLOUR = re.compile(r'(fill|stroke)="var\(--(\w+)\)"')
"""An attribute; in text a quotation mark is escaped."""


def image_svg(plot: Plot, *, title: str) -> str:
    """Return a plot under its title as a whole SVG file.

    Examples
    --------
    >>> image_svg(Plot(100, 50), title="谣言 <b>")[-26:]
    '>谣言 &lt;b&gt;</text></svg>'
    """
    box, _, content = plot.drawn().partition("\n")
    width, height = (int(size) for size in box.split(" ")[2:])
    content = _COLOUR.sub(lambda found: f'{found[1]}="{COLOURS[found[2]]}"', content)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + _ROOM}" font-family="sans-serif">'
        f'<rect width="{width}" height="{height + _ROOM}" fill="{COLOURS["surface"]}"/>'
        f'<g transform="translate(0,{_ROOM})">{content}</g>'
        f'<text text-anchor="middle" x="{plot.left + plot.width / 2:g}" y="17" '
        f'font-size="{_TITLE}" font-weight="bold" fill="{COLOURS["ink"]}">{escape(title)}</text></svg>'
    )


def image_png(plot: Plot, *, title: str, scale: float = 2.0) -> bytes:
    """Return a plot under its title as a PNG image with `scale` pixels per unit of length.

    Examples
    --------
    >>> image_png(Plot(100, 50), title="rumour", scale=1)[1:4]
    b'PNG'
    """
    import vl_convert

    return bytes(vl_convert.svg_to_png(image_svg(plot, title=title), scale=scale))
