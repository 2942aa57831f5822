"""Provenance as a report's file must have it: what was audited, by what, when, and from which inputs.

Promises: whatever the page and comparisons read of it is of its type, so that a file that was changed by hand is
refused with the place named, and never met halfway through a page. It may say more than is listed, and less.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from koudai.audit.frame import Count
from koudai.taxonomy import Bilingual


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class AuditedModel(_Open):
    """The model that was audited."""

    name: str = ""
    digest: str = ""
    classifier: str = ""


class AuditedPosts(_Open):
    """Posts with scores: how many, and a digest of their ids whatever their order."""

    n: Count = 0
    ids: str = ""


class SeenPosts(_Open):
    """Posts that the model was fitted on, or on near-duplicates of, if that is known: how many of those ``scored`` and
    of those ``labelled``, and the measures that leave the latter out.
    """

    known: bool = False
    scored: Count = 0
    scored_of: Count = 0
    labelled: Count = 0
    labelled_of: Count = 0
    left_out_of: list[str] = []


def seen_posts(told: object) -> SeenPosts | None:
    """Return what a report says of posts that the model was fitted on; None where it says nothing of the kind.

    Parameters
    ----------
    told
        ``seen`` of a report's provenance, or None.

    Examples
    --------
    >>> seen_posts({"known": True, "scored": 2, "scored_of": 9}).scored
    2
    >>> seen_posts("two of nine") is None
    True
    """
    try:
        return None if told is None else SeenPosts.model_validate(told)
    except ValueError:
        return None


class ReadInput(_Open):
    """One input of an audit: its role, its name, how many of its rows were used, and further counts."""

    role: str
    name: str
    rows: Count
    sha256: str = ""
    licence: str = ""
    quarantined: Count = 0


class Provenance(_Open):
    """What was audited, by what, when; may say more than is listed here. Dates of posts are counted in ``timezone``;
    ``clusters`` are what intervals take for independent: near-duplicates, or a named column, days, or accounts;
    ``quarantined`` counts rows by reason; ``categories`` are the keys of those with scores; ``functions`` are titles of
    the casebook's; ``labelled_here`` counts scored posts that people labelled.

    Examples
    --------
    >>> Provenance(name="mine", seed=7).seed
    7
    """

    name: str = ""
    created_at: str = ""
    koudai: str = ""
    seed: int = 0
    redacted: bool = True
    timezone: str = ""
    config: dict[str, Any] = {}
    model: AuditedModel | None = None
    quarantined: dict[str, Count] = {}
    categories: list[str] = []
    posts: AuditedPosts = AuditedPosts()
    clusters: str = ""
    seen: SeenPosts | None = None
    inputs: list[ReadInput] = []
    functions: dict[str, Bilingual] = {}
    labelled_here: Count | None = None
