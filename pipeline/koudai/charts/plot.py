"""Plot: axes, marks and labels of one chart, written as SVG element by element.

Promises: nothing in a drawing can run, load, style or collide by id, whatever the data say: they give numbers, and
text, which is escaped; colours are names, which a page or `koudai.charts.image` gives; labels lie flat; the same plot
gives the same drawing. Ticks are round numbers. Chooses no figures and no words.

Source: Bostock, Ogievetsky & Heer 2011, "D3: data-driven documents" (steps of ticks); Heckbert 1990, "Nice numbers for
graph labels".
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Protocol

FONT = 11
"""Size of labels and titles."""
_NICE = 10
_FACTORS = ((math.sqrt(50.0), 10.0), (math.sqrt(10.0), 5.0), (math.sqrt(2.0), 2.0))
_WIDE, _DIGIT, _NARROW, _PERCENT = 11.0, 6.12, 3.06, 9.78
"""Widths of characters: full ones, digits and most letters, points, and the sign of per cent."""
_OTHER = 6.2
_LANGUAGES = ("zh", "en")
_LEAST = 1e-300
"""Steps below are no numbers that could be told apart."""


class Texts(Protocol):
    """What gives a word in both languages, where it has it."""

    def __contains__(self, key: object) -> bool:
        """Return whether there is a word called `key`."""

    def text(self, key: str) -> tuple[str, str]:
        """Return the word called `key`: Chinese, English."""


@dataclass(frozen=True)
class Word:
    """A word of the page, called by its key, that stands in a drawing in both languages.

    Examples
    --------
    >>> Word("value").key
    'value'
    """

    key: str


@dataclass(frozen=True)
class Scale:
    """Places numbers on an axis: those from `low` to `high` from 0 to `length`, or from `length` down to 0.

    Examples
    --------
    >>> scale = Scale(0.0, 2.0, 100)
    >>> scale(0.5), Scale(0.0, 2.0, 100, down=True)(0.5)
    (25.0, 75.0)
    """

    low: float
    high: float
    length: float
    down: bool = False

    def __call__(self, value: float) -> float:
        """Return the place of a number; the middle where all numbers are the same."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.length * (1.0 - share if self.down else share)

    def nice(self) -> Scale:
        """Return the scale that begins and ends at round numbers, no further out than needed."""
        low, high = self.low, self.high
        before = 0.0
        for _ in range(10):
            step = _step(low, high, _NICE)
            if step in (0.0, before):
                break
            low = _times(math.floor(low / step), step)
            high = _times(math.ceil(high / step), step)
            before = step
        return Scale(low, high, self.length, self.down)

    def ticks(self, count: int) -> list[float]:
        """Return about `count` round numbers.

        Examples
        --------
        >>> Scale(0.0, 0.28, 132).ticks(5)
        [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]
        """
        step = _step(self.low, self.high, count)
        if step == 0.0:
            return [self.low]
        near = range(round(self.low / step), round(self.high / step) + 1)
        return [tick for tick in (_times(number, step) for number in near) if self.low <= tick <= self.high]


@dataclass
class Plot:
    r"""A chart of a width and a height inside its axes; what is added later lies above.

    Examples
    --------
    >>> plot = Plot(100, 50)
    >>> plot.add("circle", cx=3.0, cy=4.25, r=2, fill="accent")
    >>> plot.text("谣言 <b>", 5, 10, anchor="end")
    >>> box, _, content = plot.drawn().partition("\n")
    >>> box, "<circle cx=" in content, "谣言 &lt;b&gt;" in content
    ('0 0 116 58', True, True)
    """

    width: float
    height: float
    left: float = 6.0
    top: float = 6.0
    right: float = 10.0
    bottom: float = 2.0
    _parts: list[str | tuple[Word, str]] = field(default_factory=list)

    def add(self, element: str, **attributes: float | str | None) -> None:
        """Add an element; an attribute that is None is left out, and ``stroke_width`` is ``stroke-width``."""
        self._parts.append(f"<{element}{_attributes(attributes)}/>")

    def text(
        self, text: str | Word, x: float, y: float, *, anchor: str, size: float = FONT, colour: str = "muted",
        upright: bool = False,
    ) -> None:  # fmt: skip
        """Add a text whose base line begins, ends or has its middle at a place; one that is `upright` reads upwards."""
        place = {"transform": f"translate({_number(x)},{_number(y)}) rotate(-90)"} if upright else {"x": x, "y": y}
        attributes = _attributes({"text_anchor": anchor, **place, "font_size": size, "fill": colour})
        if isinstance(text, Word):
            self._parts.append((text, attributes))
        else:
            self._parts.append(f"<text{attributes}>{escape(text)}</text>")

    def across(self, scale: Scale, title: str, *, form: Callable[[float], str], ticks: Sequence[float]) -> None:
        """Add a horizontal axis below the plot, with a vertical line at each tick."""
        for tick in ticks:
            at = round(scale(tick)) + 0.5
            self.add("line", x1=at, y1=0.5, x2=at, y2=self.height + 0.5, stroke="line")
        for at, text in _apart([(scale(tick), form(tick)) for tick in ticks], scale.length):
            self.text(text, at + 0.5, self.height + 13.5, anchor=_anchor(at, scale.length))
        self.below(title)

    def below(self, title: str) -> None:
        """Add the title of the horizontal axis."""
        self.text(Word(title), self.width / 2 + 0.5, self.height + 32.5, anchor="middle")
        self.bottom = max(self.bottom, 37.0)

    def up(self, scale: Scale, title: str, *, form: Callable[[float], str], ticks: Sequence[float]) -> None:
        """Add a vertical axis left of the plot, with a horizontal line at each tick."""
        labels = [form(tick) for tick in ticks]
        for tick, text in zip(ticks, labels, strict=True):
            at = scale(tick)
            self.add("line", x1=0.5, y1=round(at) + 0.5, x2=self.width + 0.5, y2=round(at) + 0.5, stroke="line")
            self.text(text, -3.5, at + 3.5, anchor="end")
        self.beside(title, 4 + max(map(width_of, labels), default=0.0))

    def beside(self, title: str, room: float) -> None:
        """Add the title of the vertical axis, left of labels that take some room."""
        self.text(Word(title), -(room + 9.5), self.height / 2 + 0.5, anchor="middle", upright=True)
        self.left = max(self.left, math.ceil(room + 25))

    def drawn(self, words: Texts | None = None) -> str:
        """Return the view box, a newline and the content; keys that `words` lacks, or all without it, as they are."""
        content = "".join(part if isinstance(part, str) else _both(*part, words=words) for part in self._parts)
        width, height = self.left + self.width + self.right, self.top + self.height + self.bottom
        box = f"0 0 {_number(math.ceil(width))} {_number(math.ceil(height))}"
        return f'{box}\n<g transform="translate({_number(self.left)},{_number(self.top)})" fill="none">{content}</g>'


