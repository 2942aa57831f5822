"""The job: plan, then shards, each with its receipt, then DONE. The same command resumes it.

Promises: every row read is scored, abstained or quarantined, and counted; a shard exists whole and with its
receipt, or is made again; the bytes of a shard depend on the plan alone, so neither an interruption nor the number of
threads changes the result; memory is bounded by the blocks in flight and the shards they belong to. Nothing is
deleted.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.corpus.posts import PostBatch, Quarantined
from pipeline.corpus.readers import read_posts
from pipeline.durable import locked, sha256_file, storage_errors, write_json
from pipeline.errors import ReadError, UsageError, printable
from pipeline.limits import WORKERS
from pipeline.model.decision import ScoredBatch
from pipeline.model.model import Model
from pipeline.model.scorer import score
from pipeline.progress import Advance, Progress, Silent
from pipeline.scoring.plan import PLAN, Plan, settle
from pipeline.scoring.repeats import Repeats, find_repeats, place_of, shown
from pipeline.scoring.shard import Block, Shard, commit, read_receipt

DONE = "DONE.json"
COUNTS = ("read", "scored", "abstained", "quarantined")
_BLOCK_ROWS = 4096
_PIECES_PER_WORKER = 4
_BYTES_IN_FLIGHT = 64 << 20


@dataclass
class Totals:
    """Rows read, scored, abstained and quarantined, and posts alleged by category."""

    read: int = 0
    scored: int = 0
    abstained: int = 0
    quarantined: int = 0
    alleged: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """The rows by what became of them, in the order of `COUNTS`."""
        return {name: getattr(self, name) for name in COUNTS}

    def add(self, receipt: dict[str, Any]) -> None:
        """Add a shard's receipt."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + receipt["counts"][name])
        for key, count in receipt["alleged"].items():
            self.alleged[key] = self.alleged.get(key, 0) + count

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {**self.counts, "alleged": self.alleged}

    def line(self) -> str:
        """Return the conservation law with this job's numbers."""
        parts = " + ".join(f"{name} {getattr(self, name):,}" for name in COUNTS[1:])
        return f"read {self.read:,} = {parts}"


