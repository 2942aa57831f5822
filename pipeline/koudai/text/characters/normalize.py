"""Normalisation: equivalent spellings of a text are mapped to one, by named steps in a chosen order.

Promises: total (any string), bounded (never more than four times as long as the post), linear, and idempotent. Keeps
emoji, punctuation and script, which carry meaning in posts. Compiled code normalises many posts at once as bytes, with
the same results.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from koudai.errors import ConfigError
from koudai.limits import COMBINING_RUN, NORMALISED_GROWTH
from koudai.registry import did_you_mean
from koudai.text.characters.assigned import NAME, is_nfkc, lower, nfd, nfkc
from koudai.text.characters.contacts.forms import NAME_LENGTH
from koudai.text.characters.contacts.hiding import hidden, with_placeholders
from koudai.text.characters.hazards import INVISIBLE, combining, marks, without_surrogates
from koudai.text.characters.markup import without_markup
from koudai.text.compiled.kernels import kernels

if TYPE_CHECKING:
    from koudai.text.characters.characters import CharacterTable
    from koudai.text.utf8 import Utf8

_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
_LONG_MENTION = re.compile(rf"@{NAME}{{{NAME_LENGTH}}}(?={NAME})")
_MENTION = re.compile(rf"@{NAME}{{1,{NAME_LENGTH}}}")
_ROUNDS = 4
_SYLLABLES = "\uac00\ud7a3"
_JAMOS = "\u1100" + "".join(map(chr, [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]))
"""The first and the last syllable of Hangul; a leading jamo, and all others into which syllables decompose."""
_HTML = "&<"
_COMPOSED_HTML = "\uff06\ufe60\uff1c\ufe64"
"""What begins markup, and what NFKC makes that of."""
MARKUP_OPENINGS = _HTML + _COMPOSED_HTML
"""Characters of which a post holds one if the step ``html`` changes it."""
_OPENINGS = str.maketrans(dict.fromkeys(MARKUP_OPENINGS, " "))
_CAPITAL, _SIGMA = 1, 2


def _nfkc(text: str) -> str:
    return nfkc(_run().sub(r"\1", text))


@functools.cache
def _run() -> re.Pattern[str]:
    return re.compile(f"([{combining()}]{{{COMBINING_RUN.value}}})[{combining()}]+")


def _drop_invisible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _links(text: str) -> str:
    return _LINK.sub(" ", text)


def _mentions(text: str) -> str:
    return _MENTION.sub("@", _LONG_MENTION.sub("@ ", text))


# The place of a step is its bit in `normalize_kernels`; those with a pass of their own over many posts stand last.
STEPS: dict[str, Callable[[str], str]] = {
    "nfkc": _nfkc,
    "drop-invisible": _drop_invisible,
    "links": _links,
    "mentions": _mentions,
    "html": without_markup,
    "contacts": with_placeholders,
}
"""The steps a config may name: ``nfkc`` (Unicode compatibility forms, runs of combining marks capped first, after
UAX #15 Stream-Safe Text), ``drop-invisible`` (see `INVISIBLE`), ``links`` (each becomes a space), ``mentions`` (the
name after an @ is removed, at most 30 characters of it; the @ stays), ``html`` (`without_markup`: tags are removed, and
references become their characters). Wherever ``html`` stands it is also applied first, before ``links`` could take an
address out of a tag; what was escaped several times is resolved as often as the steps are repeated, and loses each
``&`` and ``<`` if that is not enough. ``contacts`` (`with_placeholders`: a word for each kind of contact, two at signs
for a mention) is applied last wherever it stands, when the others change nothing more."""


class Normalizer:
    """Applies named steps to posts.

    Parameters
    ----------
    steps
        Names from `STEPS`, in order of application.

    Raises
    ------
    ConfigError
        If a step is unknown.

    Examples
    --------
    >>> from koudai.config.train import DEFAULT_STEPS
    >>> normalizer = Normalizer(DEFAULT_STEPS)
    >>> normalizer("Ｈｅｌｌｏ@小王，看https://example.com/a 吧")
    'Hello@@,看  吧'
    """

    def __init__(self, steps: tuple[str, ...]) -> None:
        for step in steps:
            if step not in STEPS:
                raise ConfigError(
                    what=f"unknown step of normalisation {step!r}",
                    where="text.steps",
                    expected=f"any of {', '.join(STEPS)}",
                    todo=did_you_mean(step, list(STEPS)),
                )
        self.steps = steps
        self._contacts = "contacts" in steps
        self._others = tuple(step for step in steps if step != "contacts")

    @property
    def hides(self) -> bool:
        """Whether neither contacts nor links are left in what it makes of a post."""
        return {"links", "contacts"} <= set(self.steps)

    def hiding(self) -> Normalizer:
        """Return a normaliser that hides contacts and links and does otherwise what this one does.

        Examples
        --------
        >>> Normalizer(("nfkc", "mentions")).hiding().steps
        ('nfkc', 'links', 'contacts')
        """
        if self.hides:
            return self
        kept = (step for step in self.steps if step not in ("links", "mentions", "contacts"))
        return Normalizer((*kept, "links", "contacts"))

    def __call__(self, text: str) -> str:
        """Return the normalised post."""
        text = self._clean(text)
        return self._hidden(text) if self._contacts else text

    def _hidden(self, text: str) -> str:
        """Return a post, clean otherwise, without contacts."""
        for _ in range(_ROUNDS):
            before, text = text, with_placeholders(text)
            if text == before:
                break
            if not self._is_clean(text):
                text = self._clean(text)
        return text

    def _is_clean(self, text: str) -> bool:
        """Return whether the other steps do nothing to a clean text in which placeholders were put."""
        return (
            ("nfkc" not in self._others or is_nfkc(text))
            and ("links" not in self._others or not _LINK.search(text))
            and ("mentions" not in self._others or not _MENTION.search(text))
        )

    def _clean(self, text: str) -> str:
        return self._settled(without_markup(text) if "html" in self.steps else text)

    def _settled(self, text: str) -> str:
        limit = NORMALISED_GROWTH.value * len(text)
        made, settled = self._rounds(without_surrogates(text), limit)
        if not settled and "html" in self.steps:
            made, _ = self._rounds(made.translate(_OPENINGS), limit)
        return made

    def _rounds(self, text: str, limit: int) -> tuple[str, bool]:
        """Return `text` after as many rounds of the steps as it takes, and whether these were enough."""
        for _ in range(_ROUNDS):
            before = text
            for step in self._others:
                text = STEPS[step](text)
            text = text[:limit]
            if text == before:
                return text, True
        return text, False

    def many(self, posts: Utf8) -> Utf8:
        """Return the posts normalised, each as by a call on its text.

        Raises
        ------
        DataError
            If the offsets of the posts do not fit their bytes.
        """
        import numpy as np

        from koudai.text.characters import characters
        from koudai.text.utf8 import of_texts

        html = "html" in self.steps
        if html:
            posts = _plain(posts)
        kernel, table = _kernels().normalise_all, _table(html=html)
        named = [step for step in self._others if step != "html"]
        steps = np.array([1 << list(STEPS).index(step) for step in named], np.uint8)
        longest = int(np.diff(posts.offsets).max(initial=0)) if "nfkc" in named[1:] else 0
        clean = characters.rewritten(
            posts, lambda *given: kernel(*given, (steps, _ROUNDS, longest), table), self._settled
        )
        if not self._contacts:
            return clean
        if {"nfkc", "drop-invisible"} <= set(self.steps):
            return hidden(clean, self._hidden)
        return of_texts(map(self._hidden, clean.texts()))


@kernels("koudai.text.characters.normalize_kernels", what="the kernels of normalize")
def _kernels(module: Any) -> None:
    """Call each kernel with no posts."""
    from koudai.text.characters import characters

    characters.run_once(module)


@functools.cache
def _table(*, html: bool = False) -> CharacterTable:
    """Return the classes of `normalize_kernels`, in the order of their bits, and NFKC of single characters.

    With `html`, posts that hold what may begin markup are refused: the step does nothing to others.

    NFKC of a string is the concatenation of NFKC of its characters if none of these, decomposed, begins with a
    character that can compose or be reordered with those before it. Posts with combining marks are left to
    `Normalizer`.

    Source: UAX #15, "Unicode normalization forms", section 9.1 (Stable Code Points).
    """
    from koudai.text.characters.characters import among, changed, character_table, letters, within
    from koudai.text.utf8 import PAD

    joined = set(map(chr, marks()))
    apart = changed(nfd, left_out=_SYLLABLES) | {_SYLLABLES: _JAMOS}
    joined.update(*(parts[1:] for parts in apart.values()))
    context = joined | {one for one, parts in apart.items() if parts[0] in joined}
    composed = changed(nfkc)
    for one, made in composed.items():
        if made[0] in context or len(made) > NORMALISED_GROWTH.value or len(made.encode()) > PAD:
            context.add(one)
    refused = set(map(chr, range(0xD800, 0xE000)))
    if html:
        refused |= set(_HTML)
        context |= set(_COMPOSED_HTML)
    classes = (
        among(composed),
        among(context | refused),
        within(INVISIBLE),
        among("/wW"),
        among("@"),
        among(refused),
        among("\u0130\u0131\u017f\u212a"),
        letters() | among("_·-"),
    )
    return character_table(classes, {one: made for one, made in composed.items() if one not in context})


def _plain(posts: Utf8) -> Utf8:
    """Return `posts` without markup: those that hold none are copied."""
    from koudai.text.characters import characters

    kernel, table = _rewriting_kernels().rewrite_all, _html_table()
    return characters.rewritten(posts, lambda *given: kernel(*given, (1, 1), table), without_markup)


@functools.cache
def _html_table() -> CharacterTable:
    from koudai.text.characters import characters

    return characters.character_table([characters.among(_HTML)])


def lowercase(posts: Utf8, *, newest: bool = False) -> Utf8:
    """Return the posts in lower case: ``str.lower`` of each, by Unicode 14.0.

    Posts with a capital sigma, whose lower case depends on its position in the word, are left to ``str.lower``.

    Parameters
    ----------
    posts
        Posts.
    newest
        By the Unicode data of this Python, as scikit-learn does it.

    Raises
    ------
    DataError
        If the offsets of the posts do not fit their bytes.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> lowercase(of_texts(["ABC早上好"])).texts()
    ['abc早上好']
    """
    from koudai.text.characters import characters

    kernel, table, function = _rewriting_kernels().rewrite_all, _lower_table(newest), str.lower if newest else lower
    return characters.rewritten(posts, lambda *given: kernel(*given, (_CAPITAL, _SIGMA), table), function)


@kernels("koudai.text.characters.characters_kernels", what="the kernels of characters")
def _rewriting_kernels(module: Any) -> None:
    """Call each kernel with no posts."""
    from koudai.text.characters import characters

    characters.run_once(module)


@functools.cache
def _lower_table(newest: bool = False) -> CharacterTable:
    from koudai.text.characters import characters

    lowered = characters.changed(str.lower if newest else lower)
    return characters.character_table([characters.among(lowered), characters.among("\u03a3")], lowered)
