"""Entries of a report's inputs: what was read, how many rows of it, and which file that was.

Promises: an entry names a role, a file or column and a digest, never a path of this machine or an annotator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class InputEntry:
    """One input of an audit, as its report lists it.

    Parameters
    ----------
    role
        ``scores``, ``labels``, ``outcome`` …
    name
        Of the file, the column or the corpus.
    rows
        Rows that were used.
    sha256
        Of the file, ``""`` for a column that the scores keep.
    licence
        Of a corpus or table, ``""`` where none is given.
    counts
        Further counts of this role, such as ``only_scores`` (ids that only the scores have).

    Examples
    --------
    >>> InputEntry("period", "date", 98, counts={"unreadable": 2}).to_json()
    {'role': 'period', 'name': 'date', 'rows': 98, 'sha256': '', 'licence': '', 'unreadable': 2}
    """

    role: str
    name: str
    rows: int
    sha256: str = ""
    licence: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain data, its counts beside the rest."""
        return {
            "role": self.role,
            "name": self.name,
            "rows": self.rows,
            "sha256": self.sha256,
            "licence": self.licence,
            **self.counts,
        }