def cores() -> int:
    """Return how many cores this process may use."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def run(
    plan: Plan, model: Model, folder: Path, *, workers: int | None = None, progress: Progress | None = None
) -> Totals:
    """Do a job, or what is left of it.

    Parameters
    ----------
    plan
        From `pipeline.scoring.plan.make_plan`.
    model
        The model whose digest the plan names.
    folder
        Where the job lies.
    workers
        Threads that score; by default one for each core.
    progress
        Is told how far it is.

    Returns
    -------
    Totals

    Raises
    ------
    OutputExists, PlanMismatch, JobLocked, StorageError
        What stands in the way; shards that have a receipt stay as they are.
    ReadError
        If an input is not what the plan says.
    """
    workers = cores() if workers is None else workers
    if not 1 <= workers <= WORKERS.value:
        raise UsageError(
            what="the number of workers is out of range",
            got=workers,
            expected=f"1 to {WORKERS.value} {WORKERS.unit}",
            todo="--workers",
        )
    progress = progress or Silent()
    with storage_errors(folder, happened="nothing was written"):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        settle(plan, folder)
        repeats = _repeats(plan, progress)
        totals = Totals()

        def work(piece: Piece) -> dict[str, Any] | None:
            blocks = piece.shard.add(piece.place, _block(piece, plan, repeats, model))
            return None if blocks is None else commit(folder, piece.shard.number, blocks)

        with progress.stage("scoring", plan.rows) as advance:
            _on_threads(work, _pieces(plan, folder, totals, advance), workers, totals, advance)
        write_json(folder / DONE, {"plan": sha256_file(folder / PLAN), **totals.to_dict()})
        return totals


class Piece(NamedTuple):
    """Posts to be scored: from which input, counted from 0, and at which place in which shard."""

    file: int
    shard: Shard
    place: int
    posts: PostBatch


def _on_threads(
    work: Callable[[Piece], dict[str, Any] | None],
    pieces: Iterator[Piece],
    workers: int,
    totals: Totals,
    advance: Advance,
) -> None:
    """Do `work` on every piece; only so many are read ahead. The first error ends it once those at work are through."""
    flying: deque[tuple[Future[dict[str, Any] | None], PostBatch]] = deque()

    def land() -> None:
        future, posts = flying.popleft()
        receipt = future.result()
        if receipt is not None:
            totals.add(receipt)
        advance(posts.read)

    pool = ThreadPoolExecutor(workers, thread_name_prefix="koudai")
    try:
        for piece in pieces:
            flying.append((pool.submit(work, piece), piece.posts))
            while (
                len(flying) > _PIECES_PER_WORKER * workers
                or sum(_size(posts) for _, posts in flying) > _BYTES_IN_FLIGHT
            ):
                land()
        while flying:
            land()
    finally:
        pool.shutdown(cancel_futures=True)


def _size(posts: PostBatch) -> int:
    return int(posts.texts.offsets[-1])


def _pieces(plan: Plan, folder: Path, totals: Totals, advance: Advance) -> Iterator[Piece]:
    """Yield what is left to be done; count what is done already."""
    begun = 0
    for file, one in enumerate(plan.inputs):
        read = 0
        for posts in read_posts(
            Path(one.path),
            columns=plan.columns,
            encoding=plan.encoding,
            bad_bytes=plan.bad_bytes,
            batch_rows=_BLOCK_ROWS,
            cut_rows=plan.shard_size,
        ):
            if read % plan.shard_size == 0:
                shard = Shard(begun + read // plan.shard_size, min(plan.shard_size, one.rows - read))
                place, receipt = 0, read_receipt(folder, shard.number)
                if receipt is not None:
                    totals.add(receipt)
            read, place = read + posts.read, place + 1
            if read > one.rows:
                break
            if receipt is None:
                yield Piece(file, shard, place, posts)
            else:
                advance(posts.read)
        if read != one.rows:
            raise ReadError(
                what="the input changed while it was scored",
                where=one.path,
                expected=f"{one.rows} rows",
                got=f"{read} rows" if read < one.rows else "more of them",
                happened="shards that were written stay as they are; the job is not done",
                todo="restore the input, or score it into another folder",
            )
        begun += -(-one.rows // plan.shard_size)


def _block(piece: Piece, plan: Plan, repeats: Repeats | None, model: Model) -> Block:
    paths = [Path(one.path) for one in plan.inputs]
    posts, repeated = (piece.posts, []) if repeats is None else _first_only(piece, repeats, paths)
    scored = _scored(model, posts)
    return Block(
        rows=piece.posts.read,
        table=scored.to_table(),
        abstained=int(scored.abstained.sum()),
        alleged=scored.alleged.sum(axis=0),
        keys=scored.keys,
        quarantined=posts.quarantined,
        repeated=repeated,
    )


def _scored(model: Model, posts: PostBatch) -> ScoredBatch:
    return score(model, posts.ids, posts.texts)


def _repeats(plan: Plan, progress: Progress) -> Repeats | None:
    """Return the repeats that are to be set aside, None if there can be none."""
    if plan.duplicates != "first":
        return None
    if plan.repeats is not None:
        return plan.repeats
    paths = [Path(one.path) for one in plan.inputs]
    _, found = find_repeats(
        paths,
        columns=plan.columns,
        encoding=plan.encoding,
        bad_bytes=plan.bad_bytes,
        refuse=False,
        progress=progress,
    )
    return found


def _first_only(piece: Piece, repeats: Repeats, paths: list[Path]) -> tuple[PostBatch, list[Quarantined]]:
    firsts = repeats.firsts_of(place_of(piece.file, piece.posts.lines))
    again = firsts >= 0
    if not again.any():
        return piece.posts, []
    ids, places = piece.posts.ids, piece.posts.places
    repeated = [
        Quarantined(places[at], "duplicate-id", f"first seen at {shown(int(firsts[at]), paths)}", printable(ids[at]))
        for at in np.flatnonzero(again).tolist()
    ]
    return piece.posts.take(~again), repeated
