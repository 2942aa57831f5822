"""Assigned characters: those of Unicode 14.0, which all text processing knows, whatever Python it runs under.

Promises: the same result for every string on every Python from 3.11 on whose Unicode data are known here
(`unicode_of_this_python`), so that a model scores alike wherever it is loaded: characters assigned later are what they
were in Unicode 14.0, characters without properties, and stay as they are. Nothing else differs: normalisation of
assigned characters is stable by Unicode's policy. Does not replace or drop later characters.

Source: Unicode Character Encoding Stability Policies; `LATER` from the Unicode Character Database 14.0 and 18.0.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

UNICODE = "14.0.0"
"""The version of Unicode by which posts are read."""
KNOWN = (14, 18)
"""First and last version of Unicode whose later characters are in `LATER`."""
_LOW = (
    "\u0558\u058b-\u058c\u05c8-\u05c9\u088f\u0897\u0b53-\u0b54\u0c5c\u0cdc\u0cf3\u0ece\u1acf-\u1af0\u1b4e-\u1b4f"
    "\u1b7f\u1c89-\u1c8a\u208f\u209d-\u209f\u20c1-\u20c4\u2427-\u2429\u2b96\u2e60-\u2e63\u2ffc-\u2fff\u31e4-\u31e5"
    "\u31ef\ua7cb-\ua7cf\ua7d2\ua7d4\ua7da-\ua7dd\ua7e2\ua7f1\uab6c-\uab6d\ufbc3-\ufbd2\ufd90-\ufd91\ufdc8-\ufdce"
)
_HIGH = (
    "\U000105c0-\U000105f3\U000107bb-\U000107bf\U00010940-\U00010959\U00010d40-\U00010d65\U00010d69-\U00010d85"
    "\U00010d8e-\U00010d8f\U00010ec2-\U00010ec7\U00010ec9-\U00010eee\U00010ef0-\U00010eff\U0001123f-\U00011241"
    "\U00011380-\U00011389\U0001138b\U0001138e\U00011390-\U000113b5\U000113b7-\U000113c0\U000113c2\U000113c5"
    "\U000113c7-\U000113ca\U000113cc-\U000113d5\U000113d7-\U000113d8\U000113e1-\U000113e2\U000116d0-\U000116e3"
    "\U00011b00-\U00011b0a\U00011b60-\U00011b67\U00011bc0-\U00011be1\U00011bf0-\U00011bf9\U00011db0-\U00011ddb"
    "\U00011de0-\U00011de9\U00011df0-\U00011df1\U00011f00-\U00011f10\U00011f12-\U00011f3a\U00011f3e-\U00011f5a"
    "\U0001246f\U00012475-\U0001247f\U00012550-\U00012686\U0001342f\U00013439-\U00013455\U00013460-\U000143fa"
    "\U00016100-\U00016139\U00016d40-\U00016d79\U00016ea0-\U00016eb8\U00016ebb-\U00016ed3\U00016ff2-\U00016ff6"
    "\U000187f8-\U000187ff\U00018cd6-\U00018cda\U00018cff\U00018d09-\U00018d20\U00018d80-\U00018df2"
    "\U00018e00-\U00019191\U000191a0-\U000191d2\U0001b123-\U0001b128\U0001b132\U0001b155\U0001b168"
    "\U0001cc00-\U0001ccfc\U0001cd00-\U0001ceb3\U0001ceba-\U0001ced0\U0001ced2-\U0001ced4\U0001cedd-\U0001cefd"
    "\U0001d127-\U0001d128\U0001d1eb-\U0001d1ff\U0001d250-\U0001d281\U0001d2c0-\U0001d2d3\U0001d6a6"
    "\U0001db00-\U0001db1c\U0001df1f-\U0001df81\U0001df90-\U0001df96\U0001dfcd-\U0001dfff\U0001e030-\U0001e06d"
    "\U0001e08f\U0001e4d0-\U0001e4f9\U0001e5d0-\U0001e5fa\U0001e5ff\U0001e6c0-\U0001e6de\U0001e6e0-\U0001e6f5"
    "\U0001e6fe-\U0001e6ff\U0001f1ae\U0001f6d8-\U0001f6d9\U0001f6dc\U0001f774-\U0001f77f\U0001f7d9-\U0001f7db"
    "\U0001f7f1-\U0001f7ff\U0001f8b2-\U0001f8bb\U0001f8c0-\U0001f8c1\U0001f8d0-\U0001f8d8\U0001fa54-\U0001fa57"
    "\U0001fa75-\U0001fa77\U0001fa87-\U0001fa8f\U0001faad-\U0001faaf\U0001fabb-\U0001fabf\U0001fac6\U0001fac8"
    "\U0001facc-\U0001facf\U0001fada-\U0001fadd\U0001fadf\U0001fae8-\U0001faeb\U0001faef\U0001faf7-\U0001fafa"
    "\U0001fbcb-\U0001fbef\U0001fbfa\U0002b739-\U0002b73f\U0002b81e\U0002cea2-\U0002cead\U0002ebf0-\U0002ee5d"
    "\U00031350-\U00033479\U0003d000-\U0003fc3f"
)
LATER = _LOW + _HIGH
"""Characters assigned in Unicode 15.0 to 18.0, as the inside of a regular-expression class."""
ONE_LATER = f"(?:[{_LOW}]|(?=[\U00010000-\U0003ffff])[{_HIGH}])"
"""A pattern of one of them; quick, as a class of low characters is a table and one of high characters is a search."""
NAME = rf"(?:(?!{ONE_LATER})[\w·\-])"
"""A pattern of one character of the name of an account."""
MARKS_ONCE = "\U0001171e"
"""Combining marks of Unicode 14.0 that later ones class otherwise."""

_LATER = re.compile(f"({ONE_LATER}+)")


def unicode_of_this_python() -> str:
    """Return the version of Unicode by which this Python reads posts: `UNICODE`, unless its data are not known here.

    Examples
    --------
    >>> unicode_of_this_python()
    '14.0.0'
    """
    here = unicodedata.unidata_version
    return UNICODE if KNOWN[0] <= int(here.partition(".")[0]) <= KNOWN[1] else here


def is_later(one: str) -> bool:
    r"""Return whether a character was assigned later than in Unicode 14.0.

    Examples
    --------
    >>> is_later("好"), is_later("\U0001fae8")
    (False, True)
    """
    return _LATER.match(one) is not None


def nfkc(text: str) -> str:
    r"""Return NFKC of `text` by Unicode 14.0.

    Examples
    --------
    >>> nfkc("Ａ"), nfkc("\U0001e030") == "\U0001e030"
    ('A', True)
    """
    return _apart(text, lambda part: unicodedata.normalize("NFKC", part))


def nfd(text: str) -> str:
    """Return NFD of `text` by Unicode 14.0.

    Examples
    --------
    >>> len(nfd("é"))
    2
    """
    return _apart(text, lambda part: unicodedata.normalize("NFD", part))


def is_nfkc(text: str) -> bool:
    """Return whether `nfkc` leaves `text` as it is.

    Examples
    --------
    >>> is_nfkc("A"), is_nfkc("Ａ")
    (True, False)
    """
    if text.isascii() or _later().isdisjoint(text):
        return unicodedata.is_normalized("NFKC", text)
    return all(unicodedata.is_normalized("NFKC", part) for part in _LATER.split(text)[::2])


def lower(text: str) -> str:
    """Return ``str.lower`` of `text` by Unicode 14.0.

    Examples
    --------
    >>> lower("ΟΔΟΣ")
    'οδος'
    """
    return _apart(text, str.lower)


@functools.cache
def _later() -> frozenset[str]:
    """Return the characters in `LATER`: whether a text has any is told ten times as fast by them as by the pattern."""
    spans = re.findall("(.)(?:-(.))?", LATER)
    return frozenset(chr(code) for first, last in spans for code in range(ord(first), ord(last or first) + 1))


def _apart(text: str, function: Callable[[str], str]) -> str:
    """Return `text` with `function` applied to what stands between later characters, across which nothing combines."""
    made = function(text)
    if made == text or text.isascii() or _later().isdisjoint(text):  # what changes no string changes no part of it
        return made
    parts = _LATER.split(text)
    parts[::2] = map(function, parts[::2])
    return "".join(parts)
