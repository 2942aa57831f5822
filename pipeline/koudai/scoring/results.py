"""The results of a job: read back completely, or not at all.

Promises: an unfinished job is refused with its progress; every shard is compared with its receipt before a row of it is
used; the conservation law is checked, not assumed. Writes nothing but the file of all rows that `FinishedJob.export` is
asked for.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.cores import sharing_memory
from koudai.corpus.reading.readers import read_posts
from koudai.errors import InputChanged, JobUnfinished, KoudaiError, ShardDamaged, number_of
from koudai.model.bundle.bundle import taxonomy_of
from koudai.progress import Progress, Silent
from koudai.scoring.formats import export, parquet_of
from koudai.scoring.job import DONE, finished
from koudai.scoring.plan import read_job
from koudai.scoring.shard import receipt_path, shard_path
from koudai.scoring.survey import Job
from koudai.scoring.totals import Totals
from koudai.storage.bucket import JobPath
from koudai.storage.durable import read_bytes, storage_errors
from koudai.taxonomy import Taxonomy
from koudai.text.arrow import as_numpy, strings
from koudai.text.utf8 import LazyTexts, Utf8, joined


@dataclass(frozen=True)
class Scores:
    """All scores of a job.

    Parameters
    ----------
    ids
        In input order, without quarantined rows.
    categories
        Columns of `proba`.
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN for a post without features.
    alleged : ndarray of bool, shape (n_posts, n_categories)
        Columns as in `proba`: parents on which the model was not fitted have none.
    abstained : ndarray of bool, shape (n_posts,)
    model_digest
        Digest of the model.
    totals
        The job's counts.
    kept
        The kept columns by name, one text per post, None where there is none.

    Examples
    --------
    >>> scores = Scores(
    ...     ids=["1", "2"],
    ...     categories=("rumour",),
    ...     proba=np.array([[0.9], [np.nan]], np.float32),
    ...     alleged=np.array([[True], [False]]),
    ...     abstained=np.array([False, True]),
    ...     model_digest="0" * 16,
    ...     totals=Totals(read=2, scored=1, abstained=1, tagged=1, alleged={"rumour": 1}),
    ... )
    >>> [post_id for post_id, tagged in zip(scores.ids, scores.alleged[:, 0]) if tagged]
    ['1']
    """

    ids: list[str]
    categories: tuple[str, ...]
    proba: NDArray[np.float32]
    alleged: NDArray[np.bool_]
    abstained: NDArray[np.bool_]
    model_digest: str
    totals: Totals
    kept: dict[str, list[str | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class ScoresPart:
    """The scores of one shard without ids; fields as in `Scores`.

    Examples
    --------
    >>> none = np.zeros((2, 1), bool)
    >>> part = ScoresPart(("rumour",), np.zeros((2, 1), np.float32), none, none[:, 0], "0" * 16)
    >>> part.proba.shape
    (2, 1)
    """

    categories: tuple[str, ...]
    proba: NDArray[np.float32]
    alleged: NDArray[np.bool_]
    abstained: NDArray[np.bool_]
    model_digest: str


@dataclass(frozen=True, eq=False)
class FinishedJob:
    """A job whose files all match their receipts; made by `open_job`.

    Parameters
    ----------
    job
        Its plan and its survey.
    totals
        Its counts.
    """

    job: Job
    totals: Totals

    @property
    def sha256(self) -> str:
        """sha256 of ``job.json``: the digest of the job."""
        return self.job.sha256

    def scores(self) -> Scores:
        """Read the scores of all shards."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.concat_tables([pq.read_table(parquet_of(path)) for path in self._shards()]).combine_chunks()
        kept = {name: _values(table[name].combine_chunks()) for name in self.job.plan.reading.keep}
        return Scores(ids=table["post_id"].to_pylist(), totals=self.totals, kept=kept, **vars(_part(table)))

    def parts(self) -> Iterator[ScoresPart]:
        """Yield the scores of one shard at a time, in order."""
        import pyarrow.parquet as pq

        for path in self._shards():
            columns = [name for name in pq.read_schema(parquet_of(path)).names if name.startswith("p_")]
            yield _part(pq.read_table(parquet_of(path), columns=[*columns, "alleged", "abstained"]).combine_chunks())

    def ids(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the ids of the posts at these row indices, counted over all shards.

        Parameters
        ----------
        rows : ndarray of int64, shape (n,)
        """
        import pyarrow.parquet as pq

        found = [""] * len(rows)
        begin = 0
        for path in self._shards():
            end = begin + pq.read_metadata(parquet_of(path)).num_rows
            here = np.flatnonzero((rows >= begin) & (rows < end))
            if len(here):
                ids = (
                    pq.read_table(parquet_of(path), columns=["post_id"])["post_id"].take(rows[here] - begin).to_pylist()
                )
                for at, post_id in zip(here.tolist(), ids, strict=True):
                    found[at] = post_id
            begin = end
        return found

    def texts(self, ids: list[str]) -> LazyTexts:
        """Return the raw posts of the inputs that the plan names, in the order of `ids`.

        Raises
        ------
        ReadError
            If an input is gone, or as `InputChanged` if it is no longer the file that was scored.
        """
        return _in_order(ids, *self._posts(set(ids)))

    def scores_and_texts(self) -> tuple[Scores, LazyTexts]:
        """Read the scores of all shards, and beside them the raw posts in the same order; raises as `texts`."""
        work: list[Callable[[], Any]] = [self.scores, self._posts]
        scores, posts = sharing_memory(lambda one: one(), work)
        return scores, _in_order(scores.ids, *posts)

    def _posts(self, wanted: set[str] | None = None) -> tuple[list[str], LazyTexts]:
        """Return the ids and the raw posts of the inputs; all of them, or the wanted ones."""
        plan = self.job.plan
        found: list[str] = []
        texts: list[Utf8] = []
        for one in plan.inputs:
            if one.location.fingerprint() != one.fingerprint:
                raise InputChanged(
                    what="the posts that were scored are no longer there",
                    where=one.uri,
                    expected=f"{one.bytes:,} bytes, fingerprint {one.fingerprint}",
                    todo="put the file back, or audit without texts",
                )
            for batch in read_posts(one.location, plan.reading):
                here = batch.ids.to_pylist()
                if wanted is not None:
                    known = np.fromiter(map(wanted.__contains__, here), bool, len(here))
                    here, batch = list(itertools.compress(here, known)), batch.take(known)
                found += here
                texts.append(batch.texts)
        return found, LazyTexts(joined(texts))

    def taxonomy(self) -> Taxonomy | None:
        """Return the taxonomy of the model, None if its bundle no longer lies where it lay."""
        bundle = read_job(self.job.folder).bundle
        if bundle is None:
            return None
        try:
            digest, taxonomy = taxonomy_of(bundle)
        except (KoudaiError, OSError):
            return None
        return taxonomy if digest == self.job.plan.model else None

    def export(self, form: str) -> JobPath:
        """Write all rows to ``scores.csv`` or ``scores.jsonl`` in the job's folder; return the path.

        Raises
        ------
        StorageError
            If the disk refuses; a file of that name is then as it was.
        """
        path = self.job.folder / f"scores.{form}"
        export(self._shards(), path, form)
        return path

    def _shards(self) -> list[JobPath]:
        return [shard_path(self.job.folder, number) for number in range(self.job.survey.shards)]


def open_job(folder: JobPath, *, progress: Progress | None = None) -> FinishedJob:
    """Open a finished job: compare every shard with its receipt, and the sum of all counts with the survey.

    Raises
    ------
    JobUnfinished
        If shards are missing; gives the progress of the job.
    ShardDamaged
        If shards, their quarantine or their receipts are damaged, or their sum is not that of the job; names all.
    StorageError
        If this is no job, or its plan or survey is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from koudai.errors import StorageError
    >>> try:
    ...     open_job(Path("nowhere"))
    ... except StorageError as error:
    ...     print(error.what)
    this is not the folder of a job
    """
    job = Job.load(folder)
    survey, receipts = job.survey, finished(job, progress or Silent())
    totals, damaged, missing = Totals(), [], 0
    with storage_errors(folder, happened="nothing was changed"):
        done = (folder / DONE).exists()
        for number, receipt in enumerate(receipts):
            if receipt is not None:
                totals.add(receipt.totals)
            elif shard_path(folder, number).exists() and (done or receipt_path(folder, number).exists()):
                damaged.append(shard_path(folder, number).name)
            else:
                missing += 1
    if damaged:
        raise ShardDamaged(
            what=number_of(len(damaged), "shard differs from its receipt", "shards differ from their receipts"),
            where=folder,
            got=", ".join(damaged[:10]) + (f" and {len(damaged) - 10} more" if len(damaged) > 10 else ""),
            happened="nothing was changed",
            todo=f"`api.verify({str(folder)!r}, repair=True)`, or score into this folder again",
        )
    if missing or not done:
        percent = 100 * (survey.shards - missing) // survey.shards
        raise JobUnfinished(
            what=f"scoring is {percent} % complete",
            where=folder,
            expected=f"{survey.shards} shards and {DONE}",
            got=f"{survey.shards - missing} shards",
            todo="score the same posts into this folder again to finish it",
        )
    rows = int(survey.rows.sum())
    if totals.read != totals.scored + totals.abstained + totals.quarantined or totals.read != rows:
        raise ShardDamaged(what="rows were lost", where=folder, expected=f"{rows} rows", got=totals.line())
    totals.compare(job.profile)
    if not _is_done(job, totals):
        raise ShardDamaged(
            what=f"{DONE} differs from the receipts",
            where=folder,
            expected=totals.line(),
            happened="nothing was changed",
            todo=f"`api.verify({str(folder)!r}, repair=True)`, or score into this folder again",
        )
    return FinishedJob(job, totals)


def _in_order(ids: list[str], found: list[str], texts: LazyTexts) -> LazyTexts:
    """Return the texts in the order of `ids`, given those that were found; of posts with one id the first."""
    if found == ids and len(set(ids)) == len(ids):
        return texts
    first = {post_id: row for row, post_id in reversed(list(enumerate(found)))}
    return texts.rows(np.array([first[post_id] for post_id in ids], np.intp))


def _is_done(job: Job, totals: Totals) -> bool:
    try:
        with storage_errors(job.folder / DONE, happened="nothing was changed"):
            written = json.loads(read_bytes(job.folder / DONE))
    except ValueError:
        return False
    return bool(written == {"job": job.sha256, **totals.to_dict()})


def _values(column: Any) -> list[Any]:
    """Return what a column of strings holds; equal values are one object."""
    coded = column.dictionary_encode()
    values = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    places = np.where(as_numpy(column.is_valid()), as_numpy(coded.indices), len(values) - 1)
    return list(values[places])


def _part(table: Any) -> ScoresPart:
    columns = [name for name in table.column_names if name.startswith("p_")]
    categories = tuple(name.removeprefix("p_") for name in columns)
    return ScoresPart(
        categories=categories,
        proba=np.array([table[name].to_numpy().astype(np.float32) for name in columns]).T,  # a category lies together
        alleged=_alleged(table["alleged"], categories),
        abstained=table["abstained"].to_numpy(),
        model_digest=(table.schema.metadata or {}).get(b"koudai.model_digest", b"").decode(),
    )


def _alleged(column: Any, categories: tuple[str, ...]) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    marked = np.zeros((len(categories), len(column)), dtype=bool).T
    places = pc.index_in(pc.list_flatten(column), strings(categories))
    known = places.is_valid()
    posts = pc.list_parent_indices(column).filter(known)
    marked[posts.to_numpy(), places.drop_null().to_numpy()] = True
    return marked
