"""Script: whether a post is written in simplified or traditional characters, both, or in Latin letters.

Promises: total (any string); decided by characters that are in only one of the two national character sets, so a post
of shared characters alone is neither. Does not convert.

Source: GB/T 2312-1980 (simplified) and Big5 (traditional), as this Python encodes them.
"""

from __future__ import annotations

import functools
import re

SCRIPTS = ("simplified", "traditional", "mixed", "shared", "latin", "other")
MOSTLY = 0.9
"""Share of the distinguishing characters that must be of one script; below it the post is mixed."""
_HAN = (0x4E00, 0xA000)
_IDEOGRAPH, _LATIN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]"), re.compile("[A-Za-z]")


def script_of(text: str) -> str:
    """Return which of `SCRIPTS` a post is written in: ``shared`` if it has ideographs and all are in both character
    sets, ``latin`` if it has no ideograph but a letter A to Z, ``other`` if it has neither.

    Examples
    --------
    >>> [script_of(text) for text in ("我们说话", "我們說話", "一二三", "ok", "……")]
    ['simplified', 'traditional', 'shared', 'latin', 'other']
    """
    only_simplified, only_traditional = _distinguishing()
    simplified, traditional = len(only_simplified.findall(text)), len(only_traditional.findall(text))
    distinguishing = simplified + traditional
    if distinguishing:
        if simplified >= MOSTLY * distinguishing:
            return "simplified"
        return "traditional" if traditional >= MOSTLY * distinguishing else "mixed"
    if _IDEOGRAPH.search(text):
        return "shared"
    return "latin" if _LATIN.search(text) else "other"


@functools.cache
def _distinguishing() -> tuple[re.Pattern[str], re.Pattern[str]]:
    ideographs = [chr(code) for code in range(*_HAN)]
    gb, big5 = ({one for one in ideographs if one.encode(name, "ignore")} for name in ("gb2312", "big5"))
    return re.compile(f"[{''.join(sorted(gb - big5))}]"), re.compile(f"[{''.join(sorted(big5 - gb))}]")
