"""Spellings: the same post as people write it to get past a filter, or simply write it in another script.

Promises: every spelling is total and has no chance in it; a post that it does not touch comes back as it was. They are
for trying a model out, strong on purpose: each is applied wherever it can be. Nothing here undoes a disguise.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from koudai.errors import ReadError
from koudai.taxonomy import problems, read_toml

_IDEOGRAPH = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_GAP = re.compile(f"(?<={_IDEOGRAPH.pattern})(?={_IDEOGRAPH.pattern})")
_EMOJI = "✨🌸🍀"
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

Spelling = Callable[[str], str]


class _Lists(BaseModel):
    model_config = ConfigDict(extra="forbid")

    traditional: str
    simplified: str
    split: str
    homophones: dict[str, str]
    pinyin: dict[str, str]
    initials: dict[str, str] = {}
    symbols: dict[str, str] = {}


def load_spellings(path: Path) -> dict[str, Spelling]:
    """Read the lists of a TOML file and return every spelling by its name.

    Returns
    -------
    dict
        ``zero-width``: U+200B between ideographs, after every second; ``full-width``: letters, digits and signs of
        ASCII twice as wide; ``traditional``, ``simplified``: each character that is known by its counterpart;
        ``homophones``, ``pinyin``, ``initials``, ``symbols``, ``split``: words that sound alike, words with a character
        in pinyin, words by the initials of their pinyin, words by an emoji, characters taken
        apart, as listed; ``spaces``, ``dots``: between all ideographs; ``emoji``: after every third ideograph.

    Raises
    ------
    ConfigError
        If the file is missing or is not TOML.
    ReadError
        If a list is missing, a pair is not one, or something is there twice or stands for itself.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> load_spellings(bundled("data/casebook") / "spellings.toml")["dots"]("谣言")
    '谣.言'
    """
    try:
        lists = _Lists.model_validate(read_toml(path))
    except ValidationError as error:
        raise _refused(path, problems(error)) from error
    tables = {
        "traditional": [(one[:1], one[1:]) for one in lists.traditional.split()],
        "simplified": [(one[:1], one[1:]) for one in lists.simplified.split()],
        "split": [(one[:1], one[1:]) for one in lists.split.split()],
        "homophones": list(lists.homophones.items()),
        "pinyin": list(lists.pinyin.items()),
        "initials": list(lists.initials.items()),
        "symbols": list(lists.symbols.items()),
    }
    lengths = {"traditional": (1, 1), "simplified": (1, 1), "split": (2, 4)}
    wrong = []
    for name, pairs in tables.items():
        least, most = lengths.get(name, (1, 20))
        wrong += [f"{name}: {a}{b}" for a, b in pairs if not (a and a != b and least <= len(b) <= most)]
        known = [a for a, _ in pairs]
        wrong += [f"{name}: {one} is there twice" for one in dict.fromkeys(known) if known.count(one) > 1]
    back = [(b, a) for a, b in tables["traditional"]] + tables["simplified"]
    wrong += [
        f"two simplified characters for {b}" for b in {b for b, _ in back} if [one for one, _ in back].count(b) > 1
    ]
    if wrong:
        raise _refused(path, "\n".join(wrong))
    return {
        "zero-width": lambda text: _between(text, "\u200b", 2),
        "full-width": lambda text: text.translate(_FULL_WIDTH),
        "traditional": _replacing(dict(tables["traditional"])),
        "simplified": _replacing(dict(back)),
        "homophones": _replacing(dict(tables["homophones"])),
        "pinyin": _replacing(dict(tables["pinyin"])),
        "initials": _replacing(dict(tables["initials"])),
        "symbols": _replacing(dict(tables["symbols"])),
        "split": _replacing(dict(tables["split"])),
        "spaces": lambda text: _between(text, " ", 1),
        "dots": lambda text: _between(text, ".", 1),
        "emoji": lambda text: _between(text, _EMOJI, 3),
    }


def _between(text: str, marks: str, every: int) -> str:
    """Put the marks, in turn, into every `every`-th gap between two ideographs."""
    count, turn = itertools.count(1), itertools.cycle(marks)
    return _GAP.sub(lambda _: "" if next(count) % every else next(turn), text)


def _replacing(table: dict[str, str]) -> Spelling:
    if not table:
        return lambda text: text
    longest_first = re.compile("|".join(map(re.escape, sorted(table, key=len, reverse=True))))
    return lambda text: longest_first.sub(lambda found: table[found.group()], text)


def _refused(path: Path, got: str) -> ReadError:
    return ReadError(
        what="the lists of spellings are damaged",
        where=path,
        expected="traditional, simplified and split as pairs without a space in them; the other lists as tables",
        got=got,
        happened="nothing was measured",
        todo="correct these lists",
    )
