"""Masking: contacts in a text, found by the one table of forms, and what is put in their place.

Promises: whatever the width, spelling or hidden characters, what a form describes is found whole; everything else stays
as it was written; what is masked holds nothing more to mask; time is linear in the length of the text. Does not find
names of people, nor places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from koudai.errors import printable
from koudai.text.characters.contacts.folding import Folded, fold
from koudai.text.characters.contacts.forms import BEFORE_SIGN, PLACEHOLDERS, Kind, compiled_forms

SHOWN: Mapping[Kind, str] = {
    "link": "[link]",
    "mail": "[mail]",
    "mention": "@[account]",
    "id-card": "[number]",
    "bank-card": "[number]",
    "phone": "[number]",
    "account": "[contact]",
    "account-number": "[number]",
    "number": "[number]",
}
"""What people are shown for a contact."""
MASKER = 4
"""Version of what is masked: raised when a text is masked in another way, so that fetched tables are made anew."""
FETCHED: Mapping[Kind, str] = {
    **{kind: sign for kind, sign in PLACEHOLDERS.items() if kind != "number"},
    "mention": "@用户",
}
"""What stands for a contact in the table of a fetched corpus; links and long numbers are left as they are."""
_IN_NAMES: Mapping[Kind, str] = {kind: sign for kind, sign in SHOWN.items() if kind not in ("link", "number")}
_READ = 1000
"""Characters of a value that are looked at, where a few of them are quoted."""
_ENCLOSING = frozenset("\ufe0f\u20dd\u20de\u20df\u20e0\u20e1\u20e2\u20e3\u20e4")
_TAKEN = "\x00"
_ROUNDS = 8


class Contact(NamedTuple):
    """A contact in a text.

    Attributes
    ----------
    kind
        What it is.
    start, stop
        Where it stands, in characters.
    """

    kind: Kind
    start: int
    stop: int


def contacts(text: str, *, kinds: Collection[Kind] = tuple(SHOWN)) -> list[Contact]:
    """Return the contacts in `text`, in their order.

    Parameters
    ----------
    text
        Anything.
    kinds
        What is looked for.

    Examples
    --------
    >>> contacts("加微信 abc_123 或致电１３８-００００-００００")
    [Contact(kind='account', start=4, stop=11), Contact(kind='phone', start=15, stop=28)]
    """
    folded = fold(text)
    signs, forms = compiled_forms(frozenset(kinds))
    seen = [sign.search(folded.digits if chinese else folded.text) for sign, chinese in signs]
    begins = [one and max(0, one.start() - BEFORE_SIGN) for one in seen]
    found: list[Contact] = []
    for form, pattern, group, at in forms:
        if (begin := begins[at]) is None:
            continue
        read = folded.digits if form.chinese else folded.text
        matches = pattern.finditer(read, begin)
        spans = [one.span(group) for one in matches if form.harmless is None or not form.harmless(one)]
        if spans:
            found += [Contact(form.kind, start, stop) for start, stop in spans]
            folded = Folded(_without(folded.text, spans), _without(folded.digits, spans), folded.places)
    found.sort(key=lambda one: one.start)
    if folded.places is None:
        return found
    return [Contact(one.kind, folded.places[one.start], _end(text, folded.places[one.stop - 1])) for one in found]


def mask(text: str, *, signs: Mapping[Kind, str] = SHOWN) -> str:
    """Return `text` with each contact replaced by the sign of its kind.

    Parameters
    ----------
    text
        Anything.
    signs
        By kind; kinds without one stay.

    Examples
    --------
    >>> mask("@某某 说：加微信 abc_123，见 https://a.example/b")
    '@[account] 说：加微信 [contact]，见 [link]'
    >>> mask("@小王 打13800000000，或写信给wang@example.com", signs=FETCHED)
    '@用户 打1XXXXXXXXXX，或写信给EMAIL'
    """
    for _ in range(_ROUNDS):  # a sign behind an at sign, or a name, reads as a part of it
        masked = _masked(text, signs)
        if masked == text:
            break
        text = masked
    return text


def masked_name(name: str) -> str:
    """Return a value of a column with its contacts masked, but for links and long numbers: they are names of things.

    Parameters
    ----------
    name
        A label, a group, an outcome, a cell: what reports and messages name, or an excerpt.

    Examples
    --------
    >>> masked_name("广告 加QQ7654321"), masked_name("20220510001")
    ('广告 加QQ[number]', '20220510001')
    """
    return mask(name, signs=_IN_NAMES)


def masked_value(value: object, *, limit: int = 60) -> str:
    """Return a value as messages quote it: contacts masked before anything is cut, on one line, safe to print.

    Parameters
    ----------
    value
        What stands in a cell; text is quoted.
    limit
        Longest result, in characters.

    Examples
    --------
    >>> masked_value("打13800000000"), masked_value(["打13800000000"]), masked_value(7)
    ("'打[number]'", "['打[number]']", '7')
    """
    shown = repr(masked_name(value[:_READ])) if isinstance(value, str) else masked_name(repr(value)[:_READ])
    return printable(shown, limit=limit)


def _masked(text: str, signs: Mapping[Kind, str]) -> str:
    pieces, end = [], 0
    for kind, start, stop in contacts(text, kinds=signs):
        pieces += [text[end:start], signs[kind]]
        end = stop
    return "".join([*pieces, text[end:]]) if pieces else text


def _end(text: str, last: int) -> int:
    """Return where a contact ends whose last character is at `last`: behind what encloses it, such as a keycap."""
    stop = last + 1
    while text[stop : stop + 1] in _ENCLOSING:
        stop += 1
    return stop


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Return `text` with each span taken."""
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [text[end:start], _TAKEN * (stop - start)]
        end = stop
    return "".join([*pieces, text[end:]])
