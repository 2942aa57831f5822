"""The survey of a job's inputs: the number of rows of each, where each shard begins, and which ids are duplicates.

Promises: taken once, when a job begins, and kept in its folder; after that a shard is read from where it begins, but in
files that cannot be split, such as gzip. Every row of every input belongs to exactly one shard, and no shard spans two
inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.files import Mark
from koudai.errors import ReadError, StorageError
from koudai.model.profile import Profile
from koudai.progress import Progress
from koudai.scoring.plan import JOB, JobFile, Plan, read_job
from koudai.scoring.repeats import Repeats, find_repeats
from koudai.storage.bucket import JobPath
from koudai.storage.durable import read_bytes, sha256_bytes

PLACES = "places.bin"


@dataclass(frozen=True, eq=False)
class Survey:
    """Row counts, shard boundaries and duplicate ids of the inputs of a plan.

    Parameters
    ----------
    shard_size
        Rows per shard; the last shard of an input may have fewer.
    rows : ndarray of int64, shape (n_inputs,)
        Rows of each input.
    marks : ndarray of int64, shape (n_shards, 3)
        Rows, lines and bytes of its input before each shard, or before the damaged record that a shard begins within.
    repeats
        Posts with duplicate ids; none where the job refuses them.

    Examples
    --------
    >>> marks = np.array([[0, 1, 0], [1000, 1001, 91_000], [0, 1, 0]])
    >>> none = np.empty(0, np.int64)
    >>> survey = Survey(1000, rows=np.array([1200, 7]), marks=marks, repeats=Repeats(none, none))
    >>> survey.shards, survey.first.tolist(), survey.span(0, 1, 2)
    (3, [0, 2, 3], (1000, 1200))
    """

    shard_size: int
    rows: NDArray[np.int64]
    marks: NDArray[np.int64]
    repeats: Repeats

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """Number of the first shard of each input, then the number of shards; shape (n_inputs + 1,)."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(-(-self.rows // self.shard_size))])

    @property
    def shards(self) -> int:
        """Shards of the job."""
        return int(self.first[-1])

    def span(self, file: int, first: int, last: int) -> tuple[int, int]:
        """Return the range of rows of input number `file`, counted from 0, in its shards `first` to `last` - 1: first
        row, and last row + 1.
        """
        begin = int(self.first[file])
        return (first - begin) * self.shard_size, min((last - begin) * self.shard_size, int(self.rows[file]))

    def mark(self, shard: int) -> Mark:
        """Return the position in its input at which a shard begins."""
        return Mark(*self.marks[shard].tolist())

    def to_bytes(self) -> bytes:
        """Return the survey as little-endian int64: numbers of inputs, shards and repeats, then the arrays."""
        arrays = (self.rows, self.marks.ravel(), self.repeats.places, self.repeats.firsts)
        sizes = np.array([len(self.rows), len(self.marks), len(self.repeats)])
        return np.concatenate([sizes, *arrays]).astype("<i8").tobytes()

    @staticmethod
    def of_bytes(data: bytes, shard_size: int) -> Survey:
        """Return the survey that `to_bytes` was called on; raises ValueError if `data` is none."""
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
    """A job as its folder describes it, each file of which is read once.

    Parameters
    ----------
    folder
        Its folder.
    plan
        Everything that its results depend on.
    survey
        Rows, shards and duplicate ids of its inputs.
    sha256
        Of ``job.json``: the digest of the job.
    profile
        How the posts look that the model was fitted on, None where that is not kept.
    """

    folder: JobPath
    plan: Plan
    survey: Survey
    sha256: str
    profile: Profile | None = None

    @staticmethod
    def load(folder: JobPath) -> Job:
        """Read a job's folder; raises `StorageError` if it is none, or its plan or survey is damaged."""
        return Job.of_file(folder, read_job(folder))

    @staticmethod
    def of_file(folder: JobPath, file: JobFile) -> Job:
        """Read the survey of a ``job.json``; raises `StorageError` if it is missing or has another hash."""
        try:
            data = read_bytes(folder / PLACES)
        except OSError as error:
            data, why = b"", str(error)
        else:
            why = f"sha256 {sha256_bytes(data)}"
        if sha256_bytes(data) != file.places:
            raise StorageError(
                what="the survey of this job's inputs is damaged",
                where=folder / PLACES,
                expected=f"sha256 {file.places}, as {JOB} says",
                got=why,
                happened="nothing was changed",
                todo=f"`api.verify({str(folder)!r}, repair=True)`, or score into another folder",
            )
        return Job(folder, file.plan, Survey.of_bytes(data, file.plan.shard_size), file.sha256, file.profile)


def take_survey(plan: Plan, progress: Progress) -> Survey:
    """Read every input once: count its rows, find shard boundaries and duplicate ids.

    Raises
    ------
    InputChanged
        If one is not what was seen of it when the plan was made.
    ReadError
        If a file cannot be read, all are empty, or there are duplicate ids and the plan refuses them.
    """
    rows, marks, repeats = find_repeats(
        [one.location for one in plan.inputs],
        plan.reading,
        refuse=plan.duplicates == "refuse",
        mark_rows=plan.shard_size,
        progress=progress,
    )
    for one in plan.inputs:
        one.require_unchanged()
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
