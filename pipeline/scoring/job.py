"""The job: plan, then one shard after another, each with its receipt, then DONE. The same command resumes it.

Promises: every row read is scored, abstained or quarantined, and counted; a shard exists whole and with its
receipt, or is made again; the bytes of a shard depend on the plan alone, so an interrupted job ends in the same
result as an uninterrupted one; memory is bounded by one shard. Nothing is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.corpus.readers import PostBatch, Quarantined, SeenIds, read_posts
from pipeline.durable import locked, sha256_file, storage_errors, write_bytes, write_json, write_with
from pipeline.errors import ReadError, printable
from pipeline.model.model import Model
from pipeline.model.scorer import ScoredBatch, score
from pipeline.progress import Progress, Silent
from pipeline.scoring.plan import Plan, settle

DONE = "DONE.json"
COUNTS = ("read", "scored", "abstained", "quarantined")


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


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of a shard: a function of its number alone."""
    return folder / "shards" / f"{number:06d}.parquet"


def receipt_path(folder: Path, number: int) -> Path:
    """Return the path of a shard's receipt."""
    return folder / "receipts" / f"{number:06d}.json"


def quarantine_path(folder: Path, number: int) -> Path:
    """Return the path of the rows that a shard set aside; there is none if it set none aside."""
    return folder / "quarantine" / f"{number:06d}.jsonl"


def run(plan: Plan, model: Model, folder: Path, *, progress: Progress | None = None) -> Totals:
    """Do a job, or what is left of it.

    Parameters
    ----------
    plan
        From `pipeline.scoring.plan.make_plan`.
    model
        The model whose digest the plan names.
    folder
        Where the job lies.
    progress
        Is told how far it is.

    Returns
    -------
    Totals

    Raises
    ------
    OutputExists, PlanMismatch, JobLocked, StorageError
        What stands in the way; shards that have a receipt stay as they are.
    """
    progress = progress or Silent()
    with storage_errors(folder, happened="nothing was written"):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        settle(plan, folder)
        totals = Totals()
        with progress.stage("scoring", plan.rows) as advance:
            for number, batch in _batches(plan):
                receipt = read_receipt(folder, number)
                if receipt is None:
                    receipt = _commit(folder, number, batch, model)
                totals.add(receipt)
                advance(batch.read)
        if totals.read != plan.rows:
            raise ReadError(
                what="the input changed while it was scored",
                expected=f"{plan.rows} rows",
                got=f"{totals.read} rows",
                happened="shards that were written stay as they are; the job is not done",
                todo="restore the input, or score it into another folder",
            )
        write_json(folder / DONE, {"plan": sha256_file(folder / "plan.json"), **totals.to_dict()})
        return totals


def read_receipt(folder: Path, number: int) -> dict[str, Any] | None:
    """Return a shard's receipt if the shard and its quarantine are there and have the hashes it says, else None."""
    try:
        receipt: dict[str, Any] = json.loads(receipt_path(folder, number).read_text(encoding="utf-8"))
        whole = sha256_file(shard_path(folder, number)) == receipt["shard"]
        aside = quarantine_path(folder, number)
        whole = whole and (sha256_file(aside) if aside.exists() else None) == receipt["quarantine"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return receipt if whole else None


def _batches(plan: Plan) -> Iterator[tuple[int, PostBatch]]:
    seen = SeenIds()
    number = 0
    for one in plan.inputs:
        path = Path(one.path)
        for batch in read_posts(
            path, columns=plan.columns, encoding=plan.encoding, bad_bytes=plan.bad_bytes, batch_rows=plan.shard_size
        ):
            yield number, _first_only(batch, seen) if plan.duplicates == "first" else batch
            number += 1


def _first_only(batch: PostBatch, seen: SeenIds) -> PostBatch:
    kept = PostBatch(fields=batch.fields, quarantined=list(batch.quarantined))
    for post_id, text, place in zip(batch.ids, batch.texts, batch.places, strict=True):
        first = seen.second(post_id, place)
        if first is None:
            kept.ids.append(post_id)
            kept.texts.append(text)
            kept.places.append(place)
        else:
            kept.quarantined.append(Quarantined(place, "duplicate-id", f"first seen at {first}", printable(post_id)))
    return kept


def _commit(folder: Path, number: int, batch: PostBatch, model: Model) -> dict[str, Any]:
    import pyarrow.parquet as pq

    scored = score(model, batch.ids, batch.texts)
    table = scored.to_table()
    write_with(shard_path(folder, number), lambda path: pq.write_table(table, path, compression="zstd"))
    aside = quarantine_path(folder, number)
    if batch.quarantined:
        lines = [json.dumps(row.to_dict(), ensure_ascii=False) + "\n" for row in batch.quarantined]
        write_bytes(aside, "".join(lines).encode("utf-8", "backslashreplace"))
    receipt = {
        "shard": sha256_file(shard_path(folder, number)),
        "quarantine": sha256_file(aside) if batch.quarantined else None,
        "counts": {
            "read": batch.read,
            "scored": int((~scored.abstained).sum()),
            "abstained": int(scored.abstained.sum()),
            "quarantined": len(batch.quarantined),
        },
        "alleged": _alleged(scored),
    }
    write_json(receipt_path(folder, number), receipt)
    return receipt


def _alleged(scored: ScoredBatch) -> dict[str, int]:
    counts: dict[str, int] = {}
    for keys in scored.alleged:
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    return counts
