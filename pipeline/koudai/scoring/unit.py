"""Units: consecutive shards of one input, and the work on them on every engine: read, score, commit.

Promises: idempotent: the files that a unit writes depend on the plan alone, so it may be repeated after it ended or was
interrupted; a post on which scoring fails is quarantined with the reason, and the rest of its block is scored; an input
that changed since the job began is an error, and no row read after the change is committed.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.locations import Seen
from koudai.corpus.reading.posts import PostBatch, Quarantined
from koudai.corpus.reading.readers import read_posts
from koudai.errors import KoudaiError, PlanMismatch, printable
from koudai.model.bundle.bundle import load_bundle
from koudai.model.model import Model
from koudai.scoring.block import ScoredBlock, block_of
from koudai.scoring.plan import Plan
from koudai.scoring.repeats import place_of, shown
from koudai.scoring.shard import Shard, commit
from koudai.scoring.survey import Job, Survey
from koudai.scoring.totals import Receipt
from koudai.storage.bucket import JobPath, job_path

_BLOCK_ROWS = 4096


class JobAddress(NamedTuple):
    """What a worker needs to load a job; all workers see `folder` and `bundle` under these paths.

    `digest` is the sha256 of ``job.json``: a worker may outlive a job, and find another one in its folder later.
    `store` is the endpoint and region of the process that runs the job, for inputs that name none; `version` is the
    version of its koudai.
    """

    folder: str
    bundle: str
    allow_drift: bool = False
    digest: str = ""
    store: tuple[tuple[str, str], ...] = ()
    version: str = ""


class Unit(NamedTuple):
    """Shards `first` to `last` - 1, all of input number `file`, processed in order by one process.

    `avoid` are rows of that input, counted from 0, that are quarantined unscored, since each crashes its worker; `seen`
    is the state of the input when the job began.

    Examples
    --------
    >>> Unit(file=0, first=4, last=8)._replace(avoid=(17,))
    Unit(file=0, first=4, last=8, avoid=(17,), seen=None)
    """

    file: int
    first: int
    last: int
    avoid: tuple[int, ...] = ()
    seen: Seen | None = None


class Piece(NamedTuple):
    """Rows to be scored as block number `place` of a shard."""

    file: int
    shard: Shard
    place: int
    posts: PostBatch
    died: list[Quarantined]


@dataclass(frozen=True)
class JobWork:
    """A running job: its folder, plan and survey, and the loaded model."""

    folder: JobPath
    plan: Plan
    survey: Survey
    model: Model

    def rows_of(self, unit: Unit) -> tuple[int, int]:
        """Return the range of rows of its input, counted from 0, that a unit holds: first row, and last row + 1."""
        return self.survey.span(unit.file, unit.first, unit.last)

    def pieces(self, unit: Unit) -> Iterator[Piece]:
        """Read the rows of a unit; raises `InputChanged` if they are not those of the survey."""
        one, size = self.plan.inputs[unit.file], self.plan.shard_size
        first, rows = int(self.survey.first[unit.file]), int(self.survey.rows[unit.file])
        row, stop = self.rows_of(unit)
        mark = self.survey.mark(unit.first)
        batches = read_posts(one.location, self.plan.reading, begin=mark, batch_rows=_BLOCK_ROWS, cut_rows=size)
        before = mark.row
        while row < stop and (posts := next(batches, None)) is not None:
            before += posts.read
            if before <= row:
                continue
            if row % size == 0:
                shard, place = Shard(first + row // size, min(size, rows - row)), 0
            kept, died = _without(posts, [at - row for at in unit.avoid if row <= at < row + posts.read])
            row, place = row + posts.read, place + 1
            if row > stop:
                break
            if row % size == 0 or row == stop:
                one.require_unchanged(unit.seen)
            yield Piece(unit.file, shard, place, kept, died)
        if row != stop:
            raise one.changed(expected=f"{rows:,} rows", got="more of them" if row > stop else f"{row:,} rows")

    def finish(self, piece: Piece) -> Receipt | None:
        """Score a piece; if it completes its shard, commit the shard and return its receipt."""
        blocks = piece.shard.add(piece.place, self.block(piece))
        return None if blocks is None else commit(self.folder, piece.shard.number, blocks)

    def block(self, piece: Piece) -> ScoredBlock:
        """Score a piece."""
        posts, repeated = self._first_only(piece)
        return block_of(self.model, posts, [*piece.died, *repeated], evidence=self.plan.evidence)

    @functools.cached_property
    def _names(self) -> list[str]:
        return [one.location.name for one in self.plan.inputs]

    def _first_only(self, piece: Piece) -> tuple[PostBatch, list[Quarantined]]:
        firsts = self.survey.repeats.firsts_of(place_of(piece.file, piece.posts.lines))
        again = firsts >= 0
        if not again.any():
            return piece.posts, []
        ids, places = piece.posts.ids, piece.posts.file_lines
        repeated = [
            Quarantined(
                places[at], "duplicate-id", f"first seen at {shown(int(firsts[at]), self._names)}", printable(ids[at])
            )
            for at in np.flatnonzero(again).tolist()
        ]
        return piece.posts.take(~again), repeated


@functools.lru_cache(maxsize=1)
def _loaded(bundle: str, allow_drift: bool) -> Model:
    return load_bundle(Path(bundle), allow_drift=allow_drift)


def make_ready(bundle: str, allow_drift: bool) -> None:
    """Load a model in a worker process ahead of its job; errors are left to the job, which raises them again."""
    with contextlib.suppress(KoudaiError):
        _loaded(bundle, allow_drift)


@functools.lru_cache(maxsize=1)
def work_on(job: JobAddress) -> JobWork:
    """Load a job in a worker process; cached, since a job does not change.

    Raises
    ------
    PlanMismatch
        If the bundle is not the plan's, or the worker finds another job in the folder.
    """
    folder = job_path(job.folder)
    found = Job.load(folder)
    if job.digest and found.sha256 != job.digest:
        raise PlanMismatch(
            what="a worker finds another job in this folder",
            where=folder,
            happened="nothing was scored",
            todo="let every worker see the same folder under this path",
        )
    plan = found.plan.seen_through(dict(job.store))
    model = _loaded(job.bundle, job.allow_drift)
    if model.digest != plan.model:
        _loaded.cache_clear()
        model = _loaded(job.bundle, job.allow_drift)
    plan.require_model(model.digest, job.bundle)
    return JobWork(folder, plan, found.survey, model)


def do(job: JobAddress, unit: Unit) -> list[Receipt]:
    """Process a unit in this process; return the receipts of its shards, in order."""
    work = work_on(job)
    return [receipt for piece in work.pieces(unit) if (receipt := work.finish(piece)) is not None]


def probe(job: JobAddress, unit: Unit, begin: int, end: int) -> None:
    """Score rows `begin` to `end` - 1 of the unit's input without writing, to see whether they crash the process."""
    work = work_on(job)
    row, _ = work.rows_of(unit)
    for piece in work.pieces(unit._replace(avoid=())):
        posts, read = piece.posts, piece.posts.read
        tried = np.setdiff1d(np.arange(max(begin, row), min(end, row + read)), unit.avoid) - row
        if len(tried):
            work.block(piece._replace(posts=posts.take(np.isin(_rows_of(posts), tried))))
        row += read
        if row >= end:
            return


def _without(posts: PostBatch, rows: list[int]) -> tuple[PostBatch, list[Quarantined]]:
    """Return `posts` without those at `rows`, counted over posts and quarantined rows from 0, and quarantine those."""
    if not rows:
        return posts, []
    gone = np.isin(_rows_of(posts), rows)
    places = posts.file_lines
    died = [
        Quarantined(places[i], "worker-died", "the process that scored it was killed, each time", "")
        for i in np.flatnonzero(gone).tolist()
    ]
    return posts.take(~gone), died


def _rows_of(posts: PostBatch) -> NDArray[np.int64]:
    """Return the row of each post in its batch, counted over posts and quarantined rows from 0; shape (n_posts,)."""
    lines = np.array([one.line for one in posts.quarantined], np.int64)
    return np.arange(len(posts.ids)) + np.searchsorted(np.sort(lines), posts.lines)
