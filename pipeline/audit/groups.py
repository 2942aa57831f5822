"""Groups of scored posts: the values of a kept column, several of them under one name where a config says so.

Promises: every post keeps its value or goes under the one name that the value has; a value that no post has is refused,
so that a misspelt one cannot leave its posts out unseen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.audit.kept import kept_column
from pipeline.audit_config import GroupSection
from pipeline.errors import LabelError, printable
from pipeline.registry import did_you_mean
from pipeline.scoring.results import Scores

_SHOWN = 20


def groups_of(scores: Scores, section: GroupSection) -> NDArray[np.object_]:
    """Return what each scored post belongs to, ``""`` where that is not said; shape (n_posts,).

    Raises
    ------
    ConfigError
        If the column was not kept.
    LabelError
        If `section` gives a name to a value that no post has.
    """
    values = kept_column(scores, section.column, section="group")
    name_of = {value: name for name, some in section.called.items() for value in some}
    seen = set(values)
    absent = [value for value in name_of if value not in seen]
    if absent:
        known = sorted(seen - {""})
        raise LabelError(
            what=f"{len(absent)} value(s) that no scored post has are given a name",
            where=f"[group.called], column {section.column!r}",
            expected=", ".join(printable(repr(value), limit=60) for value in known[:_SHOWN]) or "a column with values",
            got="\n".join(
                printable(repr(value), limit=60) + (f", {hint}" if (hint := did_you_mean(value.strip(), known)) else "")
                for value in absent[:_SHOWN]
            ),
            happened="nothing was measured",
            todo="correct these values, leave them out, or score the posts that have them too",
        )
    return np.array([name_of.get(value, value) for value in values], dtype=object)
