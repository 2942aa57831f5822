"""The words of the page, each in Chinese and in English, read from ``words.toml`` and ``statistics.toml``.

Promises: no word reaches the page in one language only, because templates hold keys and that file holds both languages;
`Words` gives both at once, in spans that the page shows one of. Holds no figures and no layout.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.render.hidden import shown

if TYPE_CHECKING:
    from markupsafe import Markup

LANGUAGES = ("zh", "en")
TEMPLATES = Path(__file__).parent / "templates"
_BOTH = '<span lang="zh">{}</span><span lang="en">{}</span>'


class Words:
    """Gives the page its words, in both languages at once."""

    def __init__(self) -> None:
        self._statistics: dict[str, dict[str, str]] = _read("statistics.toml")
        self._words: dict[str, dict[str, str]] = {
            key: word for words in _read("words.toml").values() for key, word in words.items()
        }

    def __call__(self, key: str, **values: object) -> Markup:
        """Return both languages of the word called `key`, with `values` filled in and escaped."""
        return self._spans(self._words[key]["zh"], self._words[key]["en"], **values)

    def text(self, key: str) -> tuple[str, str]:
        """Return the word called `key` as plain text: Chinese, English."""
        return self._words[key]["zh"], self._words[key]["en"]

    def names(self) -> list[str]:
        """Return the keys of all words, statistics aside."""
        return list(self._words)

    def __contains__(self, key: object) -> bool:
        return key in self._words

    def known(self, key: object, *, prefix: str = "") -> Markup:
        """Return both languages of ``prefix + key`` if there is such a word, else `key` as it is."""
        name = f"{prefix}{key}"
        return self(name) if name in self._words else self.raw(key)

    def statistic(self, name: str) -> Markup:
        """Return both languages of the statistic called `name`, or its bare name."""
        found = self._statistics.get(name)
        return self._spans(found["zh"], found["en"]) if found else self.raw(name)

    def group(self, name: str) -> Markup:
        """Return both languages of a group that a measure made, ``scored posts, tagged``; other names as they are."""
        from markupsafe import Markup

        parts = [f"group-{part}" for part in name.split(", ")]
        if not any(part in self._words for part in parts):
            return self.raw(name)
        return Markup(self("comma")).join(
            self(part) if part in self._words else self.raw(part.removeprefix("group-")) for part in parts
        )

    def both(self, bilingual: Any) -> Markup:
        """Return both languages of a `Bilingual` that came with the data."""
        from markupsafe import Markup

        return Markup(_BOTH).format(shown(bilingual.zh), shown(bilingual.en))

    def raw(self, value: object) -> Markup:
        """Return `value`, which has no language, as it is."""
        from markupsafe import Markup

        return Markup("<bdi>{}</bdi>").format(shown(value))

    def _spans(self, zh: str, en: str, **values: object) -> Markup:
        from markupsafe import Markup

        filled = {name: value if isinstance(value, Markup) else shown(value) for name, value in values.items()}
        return Markup(_BOTH).format(Markup(zh).format(**filled), Markup(en).format(**filled))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / name).read_text(encoding="utf-8"))
