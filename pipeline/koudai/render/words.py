"""The words of the page, each in Chinese and in English, read from ``words.toml``; and those that measures declare.

Promises: no word reaches the page in one language only, because templates hold keys and that file holds both languages;
`Words` gives both at once, in spans that the page shows one of. What measures declare came with the report: it is
escaped, as data is. Holds no figures and no layout.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.audit.declaration import ARROW, Declaration
from koudai.render.hidden import visible
from koudai.taxonomy import Bilingual

if TYPE_CHECKING:
    from markupsafe import Markup

    from koudai.render.tables import DeclaredFigure

LANGUAGES = ("zh", "en")
TEMPLATES = Path(__file__).parent / "templates"
_TALLY = re.compile(r"announced: (.+) ([\d,]+) (\w+)")
_PARTED = re.compile(f"(, |{ARROW}| × )")
_BOTH = '<span lang="zh">{}</span><span lang="en">{}</span>'


class Words:
    """Gives the page its words, in both languages at once.

    Parameters
    ----------
    declared
        What measures declare: names of their statistics and groups.

    Examples
    --------
    >>> Words().text("category")
    ('类别', 'Category')
    >>> str(Words().raw("<rumour>"))
    '<bdi>&lt;rumour&gt;</bdi>'
    """

    def __init__(self, declared: Mapping[str, Declaration] | None = None) -> None:
        self._words: dict[str, dict[str, str]] = {
            key: word for words in _read("words.toml").values() for key, word in words.items()
        }
        self._groups = {measure: found.groups for measure, found in (declared or {}).items()}
        self._own: dict[str, Bilingual] = {}

    def __call__(self, key: str, **values: object) -> Markup:
        """Return both languages of the word called `key`, with `values` filled in and escaped."""
        if key in self._own:
            return self.both(self._own[key])
        return self._spans(self._words[key]["zh"], self._words[key]["en"], **values)

    def text(self, key: str) -> tuple[str, str]:
        """Return the word called `key` as plain text: Chinese, English."""
        if key in self._own:
            return visible(self._own[key].zh), visible(self._own[key].en)
        return self._words[key]["zh"], self._words[key]["en"]

    def scoped(self, measure: str, own: Mapping[str, Bilingual]) -> Words:
        """Return these words together with `own`, and with the groups of `measure` as ``group-NAME``."""
        found = copy.copy(self)
        groups = {f"group-{name}": name_of for name, name_of in self._groups.get(measure, {}).items()}
        found._own = {**groups, **own}
        return found

    def first(self, *keys: str) -> Markup:
        """Return the first of these words that there is."""
        return self(next(key for key in keys if key in self))

    def filled(self, text: Bilingual, values: Mapping[str, object]) -> Markup:
        """Return both languages of a declared text, with ``{name}`` replaced by its value where there is one."""
        from markupsafe import Markup

        def one(said: str) -> Markup:
            parts = re.split(r"\{(\w+)\}", said)
            pieces = [
                values.get(part, f"{{{part}}}") if place % 2 else visible(part) for place, part in enumerate(parts)
            ]
            return Markup("").join(piece if isinstance(piece, Markup) else visible(piece) for piece in pieces)

        return Markup(_BOTH).format(one(text.zh), one(text.en))

    def names(self) -> list[str]:
        """Return the keys of the words of the page."""
        return list(self._words)

    def __contains__(self, key: object) -> bool:
        return key in self._own or key in self._words

    def known(self, key: object, *, prefix: str = "") -> Markup:
        """Return both languages of ``prefix + key`` if there is such a word, else `key` as it is."""
        name = f"{prefix}{key}"
        return self(name) if name in self._words else self.raw(key)

    def statistic(self, figure: DeclaredFigure) -> Markup:
        """Return both languages of what a figure's statistic is called, or its bare key."""
        return self.raw(figure.statistic) if figure.name is None else self.both(figure.name)

    def group(self, name: str, *, measure: str) -> Markup:
        """Return both languages of a group that `measure` names, whole or in parts, ``a → b``; others as they are."""
        from markupsafe import Markup

        if tally := _TALLY.fullmatch(name):
            qualifier, unit = f"qualifier-{tally[1]}", f"unit-{tally[3]}"
            if qualifier in self._words and unit in self._words:
                word, amount, of = self._words["tally"], self._words[qualifier], self._words[unit]
                said = {lang: word[lang].format(amount[lang], tally[2], of[lang]) for lang in LANGUAGES}
                return self.both(Bilingual(**said))
        named = self._groups.get(measure, {})
        if name in named:
            return self.both(named[name])
        parts = _PARTED.split(name)
        if not any(part in named for part in parts):
            return self.raw(name)
        between = {", ": self("comma")}
        return Markup("").join(
            between.get(part, Markup(part))
            if place % 2
            else self.both(named[part])
            if part in named
            else self.raw(part)
            for place, part in enumerate(parts)
        )

    def both(self, bilingual: Bilingual) -> Markup:
        """Return both languages of a `Bilingual` that came with the data."""
        from markupsafe import Markup, escape

        return Markup(_BOTH.format(escape(visible(bilingual.zh)), escape(visible(bilingual.en))))

    def raw(self, value: object) -> Markup:
        """Return `value`, which has no language, as it is."""
        from markupsafe import Markup, escape

        return Markup(f"<bdi>{escape(visible(value))}</bdi>")

    def _spans(self, zh: str, en: str, **values: object) -> Markup:
        from markupsafe import Markup

        filled = {name: value if isinstance(value, Markup) else visible(value) for name, value in values.items()}
        return Markup(_BOTH.format(*(Markup(one).format(**filled) if "{" in one else one for one in (zh, en))))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / name).read_text(encoding="utf-8"))
