"""Measures: each asks one question of the scored posts. A new one is a new file here; nothing else changes.

A file registers a function `(AuditInput) -> AuditFrame` under its name, with the inputs it needs and its title. The
function's docstring is what the page shows under "how to read this", so it gives the formula, the range, which
direction is which, what to do with it, and ``Source:``; after a line ``中文`` it says the same in Chinese.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.registry import Registry
from koudai.taxonomy import Bilingual


@dataclass(frozen=True)
class Measure:
    """A registered measure: its function, the names of the inputs it needs, its title, its place on the page."""

    take: Callable[[AuditInput], AuditFrame]
    needs: tuple[str, ...]
    title: Bilingual
    place: int

    @property
    def how_to_read(self) -> Bilingual:
        """The docstring of `take` in both languages."""
        english, _, chinese = inspect.cleandoc(self.take.__doc__ or "").partition("\n中文\n")
        joined = re.sub(r"(?<=[^ -~])\n(?=\S)|(?<=\S)\n(?=[^ -~])", "", chinese.strip())
        return Bilingual(zh=joined, en=english.strip())


MEASURES: Registry[Measure] = Registry("measure", package="koudai.audit.measures")


def measure(
    name: str, *, needs: tuple[str, ...], zh: str, en: str, place: int
) -> Callable[[Callable[[AuditInput], AuditFrame]], Callable[[AuditInput], AuditFrame]]:
    """Return a decorator that registers a measure.

    Parameters
    ----------
    name
        What configs, reports and ``--measures`` call it.
    needs
        Of `koudai.audit.inputs.audit_input.INPUTS`: what it cannot do without.
    zh, en
        Its title: the question it answers.
    place
        Where it stands on the page; smaller is earlier.
    """

    def register(take: Callable[[AuditInput], AuditFrame]) -> Callable[[AuditInput], AuditFrame]:
        MEASURES.register(name)(Measure(take=take, needs=needs, title=Bilingual(zh=zh, en=en), place=place))
        return take

    return register


def in_order() -> list[str]:
    """Return the names of all measures in the order of the page."""
    return sorted(MEASURES, key=lambda name: (MEASURES[name].place, name))
