"""Totals: what became of every row of a job, and the conservation law with its numbers.

Promises: rows are added receipt by receipt, in any order; nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COUNTS = ("read", "scored", "abstained", "quarantined")


@dataclass
class Totals:
    """Rows read, scored, abstained and quarantined; posts that are alleged anything, and posts alleged by category."""

    read: int = 0
    scored: int = 0
    abstained: int = 0
    quarantined: int = 0
    tagged: int = 0
    alleged: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """The rows by what became of them, in the order of `COUNTS`."""
        return {name: getattr(self, name) for name in COUNTS}

    def add(self, receipt: dict[str, Any]) -> None:
        """Add a shard's receipt."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + receipt["counts"][name])
        self.tagged += receipt["tagged"]
        for key, count in receipt["alleged"].items():
            self.alleged[key] = self.alleged.get(key, 0) + count

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {**self.counts, "tagged": self.tagged, "alleged": self.alleged}

    def line(self) -> str:
        """Return the conservation law with this job's numbers."""
        parts = " + ".join(f"{name} {getattr(self, name):,}" for name in COUNTS[1:])
        return f"read {self.read:,} = {parts}"
