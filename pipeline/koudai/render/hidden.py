"""What a reader cannot see in a text, made visible: ⟦U+200B⟧ for a zero-width space, ⟦U+202E⟧ for an override.

Promises: total (any string, lone surrogates too); what comes out can be encoded, holds no control, bidi, private or
invisible character, and is otherwise the text unchanged; emoji keep the joiners and selectors they are made with.
Escapes nothing: that is the template's part, except in `marked`, which returns markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from koudai.text.characters.hazards import INVISIBLE

if TYPE_CHECKING:
    from markupsafe import Markup

_HIDDEN = f"{INVISIBLE}\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\uf8ff\ufffe\uffff"
_PICTURE = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_SPLIT = re.compile(
    f"((?:[{_PICTURE}]\ufe0f?\u200d)+[{_PICTURE}]\ufe0f?|[{_PICTURE}]\ufe0f|[0-9#*]\ufe0f\u20e3)|([{_HIDDEN}])"
)
LONGEST = 4000
"""Characters of one piece of text, other than a post, that are shown."""


def _code_point(character: str) -> str:
    """Return how a character that cannot be seen is written."""
    return f"⟦U+{ord(character):04X}⟧"


def visible(value: object, *, limit: int = LONGEST) -> str:
    """Return `value` as text, every hidden character written out, cut with ``…`` after `limit` characters.

    Examples
    --------
    >>> visible("a\u200bb")
    'a⟦U+200B⟧b'
    """
    text = str(value)
    text = text if len(text) <= limit else text[:limit] + "…"
    return _SPLIT.sub(lambda found: found[1] or _code_point(found[2]), text)


def marked(text: str, *, limit: int, evidence: Sequence[str] = ()) -> Markup:
    """Return the first `limit` characters of a post as markup.

    Each hidden character is in a ``<span class="hid">``, and whatever `evidence` holds in a ``<mark>``.

    Examples
    --------
    >>> str(marked("刚停水 <b>", limit=3, evidence=("停水",)))
    '刚<mark>停水</mark>'
    """
    from markupsafe import Markup

    text = text[:limit]
    pieces = sorted((piece for piece in evidence if piece), key=len, reverse=True)
    if not pieces:
        return _revealed(text)
    found = re.split(f"({'|'.join(map(re.escape, pieces))})", text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(_revealed(part)) if place % 2 else _revealed(part)
        for place, part in enumerate(found)
    )


def _revealed(text: str) -> Markup:
    from markupsafe import Markup, escape

    pieces: list[str] = []
    end = 0
    for found in _SPLIT.finditer(text):
        if found[2] is None:
            continue
        pieces += [str(escape(text[end : found.start()])), f'<span class="hid">{_code_point(found[2])}</span>']
        end = found.end()
    return Markup("".join(pieces)) + text[end:]