def line_through(points: Iterable[tuple[float, float]]) -> str:
    """Return the path through points, for the attribute ``d``.

    Examples
    --------
    >>> line_through([(0.0, 1.5), (2.0, 1 / 3)])
    'M0,1.5L2,0.33'
    """
    return "M" + "L".join(f"{_number(x)},{_number(y)}" for x, y in points)


def width_of(text: str) -> float:
    """Return about how wide a text of the size of labels is.

    Examples
    --------
    >>> round(width_of("0.5")), round(width_of("谣言"))
    (15, 22)
    """
    return sum(_width(one) for one in text)


def percent(value: float) -> str:
    """Return a share as a label, with two decimals at most.

    Examples
    --------
    >>> percent(0.25), percent(-0.0125)
    ('25%', '−1.25%')
    """
    return f"{_trimmed(100.0 * value, 2)}%"


def decimal(value: float) -> str:
    """Return a number as a label, with three decimals at most.

    Examples
    --------
    >>> decimal(0.25), decimal(-2.0)
    ('0.25', '−2')
    """
    return _trimmed(value, 3)


def whole(value: float) -> str:
    """Return a count as a label.

    Examples
    --------
    >>> whole(12000.0)
    '12,000'
    """
    return f"{round(value):,d}".replace("-", "−")


def _step(low: float, high: float, count: int) -> float:
    """Return the step between round numbers, 0 if there is none: 1, 2 or 5 times a power of ten."""
    raw = (high - low) / count
    if not _LEAST < raw < math.inf:
        return 0.0
    power = math.floor(math.log10(raw))
    factor = next((factor for least, factor in _FACTORS if raw / 10.0**power >= least), 1.0)
    return float(f"{factor:.0f}e{power}")


def _times(number: int, step: float) -> float:
    """Return a multiple of a step without the noise of binary fractions."""
    return round(number * step, max(0, 2 - math.floor(math.log10(step))))


def _anchor(at: float, length: float) -> str:
    """Return how a label of a horizontal axis stands at a place, so that it does not reach beyond the axis."""
    return "start" if abs(at) < 1 else "end" if abs(at - length) < 1 else "middle"


def _apart(labels: list[tuple[float, str]], length: float) -> list[tuple[float, str]]:
    """Return every label, or every other one, and so on, until none touches the next."""
    before = {"start": 0.0, "middle": 0.5, "end": 1.0}
    begins = [at - before[_anchor(at, length)] * width_of(text) for at, text in labels]
    while len(labels) > 1 and any(
        begin + width_of(text) > after for begin, (_, text), after in zip(begins, labels, begins[1:], strict=False)
    ):
        labels, begins = labels[::2], begins[::2]
    return labels


def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    if character.isdigit():
        return _DIGIT
    return {".": _NARROW, ",": _NARROW, "%": _PERCENT}.get(character, _OTHER)


def _trimmed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "0") else text.replace("-", "−")


def _attributes(attributes: dict[str, float | str | None]) -> str:
    found = []
    for name, value in attributes.items():
        if value is None:
            continue
        text = (
            (f"var(--{value})" if name in ("fill", "stroke") else value) if isinstance(value, str) else _number(value)
        )
        found.append(f' {name.replace("_", "-")}="{escape(text)}"')
    return "".join(found)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _both(word: Word, attributes: str, *, words: Texts | None) -> str:
    if words is None or word.key not in words:
        return f"<text{attributes}>{escape(word.key)}</text>"
    texts = zip(_LANGUAGES, words.text(word.key), strict=True)
    return "".join(f'<text{attributes} lang="{lang}">{escape(text)}</text>' for lang, text in texts)
