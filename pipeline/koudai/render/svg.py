"""The frame of a chart in the page: its title and description in both languages, and what a reader of screens is told.

Promises: text is escaped; the result is the same for the same drawing. Draws nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


def figure_svg(inline: str, *, name: str, title: tuple[str, str], description: tuple[str, str]) -> Markup:
    r"""Return the whole ``svg`` element with its title and description.

    Parameters
    ----------
    inline
        What `koudai.charts.plot.Plot.drawn` returned: the view box, a newline, the content.
    name
        Begins the ids of title and description; one per drawing of the page.
    title, description
        Chinese and English.

    Examples
    --------
    >>> str(figure_svg("0 0 9 9\n", name="g1", title=("图", "chart"), description=("一点", "one point")))[:28]
    '<svg viewBox="0 0 9 9" width'
    """
    from markupsafe import Markup, escape

    box, _, content = inline.partition("\n")
    width = box.split(" ")[2]
    return Markup(
        f'<svg viewBox="{escape(box)}" width="{escape(width)}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(" · ".join(title))}</title>'
        f'<desc id="{name}-d">{escape(" · ".join(description))}</desc>{content}</svg>'
    )
