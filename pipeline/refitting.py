"""The section of an audit config that says how often models are fitted anew to see which tags are accidents.

Promises: a filled section, read back, is the same section.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.source import Section


class MultiplicitySection(Section):
    """How many refits, and how much worse than the reference one may be and still count.

    Parameters
    ----------
    refits
        How many, beside the reference.
    epsilon
        By how much the F1 of a refit may be less; each gives figures of its own.
    posts
        Labelled posts that are used at most, drawn by whole near-duplicate groups.
    scored
        Scored posts that are judged at most.
    """

    refits: int = Field(default=100, ge=2, le=1000)
    epsilon: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = (0.01, 0.05)
    posts: int = Field(default=10_000, ge=10)
    scored: int = Field(default=2000, ge=0)
