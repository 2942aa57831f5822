"""Kept columns: what a job copied beside its scores, asked for by an audit under the name that its config gives.

Promises: a column that was not kept is refused with those that were; what stands in it is text, ``""`` where there is
nothing.
"""

from __future__ import annotations

from koudai.corpus.reading.accounts import refuse_accounts
from koudai.errors import ConfigError
from koudai.registry import did_you_mean
from koudai.scoring.results import Scores


def kept_column(scores: Scores, column: str, *, section: str) -> list[str]:
    """Return a kept column, one value per scored post.

    Parameters
    ----------
    scores
        A job's.
    column
        Its name.
    section
        Of the config that names it, for messages.

    Raises
    ------
    ConfigError
        If the job did not keep it, or it is the name of a column of accounts.
    """
    refuse_accounts((column,))
    if column not in scores.kept:
        raise ConfigError(
            what=f"the scores keep no column {column!r}",
            where=f"[{section}] column",
            expected=", ".join(scores.kept) or "a job that keeps columns",
            happened="nothing was measured",
            todo=did_you_mean(column, list(scores.kept)) or f"score again and keep column {column!r}",
        )
    return ["" if value is None else value for value in scores.kept[column]]
