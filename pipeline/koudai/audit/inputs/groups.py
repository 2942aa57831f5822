"""Groups of scored posts: the values of a kept column, several of them under one name where a config says so.

Promises: every post keeps its value or goes under the one name that the value has, so a misspelt value is seen among
the groups under its own; a name of which no post has any value is refused.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept import kept_column
from koudai.config.audit import GroupSection
from koudai.errors import LabelError, printable
from koudai.registry import did_you_mean
from koudai.scoring.results import Scores

_SHOWN = 20


def groups_of(scores: Scores, section: GroupSection) -> NDArray[np.object_]:
    """Return what each scored post belongs to, ``""`` where that is not said; shape (n_posts,).

    Raises
    ------
    ConfigError
        If the column was not kept.
    LabelError
        If `section` gives a name to values of which no post has any.
    """
    values = kept_column(scores, section.column, section="group")
    name_of = {value: name for name, some in section.called.items() for value in some}
    seen = set(values)
    absent = {name: some for name, some in section.called.items() if seen.isdisjoint(some)}
    if absent:
        known = sorted(seen - {""})
        raise LabelError(
            what=f"{len(absent)} group(s) hold no scored post",
            where=f"[group.called], column {section.column!r}",
            expected=", ".join(printable(repr(value), limit=60) for value in known[:_SHOWN]) or "a column with values",
            got="\n".join(
                f"{printable(repr(name), limit=60)}: "
                + ", ".join(
                    printable(repr(value), limit=60) + (f", {hint}" if (hint := did_you_mean(value, known)) else "")
                    for value in some[:_SHOWN]
                )
                for name, some in list(absent.items())[:_SHOWN]
            ),
            happened="nothing was measured",
            todo="correct these values, leave the group out, or score its posts too",
        )
    return np.array([name_of.get(value, value) for value in values], dtype=object)
