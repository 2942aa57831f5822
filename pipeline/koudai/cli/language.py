"""The language of the command line: English as the library speaks it, or Chinese, translated where it is shown.

The catalogue in ``zh/`` maps each English text to Chinese, one file for each folder that says them; what is filled in
is ``{0}``, ``{1}`` … in both. Promises: without Chinese nothing of it is read; a text that is in no catalogue stays as
it is; what data holds is passed on unchanged. Does not touch JSON, files, keys or exit codes.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from unicodedata import east_asian_width

from koudai.errors import KoudaiError, UsageError

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).with_name("zh")
WORDS = "words"
"""The file of single words: headings of tables, counts and labels, which mean something only where they stand."""
LABELS = ("where", "expected", "got", "happened", "to do")
"""What the lines of an error are called."""
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
_PARTS = ("what", "expected", "got", "happened", "todo")
_HOLE = re.compile(r"\{\d\}")
_WIDE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_LOOSE = re.compile(rf"(?<={_WIDE}) (?={_WIDE})")
_TELLING = 6
"""Letters that a template has to hold to be believed, half as many if a whole text begins with them: data may read like
less.
"""
_DEEPEST = 3
_EFFORT = 150_000
"""Characters that are held against the templates for one text; what is left beyond it stays as it is."""
_SCAN = 200
"""Characters that a scan of the templates counts for at least."""


def language_of(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the language that a command line is answered in.

    Parameters
    ----------
    arguments
        Of the command; ``--lang`` before the verb comes first.
    environ
        ``KOUDAI_LANG`` comes next, then the locale: the first of LC_ALL, LC_MESSAGES and LANG that is set.

    Returns
    -------
    str
        One of `LANGUAGES`.

    Raises
    ------
    UsageError
        For a language that there is not.

    Examples
    --------
    >>> language_of(["--lang", "zh", "score"], {"LANG": "C.UTF-8"}), language_of(["score"], {"LANG": "zh_CN.UTF-8"})
    ('zh', 'zh')
    >>> language_of(["--lang=en"], {"LANG": "zh_CN.UTF-8"}), language_of([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    ('en', 'en')
    """
    for at, argument in enumerate(arguments):
        if not argument.startswith("-"):
            break
        name, given, value = argument.partition("=")
        if name == "--lang" and (given or arguments[at + 1 :]):
            return _known(value if given else arguments[at + 1], "--lang")
    if environ.get("KOUDAI_LANG"):
        return _known(environ["KOUDAI_LANG"], "$KOUDAI_LANG")
    locale = next((environ[name] for name in _LOCALE if environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _known(language: str, where: str) -> str:
    if language not in LANGUAGES:
        raise UsageError(
            what="unknown language", where=where, expected="en or zh", got=language, happened="nothing was done"
        )
    return language


@dataclass(frozen=True)
class _Template:
    pieces: tuple[str, ...]
    chinese: str

    @cached_property
    def letters(self) -> int:
        return sum(sum(map(str.isalpha, piece)) for piece in self.pieces)

    @cached_property
    def lines(self) -> bool:
        return any("\n" in piece for piece in self.pieces)

    def holes(self, text: str) -> list[str] | None:
        """Return what fills the holes of the template in a text, the shortest first, or None if it is another's."""
        first, *between, last = self.pieces
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        filled = []
        for piece in between:
            found = text.find(piece, at, end)
            if found < 0:
                return None
            filled.append(text[at:found])
            at = found + len(piece)
        return [*filled, text[at:end]]


class Chinese:
    """The catalogue, and what it makes of English.

    Parameters
    ----------
    folder
        Holds a JSON file of English and Chinese for each folder of the package.

    Examples
    --------
    >>> chinese = Chinese()
    >>> chinese.text("no problems: 20 posts to fit on, 5 to test on")
    '没有问题：训练用 20 条帖子，测试用 5 条'
    >>> chinese.text("a text of nobody"), chinese.word("corpus")
    ('a text of nobody', '语料')
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @cached_property
    def _entries(self) -> dict[str, dict[str, str]]:
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(self._folder.glob("*.json"))}

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {key: told for name, one in self._entries.items() if name != WORDS for key, told in one.items()}

    @cached_property
    def _templates(self) -> list[_Template]:
        found = [_Template(tuple(_HOLE.split(key)), told) for key, told in self._texts.items() if _HOLE.search(key)]
        return sorted(found, key=lambda one: -one.letters)

    def word(self, text: str) -> str:
        """Return a heading, a count's name or a label in Chinese."""
        return self._entries[WORDS].get(text) or self.text(text)

    def text(self, text: str) -> str:
        """Return a whole text in Chinese; line by line or sentence by sentence if it is put together of several."""
        return self._text(text, 0, [_EFFORT])

    def _text(self, text: str, depth: int, left: list[int]) -> str:
        if (exact := self._texts.get(text)) is not None:
            return exact
        left[0] -= len(text) + _SCAN
        if not text.strip() or depth > _DEEPEST or left[0] < 0:
            return text
        lines = "\n" in text
        for one in self._templates:
            if lines and not one.lines:
                continue
            if (holes := one.holes(text)) is not None:
                told = [self._text(hole, depth + 1, left) for hole in holes]
                least = _TELLING // 2 if one.pieces[0] and not depth else _TELLING
                if one.letters >= least or told != holes or all(map(_is_number, holes)):
                    return self._list(text, one) or _filled(one.chinese, told)
        for mark, joined in (("\n", "\n"), ("; ", "；"), (": ", "：")):
            parts = text.split(mark)
            told = [self._text(part, depth + (mark != "\n"), left) for part in parts] if len(parts) > 1 else parts
            if told != parts:
                return joined.join(told)
        return text

    def _list(self, text: str, template: _Template) -> str | None:
        """Return a list of which each item is of one template, None if it is none."""
        items = [template.holes(item) for item in text.split(", ")]
        filled = [_filled(template.chinese, holes) for holes in items if holes is not None]
        return "、".join(filled) if 1 < len(filled) == len(items) else None

    def error(self, error: KoudaiError) -> KoudaiError:
        """Return an error with its parts in Chinese; where it is, and its class, stay."""
        for part in _PARTS:
            value = getattr(error, part)
            if isinstance(value, str):
                setattr(error, part, self.text(value))
        return error

    @property
    def labels(self) -> dict[str, str]:
        """What the lines of an error are called."""
        return {name: self._entries[WORDS][name] for name in LABELS}


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[\d,.%]+", text) is not None


def _filled(template: str, holes: list[str]) -> str:
    """Return a template with its holes filled; no blank stays between two full-width characters."""
    parts = [""]
    for part in re.split(r"(\{\d\})", template):
        text = holes[int(part[1])] if _HOLE.fullmatch(part) else part
        if text and _LOOSE.search(parts[-1][-2:] + text[:1]):
            parts[-1] = parts[-1][:-1]
        elif text and _LOOSE.search(parts[-1][-1:] + text[:2]):
            text = text[1:]
        parts.append(text)
    return "".join(parts)


_SPOKEN: ContextVar[Chinese | None] = ContextVar("koudai_language", default=None)


@contextlib.contextmanager
def speaking(language: str) -> Iterator[Chinese | None]:
    """Answer in a language what is said within; gives the catalogue, None for English."""
    token = _SPOKEN.set(Chinese() if language == "zh" else None)
    try:
        yield _SPOKEN.get()
    finally:
        _SPOKEN.reset(token)


def spoken(text: str) -> str:
    """Return one of koudai's own texts in the language of this command."""
    chinese = _SPOKEN.get()
    return text if chinese is None else chinese.text(text)


def spoken_word(text: str) -> str:
    """Return a heading, a count's name or a label in the language of this command."""
    chinese = _SPOKEN.get()
    return text if chinese is None else chinese.word(text)


def spoken_one(zh: str, en: str) -> str:
    """Return that of two texts which is in the language of this command."""
    return en if _SPOKEN.get() is None else zh


def told(error: KoudaiError, *, shown: Callable[[KoudaiError], KoudaiError]) -> str:
    """Return the message of an error in the language of this command; `shown` has the last word on its parts."""
    chinese = _SPOKEN.get()
    if chinese is None:
        return shown(error).message()
    return shown(chinese.error(error)).message(chinese.labels)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Examples
    --------
    >>> columns("帖子 ab")
    7
    """
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
