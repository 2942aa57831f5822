"""Posts for scoring jobs: files of them, plans for them, and what a job's folder holds."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from koudai.corpus.reading.reading import Reading
from koudai.model.model import Model
from koudai.scoring.plan import Plan, ScoreSettings, make_plan
from koudai.storage.bucket import StorePath

WORDS = [
    "主播",
    "播报",
    "今天",
    "食堂",
    "偏方",
    "橘子皮",
    "我们县",
    "通知",
    "🎉",
    "停水",
    "观众",
    "喝三天",
    "图书馆",
    "",
]


def write_posts(path: Path, n: int, *, seed: int = 0, first: int = 0) -> Path:
    """Write `n` posts with ids from `first` on."""
    chosen = random.Random(seed)
    ids = [f"{i:05d}" for i in range(first, first + n)]
    texts = ["".join(chosen.choices(WORDS, k=chosen.randint(0, 9))) for _ in range(n)]
    pq.write_table(pa.table({"post_id": ids, "text": texts}), path)
    return path


def plan_for(model: Model, *paths: Path | str, size: int = 100, duplicates: str = "refuse") -> Plan:
    """Return the plan of a job over `paths`."""
    return make_plan(
        paths,
        model=model.digest,
        reading=Reading(bad_bytes="quarantine"),
        settings=ScoreSettings(duplicates=duplicates, shard_size=size),
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files of a job by name, without what a killed process left half-written."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock" and path.suffix != ".part"
    }


def stored(folder: StorePath) -> dict[str, bytes]:
    """Return all objects of a job in a bucket by name."""
    found = {}
    for name in folder.names():
        below = {f"{name}/{one}": content for one, content in stored(folder / name).items()}
        found |= below or {name: (folder / name).read()}
    return found
