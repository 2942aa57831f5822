"""What a sample is drawn from: the posts of a finished job, or those of a table of probabilities by any other model.

Promises: both give the same things, posts in the same order each time; a job is read a shard at a time, a table whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audited import Audited, audit_taxonomy, audited_table
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.errors import ConfigError
from koudai.progress import Progress
from koudai.scoring.results import ScoresPart, open_job
from koudai.scoring.totals import Totals
from koudai.taxonomy import Taxonomy


class ScoredPosts(Protocol):
    """Posts with scores."""

    @property
    def sha256(self) -> str:
        """sha256 of the job's ``job.json``, or of the table."""
        ...

    @property
    def totals(self) -> Totals:
        """How many rows were read, and what became of them."""
        ...

    def parts(self) -> Iterator[ScoresPart]:
        """Yield the scores, some posts at a time, in order."""
        ...

    def ids(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the ids of posts by row index."""
        ...

    def texts(self, ids: list[str]) -> Sequence[str]:
        """Return the raw posts in the order of `ids`."""
        ...

    def taxonomy(self) -> Taxonomy | None:
        """Return the taxonomy of the categories, None if it is not at hand."""
        ...


@dataclass(frozen=True)
class ScoredTable:
    """The posts of a table of probabilities; see `ScoredPosts`."""

    audited: Audited
    of: Taxonomy

    @property
    def sha256(self) -> str:
        """sha256 of the table."""
        return self.audited.job

    @property
    def totals(self) -> Totals:
        """How many rows were read, and what became of them."""
        return self.audited.scores.totals

    def parts(self) -> Iterator[ScoresPart]:
        """Yield all scores at once."""
        all_of = self.audited.scores
        yield ScoresPart(all_of.categories, all_of.proba, all_of.alleged, all_of.abstained, all_of.model_digest)

    def ids(self, rows: NDArray[np.int64]) -> list[str]:
        """Return ids by row index."""
        return [self.audited.scores.ids[row] for row in rows.tolist()]

    def texts(self, ids: list[str]) -> Sequence[str]:
        """Return raw posts by id."""
        text = dict(zip(self.audited.scores.ids, self.audited.texts or [], strict=True))
        return [text[post_id] for post_id in ids]

    def taxonomy(self) -> Taxonomy:
        """Return the taxonomy that the config names."""
        return self.of


def scored_posts(path: Path, *, progress: Progress) -> ScoredPosts:
    """Return the posts that a sample can be drawn from.

    Parameters
    ----------
    path
        Folder of a finished job, or an audit config that has [table].
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError
        If the config has no table, or its table no posts.
    JobUnfinished, ShardDamaged, StorageError, ReadError, ScoresMismatch
        As `koudai.scoring.results.open_job` and `koudai.audit.inputs.audited.audited_table`.
    """
    if not path.is_file():
        return open_job(path, progress=progress)
    config = load_config(AuditConfig, path)
    if config.table is None:
        raise ConfigError(
            what="this audit config names no table to draw posts from",
            where=path,
            happened="nothing was drawn",
            todo="give the folder of a finished job, or add the [table] of another model",
        )
    taxonomy = audit_taxonomy(config, path)
    found = audited_table(config, path, taxonomy, texts=True, progress=progress)
    if found.texts is None:
        raise ConfigError(
            what="people label posts, and this table has none",
            where=path,
            happened="nothing was drawn",
            todo="name the column with `table.text`, or the file of the posts in [table.posts]",
        )
    return ScoredTable(found, taxonomy)
