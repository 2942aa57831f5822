"""Normalisation: one spelling for posts that a reader would call the same, by named steps in a chosen order.

Promises: total (any string), bounded (never more than four times as long as the post), linear, and idempotent:
normalising twice changes nothing more. Emoji, punctuation and script are kept: they carry meaning in posts.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

from pipeline.errors import ConfigError
from pipeline.limits import COMBINING_RUN, NORMALISED_GROWTH
from pipeline.registry import did_you_mean
from pipeline.text.hazards import INVISIBLE, combining, without_surrogates
from pipeline.text.utf8 import Utf8, of_texts

_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
_LONG_MENTION = re.compile(r"@[\w·-]{30}(?=[\w·-])")
_MENTION = re.compile(r"@[\w·-]{1,30}")
_ROUNDS = 4


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", _run().sub(r"\1", text))


@functools.cache
def _run() -> re.Pattern[str]:
    return re.compile(f"([{combining()}]{{{COMBINING_RUN.value}}})[{combining()}]+")


def _drop_invisible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _links(text: str) -> str:
    return _LINK.sub(" ", text)


def _mentions(text: str) -> str:
    return _MENTION.sub("@", _LONG_MENTION.sub("@ ", text))


STEPS: dict[str, Callable[[str], str]] = {
    "nfkc": _nfkc,
    "drop-invisible": _drop_invisible,
    "links": _links,
    "mentions": _mentions,
}
"""The steps a config may name: ``nfkc`` (Unicode compatibility forms, runs of combining marks capped first, after
UAX #15 Stream-Safe Text), ``drop-invisible`` (characters that take no room), ``links`` (each a space), ``mentions``
(the name behind an @ goes, at most 30 characters of it, and the @ stays)."""


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

    def __call__(self, text: str) -> str:
        """Return the normalised post; see the module for what is promised."""
        limit = NORMALISED_GROWTH.value * len(text)
        text = without_surrogates(text)
        for _ in range(_ROUNDS):
            before = text
            for step in self.steps:
                text = STEPS[step](text)
            text = text[:limit]
            if text == before:
                break
        return text

    def many(self, posts: Utf8) -> Utf8:
        """Return the normalised posts."""
        return of_texts([self(text) for text in posts.texts()])
