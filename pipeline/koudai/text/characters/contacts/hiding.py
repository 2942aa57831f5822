"""Hiding: placeholders for contacts, so that a model learns that a post holds one, and not which.

Promises: what is hidden stays hidden, and hides no more when it is hidden again; a placeholder is a word of its own; a
mention becomes two at signs. Many posts are hidden as bytes by compiled code, which gives what hiding each string
gives; few of them hold anything but mentions, and those are left to Python.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from koudai.text.characters.assigned import NAME
from koudai.text.characters.contacts.folding import all_digits
from koudai.text.characters.contacts.forms import ASKING, GAPS, INNER, PLACEHOLDERS, SAYING, Kind
from koudai.text.characters.contacts.masking import contacts
from koudai.text.compiled.kernels import kernels

if TYPE_CHECKING:
    from koudai.text.characters.characters import CharacterTable
    from koudai.text.utf8 import Utf8

MENTION = "@@"
_NAME = re.compile(NAME)
HIDDEN: Mapping[Kind, str] = {**PLACEHOLDERS, "mention": MENTION}
"""What stands for a contact in texts that models read; links are a step of their own."""


def with_placeholders(text: str) -> str:
    """Return `text` with a placeholder for each contact but links.

    Examples
    --------
    >>> with_placeholders("@小王 加vx:river_88或打13800000000a")
    '@@ 加vx:ACCOUNT或打1XXXXXXXXXX a'
    """
    pieces, end = [], 0
    for kind, start, stop in contacts(text, kinds=HIDDEN):
        sign, before, after = HIDDEN[kind], text[start - 1 : start] if start else "", text[stop : stop + 1]
        if kind == "mention":
            shown = sign + " " * bool(_NAME.match(after))
        else:
            shown = "  " * (before == "@") + " " * _joins(before) + sign + " " * _joins(after)
        pieces += [text[end:start], shown]
        end = stop
    return "".join([*pieces, text[end:]]) if pieces else text


def _joins(one: str) -> bool:
    """Return whether a character would be of one word with a placeholder beside it."""
    return one.isascii() and (one.isalnum() or one == "_")


def hidden(posts: Utf8, function: Callable[[str], str]) -> Utf8:
    """Return posts with their mentions hidden by compiled code, and those with other contacts as `function` gives them.

    Parameters
    ----------
    posts
        Without wide and invisible characters: after the steps ``nfkc`` and ``drop-invisible``.
    function
        Callback: hides all contacts in one post.
    """
    from koudai.text.characters import characters

    kernel, table = _kernels().hide_all, _table()
    return characters.rewritten(posts, lambda *given: kernel(*given, table), function)


@kernels("koudai.text.characters.contacts.hiding_kernels", what="the kernels of contacts")
def _kernels(module: Any) -> None:
    """Run each on no post."""
    from koudai.text.characters import characters

    characters.run_once(module)


@functools.cache
def _table() -> CharacterTable:
    """Return the classes of `hiding_kernels`, in the order of their bits."""
    from koudai.text.characters.characters import among, character_table, letters

    spaces = [one for one in map(chr, range(0x3001)) if one.isspace()]
    return character_table(
        (
            among(all_digits()),
            among([*spaces, *GAPS]),
            letters() | among("_·-"),
            among(spaces),
            among("扣号微薇陌信言胃泡件星我群裙羊🐧抠蔻球丘秋口鹅钉鱼机✈💚站蝠系式书"),
            among("音手报特宝博"),
            among("话线真打卡户电"),
            among([*spaces, *":-+.群帐账码", *SAYING, *ASKING, *INNER]),
        )
    )
