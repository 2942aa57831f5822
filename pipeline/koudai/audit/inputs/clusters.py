"""Clusters: which posts belong together, because they are about one event, of one day, or by one account.

Promises: a column is given by name, and one that holds accounts only as such: its values are hashed as they are read,
with a salt that is kept nowhere, and only which posts share one is left, neither a name nor a hash nor a count. A post
of which nothing is said belongs to no other. Does not find near-duplicates: those are clusters where none are named.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.id_table import read_id_table, row_indices, some_ids
from koudai.audit.inputs.kept_columns import read_kept_values
from koudai.config.columns import ClusterSection
from koudai.config.source import Columns
from koudai.corpus.dates import readable_dates
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ConfigError, ReadError, ScoresMismatch
from koudai.scoring.results import Scores
from koudai.storage.durable import sha256_file

UNKNOWN = -1
_NAMES = 0.5


@dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each post that has one.

    Parameters
    ----------
    ids
        Of posts, scored ones or others.
    number : ndarray of int64, shape (n_posts,)
        Equal numbers are one cluster, -1 where nothing is said.
    told
        What they are, in words, for the report: ``column event``, ``day created_at``, ``account``.
    entry
        For the report's inputs.

    Examples
    --------
    >>> clusters = Clusters(["a", "b", "c"], np.array([0, 0, -1]), "column event", InputEntry("cluster", "event", 2))
    >>> clusters.of(["c", "b", "a", "x"], otherwise=np.array([0, 0, 0, 7])).tolist()
    [1, 0, 0, 8]
    """

    ids: list[str]
    number: NDArray[np.int64]
    told: str
    entry: InputEntry

    def of(self, ids: list[str], *, otherwise: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the clusters of posts, shape (n_ids,).

        Parameters
        ----------
        ids
            Of any posts.
        otherwise : ndarray of int64, shape (n_ids,)
            Cluster of each post of which nothing is said here, 0 or above, among such posts.
        """
        row = np.arange(len(ids)) if ids is self.ids else row_indices(ids, self.ids)
        number = np.where(row >= 0, self.number[row], UNKNOWN) if len(self.ids) else np.full(len(ids), UNKNOWN)
        beyond = int(self.number.max(initial=UNKNOWN)) + 1
        return np.asarray(np.where(number >= 0, number, otherwise + beyond), dtype=np.int64)


def read_clusters(section: ClusterSection, base: Path, scores: Scores, *, timezone: str) -> Clusters:
    """Return the clusters that a config names.

    Parameters
    ----------
    section
        Of the config.
    base
        Folder in which its relative paths start.
    scores
        The audited job's or table's, whose kept column it is where no file is named.
    timezone
        Of times that name none.

    Raises
    ------
    ConfigError
        If the column was not kept, or is one of accounts and not given as such.
    ReadError
        If the file cannot be read, or no value is one, or none is a date where days are asked for.
    """
    ids, values, sha256 = _values(section, base, scores)
    if section.account is not None:
        number, told, name = _hashed(values), "account", "account"
        counts = {}
    else:
        column = str(section.column or section.day)
        _refuse_names(values, column)
        keys = values if section.column else _days(values, column, timezone=timezone)
        number, name = _numbered(keys), column
        told = f"{'column' if section.column else 'day'} {column}"
        counts = {"clusters": int(number.max(initial=UNKNOWN)) + 1}
    known = int((number >= 0).sum())
    if ids is not scores.ids and not set(ids) & set(scores.ids):
        raise ScoresMismatch(
            what="no scored post is in the file of clusters",
            where="[cluster] file",
            expected=f"ids as {some_ids(scores.ids)}",
            got=f"ids as {some_ids(ids)}",
            happened="nothing was measured",
            todo="name the right file and id column",
        )
    if not known:
        raise ReadError(
            what="no post has a cluster",
            where="[cluster]",
            expected="values in the column",
            happened="nothing was measured",
            todo="name another column, or leave [cluster] out: near-duplicates are clusters then",
        )
    return Clusters(ids, number, told, InputEntry("cluster", name, known, sha256, counts=counts))


def _values(section: ClusterSection, base: Path, scores: Scores) -> tuple[list[str], list[str], str]:
    """Return ids, the value of each in the section's column, and the sha256 of the file that was read."""
    column = str(section.column or section.day or section.account)
    if section.file is None:
        return scores.ids, read_kept_values(scores, column, section="cluster"), ""
    refuse_accounts((section.id, *(() if section.account else (column,))))
    path = base / section.file
    reading = Reading(columns=Columns(id=section.id), encoding=section.encoding, quoting=section.quoting)
    table = read_id_table(path, reading, [column])
    table.require_distinct()
    sha256 = "" if section.account else sha256_file(path)
    return table.ids, table.texts(column), sha256


def _numbered(values: list[str] | list[bytes]) -> NDArray[np.int64]:
    """Return a number for each different value, in order of first occurrence, -1 for an empty one."""
    numbers: dict[str | bytes, int] = {}
    return np.array([numbers.setdefault(one, len(numbers)) if one else UNKNOWN for one in values], dtype=np.int64)


def _hashed(values: list[str]) -> NDArray[np.int64]:
    """Return a number for each different account, and nothing else of it."""
    salt = secrets.token_bytes(32)
    digests = [
        hashlib.blake2b(one.strip().encode("utf-8", "surrogatepass"), key=salt, digest_size=16).digest()
        if one.strip()
        else b""
        for one in values
    ]
    return _numbered(digests)


def _days(values: list[str], column: str, *, timezone: str) -> list[str]:
    date, wrong = readable_dates(list(values), timezone=timezone)
    if np.isnat(date).all():
        raise ReadError(
            what="no value of this column is a date",
            where=f"column {column!r}",
            got=f"{wrong.total():,} values that cannot be read",
            happened="nothing was measured",
            todo="name the column with dates, or give the column as `column` if its values are clusters themselves",
        )
    days = date.astype("datetime64[D]")
    return ["" if one == "NaT" else one for one in days.astype(str).tolist()]


def _refuse_names(values: list[str], column: str) -> None:
    """Raise `ConfigError` if most values are names behind an at sign, whatever their column is called."""
    some = [one.strip() for one in values if one.strip()]
    named = sum(one[0] in "@＠" for one in some)
    if some and named > _NAMES * len(some):
        raise ConfigError(
            what=f"column {column!r} holds names of accounts",
            where="[cluster]",
            got=f"{named:,} of {len(some):,} values begin with an at sign",
            happened="nothing was measured",
            todo="give it as `account` with the `file` that holds it: its values are hashed as they are read",
        )
