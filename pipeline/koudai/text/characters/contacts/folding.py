"""Folding: a text as the forms of contacts see it: half width, lower case, plain digits, and nothing invisible.

Promises: every character of the folded text stands for one character of the text and knows its place there; a text
without anything to fold is itself. Knows no form of contact.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

from koudai.text.characters.assigned import is_later, lower
from koudai.text.characters.hazards import INVISIBLE

_DROPPED = re.compile(f"[{INVISIBLE}\u20dd-\u20e4]")
"""What takes no room, and what encloses the character before it: a keycap is a digit and two of them."""
_KEPT_WIDE = "！（），；"
_CHINESE = {
    **dict.fromkeys("零〇○", "0"),
    **dict.fromkeys("一壹幺弌㊀㈠", "1"),
    **dict.fromkeys("二贰貳弍㊁㈡", "2"),
    **dict.fromkeys("三叁參叄弎㊂㈢", "3"),
    **dict.fromkeys("四肆㊃㈣", "4"),
    **dict.fromkeys("五伍㊄㈤", "5"),
    **dict.fromkeys("六陆陸㊅㈥", "6"),
    **dict.fromkeys("七柒㊆㈦", "7"),
    **dict.fromkeys("八捌㊇㈧", "8"),
    **dict.fromkeys("九玖㊈㈨", "9"),
}
_CHINESE_DIGIT = re.compile(f"[{''.join(_CHINESE)}]")
_UNUSUAL = re.compile(
    "[^\x00-\x7f\u4e00-\u9fff\u3001-\u3006\u3008-\u303f\u2010-\u2023\u2025-\u2027\u2030-\u203b\u2190-\u245f\u2500-\u2775\u2794-\u27ff"
    "\U0001f300-\U0001faff，！？：；（）·]"
)
"""What a text without anything to fold but `：` and Chinese digits does not hold."""
_SPANS = ((0xA0, 0x3400), (0xFE50, 0xFFF0), (0x1D400, 0x1D800), (0x1F100, 0x1F1F0), (0x1FBF0, 0x1FBFA))
"""Where characters stand whose compatibility form is one of ASCII."""
_LAST_DIGIT = 0x20000


class Folded(NamedTuple):
    """A folded text.

    Attributes
    ----------
    text
        In half width, its ASCII letters in lower case.
    digits
        The same with Chinese digits as plain ones.
    places
        Where each character of `text` stands in what was folded, and how long that is; None where it is as long.
    """

    text: str
    digits: str
    places: list[int] | None


def fold(text: str) -> Folded:
    r"""Return `text` folded.

    Examples
    --------
    >>> fold("１\u200b③8️⃣ 零三Ｖ")
    Folded(text='138 零三v', digits='138 03v', places=[0, 2, 3, 6, 7, 8, 9, 10])
    """
    places, half = None, text.replace("：", ":")
    if _UNUSUAL.search(half):
        if _DROPPED.search(half):
            places = [at for at, one in enumerate(half) if not _DROPPED.match(one)]
            half, places = "".join([half[at] for at in places]), [*places, len(half)]
        half = _UNUSUAL.sub(_narrow, half)
    half = low if len(low := lower(half)) == len(half) else "".join(map(_lower, half))
    return Folded(half, _CHINESE_DIGIT.sub(_plain, half), places)


def _lower(one: str) -> str:
    """Return one character in lower case, or as it is where that takes several."""
    return low if len(low := lower(one)) == 1 else one


@functools.cache
def all_digits() -> str:
    """Return every character that is folded into a digit, the plain ones first."""
    return "".join(["0123456789", *(chr(wide) for wide, one in _half().items() if one.isdigit()), *_CHINESE])


@functools.cache
def _half() -> dict[int, str]:
    """Return what stands for each character in `Folded.text`, but for capital letters."""
    digit, composed = unicodedata.digit, unicodedata.normalize
    digits = (code for code in range(0x80, _LAST_DIGIT) if digit(chr(code), None) is not None)
    found = {code: str(digit(chr(code))) for code in digits if not is_later(chr(code))}
    for code in (code for first, last in _SPANS for code in range(first, last)):
        made = composed("NFKC", chr(code))
        if len(made) == 1 and made.isascii() and chr(code) not in _KEPT_WIDE and not is_later(chr(code)):
            found.setdefault(code, made)
    return found


def _narrow(found: re.Match[str]) -> str:
    return _half().get(ord(found[0]), found[0])


def _plain(found: re.Match[str]) -> str:
    return _CHINESE[found[0]]
