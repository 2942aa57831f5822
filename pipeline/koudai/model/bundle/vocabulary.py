"""The vocabulary of a model, looked through for contacts: a bundle is given away, and what repeats becomes a feature.

Promises: a model whose normalisation hides contacts is not saved if a word of it is a contact; of any other model it is
told which terms are. A long number alone is told but not refused: it may be a date, a sum or a count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from koudai.errors import DataError
from koudai.model.ngrams.counting import WORDS
from koudai.text.characters.contacts.forms import Kind
from koudai.text.characters.contacts.hiding import HIDDEN
from koudai.text.characters.contacts.masking import contacts

if TYPE_CHECKING:
    from koudai.model.model import Model

_LOOKED_AT = re.compile(r"[0-9@*]|[a-z0-9_]{5}|艾特|[一二三四五六七八九零幺]{5}", re.IGNORECASE)


def contacts_of_terms(terms: Iterable[str]) -> list[tuple[str, Kind]]:
    """Return the terms that hold a contact, each with the kind of the first in it.

    Parameters
    ----------
    terms
        Words, those of an n-gram with a blank between them.

    Examples
    --------
    >>> contacts_of_terms(["停水", "13800000000", "qq 7654321", "2023"])
    [('13800000000', 'phone'), ('qq 7654321', 'account-number')]
    """
    found: list[tuple[str, Kind]] = []
    for term in filter(_LOOKED_AT.search, terms):
        first = next(iter(contacts(term, kinds=HIDDEN)), None)
        if first is not None and first.kind != "mention":
            found.append((term, first.kind))
    return found


def require_no_contacts(model: Model) -> None:
    """Refuse a model that hides contacts in posts and holds one all the same.

    Raises
    ------
    DataError
        If a word of its vocabulary is a contact of any kind but a long number.
    """
    if "contacts" not in model.normalizer.steps:
        return
    words = (term for block in model.blocks if block.kind == WORDS for term in block.terms if " " not in term)
    found = [kind for _, kind in contacts_of_terms(words) if kind != "number"]
    if found:
        raise DataError(
            what="a model that hides contacts has words that are contacts",
            where=model.name,
            expected="no contact in the vocabulary",
            got=", ".join(f"{found.count(kind)} of kind {kind}" for kind in dict.fromkeys(found)),
            happened="the bundle was not saved",
            todo="train again on posts normalised by the model's own steps",
        )
