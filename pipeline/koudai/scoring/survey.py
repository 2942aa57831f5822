"""The survey of a job's inputs: how many rows each has, where each shard begins, and which ids are there twice.

Promises: taken once, when a job begins, and kept in its folder; after that no input is read from its beginning to score
a shard in its middle. Every row of every input belongs to exactly one shard, and no shard spans two inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.files import Mark
from koudai.errors import ReadError, StorageError
from koudai.progress import Progress
from koudai.scoring.plan import JOB, JobFile, Plan, read_job
from koudai.scoring.repeats import Repeats, find_repeats
from koudai.storage.durable import read_bytes, sha256_bytes

PLACES = "places.bin"


@dataclass(frozen=True, eq=False)
class Survey:
    """What is in the inputs of a plan.

    Parameters
    ----------
    shard_size
        Rows per shard; the last one of an input has what is left.
    rows : ndarray of int64, shape (n_inputs,)
        Rows of each input.
    marks : ndarray of int64, shape (n_shards, 3)
        Rows, lines and bytes of its input before each shard.
    repeats
        Posts whose id was there before; none are listed where a job refuses them.
    """

    shard_size: int
    rows: NDArray[np.int64]
    marks: NDArray[np.int64]
    repeats: Repeats

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """Number of the first shard of each input, and of all shards; shape (n_inputs + 1,)."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(-(-self.rows // self.shard_size))])

    @property
    def shards(self) -> int:
        """Shards of the job."""
        return int(self.first[-1])

    def span(self, file: int, first: int, last: int) -> tuple[int, int]:
        """Return which rows of input number `file`, counted from 0, its shards `first` to `last` - 1 hold: the first,
        and the one after the last.
        """
        begin = int(self.first[file])
        return (first - begin) * self.shard_size, min((last - begin) * self.shard_size, int(self.rows[file]))

    def mark(self, shard: int) -> Mark:
        """Return where in its input a shard begins."""
        return Mark(*self.marks[shard].tolist())

    def to_bytes(self) -> bytes:
        """Return it as 8-byte little-endian integers: how many inputs, shards and repeats, then the arrays."""
        arrays = (self.rows, self.marks.ravel(), self.repeats.places, self.repeats.firsts)
        sizes = np.array([len(self.rows), len(self.marks), len(self.repeats)])
        return np.concatenate([sizes, *arrays]).astype("<i8").tobytes()

    @staticmethod
    def of_bytes(data: bytes, shard_size: int) -> Survey:
        """Return the survey that `to_bytes` was called on; raises ValueError if there is none."""
        found = np.frombuffer(data, "<i8")
        inputs, shards, repeats = found[:3].tolist()
        lengths = np.array([inputs, 3 * shards, repeats, repeats])
        if lengths.min() < 0 or 3 + lengths.sum() != len(found):
            message = f"{inputs} inputs, {shards} shards and {repeats} repeats do not take {len(data)} bytes"
            raise ValueError(message)
        rows, marks, places, firsts = np.split(found[3:], np.cumsum(lengths)[:-1])
        return Survey(shard_size, rows, marks.reshape(-1, 3), Repeats(places, firsts))


@dataclass(frozen=True, eq=False)
class Job:
    """A job as its folder describes it: each file is read once, and this is handed on.

    Parameters
    ----------
    folder
        Where it lies.
    plan
        Everything that its results depend on.
    survey
        What is in its inputs.
    sha256
        Of ``job.json``: the digest of the job.
    """

    folder: Path
    plan: Plan
    survey: Survey
    sha256: str

    @staticmethod
    def load(folder: Path) -> Job:
        """Read a job's folder; raises `StorageError` if it is none, or what it knows is damaged."""
        return Job.of_file(folder, read_job(folder))

    @staticmethod
    def of_file(folder: Path, file: JobFile) -> Job:
        """Read the survey that belongs to a ``job.json``; raises `StorageError` if it is not the one that it names."""
        try:
            data = read_bytes(folder / PLACES)
        except OSError as error:
            data, why = b"", str(error)
        else:
            why = f"sha256 {sha256_bytes(data)}"
        if sha256_bytes(data) != file.places:
            raise StorageError(
                what="what this job knows of its inputs is damaged",
                where=folder / PLACES,
                expected=f"sha256 {file.places}, as {JOB} says",
                got=why,
                happened="nothing was changed",
                todo=f"score into another folder; `api.verify({str(folder)!r}, repair=True)` takes the survey anew",
            )
        return Job(folder, file.plan, Survey.of_bytes(data, file.plan.shard_size), file.sha256)


def take_survey(plan: Plan, progress: Progress) -> Survey:
    """Read every input once: count its rows, find where shards begin and which ids are there twice.

    Raises
    ------
    ReadError
        If a file cannot be read, there is nothing in any, or an id is there twice and the plan refuses that.
    """
    rows, marks, repeats = find_repeats(
        [one.location for one in plan.inputs],
        plan.reading,
        refuse=plan.duplicates == "refuse",
        mark_rows=plan.shard_size,
        progress=progress,
    )
    if not any(rows):
        raise ReadError(
            what="there are no posts in the input",
            where=", ".join(one.uri for one in plan.inputs[:5]),
            happened="nothing was scored",
        )
    return Survey(
        plan.shard_size,
        np.array(rows, np.int64),
        np.array([mark for some in marks for mark in some], np.int64).reshape(-1, 3),
        repeats,
    )
