"""Totals and receipts: the counts of a job's rows, which obey a conservation law, and the record of a finished shard.

Promises: totals can be added in any order; a receipt written as JSON and read back is the same. Does not check the law:
``results.py`` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from koudai.corpus.reading.quarantine import added, in_words
from koudai.model.outline import Outline
from koudai.model.profile import Profile, Shift
from koudai.text.html_table import html_table

COUNTS = ("read", "scored", "abstained", "quarantined")


@dataclass
class Totals:
    """Rows read, scored, abstained and quarantined, these by reason; posts with at least one alleged category, and
    posts alleged by category; what is odd about rows that were read all the same; how the scored posts look, and, of
    all of them, how far they are from those that the model was fitted on.

    Examples
    --------
    >>> totals = Totals(read=3, scored=2, quarantined=1, tagged=1, alleged={"rumour": 1}, reasons={"bad-id": 1})
    >>> totals.add(Totals(read=1, abstained=1))
    >>> totals.told
    'read 4 = scored 2 + abstained 1 + quarantined 1 (bad-id 1)'
    """

    read: int = 0
    scored: int = 0
    abstained: int = 0
    quarantined: int = 0
    tagged: int = 0
    alleged: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)
    outline: Outline = Outline()
    shift: Shift | None = None

    @property
    def counts(self) -> dict[str, int]:
        """The rows by what became of them, in the order of `COUNTS`."""
        return {name: getattr(self, name) for name in COUNTS}

    def add(self, more: Totals) -> None:
        """Add the totals of a shard, or of a block."""
        for name in (*COUNTS, "tagged"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        for key, count in more.alleged.items():
            self.alleged[key] = self.alleged.get(key, 0) + count
        self.reasons, self.noticed = added(self.reasons, more.reasons), added(self.noticed, more.noticed)
        self.outline += more.outline

    def compare(self, profile: Profile | None) -> None:
        """Set `shift`: how far the scored posts are from those with this profile; None without one."""
        self.shift = None if profile is None else profile.compare(self.outline)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain data, without the outline."""
        more = {"reasons": self.reasons, "noticed": self.noticed}
        told: dict[str, Any] = {name: counts for name, counts in more.items() if counts}
        if self.shift is not None:
            told["shift"] = self.shift.to_json()
        return {**self.counts, "tagged": self.tagged, "alleged": self.alleged, **told}

    def _repr_html_(self) -> str:
        """Show the conservation law and the posts alleged by category; notebooks call this."""
        rows = [[key, f"{count:,}", f"{count / max(1, self.read):.1%}"] for key, count in self.alleged.items()]
        return html_table(self.told, ["alleged category", "posts", f"share of {self.read:,} read"], rows)

    def line(self) -> str:
        """Return the conservation law with this job's numbers."""
        return (
            f"read {self.read:,} = scored {self.scored:,} + abstained {self.abstained:,} "
            f"+ quarantined {self.quarantined:,}"
        )

    @property
    def told(self) -> str:
        """The conservation law with this job's numbers, and why rows were quarantined."""
        return self.line() + (f" ({in_words(self.reasons)})" if self.reasons else "")


@dataclass(frozen=True)
class Receipt:
    """The record that a shard is finished.

    Parameters
    ----------
    shard
        sha256 of the shard's file.
    quarantine
        sha256 of the file of quarantined rows, None if there are none.
    totals
        Counts of the shard's rows.

    Examples
    --------
    >>> receipt = Receipt("ab" * 32, None, Totals(read=1, scored=1))
    >>> Receipt.of_json(receipt.to_json()) == receipt
    True
    """

    shard: str
    quarantine: str | None
    totals: Totals

    def to_json(self) -> dict[str, Any]:
        """Return the receipt as plain data."""
        told = self.totals.to_dict()
        counts = {name: told.pop(name) for name in COUNTS}
        told["outline"] = self.totals.outline.counts
        return {"shard": self.shard, "quarantine": self.quarantine, "counts": counts, **told}

    @staticmethod
    def of_json(value: dict[str, Any]) -> Receipt:
        """Return the receipt that `to_json` was called on; raises KeyError, TypeError or ValueError if it is none."""
        totals = Totals(
            **value["counts"],
            tagged=value["tagged"],
            alleged=dict(value["alleged"]),
            reasons=dict(value.get("reasons", {})),
            noticed=dict(value.get("noticed", {})),
            outline=Outline({str(name): [int(one) for one in counts] for name, counts in value["outline"].items()}),
        )
        return Receipt(value["shard"], value["quarantine"], totals)
