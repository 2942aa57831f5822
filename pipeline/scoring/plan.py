"""The plan of a job: everything its result depends on, written down before the first post is scored.

Promises: the same posts, model and settings give the same plan; every row of every input belongs to exactly one
shard; a folder with another plan is refused, and nothing in it is touched.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config import Columns
from pipeline.durable import sha256_file, write_json
from pipeline.errors import OutputExists, PlanMismatch, ReadError, StorageError, UsageError
from pipeline.limits import SHARD_POSTS
from pipeline.progress import Progress
from pipeline.scoring.repeats import Repeats, find_repeats

PLAN, FORMAT, PROTOCOL = "plan.json", "koudai-job", 1


@dataclass(frozen=True)
class Input:
    """One input file: where it lies, its sha256, its rows."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Plan:
    """What a job scores, with what, and how it is cut into shards."""

    model: str
    inputs: tuple[Input, ...]
    id_column: str
    text_column: str
    encoding: str
    bad_bytes: str
    duplicates: str
    shard_size: int
    repeats: Repeats | None = field(default=None, compare=False, repr=False)
    """What `make_plan` found out on the way; not part of the plan that is written down."""

    @property
    def rows(self) -> int:
        """Rows of all inputs."""
        return sum(one.rows for one in self.inputs)

    @property
    def shards(self) -> int:
        """Number of shards; none spans two inputs."""
        return sum(-(-one.rows // self.shard_size) for one in self.inputs)

    @property
    def columns(self) -> Columns:
        """Which columns are read."""
        return Columns(id=self.id_column, text=self.text_column)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        fields = {name: value for name, value in vars(self).items() if name != "repeats"}
        return {"format": FORMAT, "protocol": PROTOCOL, **fields, "inputs": [asdict(one) for one in self.inputs]}

    @staticmethod
    def load(folder: Path) -> Plan:
        """Read the plan of a job's folder; raises `StorageError` if there is none or it is damaged."""
        try:
            value = json.loads((folder / PLAN).read_text(encoding="utf-8"))
            if (value.pop("format"), value.pop("protocol")) != (FORMAT, PROTOCOL):
                raise ValueError(FORMAT)
            return Plan(**{**value, "inputs": tuple(Input(**one) for one in value["inputs"])})
        except FileNotFoundError as error:
            raise StorageError(
                what="this is not the folder of a job", where=folder, todo="give the --out of `koudai score`"
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StorageError(what="the plan of this job is damaged", where=folder / PLAN, got=repr(error)) from error


def make_plan(
    paths: list[Path],
    *,
    model: str,
    columns: Columns,
    encoding: str,
    bad_bytes: str,
    duplicates: str,
    shard_size: int,
    progress: Progress,
) -> Plan:
    """Read every input once, to count its rows, hash it, and find ids that are there twice.

    Raises
    ------
    UsageError
        If the shard size is not between 1 and its limit.
    ReadError
        If a file cannot be read, or an id is there twice and `duplicates` is ``"refuse"``.
    """
    if not 1 <= shard_size <= SHARD_POSTS.value:
        raise UsageError(
            what="the shard size is out of range",
            got=shard_size,
            expected=f"1 to {SHARD_POSTS.value} posts",
            todo="--shard-size",
        )
    rows, repeats = find_repeats(
        paths, columns=columns, encoding=encoding, bad_bytes=bad_bytes, refuse=duplicates == "refuse", progress=progress
    )
    inputs = [Input(str(path.resolve()), sha256_file(path), read) for path, read in zip(paths, rows, strict=True)]
    if not any(rows):
        raise ReadError(what="there are no posts in the input", where=", ".join(one.path for one in inputs))
    return Plan(
        model=model,
        inputs=tuple(inputs),
        id_column=columns.id,
        text_column=columns.text,
        encoding=encoding,
        bad_bytes=bad_bytes,
        duplicates=duplicates,
        shard_size=shard_size,
        repeats=repeats,
    )


def settle(plan: Plan, folder: Path) -> None:
    """Write `plan` into a new folder, or make sure that the folder holds the very same one.

    Raises
    ------
    OutputExists
        If the folder holds something that is not a job.
    PlanMismatch
        If it holds a job with another plan; lists the fields that differ.
    """
    if not (folder / PLAN).exists():
        others = [path.name for path in folder.iterdir() if path.name != ".lock"]
        if others:
            raise OutputExists(
                what="the output folder holds something that is not a job",
                where=folder,
                got=", ".join(sorted(others)[:5]),
                happened="nothing was written or deleted",
                todo="choose another --out",
            )
        write_json(folder / PLAN, plan.to_json())
        return
    old, new = Plan.load(folder).to_json(), plan.to_json()
    differ = [name for name in new if old.get(name) != new[name]]
    if differ:
        raise PlanMismatch(
            what="this folder holds a job with another plan",
            where=folder,
            expected="\n".join(f"{name}: {old.get(name)}" for name in differ),
            got="\n".join(f"{name}: {new[name]}" for name in differ),
            happened="its shards were not touched",
            todo="run it with what it began with, or choose another --out",
        )
