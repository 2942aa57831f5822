"""Outcomes: what came of the scored posts, where somebody wrote it down.

Promises: every value has a meaning that the config gives it, or an error lists it with its count; what the author took
down is recorded and is never moderation; a post of which nothing is recorded stays apart from one that was kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept import kept_column
from koudai.config.audit import OutcomeSection
from koudai.errors import LabelError, printable
from koudai.registry import did_you_mean
from koudai.scoring.results import Scores

REMOVED, KEPT, SILENT, UNRECORDED = 1, 0, 2, -1


@dataclass(frozen=True)
class Outcomes:
    """What came of each scored post.

    Parameters
    ----------
    value : ndarray of object, shape (n_posts,)
        As recorded, ``""`` where nothing is.
    fate : ndarray of int8, shape (n_posts,)
        `REMOVED` or `KEPT` by the platform, `SILENT` where the value says nothing of moderation, `UNRECORDED`.
    silent
        Each value that says nothing of moderation, with the reason.
    """

    value: NDArray[np.object_]
    fate: NDArray[np.int8]
    silent: dict[str, str]

    @property
    def recorded(self) -> NDArray[np.bool_]:
        """Whether anything is recorded of each post; shape (n_posts,)."""
        return np.asarray(self.fate != UNRECORDED)


def outcomes_of(scores: Scores, section: OutcomeSection) -> Outcomes:
    """Return the outcomes that a job kept.

    Raises
    ------
    ConfigError
        If the column was not kept.
    LabelError
        If a value has no meaning in `section`, or nothing at all is recorded.
    """
    values = kept_column(scores, section.column, section="outcome")
    meaning = {
        "": UNRECORDED,
        **dict.fromkeys(section.removed, REMOVED),
        **dict.fromkeys(section.kept, KEPT),
        **dict.fromkeys(section.silent, SILENT),
    }
    counts = Counter(values)
    unknown = {value: count for value, count in counts.items() if value not in meaning}
    if unknown or not counts.keys() - {""}:
        known = sorted(meaning.keys() - {""})
        raise LabelError(
            what=f"{len(unknown)} outcome(s) have no meaning" if unknown else "no outcome is recorded of any post",
            where=f"column {section.column!r}",
            expected=f"values under `removed`, `kept` or `silent`; known: {', '.join(known)}",
            got="\n".join(
                f"{printable(repr(value), limit=60)} ({count:,} posts)"
                + (f", {hint}" if (hint := did_you_mean(value.strip(), known)) else "")
                for value, count in sorted(unknown.items(), key=lambda item: (-item[1], item[0]))[:20]
            )
            or None,
            happened="nothing was measured",
            todo="say under [outcome] what each means; what an author took down goes under `silent`",
        )
    return Outcomes(
        value=np.array(values, dtype=object),
        fate=np.array([meaning[value] for value in values], dtype=np.int8),
        silent=section.silent,
    )
