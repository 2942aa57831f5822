"""A drawing as it stands in the page: allowed elements and attributes, the page's colours, titles in both languages.

Promises: whatever is not on the two lists here is dropped, so nothing that could run, load, style or collide by id gets
through; text is escaped; the result is the same for the same drawing. Draws nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from koudai.render.words import LANGUAGES, Words

if TYPE_CHECKING:
    from markupsafe import Markup

ELEMENTS = frozenset(("svg", "g", "path", "line", "rect", "circle", "text"))
ATTRIBUTES = frozenset(
    ("d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "transform", "viewBox", "text-anchor")
    + ("fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "font-size")
)
COLOURS = {
    "ink": "#0a0b01",
    "muted": "#0a0b02",
    "line": "#0a0b03",
    "accent": "#0a0b04",
    "second": "#0a0b05",
    "surface": "#0a0b06",
}
"""What a drawing is coloured with; in the page each becomes ``var(--name)``."""

_VARIABLES = {value: f"var(--{name})" for name, value in COLOURS.items()}
_TITLE = "\ue0f0"


def titled(key: str) -> str:
    """Return what a drawing holds in place of the word called `key`.

    Examples
    --------
    >>> titled("value").endswith("value")
    True
    """
    return f"{_TITLE}{key}"


def as_inline(drawing: str, *, words: Words) -> str:
    r"""Return the view box of a drawing, a newline, and its cleaned content, for `figure_svg`.

    Parameters
    ----------
    drawing
        A whole SVG document.
    words
        Gives both languages of what `titled` stood in for.

    Examples
    --------
    >>> drawing = '<svg viewBox="0 0 9 9"><script/><text onclick="run()">谣言</text></svg>'
    >>> as_inline(drawing, words=Words())
    '0 0 9 9\n<text>谣言</text>'
    """
    root = ElementTree.fromstring(drawing)
    clean = _cleaned(root, words=words)
    content = "".join(ElementTree.tostring(child, encoding="unicode") for child in clean)
    return f"{clean.get('viewBox', '0 0 100 100')}\n{content}"


def figure_svg(inline: str, *, name: str, title: tuple[str, str], description: tuple[str, str]) -> Markup:
    r"""Return the whole ``svg`` element with its title and description.

    Parameters
    ----------
    inline
        What `as_inline` returned.
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


def _cleaned(element: ElementTree.Element, *, words: Words) -> ElementTree.Element:
    clean = ElementTree.Element(_local(element.tag))
    for name, value in element.attrib.items():
        if name in ATTRIBUTES and not (name == "opacity" and value == "1"):
            clean.set(name, _VARIABLES.get(value, value))
    clean.text = element.text
    for child in element:
        if (
            _local(child.tag) not in ELEMENTS
            or child.get("display") == "none"
            or "background" in child.get("class", "")
        ):
            continue
        inner = _cleaned(child, words=words)
        key = (inner.text or "").removeprefix(_TITLE)
        if inner.tag == "text" and key != inner.text and key in words:
            clean.extend(_both(inner, key=key, words=words))
        elif len(inner) or inner.text or inner.tag != "g":
            clean.append(inner)
    return clean


def _both(text: ElementTree.Element, *, key: str, words: Words) -> list[ElementTree.Element]:
    both = []
    for lang, word in zip(LANGUAGES, words.text(key), strict=True):
        one = ElementTree.Element("text", {**text.attrib, "lang": lang})
        one.text = word
        both.append(one)
    return both


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
