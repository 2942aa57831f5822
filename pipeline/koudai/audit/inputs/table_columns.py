"""Columns of a table of probabilities: which one is of which category, and from where on a category is alleged.

Promises: a category that the taxonomy lacks and a column called nearly as a category is are errors with the nearest
name, so that no category is left out by a slip of the pen.
"""

from __future__ import annotations

import difflib

import numpy as np
from numpy.typing import NDArray

from koudai.config.audit import TableSection
from koudai.errors import ConfigError, printable
from koudai.registry import did_you_mean
from koudai.taxonomy import Taxonomy

NEAR = 0.85
"""How alike a name and a category's key must be, from 0 to 1, to be taken for a slip."""
_UNLESS_TOLD = 0.5


def category_columns(section: TableSection, names: list[str], taxonomy: Taxonomy, *, where: object) -> dict[str, str]:
    """Return the column of each category that the table speaks of, in taxonomy order.

    Raises
    ------
    ConfigError
        If a category is not in the taxonomy, none has a column, or a column is called nearly as a category is.
    """
    keys = list(taxonomy.keys)
    told = [*section.columns, *(section.threshold if isinstance(section.threshold, dict) else ())]
    unknown = [key for key in dict.fromkeys(told) if key not in keys]
    if unknown:
        hints = [hint for key in unknown if (hint := did_you_mean(key, keys))]
        raise ConfigError(
            what=f"taxonomy {taxonomy.name!r} has no {', '.join(map(repr, unknown))}",
            where="[table] columns and threshold",
            expected=", ".join(keys),
            happened="nothing was measured",
            todo="; ".join(hints) or "name categories of this taxonomy, or audit with another",
        )
    if section.columns:
        return _with_thresholds(section, {key: section.columns[key] for key in keys if key in section.columns})
    free = [key for key in keys if key not in names]
    plain = {name.strip().lower(): name for name in names if name not in keys}
    near = [
        f"{plain[name]!r}, did you mean {like[0]!r}?"
        for name in plain
        if (like := difflib.get_close_matches(name, free, n=1, cutoff=NEAR))
    ]
    if near or len(free) == len(keys):
        raise ConfigError(
            what="columns are called nearly as categories are" if near else "no column is called as a category is",
            where=where,
            expected=", ".join(keys),
            got="\n".join(near) or ", ".join(printable(name, limit=60) for name in names[:50]),
            happened="nothing was measured",
            todo="rename them, or give the column of each category under [table.columns]",
        )
    return _with_thresholds(section, {key: key for key in keys if key in names})


def _with_thresholds(section: TableSection, columns: dict[str, str]) -> dict[str, str]:
    idle = [key for key in section.threshold if key not in columns] if isinstance(section.threshold, dict) else []
    if idle:
        raise ConfigError(
            what=f"a threshold without a column: {', '.join(idle)}",
            where="[table] threshold",
            expected=", ".join(columns),
            happened="nothing was measured",
            todo="give the columns of these categories, or take their thresholds out",
        )
    return columns


def require_named(wanted: list[str], names: list[str], where: object) -> None:
    """Raise `ConfigError` unless all of `wanted` are among a file's columns, each once."""
    missing = [name for name in wanted if names.count(name) != 1]
    if missing:
        hints = [hint for name in missing if name not in names and (hint := did_you_mean(name, names))]
        raise ConfigError(
            what=f"not one column, but none or several, called {', '.join(map(repr, missing))}",
            where=where,
            expected=", ".join(wanted),
            got=", ".join(printable(name, limit=60) for name in names[:50]),
            happened="nothing was measured",
            todo="; ".join(hints) or "name the columns under [table]",
        )


def thresholds(section: TableSection, columns: dict[str, str]) -> NDArray[np.float64]:
    """Return from which probability on each category is alleged; shape (n_categories,)."""
    told = section.threshold
    return np.array(
        [told.get(key, _UNLESS_TOLD) if isinstance(told, dict) else told for key in columns], dtype=np.float64
    )
