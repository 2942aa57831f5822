"""Hazards: what in a raw post could mislead a reader, a tokeniser or a spreadsheet, detected before normalisation.

Promises: total (any string), and linear in the length of the post; the post is not changed. A hazard is a flag, not a
verdict: flagged posts are scored like any other, and the flags are columns of the results.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from array import array
from typing import TYPE_CHECKING, Any

from koudai.limits import COMBINING_RUN
from koudai.text.characters.assigned import LATER, MARKS_ONCE, ONE_LATER
from koudai.text.characters.traces import ENDINGS, TRACES, pairs
from koudai.text.compiled.kernels import kernels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from koudai.text.characters.characters import CharacterTable
    from koudai.text.utf8 import Utf8

HAZARDS = (
    *("bidi", "control", "cut-off", "escaped", "invisible", "lone-surrogate", "markup", "mojibake", "no-words"),
    *("placeholder", "replacement", "stacked-marks"),
)
"""All hazards, sorted by name; ``HAZARDS[i]`` is bit ``i`` of the flags of `hazard_flags`.

The constants of `hazards_kernels` are these bits, and shift with the names; the flags have room for 16."""

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Invisible characters, as the inside of a regular-expression class.

Unicode's Default_Ignorable_Code_Point, with U+2800 (blank Braille) and the annotation marks U+FFF9-FFFB; category Cf
alone would miss the Hangul fillers, the variation selectors and U+2800.

Source: Unicode 15.0, DerivedCoreProperties.txt.
"""

_PRESENTATION = "\ufe0e\ufe0f\u200d"
_SIGNS: dict[str, re.Pattern[str]] = {
    "bidi": re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    "control": re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"),
    "invisible": re.compile(f"(?![{_PRESENTATION}])[{INVISIBLE}]"),
    "lone-surrogate": re.compile("[\ud800-\udfff]"),
    "replacement": re.compile("\ufffd"),
}
_WORD = re.compile(rf"(?![{INVISIBLE}])(?!{ONE_LATER})[^\W_]")
_FORMULA = re.compile(f"\\A[\\s\x00{INVISIBLE}]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\x00]")
HARMLESS = r"^([0-9A-Za-z\p{Han}]|$)"
"""A regular expression of Arrow (RE2) for texts that `guarded` never changes."""


@functools.cache
def marks() -> tuple[int, ...]:
    """Return the code points of the combining marks.

    Every visible mark of Unicode 14.0, whatever its script, and the two half-width kana marks that
    NFKC turns into marks: sorting a run of marks takes time quadratic in its length.

    Source: UAX #15, "Unicode normalization forms", section 13 (Stream-Safe Text Format).
    """
    category, sorted_class = unicodedata.category, unicodedata.combining
    known = array("I", range(0x300, 0x20000)).tobytes().decode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass")
    others = re.sub(f"[{INVISIBLE}{LATER}]+", "", re.sub(r"\w+", "", known))
    seen = [ord(one) for one in others if category(one) in ("Mn", "Me") or sorted_class(one) or one in MARKS_ONCE]
    return (*seen, 0xFF9E, 0xFF9F)


@functools.cache
def combining() -> str:
    """Return the combining marks, as the inside of a regular-expression class."""
    known = set(marks())
    first = [place for place in marks() if place - 1 not in known]
    last = [place for place in marks() if place + 1 not in known]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(first, last, strict=True))


@functools.cache
def _stacked() -> re.Pattern[str]:
    return re.compile(f"[{combining()}]{{{COMBINING_RUN.value + 1}}}")


def hazards(text: str) -> list[str]:
    r"""Return the hazards of one raw post, sorted by name.

    Parameters
    ----------
    text
        The post as it was read.

    Returns
    -------
    list of str
        Of ``bidi``, ``control``, ``cut-off`` (ends in a button that unfolds the rest), ``escaped`` (``\n``),
        ``invisible``, ``lone-surrogate``, ``markup`` (HTML or character references), ``mojibake`` (UTF-8 read as
        something else), ``no-words`` (no letter, digit or ideograph: an empty post or one of emoji), ``placeholder``
        (a platform's notice in the place of a post), ``replacement`` (U+FFFD: bytes were lost before koudai),
        ``stacked-marks``.

    Examples
    --------
    >>> hazards("正常的一句话"), hazards("看\u202e这里\u200b"), hazards("😂"), hazards("明天停水<br>…全文")
    ([], ['bidi', 'invisible'], ['no-words'], ['cut-off', 'markup'])
    """
    found = [name for name, sign in _SIGNS.items() if sign.search(text)]
    found += [name for name, trace in TRACES.items() if trace(text)]
    if _stacked().search(text):
        found.append("stacked-marks")
    if not _WORD.search(text):
        found.append("no-words")
    return sorted(found)


