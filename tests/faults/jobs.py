"""The job that the faults strike: two inputs, five shards, quarantined rows; and how it is done, in one place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from koudai.corpus.reading.reading import Reading
from koudai.model.model import Model
from koudai.scoring.engines.local import local
from koudai.scoring.job import run
from koudai.scoring.plan import ScoreSettings, make_plan
from koudai.scoring.results import open_job
from koudai.scoring.totals import Totals
from tests.scoring.posts import WORDS, contents, write_posts

__all__ = ["Job", "contents", "ids", "open_job"]


@dataclass(frozen=True)
class Job:
    """A job that can be done again and again."""

    model: Model
    inputs: tuple[Path, ...]
    rows: int
    shard_size: int = 8
    duplicates: str = "first"
    reading: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def small(model: Model, folder: Path) -> Job:
        """Return a job over 16 + 9 rows, three of which are quarantined: bad JSON, no id, an id that was there."""
        lines = [json.dumps({"post_id": f"b{i}", "text": WORDS[i]}, ensure_ascii=False) for i in range(7)]
        lines[3:3] = ["{", json.dumps({"post_id": "", "text": "好"})]
        lines[6] = json.dumps({"post_id": "00001", "text": "好"})
        other = folder / "b.jsonl"
        other.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Job(model, (write_posts(folder / "a.parquet", 16), other), rows=25)

    def do(self, out: Path, *, workers: int = 1, unsafe_fs: bool = False) -> Totals:
        """Plan it and run it, or what is left of it: what `koudai score` does."""
        plan = make_plan(
            self.inputs,
            model=self.model.digest,
            reading=Reading(**{"bad_bytes": "quarantine", **self.reading}),
            settings=ScoreSettings(duplicates=self.duplicates, shard_size=self.shard_size),
        )
        return run(plan, self.model, out, engine=local(workers), unsafe_fs=unsafe_fs)

    def command(self, bundle: Path, out: Path, *options: object) -> list[str]:
        """Return the arguments of ``koudai`` that do the same with the model's `bundle`."""
        given = ["score", bundle, *self.inputs, "--out", out, "--shard-size", self.shard_size, *options]
        return [*map(str, given), "--on-bad-bytes", "quarantine", "--duplicates", "first"]


def ids(out: Path) -> list[str]:
    """Return the ids of all rows of a finished job, scored or quarantined, as often as they are there."""
    scored = [i for path in sorted(out.glob("shards/[!.]*")) for i in pq.read_table(path)["post_id"].to_pylist()]
    aside = [line for path in sorted(out.glob("quarantine/[!.]*")) for line in path.read_text("utf-8").splitlines()]
    return scored + [f"aside {json.loads(line)['where']}" for line in aside]
