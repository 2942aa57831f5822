"""The job: plan and survey, then shards, each with its receipt, then DONE. The same call resumes it.

Promises: every row read is scored, abstained or quarantined, and counted; a shard without a valid receipt is computed
again; the bytes of a shard depend on the plan alone, so neither an interruption nor the engine changes the result; a
repair is a run of the plan in ``job.json``. Deletes nothing but temporary files that ended processes left, and the
empty folder that it made where a job cannot lie.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from koudai.corpus.reading.files import splittable
from koudai.errors import InputChanged, OutputExists, StorageError, UsageError
from koudai.model.bundle.bundle import load_bundle
from koudai.model.model import Model
from koudai.model.profile import Profile
from koudai.progress import Advance, Progress, Silent
from koudai.scoring.engines import Engine
from koudai.scoring.engines.local import local
from koudai.scoring.plan import JOB, Input, Plan, read_job, require_same
from koudai.scoring.room import room_for, warn_if_short
from koudai.scoring.shard import PARTS, read_receipts
from koudai.scoring.survey import PLACES, Job, Survey, take_survey
from koudai.scoring.totals import Receipt, Totals
from koudai.scoring.unit import JobWork, Unit
from koudai.storage.bucket import JobPath, StorePath
from koudai.storage.durable import (
    folder_names,
    is_scratch,
    locked,
    make_folders,
    sha256_bytes,
    storage_errors,
    write_bytes,
    write_json,
)
from koudai.storage.mount import require_atomic
from koudai.storage.scratch import clear_scratch
from koudai.storage.signed import create_signed

DONE = "DONE.json"
_UNIT_SHARDS = 4
_MANY_UNITS = 32
"""Units hold more than one shard only while at least so many units are left: fewer would leave workers idle."""


def run(
    plan: Plan,
    model: Model,
    folder: JobPath,
    *,
    bundle: Path | None = None,
    engine: Engine | None = None,
    unsafe_fs: bool = False,
    progress: Progress | None = None,
) -> Totals:
    """Run a job, or the rest of it.

    Parameters
    ----------
    plan
        From `koudai.scoring.plan.make_plan`.
    model
        The model whose digest the plan names.
    folder
        Folder of the job, on a disk or in a bucket. A bucket has no locks: the first plan that is put there is the
        job's, and several processes that run this plan write the same objects.
    bundle
        Folder of the model, recorded in the job for repairs.
    engine
        What processes the units; by default the threads of this process.
    unsafe_fs
        Whether a file system that does not do what a job relies on is accepted, see `koudai.storage.mount`.
    progress
        Progress callback.

    Returns
    -------
    Totals

    Raises
    ------
    OutputExists, PlanMismatch, JobLocked, StorageError
        If the folder cannot be used; shards that have a receipt stay as they are.
    ReadError
        If an input cannot be read, or is not what it was.
    """
    engine, progress = engine or local(), progress or Silent()
    plan.require_model(model.digest, bundle)
    survey = None
    if not _is_there(folder / JOB):
        _refuse_foreign(folder)
        survey = take_survey(plan, progress)
    with _held(folder, unsafe_fs=unsafe_fs):
        job = settle_job(plan, folder, survey, bundle=bundle, profile=model.profile, progress=progress)
        if isinstance(folder, StorePath) and not unsafe_fs:
            with storage_errors(folder, happened="nothing was scored"):
                (folder / JOB).require_exclusive()
        survey, done = job.survey, finished(job, progress, kept=True)
        left = units(plan, survey, [shard for shard, receipt in enumerate(done) if receipt is None])
        for unit in left:
            done[unit.first : unit.last] = [None] * (unit.last - unit.first)
        totals = Totals()
        _warn_if_short(folder, plan, survey, left, model)
        for receipt in filter(None, done):
            totals.add(receipt.totals)
        with (
            progress.stage("scoring", int(survey.rows.sum())) as advance,
            contextlib.closing(engine(JobWork(folder, plan, survey, model), left)) as receipts,
        ):
            _follow(receipts, totals, advance, shards=survey.shards, left=left, folder=folder)
        totals.compare(job.profile)
        write_json(folder / DONE, {"job": job.sha256, **totals.to_dict()})
        return totals


def repair(folder: JobPath, *, bundle: Path | None, allow_drift: bool, progress: Progress) -> Totals:
    """Compute the missing and damaged shards of a job again, by its own plan.

    A job whose model or inputs are gone or have changed is refused, and its folder is left as it is.

    Parameters
    ----------
    folder
        Of the job.
    bundle
        Its model; by default the one in the folder that the job recorded.
    allow_drift
        As for `koudai.model.bundle.bundle.load_bundle`.
    progress
        Progress callback.

    Raises
    ------
    UsageError
        If `bundle` is None and the job recorded none.
    PlanMismatch
        If the model or an input is not what the job began with.
    """
    file = read_job(folder)
    plan, place = file.plan, bundle or file.bundle
    if place is None:
        raise UsageError(
            what="this job does not record the folder of its model",
            where=folder,
            todo="give the bundle as `model`",
        )
    model = load_bundle(place, allow_drift=allow_drift)
    now = replace(plan, inputs=tuple(Input.at(one.location) for one in plan.inputs))
    require_same(plan, now, folder)
    return run(now, model, folder, bundle=place, progress=progress)


def clear_left(folder: JobPath) -> None:
    """Remove what killed processes left half written in the folder of a job; leave what a living one writes.

    In a bucket nothing is half written.
    """
    if isinstance(folder, StorePath):
        return
    clear_scratch(folder, of="|".join(map(re.escape, (JOB, PLACES, DONE))))
    for name, suffix in PARTS.items():
        clear_scratch(folder / name, of=rf"[0-9]+{re.escape(suffix)}")


def settle_job(
    plan: Plan,
    folder: JobPath,
    survey: Survey | None,
    *,
    bundle: Path | None,
    profile: Profile | None = None,
    progress: Progress,
) -> Job:
    """Write the plan and survey of a new job, or check that the folder holds this job.

    Parameters
    ----------
    plan, folder, bundle, progress
        As for `run`; the folder exists and is locked.
    survey
        Of a new job.
    profile
        Of its model, recorded in a new job.

    Raises
    ------
    OutputExists
        If the folder holds something that is not a job.
    PlanMismatch
        If it holds a job with another plan; lists what differs.
    InputChanged
        If its survey is lost and a new one differs from it.
    """
    file = None
    if _is_there(folder / JOB):
        file = read_job(folder)
        require_same(file.plan, plan, folder)
        with contextlib.suppress(StorageError):
            return Job.of_file(folder, file)
    else:
        _refuse_foreign(folder)
    survey = survey or take_survey(plan, progress)
    places = survey.to_bytes()
    if file is not None and file.places != sha256_bytes(places):
        raise InputChanged(
            what="the inputs are not what they were when this job began",
            where=folder,
            got="other rows, or other ids",
            happened="nothing was written",
            todo="restore them, or score into another folder",
        )
    if file is None:
        beside = {
            "bundle": None if bundle is None else str(bundle.resolve()),
            "places": sha256_bytes(places),
            "profile": None if profile is None else profile.to_json(),
            "rows": survey.rows.tolist(),
            "shards": survey.shards,
        }
        if not create_signed(folder / JOB, {**plan.to_json(), **beside}):
            return settle_job(plan, folder, survey, bundle=bundle, profile=profile, progress=progress)
        file = read_job(folder)
    write_bytes(folder / PLACES, places)
    return Job(folder, plan, survey, file.sha256, file.profile)


def _follow(
    receipts: Iterable[Receipt],
    totals: Totals,
    advance: Advance,
    *,
    shards: int,
    left: Sequence[Unit],
    folder: JobPath,
) -> None:
    """Add up receipts as they arrive; if the disk fails, say how many shards are complete."""
    safe = shards - sum(unit.last - unit.first for unit in left)
    advance(totals.read, totals.to_dict())
    try:
        for receipt in receipts:
            totals.add(receipt.totals)
            safe += 1
            advance(receipt.totals.read, totals.to_dict())
    except StorageError as error:
        error.happened = f"{safe:,} of {shards:,} shards are safe in {folder}"
        mend = "see to the bucket" if isinstance(folder, StorePath) else "free space or fix permissions"
        error.todo = f"{mend}, then score into the same folder again to continue"
        raise


def _warn_if_short(folder: JobPath, plan: Plan, survey: Survey, left: Sequence[Unit], model: Model) -> None:
    if isinstance(folder, StorePath):
        return
    shards = sum(unit.last - unit.first for unit in left)
    rows = min(shards * plan.shard_size, int(survey.rows.sum()))
    texts = len(plan.reading.keep) + plan.evidence
    warn_if_short(folder, room_for(folder, rows=rows, shards=shards, categories=len(model.categories), texts=texts))


def _is_there(path: JobPath) -> bool:
    with storage_errors(path, happened="nothing was written"):
        return path.exists()


@contextlib.contextmanager
def _held(folder: JobPath, *, unsafe_fs: bool) -> Iterator[None]:
    """Make the folder of a job and lock it; there is nothing to make or to lock in a bucket."""
    if isinstance(folder, StorePath):
        yield
        return
    with storage_errors(folder, happened="nothing was written"):
        new = not folder.exists()
        make_folders(folder)
    try:
        if not unsafe_fs:
            require_atomic(folder)
    except StorageError:
        if new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    with locked(folder, required=not unsafe_fs):
        clear_left(folder)
        yield


def _refuse_foreign(folder: JobPath) -> None:
    with storage_errors(folder, happened="nothing was written"):
        found = folder_names(folder) if isinstance(folder, StorePath) or folder.exists() else []
    others = [name for name in found if name != PLACES and not is_scratch(name)]
    if others and JOB not in others:
        raise OutputExists(
            what="the output folder holds something that is not a job",
            where=folder,
            got=", ".join(others[:5]),
            happened="nothing was written or deleted",
            todo="choose another folder",
        )


def units(plan: Plan, survey: Survey, left: Sequence[int]) -> list[Unit]:
    """Group unfinished shards into units: one shard each, up to `_UNIT_SHARDS` consecutive ones if many are left. A
    file that cannot be split (gzip) is one unit.
    """
    most = min(_UNIT_SHARDS, max(1, len(left) // _MANY_UNITS))
    found: list[Unit] = []
    seen = {}
    for shard in left:
        file = int(survey.first.searchsorted(shard, side="right")) - 1
        if file not in seen:
            location = plan.inputs[file].location
            seen[file] = (plan.inputs[file].seen or location.seen(), splittable(location))
        last = found[-1] if found else None
        if last and last.file == file and (not seen[file][1] or (last.last == shard and shard - last.first < most)):
            found[-1] = last._replace(last=shard + 1)
        else:
            found.append(Unit(file, shard, shard + 1, seen=seen[file][0]))
    return found


def finished(job: Job, progress: Progress, *, kept: bool = False) -> list[Receipt | None]:
    """Return the receipt of each shard, None for those that are missing or damaged; `kept` as for `read_receipts`."""
    with progress.stage("looking for finished shards", job.survey.shards) as advance:
        found = []
        for receipt in read_receipts(job.folder, job.survey.shards, kept=kept):
            found.append(receipt)
            advance(1)
    return found