def without_surrogates(text: str) -> str:
    r"""Return `text` with every lone surrogate replaced by U+FFFD, so that it can be encoded.

    Examples
    --------
    >>> without_surrogates("a\ud800b") == "a\ufffdb"
    True
    """
    return _SIGNS["lone-surrogate"].sub("\ufffd", text)


def guarded(text: str) -> str:
    """Return `text` for a cell of a spreadsheet: with a leading ``'`` if it could be taken for a formula.

    For CSV files, which people open in spreadsheets; Parquet and JSON lines are never changed.

    Source: OWASP, "CSV injection"; the full-width forms become ASCII in East Asian versions of spreadsheets.

    Examples
    --------
    >>> guarded("=1+1"), guarded("早上好")
    ("'=1+1", '早上好')
    """
    text = without_surrogates(text)
    return f"'{text}" if _FORMULA.match(text) else text


def hazard_flags(posts: Utf8) -> NDArray[np.uint16]:
    r"""Return the hazards of many raw posts, as `hazards` finds them.

    Returns
    -------
    ndarray of uint16, shape (n_posts,)
        Bit ``i`` is set if the post has ``HAZARDS[i]``.

    Raises
    ------
    DataError
        If the offsets of the posts do not fit their bytes.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> _, flags = hazard_flags(of_texts(["好", "\u200b"])).tolist()
    >>> [name for bit, name in enumerate(HAZARDS) if flags >> bit & 1]
    ['invisible', 'no-words']
    """
    import numpy as np

    from koudai.text.characters import characters

    data, offsets = characters.checked(posts)
    found = np.empty(posts.posts, np.uint16)
    kernel, table = _kernels().flag_posts, _table()
    kernel(data, offsets, COMBINING_RUN.value, table, found)
    view = data.data
    for name, trace in TRACES.items():
        bit = np.uint16(1 << HAZARDS.index(name))
        some = np.flatnonzero(found & bit)
        spans = zip(some.tolist(), offsets[some].tolist(), offsets[some + 1].tolist(), strict=True)
        usual = ENDINGS.get(name, ())
        doubted = spans if not usual else (one for one in spans if not view[one[1] : one[2]].tobytes().endswith(usual))
        found[[post for post, start, stop in doubted if not trace(_text(view[start:stop]))]] ^= bit
    return found


def _text(data: memoryview) -> str:
    try:
        return str(data, "utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return str(data, "utf-8", "replace")


def has_words(posts: Utf8) -> NDArray[np.bool_]:
    """Return a mask of the posts that hold a letter, digit or ideograph, by ``str.isalnum``.

    Raises
    ------
    DataError
        If the offsets of the posts do not fit their bytes.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> has_words(of_texts(["早上好", "……"])).tolist()
    [True, False]
    """
    import numpy as np

    from koudai.text.characters import characters

    found = np.empty(posts.posts, np.bool_)
    kernel, table = _kernels().mark_worded, _table()
    kernel(*characters.checked(posts), table, found)
    return found


@kernels("koudai.text.characters.hazards_kernels", what="the kernels of hazards")
def _kernels(module: Any) -> None:
    """Call each kernel with no posts."""
    from koudai.text.characters import characters

    characters.run_once(module)


@functools.cache
def _table() -> CharacterTable:
    """Return the table of `hazards_kernels`: classes as in `HAZARDS`, then letters, digits and ideographs, then the
    second characters of the traces that are words, and of the others.
    """
    from koudai.text.characters.characters import among, character_table, letters, within

    spans = {name: _SIGNS[name].pattern.strip("[]") for name in ("bidi", "control", "lone-surrogate", "replacement")}
    signs = {name: within(inside) for name, inside in spans.items()}
    signs["invisible"] = within(INVISIBLE) & ~among(_PRESENTATION)
    signs["no-words"] = letters() & ~within(INVISIBLE)
    signs["stacked-marks"] = among(map(chr, marks()))
    after = {name: among(second) for name, (_, second) in pairs().items()}
    signs |= {name: among(first) for name, (first, _) in pairs().items()}
    words, others = after["cut-off"] | after["placeholder"], after["escaped"] | after["markup"] | after["mojibake"]
    return character_table([*(signs[name] for name in HAZARDS), letters(), words, others])
